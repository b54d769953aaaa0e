"""Databases of one kind, and databases before their first migration, as their owner."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.infra.db import Database, open_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """No table yet; on PostgreSQL opened as the owner, who migrates."""
    if request.param == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path / 'interlock.db'}")
    else:
        opened = open_database(request.getfixturevalue("postgres").owner_database())
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(embedded: Database) -> Database:
    """For what only SQLite can get wrong."""
    return embedded
