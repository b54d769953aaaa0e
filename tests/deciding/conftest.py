"""Alder & Wren with three bills and five people, over both databases."""

from collections.abc import Iterator
from datetime import date

import pytest

from interlock.infra.db import Database
from interlock.infra.transport import Transport
from tests.deciding.clients import Desk
from tests.runway import said
from tests.runway.conftest import FirmBooks


@pytest.fixture(scope="session")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


@pytest.fixture
def desk(database: Database, transport: Transport) -> Desk:
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(
        *said.chart(),
        said.preferences(),
        said.vendor("v1", "Copperfield Freight"),
        said.bill("b1", 400_000),
        said.bill("b2", 300_000, dated=date(2026, 11, 12)),  # not a part of b1's sum
        said.bill("b3", 3_000_000),
        said.vendor_credit("vc1", 100_000),
    )
    books.firm.wait(minutes=1)
    return Desk(books).staffed()
