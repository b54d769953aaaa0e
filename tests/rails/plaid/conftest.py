"""A house that knows Plaid, and a client for each test whose banks nobody else links."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.infra.db import Database
from tests.rails.plaid.at_the_bank import Client, with_plaid
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox

Takes = Callable[[int], Client]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=4) as running:
        yield running


@pytest.fixture
def database(embedded: Database) -> Database:
    """SQLite alone: what differs between databases is tested where rows are written."""
    return embedded


@pytest.fixture
def house(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = with_plaid(house_over(database, sandbox, tmp_path), sandbox)
    yield made
    made.end_calls()
    sandbox.calm()


@pytest.fixture
def takes(house: House, sandbox: Sandbox) -> Takes:
    """Take the sandbox's client at a place on, its books connected and its banks not."""

    def take(place: int) -> Client:
        client = sandbox.clients()[place]
        business, _ = take_on(house, client)
        return Client(house, sandbox, business, client.realm_id)

    return take
