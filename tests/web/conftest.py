"""A firm with three synced clients behind a real socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.domains.firm.models import Business
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.web.serving import Served, served

PUBLIC_URL = "https://desk.example.com"


@dataclass(frozen=True)
class Site(Served):
    """A served installation; ``businesses`` are its clients, by name."""

    house: House
    businesses: list[Business]

    @property
    def client(self) -> Business:
        return self.businesses[0]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Shared by every test here: a test that changes a document uses one of its own."""
    with _site(tmp_path_factory.mktemp("site"), clients=3) as shared:
        yield shared


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One client, for requests that may end its connection or leave anything else behind."""
    with _site(tmp_path_factory.mktemp("stand_in"), clients=1) as own:
        yield own


@contextmanager
def _site(folder: Path, *, clients: int) -> Iterator[Site]:
    with Sandbox.started(folder / "world", clients=clients) as sandbox, _house(folder, sandbox) as house:
        businesses = sorted((take_on(house, client)[0] for client in sandbox.clients()), key=lambda each: each.name)
        for business in businesses:
            house.sync_of(business).sync()
        with served(create_app(house), local_token(house.settings.key_file)) as at:
            yield Site(at.port, at.token, house, businesses)


class _house:
    """A house over an SQLite database of its own, reachable under a public address too."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self._folder, self._sandbox = folder, sandbox

    def __enter__(self) -> House:
        database = open_database(f"sqlite:///{self._folder / 'interlock.db'}")
        upgrade(database)
        self._house = house_over(database, self._sandbox, self._folder, demo=False)
        self._house.settings = replace(self._house.settings, public_url=PUBLIC_URL)
        return self._house

    def __exit__(self, *_: object) -> None:
        self._house.close()
