"""A house for each test, and one client of the sandbox that no other test of the module changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.infra.db import Database
from tests.rails.bookkeeping import Books, kept_books
from tests.support.house import house_over
from tests.support.sandbox import Sandbox


@pytest.fixture
def house(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = house_over(database, sandbox, tmp_path)
    yield made
    made.transport.close()
    sandbox.calm()


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """A company and our mirror of it, shared by a module: each test makes the documents it edits."""
    with kept_books(tmp_path_factory.mktemp("books")) as kept:
        yield kept
        kept.sandbox.calm()
