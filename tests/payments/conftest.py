"""Alder & Wren with five people and bills enough to be paid, over both databases; payments go their way step by step."""

from collections.abc import Iterator
from datetime import date

import pytest

from interlock.infra.db import Database
from interlock.infra.transport import Transport
from tests.payments.paying import Paying
from tests.runway import said
from tests.runway.conftest import FirmBooks


@pytest.fixture(scope="session")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


@pytest.fixture
def paying(database: Database, transport: Transport) -> Paying:
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(
        *said.chart(),
        said.preferences(),
        said.vendor("v1", "Copperfield Freight"),
        *(said.bill(f"b{each}", 100_000 + each, dated=date(2026, 9, each)) for each in range(1, 13)),
    )
    books.firm.wait(minutes=1)
    return Paying(books, cash=1_000_000_000).staffed_for_all()
