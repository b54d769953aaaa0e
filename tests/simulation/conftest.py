"""A migrated, founded database that every run copies, and limits made small so that a small company has a middle."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from interlock.app.opening import found_installation
from interlock.infra.crypto import Vault, new_key
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from tests.simulation.stage import BEGINNING

_MEMORY = "/dev/shm"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "interlock.db"
    key = new_key()
    file.with_suffix(".key").write_text(key)
    database = open_database(f"sqlite:///{file}")
    upgrade(database)
    now: datetime = BEGINNING
    found_installation(database, Vault.from_text(key), demo=False, clock_url=None, now=now)
    database.close()  # the last one out brings the write-ahead log into the file
    assert not file.with_name(file.name + "-wal").exists(), "a copy of the file alone would be empty"
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where a run's files are: in memory where the machine has such a place, since nothing in them outlives the run."""
    if not os.access(_MEMORY, os.W_OK):
        yield tmp_path
        return
    made = Path(tempfile.mkdtemp(prefix="interlock-simulation-", dir=_MEMORY))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 25 rows and at most 60 changes an answer, on both sides alike."""
    import interlock.domains.qbo.rail as rail
    import interlock.domains.qbo.services.listing as listing
    import interlock_sandbox.qbo.cdc as cdc

    monkeypatch.setattr(rail, "PAGE_ROWS", 25)
    monkeypatch.setattr(listing, "PAGE_ROWS", 25)
    monkeypatch.setattr(listing, "_STRIDE", 24)
    monkeypatch.setattr(rail, "CHANGES_MOST", 60)
    monkeypatch.setattr(cdc, "MOST_OBJECTS", 60)
