"""What the world plants at banks and at Ramp is found, client by client, and what it doesn't plant there is not."""

from collections.abc import Iterator
from typing import Any

import pytest

from interlock.app.abilities import abilities_of
from interlock.app.build import BUILD
from interlock.app.demo_rails import link_rails, read_rails
from interlock.app.house import House
from interlock.domains.firm.models import Business
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from interlock.runway.desk import Desk
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox

CLIENTS = 3
AT_RAMP = ("X01", "X02", "X03")
AT_BANKS = ("C05", "C07", "C08")


class World:
    """Clients on every rail, read once."""

    def __init__(self, house: House, sandbox: Sandbox) -> None:
        self.house, self.sandbox = house, sandbox
        told = read_rails(house.transport, sandbox.url)
        self.clients: list[tuple[Business, str]] = []
        for each in sandbox.clients():
            business, _ = take_on(house, each)
            self.clients.append((business, each.realm_id))
        link_rails(house, sandbox.url, [business for business, _ in self.clients], told)
        for business, _ in self.clients:
            for rail in BUILD:
                sync, _ = rail.work(house, business)
                sync.sync()

    def found(self, place: int, rules: tuple[str, ...]) -> set[tuple[str, str]]:
        house, (business, _) = self.house, self.clients[place]
        can = abilities_of(house)
        desk = Desk(house.database, house.clock, house.sync_of, business.firm_id, abilities=can)
        with desk.reading(business.slug) as at:
            groups = at.tray.get_tray_experience().groups
        return {(each.rule, each.subject.id) for group in groups for each in group.findings if each.rule in rules}

    def planted(self, place: int, where: str) -> list[dict[str, Any]]:
        realm = self.clients[place][1]
        return list(self.sandbox.control("GET", f"{where}/planted?realm={realm}")["planted"][realm])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("firm")
    with Sandbox.started(folder / "world", clients=CLIENTS) as sandbox:
        database = open_database(f"sqlite:///{folder / 'interlock.db'}")
        upgrade(database)
        house = house_over(database, sandbox, folder)
        try:
            yield World(house, sandbox)
        finally:
            house.close()


@pytest.mark.parametrize("place", range(CLIENTS))
def test_ramps_disagreements_with_the_books_are_found_and_no_others(world: World, place: int) -> None:
    planted = {(each["rule"], each["qbo"]["id"]) for each in world.planted(place, "ramp") if each["rule"] in AT_RAMP}
    assert world.found(place, AT_RAMP) == planted


@pytest.mark.parametrize("place", range(CLIENTS))
def test_what_is_wrong_at_the_banks_is_found(world: World, place: int) -> None:
    planted = {each["rule"] for each in world.planted(place, "bank")} & set(AT_BANKS)
    found = {rule for rule, _ in world.found(place, AT_BANKS)}
    assert planted <= found, "planted at the bank, and the tray is silent"
