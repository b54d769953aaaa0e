"""A client whose books are told fact by fact, and the desk over them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from interlock.infra.db import Database
from interlock.infra.transport import Transport
from tests.runway import said
from tests.runway.conftest import ClientBooks, FirmBooks


@dataclass(frozen=True)
class Alder:
    """Alder & Wren: accounts, settings and one vendor."""

    books: ClientBooks


@pytest.fixture(scope="session")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


@pytest.fixture
def alder(database: Database, transport: Transport) -> Alder:
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(*said.chart(), said.preferences(), said.vendor("v1", "Copperfield Freight"))
    return Alder(books)
