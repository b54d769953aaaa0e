"""One firm whose clients let us record, over one sandbox; every test records a bill or an invoice of its own."""

from collections.abc import Iterator

import pytest

from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from tests.recording.kinds import BILL, INVOICE, Kind
from tests.recording.office import Office, office_over
from tests.support.house import house_over
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("world"), clients=3) as running:
        yield running


@pytest.fixture(scope="session")
def shared(world: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    database = open_database(f"sqlite:///{folder / 'interlock.db'}")
    upgrade(database)
    house = house_over(database, world, folder)
    yield office_over(house, world, folder)
    house.close()


@pytest.fixture
def office(shared: Office) -> Iterator[Office]:
    """What a test does to the sandbox's behaviour is over when it ends."""
    yield shared
    shared.sandbox.calm()


@pytest.fixture(params=[BILL, INVOICE], ids=["a bill", "an invoice"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Everything that is told of one kind of record is told of the other."""
    found: Kind = request.param
    return found
