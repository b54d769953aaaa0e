"""Where the queue of durable work lies: a file beside an SQLite database, the schema ``dbos`` inside a PostgreSQL one.

Losing it loses nothing: what is to be done stands in our own tables. On PostgreSQL the owner makes and migrates the schema
(``prepare``); the app's role only reads and writes rows there.
"""

import logging
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, text

from interlock.infra.db import Database

SCHEMA = "dbos"
_BUSY_TIMEOUT_MS = 30_000
_POOL = 5


def work_file(database: Database) -> Path:
    """The queue's own file, beside an SQLite database."""
    assert database.path is not None, "PostgreSQL keeps the queue in a schema, not in a file"
    return database.path.with_suffix(".work.db")


def queue_engine(database: Database) -> Engine:
    """An engine over the queue; whoever opens it disposes of it."""
    if database.dialect == "postgresql":
        return create_engine(
            database.url.set(drivername="postgresql+psycopg"), pool_size=_POOL, max_overflow=_POOL, pool_pre_ping=True
        )
    engine = create_engine(f"sqlite:///{work_file(database)}")

    @event.listens_for(engine, "connect")
    def _open(connection: sqlite3.Connection, _record: Any) -> None:
        # What the library would set on an engine of its own, …
        connection.isolation_level = "IMMEDIATE"
        connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA foreign_keys=ON")
        # … twice the speed, for a file that may be lost, …
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        # … and a clock: SQLite before 3.42 answers NULL to unixepoch('subsec'), which the library asks from Python 3.12 on,
        # and before that it asks for whole seconds.
        connection.create_function("unixepoch", 1, _unix_seconds)
        connection.create_function("strftime", 2, _formatted)

    return engine


def prepare(database: Database) -> bool:
    """Make or migrate the queue's schema as the database's owner, for the app's role; says whether anything was to do.

    Nothing on SQLite: there the file is made when work begins.
    """
    if database.dialect != "postgresql":
        return False
    from dbos import DBOS

    from interlock.infra.db.migrations.security import APP_ROLE

    quieten()
    before = _schema_version(database)
    DBOS.migrate(database.url.render_as_string(hide_password=False), schema=SCHEMA, application_role=APP_ROLE)
    return _schema_version(database) != before


def exists(database: Database) -> bool:
    """Whether anything could have been queued here; asks without loading the library."""
    if database.dialect != "postgresql":
        return work_file(database).exists()
    return _schema_version(database) is not None


def quieten() -> None:
    """Keep the library's own log lines off our terminal."""
    log = logging.getLogger("dbos")
    log.propagate = False
    if not log.handlers:  # with a handler of ours there, it adds none of its own
        log.addHandler(logging.NullHandler())


def _schema_version(database: Database) -> int | None:
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("dbos_migrations", schema=SCHEMA):
            return None
        return connection.execute(text(f"SELECT version FROM {SCHEMA}.dbos_migrations")).scalar()


def _unix_seconds(_modifier: object) -> float:
    return time.time()


def _formatted(wanted: str, when: str) -> float:
    if (wanted, when) != ("%s", "now"):
        raise sqlite3.NotSupportedError("only the library's own question for the time is answered here")
    return time.time()
