"""Alder & Wren with a linked bank, a Stripe clearing account and its fees, and what Stripe paid out, told fact by fact."""

from collections.abc import Iterator

import pytest

from interlock.infra.db import Database
from interlock.infra.transport import Transport
from tests.matching.client import WitnessedClient
from tests.payouts.paying_out import PaidClient
from tests.runway import said
from tests.runway.conftest import FirmBooks


@pytest.fixture(scope="session")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


@pytest.fixture
def client(database: Database, transport: Transport) -> PaidClient:
    """Checking is linked to the bank's account ``b1``; the clearing account holds nothing yet."""
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    made = PaidClient(WitnessedClient(books))
    books.say(*said.chart(), *made.accounts(), said.preferences(), said.customer("c1", "Tessellate Tiles"))
    made.there.state(made.there.bank_account("b1", "Everyday Checking"))
    made.there.link_account("b1", said.CHECKING)
    made.choose()
    books.firm.wait(minutes=1)
    return made
