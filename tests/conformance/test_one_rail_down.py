"""One rail down marks its own part stale and leaves the rest; when it is back, it catches up by itself."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from interlock.app.abilities import abilities_of
from interlock.app.build import BUILD, RailBuild
from interlock.app.demo_rails import link_rails, read_rails
from interlock.app.doctor import examine
from interlock.app.house import House
from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import upgrade
from interlock.kernel.scope import Scope
from interlock.rails import connections, items, schedule
from interlock.rails.due_work import Linked, RailWork
from interlock.runway.desk import Desk
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox

PATHS = {"qbo": "/v3/", "plaid": "/plaid/", "stripe": "/stripe/", "ramp": "/ramp/"}
OTHERS = [each.name for each in BUILD if each.name != "qbo"]


class Client:
    """One client on every rail, read by the very work that workers do."""

    def __init__(self, house: House, sandbox: Sandbox) -> None:
        self.house, self.sandbox = house, sandbox
        self.business, self.scope = take_on(house, sandbox.clients()[0])
        link_rails(house, sandbox.url, [self.business], read_rails(house.transport, sandbox.url))

    def read(self, rail: RailBuild) -> None:
        """Its due work, taken and done."""
        now = self.house.clock.now()
        with self.house.database.writing(self.scope) as session:
            schedule.hasten(session, self.scope, rail.name, due_at=now, reason="a test", mended=True)

        def linked(_business_id: str) -> Linked:
            return Linked(self.scope, *rail.work(self.house, self.business))

        faults: list[str] = []
        work = RailWork(
            rail.name,
            self.house.database,
            self.house.clock,
            linked,
            lambda: False,
            lambda _id, trouble: faults.append(repr(trouble)),
        )
        work.sync_business(self.business.business_id, f"{rail.name}:{now.isoformat()}")
        assert faults == [], "trouble of a rail is one of the five errors"

    def stands(self, rail: str) -> tuple[int, str | None]:
        with self.house.database.reading(self.scope) as session:
            row = schedule.find(session, self.scope, rail)
            assert row is not None
            return row.failures, row.trouble

    def desk(self) -> Desk:
        house = self.house
        can = abilities_of(house)
        return Desk(house.database, house.clock, house.sync_of, self.business.firm_id, abilities=can)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("world"), clients=1) as sandbox:
        sandbox.control("POST", "ramp/limit", {"requests": 100_000})  # houses here don't know what others spent
        yield sandbox


@pytest.fixture
def client(database: Database, world: Sandbox, tmp_path: Path) -> Iterator[Client]:
    house = house_over(database, world, tmp_path)
    house.patience = 0.0
    try:
        yield Client(house, world)
    finally:
        world.calm()
        house.close()


@pytest.mark.parametrize("down", [each.name for each in BUILD])
def test_a_rail_that_is_down_leaves_the_others_read(client: Client, down: str) -> None:
    client.sandbox.fault("server_error", status=503, path=PATHS[down])
    for rail in BUILD:
        client.read(rail)
    for rail in BUILD:
        failures, trouble = client.stands(rail.name)
        if rail.name == down:
            assert failures == 1 and trouble, f"{down} is down and its row has to say so"
        else:
            assert (failures, trouble) == (0, None), f"{rail.name} has nothing to do with {down}"
    with client.desk().reading(client.business.slug) as at:
        shown = {each.rail: each for each in at.connections.get_connection_experience().connection.rails}
        assert shown[down].state in ("failing", "unreachable"), "the page says which part is old"
        assert all(each.state == "connected" for name, each in shown.items() if name != down)
        for page in (
            at.tray.get_tray_experience,
            at.console.get_console_experience,
            at.balances.get_balances_experience,
            at.digest.get_digest_experience,
        ):
            assert page() is not None
    client.sandbox.calm()
    client.read(next(each for each in BUILD if each.name == down))
    assert client.stands(down) == (0, None), "back again, it catches up"


def test_a_rail_that_refuses_us_asks_for_a_person_and_the_others_go_on(client: Client) -> None:
    for rail in BUILD:
        client.read(rail)
    scope: Scope = client.scope
    for name in OTHERS:
        with client.house.database.writing(scope) as session:
            connections.mark_trouble(session, scope, name, "It no longer lets us in.", client.house.clock.now())
    with client.house.database.reading(scope) as session:
        due = schedule.due(session, client.house.clock.now() + timedelta(days=2), 50)
    assert {each.rail for each in due} == {"qbo"}, "what waits for a person is not tried again and again"


def test_the_doctor_names_what_is_wrong_beside_the_books(client: Client) -> None:
    for rail in BUILD:
        client.read(rail)
    scope, now = client.scope, client.house.clock.now()
    name = client.business.name
    assert [each for each in examine(client.house.settings) if each.what == name and each.state != "good"] == []
    with client.house.database.writing(scope) as session:
        login = items.of_business(session, scope, "plaid")[0]
        items.mark(session, scope, "plaid", login.item_id, "The bank wants its owner to log in again.", now)
        connections.mark_trouble(session, scope, "stripe", "Stripe no longer accepts the key.", now)
        schedule.after_failure(
            session, scope, "ramp", now=now, trouble="Ramp is down.", retry_at=now + timedelta(minutes=1)
        )
    said = {each.mend: (each.state, each.found) for each in examine(client.house.settings) if each.what == name}
    slug = client.business.slug
    assert said[f"interlock connect stripe {slug}"][0] == "broken"
    assert "Ramp is down." in said[f"interlock sync {slug} --rail ramp"][1]
    assert any("--relink" in mend and "log in again" in found for mend, (_, found) in said.items())


def test_what_follows_a_sync_may_fail_and_the_sync_stands(
    world: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = open_database(f"sqlite:///{tmp_path / 'broken.db'}")
    upgrade(broken)
    with house_over(broken, world, tmp_path) as house:
        client = Client(house, world)
        with broken.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE bank_match_part")
        client.read(next(each for each in BUILD if each.name == "plaid"))
        assert "What follows a sync" in caplog.text
        with broken.reading(client.scope) as session:
            row = schedule.find(session, client.scope, "plaid")
        assert row is not None
        assert (row.failures, row.reason) == (0, "settling"), "what was read is kept, and it is tried again soon"
        assert row.due_at <= house.clock.now() + timedelta(minutes=3)
