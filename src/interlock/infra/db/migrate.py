"""Bringing a database to this build's schema, and knowing whether it is there.

Alembic takes longer to load than a page takes to read, so it is loaded by whoever changes the schema, not by whoever asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData, inspect, text
from sqlalchemy.exc import ProgrammingError

if TYPE_CHECKING:
    from alembic.config import Config

from interlock.infra.db.database import Database, DatabaseBroken, said_plainly
from interlock.kernel.scope import SystemScope

_SCRIPTS = Path(__file__).parent / "migrations"
_IDENTIFIER = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_FOLLOWS = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)
_SCHEMA = SystemScope("the schema's revision")
_INSUFFICIENT_PRIVILEGE = "42501"
_UPGRADE_LOCK = 7_463_524_811_203  # any number, the same in every version


def upgrade(database: Database) -> bool:
    """Bring the schema to the newest revision, in one transaction; says whether anything was to do."""
    if revision(database) == newest():
        return False
    from alembic import command

    with said_plainly(database), _with_rights(), database.engine.connect() as connection, connection.begin():
        if database.dialect == "postgresql":
            # SQLite's transaction keeps a second upgrade waiting by itself.
            connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _UPGRADE_LOCK})
        command.upgrade(_config(connection), "head")
    return True


@contextmanager
def _with_rights() -> Iterator[None]:
    try:
        yield
    except ProgrammingError as trouble:
        if getattr(trouble.orig, "sqlstate", None) != _INSUFFICIENT_PRIVILEGE:
            raise
        raise DatabaseBroken(
            "This role may not change the schema; run `interlock db upgrade` as the database's owner."
        ) from trouble


def revision(database: Database) -> str | None:
    """The schema's revision; ``None`` for an empty database."""
    # As a reader: whoever only looks must not wait for a writer, nor need the right to write.
    with database.reading(_SCHEMA) as session:
        connection = session.connection()
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def newest() -> str:
    """The revision this build brings."""
    heads = _revisions() - {follows[1] for script in _scripts() if (follows := _FOLLOWS.search(script))}
    if len(heads) != 1:
        raise DatabaseBroken("This build's migrations are incomplete; install it anew.")
    return heads.pop()


@cache
def _scripts() -> tuple[str, ...]:
    return tuple(path.read_text() for path in (_SCRIPTS / "versions").glob("*.py"))


def _revisions() -> set[str]:
    """Every revision this build knows."""
    return {said[1] for script in _scripts() if (said := _IDENTIFIER.search(script))}


def require_newest(database: Database) -> None:
    """``DatabaseBroken`` with the command that mends it, unless the schema is this build's."""
    found = revision(database)
    if found is None:
        raise DatabaseBroken("This database has no Interlock tables yet; run `interlock db upgrade`.")
    if found != newest():
        if found not in _revisions():
            raise DatabaseBroken("This database was made by a newer Interlock; install that one.")
        raise DatabaseBroken("This database is from an older Interlock; run `interlock db upgrade`.")


def differences(database: Database, metadata: MetaData) -> list[Any]:
    """What the models say that the schema doesn't (CHECKs and policies are not compared)."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def _config(connection: Any) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config
