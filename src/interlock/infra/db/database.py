"""Engines, sessions and the hook that puts the scope into each transaction.

SQLite: WAL, one writer at a time. A writing transaction begins with ``BEGIN IMMEDIATE`` (a deferred one that reads and
then writes loses updates silently); a reading one is deferred and ``query_only``, so pages never wait for a sync.
PostgreSQL: READ COMMITTED for writers, a read-only snapshot for readers, scope as transaction-local settings which the
row-level security policies read.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from interlock.kernel.errors import SetupBroken
from interlock.kernel.scope import AnyScope, Scope

_BUSY_TIMEOUT_SECONDS = 30
_CHECKPOINT_PAGES = 2_000
_PAGE_BYTES = 16_384
# Counted in pages: given in bytes, a connection that was open before the first page had its size keeps four times as much.
_CACHED_PAGES = 2_048
_NOTHING: dict[None, None] = {}


class DatabaseBroken(SetupBroken):
    """The database can't be opened, read or written."""

    code = "database_broken"


class Database:
    """One database, opened once a process. Sessions come from ``reading`` and ``writing`` and never outlive them."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.dialect = url.get_backend_name()
        if self.dialect == "sqlite":
            self._writer = _sqlite_engine(url, writes=True)
            self._reader = _sqlite_engine(url, writes=False)
        else:
            # One pool for both: what makes a PostgreSQL transaction read-only is said when it begins.
            self._writer = self._reader = create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)

    @property
    def path(self) -> Path | None:
        """The SQLite file, or ``None`` on a server."""
        if self.dialect != "sqlite" or not self.url.database:
            return None
        return Path(self.url.database)

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations and maintenance."""
        return self._writer

    @contextmanager
    def reading(self, scope: AnyScope) -> Iterator[Session]:
        """A read-only session: one snapshot, rolled back at the end."""
        with said_plainly(self), Session(self._reader, autoflush=False) as session:
            _enter(session, scope, self.dialect, read_only=True)
            yield session

    @contextmanager
    def writing(self, scope: AnyScope) -> Iterator[Session]:
        """A session whose transaction commits when the block ends well, and leaves nothing behind when it does not."""
        with said_plainly(self), Session(self._writer) as session, session.begin():
            _enter(session, scope, self.dialect, read_only=False)
            yield session

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()


def open_database(url: str) -> Database:
    """Open ``url`` (``sqlite:///file`` or ``postgresql://…``); ``DatabaseBroken`` when it names nothing we can use."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend not in {"sqlite", "postgresql"}:
            raise DatabaseBroken(f"Interlock keeps its data in SQLite or PostgreSQL, not in {backend}.")
        if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
            raise DatabaseBroken("Interlock needs a database file: one in memory is gone with its connection.")
        if backend == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        return Database(parsed)
    except (ArgumentError, NoSuchModuleError, ValueError):  # ValueError: a port that is no number
        raise DatabaseBroken(
            "INTERLOCK_DATABASE_URL is not an address of a database (sqlite:///… or postgresql://…)."
        ) from None
    except OSError as trouble:
        raise DatabaseBroken(f"The database folder can't be made: {trouble.strerror}.") from trouble


def _sqlite_engine(url: URL, *, writes: bool) -> Engine:
    # The driver looks for an adapter for whatever is no number or text, and longest where there is none: a quarter of the
    # time of storing a page went into not finding one for bytes and None. These give back what they are given.
    sqlite3.register_adapter(bytes, bytes)
    sqlite3.register_adapter(type(None), _NOTHING.get)
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _open(connection: Any, _record: Any) -> None:
        # SQLAlchemy's own BEGIN comes from the hook below, not from the driver's guesses.
        connection.isolation_level = None
        cursor = connection.cursor()
        if writes:
            # Payloads of a few KB: larger pages hold several rows without spilling. Heeded only while the file is empty.
            cursor.execute(f"PRAGMA page_size={_PAGE_BYTES}")
            if url.database and cursor.execute("PRAGMA page_count").fetchone()[0] == 0:
                # Clients' books are nobody else's on this machine; what SQLite puts beside the file takes its mode.
                Path(url.database).chmod(0o600)
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.execute(f"PRAGMA cache_size={_CACHED_PAGES}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _enter(session: Session, scope: AnyScope, dialect: str, *, read_only: bool) -> None:
    session.info["scope"] = scope
    if dialect != "postgresql":
        return
    if read_only:
        # One snapshot for all of a page's queries, as SQLite gives it; READ COMMITTED would take a new one for each.
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    firm, business, system = ("", "", "on")
    if isinstance(scope, Scope):
        firm, business, system = scope.firm_id, scope.business_id or "", "off"
    session.execute(
        text(
            "SELECT set_config('interlock.firm', :firm, true), set_config('interlock.business', :business, true),"
            " set_config('interlock.system', :system, true)"
        ),
        {"firm": firm, "business": business, "system": system},
    )


@contextmanager
def said_plainly(database: Database) -> Iterator[None]:
    """Turn the driver's troubles that a person can mend into one sentence; let the rest through as they are."""
    try:
        yield
    except OperationalError as trouble:
        raise DatabaseBroken(_sentence(database, str(trouble.orig))) from trouble
    except DBAPIError as trouble:
        if trouble.connection_invalidated:
            raise DatabaseBroken("The database closed the connection; nothing of this step was kept.") from trouble
        if type(trouble) is DatabaseError:  # what SQLite says of a file that is no database, or a damaged one
            raise DatabaseBroken(_sentence(database, str(trouble.orig))) from trouble
        raise


def _sentence(database: Database, said: str) -> str:
    where = database.path or database.url.render_as_string(hide_password=True)
    for mark, meaning in (
        ("readonly", f"The database {where} is read-only; nothing was changed. Make it writable for this user."),
        (
            "disk is full",
            f"The disk that holds {where} is full; this step was undone. Free some space, then try again.",
        ),
        ("disk I/O error", f"The disk that holds {where} can't be written; this step was undone."),
        ("unable to open", f"The database {where} can't be opened; check the path and its permissions."),
        ("locked", f"The database {where} is busy with another writer; nothing was changed. Try again."),
        ("no such table", f"The database {where} has no Interlock tables yet; run `interlock db upgrade`."),
        ("malformed", f"The database {where} is damaged; restore it from its backup."),
        ("not a database", f"{where} is not a database that Interlock can read."),
    ):
        if mark in said:
            return meaning
    return f"The database {where} did not answer: {said.splitlines()[0] if said else 'no reason given'}"
