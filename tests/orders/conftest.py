"""A house over either database with a client whose Stripe is linked, and people who may prepare, approve and release."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.infra.db import Database
from tests.orders.counter import Counter
from tests.rails.stripe.at_stripe import Client, with_stripe
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=2) as running:
        yield running


@pytest.fixture
def house(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = with_stripe(house_over(database, sandbox, tmp_path), sandbox)
    yield made
    made.end_calls()
    sandbox.calm()


@pytest.fixture
def counter(house: House, sandbox: Sandbox) -> Counter:
    taken = sandbox.clients()[1]
    business, _ = take_on(house, taken)
    return Counter.opened(Client(house, sandbox, business, taken.realm_id).connect())
