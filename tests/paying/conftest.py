"""A house over either database with a client whose Ramp is linked, and the work of its released payments."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.app.paying import payment_work
from interlock.domains.ap.workflows.payment_work import PaymentWork
from interlock.infra.db import Database
from tests.rails.ramp.at_ramp import Client, with_ramp
from tests.support.clock import MovedClock, clock_of
from tests.support.house import house_over, take_on
from tests.support.paying import Payments
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=2) as running:
        running.control("POST", "ramp/limit", {"requests": 100_000})
        yield running


@pytest.fixture
def clock(house: House) -> MovedClock:
    return clock_of(house)


@pytest.fixture
def house(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = with_ramp(house_over(database, sandbox, tmp_path), sandbox)
    yield made
    made.end_calls()
    sandbox.calm()


@pytest.fixture
def client(house: House, sandbox: Sandbox) -> Client:
    taken = sandbox.clients()[0]
    business, _ = take_on(house, taken)
    client = Client(house, sandbox, business, taken.realm_id)
    client.link()
    return client


@pytest.fixture
def payments(client: Client) -> Payments:
    return Payments(client.house, client.scope)


@pytest.fixture
def work(house: House) -> PaymentWork:
    return payment_work(house)
