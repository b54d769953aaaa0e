"""A house for each test over a sandbox of the module's own."""

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
    made.close()
    sandbox.calm()
