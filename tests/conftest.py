"""What tests stand on: real databases (SQLite and PostgreSQL), and the sandbox as its own process."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import upgrade
from tests.support.postgres import PostgresServer
from tests.support.sandbox import Sandbox

_MEMORY = Path("/dev/shm")
_MEMORY_BYTES = 4 * 2**30
"""What the whole suite's folders leave behind until it ends fits in many times over."""


def pytest_configure() -> None:
    """Where the machine has memory to spare, tests keep their folders in it: SQLite and the sandbox write through to the disk
    at every commit, which a killed process doesn't need and thousands of tests wait for.
    """
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _MEMORY_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of our own for this test process; every test gets a database in it."""
    with PostgresServer.started() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database of today's version, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "interlock.db"
    opened = open_database(f"sqlite:///{path}")
    upgrade(opened)
    opened.close()
    return path


@pytest.fixture
def embedded(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated SQLite database, for what only it can get wrong or what is the same on both."""
    opened = open_database(f"sqlite:///{shutil.copy(migrated, tmp_path / 'interlock.db')}")
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty, migrated database; on PostgreSQL opened as the app's role, which owns nothing and bypasses nothing."""
    if request.param == "sqlite":
        yield request.getfixturevalue("embedded")
    else:
        opened = open_database(request.getfixturevalue("postgres").migrated_database())
        yield opened
        opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def queued(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The same with a queue; on PostgreSQL its role may change no schema."""
    if request.param == "sqlite":
        yield request.getfixturevalue("embedded")
    else:
        opened = open_database(request.getfixturevalue("postgres").queued_database())
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox process with three fictional clients, shared by a module: tests that change books use a client each."""
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=3) as running:
        yield running
