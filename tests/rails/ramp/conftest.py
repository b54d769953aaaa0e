"""A house that knows Ramp, and clients of the sandbox, one for each test that changes what stands there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import upgrade
from tests.rails.ramp.at_ramp import Client, with_ramp
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox

Takes = Callable[[int], Client]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=4) as running:
        running.control("POST", "ramp/limit", {"requests": 100_000})
        yield running


@pytest.fixture
def database(embedded: Database) -> Database:
    """SQLite alone: what differs between databases is tested where rows are written."""
    return embedded


@pytest.fixture
def house(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = with_ramp(house_over(database, sandbox, tmp_path), sandbox)
    yield made
    made.end_calls()
    sandbox.calm()


@pytest.fixture
def takes(house: House, sandbox: Sandbox) -> Takes:
    """Take the sandbox's client at a place on, its books connected and its Ramp not."""

    def take(place: int) -> Client:
        client = sandbox.clients()[place]
        business, _ = take_on(house, client)
        return Client(house, sandbox, business, client.realm_id)

    return take


@pytest.fixture(scope="module")
def linked(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The first client, linked, for tests that each bring bills of their own."""
    folder = tmp_path_factory.mktemp("house")
    database = open_database(f"sqlite:///{folder / 'interlock.db'}")
    upgrade(database)
    house = with_ramp(house_over(database, sandbox, folder), sandbox)
    taken = sandbox.clients()[0]
    business, _ = take_on(house, taken)
    client = Client(house, sandbox, business, taken.realm_id)
    client.link()
    yield client
    house.close()


@pytest.fixture
def client(linked: Client) -> Iterator[Client]:
    """The same; switches at its Ramp are as they were when a test is over, and nothing is in trouble any more."""
    yield linked
    linked.sandbox.calm()
    linked.switch(payment_release=False, knows_payment_method=True, allowed_scopes=None, refuses_scopes_at_token=False)
