"""Databases that durable work can be queued in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def queued(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Migrated, with a queue; on PostgreSQL opened as the app's role, which may change no schema."""
    if request.param == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path / 'interlock.db'}")
        upgrade(opened)
    else:
        opened = open_database(request.getfixturevalue("postgres").queued_database())
    yield opened
    opened.close()
