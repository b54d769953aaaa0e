"""What tests stand on: real databases (SQLite and PostgreSQL), and the sandbox as its own process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import upgrade
from tests.support.postgres import PostgresServer
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of our own for this test process; every test gets a database in it."""
    with PostgresServer.started() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database; on PostgreSQL opened as the app's role, which owns nothing and bypasses nothing."""
    if request.param == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path / 'interlock.db'}")
        upgrade(opened)
    else:
        opened = open_database(request.getfixturevalue("postgres").migrated_database())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox process with three fictional clients, shared by a module: tests that change books use a client each."""
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=3) as running:
        yield running
