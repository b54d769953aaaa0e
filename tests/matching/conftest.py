"""A client whose books and bank are told fact by fact, as syncs would write them, and the matcher over them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from interlock.infra.db import Database
from interlock.infra.transport import Transport
from tests.matching.client import WitnessedClient
from tests.runway import said
from tests.runway.conftest import FirmBooks


@pytest.fixture(scope="session")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


@pytest.fixture
def client(database: Database, transport: Transport) -> WitnessedClient:
    """Alder & Wren with Checking linked to the bank's account ``b1``, and nothing moved yet."""
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    taken_on = WitnessedClient(books)
    books.say(*said.chart(), said.preferences(), said.vendor("v1", "Copperfield Freight"))
    taken_on.state(taken_on.bank_account("b1", "Everyday Checking"))
    taken_on.link_account("b1", said.CHECKING)
    books.firm.wait(minutes=1)
    assert timedelta(0) < books.firm.clock.now() - said.NOW
    return taken_on
