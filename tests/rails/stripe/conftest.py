"""A house on the sandbox's clock, and clients whose Stripe accounts are connected."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.infra.db import Database
from tests.rails.stripe.at_stripe import Client, with_stripe
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox

Takes = Callable[[int], Client]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One for all of these tests: each looks only at what it made itself, whatever others made before it."""
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=4) as running:
        yield running


@pytest.fixture
def kept(embedded: Database) -> Database:
    """SQLite alone: what differs between databases is tested where rows are written."""
    return embedded


@pytest.fixture
def house(kept: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    platform = sandbox.control("GET", "stripe")["platform"]["secret_key"]
    made = with_stripe(house_over(kept, sandbox, tmp_path), sandbox, stripe_platform_key=platform)
    yield made
    made.end_calls()
    sandbox.calm()


@pytest.fixture
def takes(house: House, sandbox: Sandbox) -> Takes:
    """Take the sandbox's client at a place on: its books are connected, its Stripe account isn't yet."""

    def take(place: int) -> Client:
        client = sandbox.clients()[place]
        business, _ = take_on(house, client)
        return Client(house, sandbox, business, client.realm_id)

    return take
