"""A house for each test, and one client of the sandbox that no other test of the module changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.infra.db import Database
from tests.support.house import house_over
from tests.support.sandbox import Sandbox


@pytest.fixture
def house(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = house_over(database, sandbox, tmp_path)
    yield made
    made.transport.close()
    sandbox.calm()
