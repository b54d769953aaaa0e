"""Alder & Wren with bills, five people who decide, a linked bank, and what its witnesses say of released payments."""

from collections.abc import Iterator
from datetime import date

import pytest

from interlock.infra.db import Database
from interlock.infra.transport import Transport
from tests.runway import said
from tests.runway.conftest import FirmBooks
from tests.witnessing.payments import Payments


@pytest.fixture(scope="session")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


@pytest.fixture
def payments(database: Database, transport: Transport) -> Payments:
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(
        *said.chart(),
        said.preferences(),
        said.vendor("v1", "Copperfield Freight"),
        said.vendor("v2", "Bolt Supply"),
        said.bill("b1", 400_000),
        said.bill("b2", 300_000, dated=date(2026, 11, 12)),
        said.bill("b3", 250_000, dated=date(2026, 11, 13)),
    )
    made = Payments.of(books)
    books.firm.wait(minutes=1)
    return made
