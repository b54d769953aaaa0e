"""Notices of every rail over HTTP: verified the rail's own way, found to be somebody's, kept once, acknowledged at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.opening import found_installation, make_vault
from interlock.app.settings import read_settings
from interlock.app.web import create_app
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from interlock.infra.transport import Transport
from interlock.kernel.clock import SystemClock
from interlock.rails import connections, inbox, items, schedule
from interlock.rails.connections import Keys
from interlock.rails.links import LinkedBank
from tests.support.raw_server import answering
from tests.web.serving import Answer, Served, served
from tests.webhooks import rails_saying as say
from tests.webhooks.linking import ALDER, BIRCH, EVERYTHING, Linked, link

_NEXT_TIMETABLE = timedelta(hours=3)


@dataclass(frozen=True)
class Desk(Served):
    """Alder and Birch, each with a Ramp, a Stripe and two bank logins of its own."""

    house: House

    def deliver(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        return self.ask("POST", f"/webhooks/{path}", headers={"Content-Type": "application/json", **headers}, body=body)

    def waiting(self, which: Linked, rail: str) -> list[str]:
        with self.house.database.reading(which.scope) as session:
            return [notice.external_id for notice in inbox.unhandled(session, which.scope, rail)]

    def nobodys(self, rail: str) -> list[str]:
        with self.house.database.reading(EVERYTHING) as session:
            return [notice.external_id for notice in inbox.latest(session, None, rail, 100)]

    def due_soon(self, which: Linked, rail: str) -> bool:
        with self.house.database.reading(which.scope) as session:
            found = schedule.find(session, which.scope, rail)
        assert found is not None
        return found.due_at - self.house.clock.now() < timedelta(minutes=2)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with answering(say.plaid_key_answer()) as plaid, _house(tmp_path, plaid.rstrip("/")) as house:
        link(house.database, ALDER, BIRCH)
        for which in (ALDER, BIRCH):
            _link_rails(house, which)
        with served(create_app(house), local_token(house.settings.key_file)) as at:
            yield Desk(at.port, at.token, house)


def _house(folder: Path, plaid_url: str) -> House:
    settings = replace(
        read_settings({"INTERLOCK_DATABASE_URL": f"sqlite:///{folder / 'interlock.db'}"}),
        plaid_api_url=plaid_url,
        plaid_client_id="client",
        plaid_secret="secret",
        stripe_platform_key="sk_test_platform",
        stripe_platform_hook_secret=say.PLATFORM_SECRET,
    )
    database = open_database(settings.database_url)
    upgrade(database)
    vault, clock = make_vault(settings), SystemClock()
    found_installation(database, vault, demo=False, clock_url=None, now=clock.now())
    return House(settings, database, vault, clock, Transport())


def _link_rails(house: House, which: Linked) -> None:
    now = house.clock.now()
    secrets = {"ramp": say.RAMP_SECRET, "stripe": say.STRIPE_SECRET, "plaid": ""}
    with house.database.writing(which.scope) as session:
        for rail, secret in secrets.items():
            name = which.business_id if rail == "plaid" else f"{rail}-{which.realm}"
            own = secret if which is ALDER else f"{secret} of {which.business_id}"
            keys = Keys("key", "sk_test_secret", own)
            connections.connect(
                session, which.scope, house.vault, rail=rail, external_id=name, grant=keys, now=now, actor="a test"
            )
            schedule.hasten(session, which.scope, rail, due_at=now + _NEXT_TIMETABLE, reason="timetable")
        for number in (1, 2):
            bank = LinkedBank(f"item-{which.realm}-{number}", "access-sandbox", "ins_1", "First Platypus Bank", None)
            items.keep(session, which.scope, house.vault, "plaid", bank, now, "a test")


RAMP, STRIPE = f"ramp/{ALDER.business_id}", f"stripe/{ALDER.business_id}"
OWN = f"stripe-{ALDER.realm}"
Case = tuple[str, str, bytes, Callable[[bytes], dict[str, str]], str]
GENUINE: dict[str, Case] = {
    "ramp": ("ramp", RAMP, say.ramp("e-1", f"ramp-{ALDER.realm}"), say.ramp_signed, f"ramp-{ALDER.realm}"),
    "stripe's own": ("stripe", STRIPE, say.stripe("evt_1"), say.stripe_signed, OWN),
    "stripe's platform": (
        "stripe", "stripe", say.stripe("evt_2", OWN), lambda body: say.stripe_signed(body, say.PLATFORM_SECRET), OWN,
    ),
    "plaid": ("plaid", "plaid", say.plaid(f"item-{ALDER.realm}-2"), say.plaid_signed, f"item-{ALDER.realm}-2"),
}  # fmt: skip


@pytest.mark.parametrize("case", GENUINE.values(), ids=GENUINE)
def test_a_genuine_notice_is_kept_once_and_hastens_its_client_alone(desk: Desk, case: Case) -> None:
    rail, path, body, signed, named = case
    for _ in range(2):
        answer = desk.deliver(path, body, signed(body))
        assert (answer.status, answer.text) == (200, "")
    kept = desk.waiting(ALDER, rail)
    # Plaid numbers nothing, and two of its notices may be the same bytes: there a repetition may count as another.
    assert set(kept) == {named} and (rail == "plaid" or len(kept) == 1), "delivered twice, kept once"
    assert desk.due_soon(ALDER, rail) and not desk.due_soon(BIRCH, rail)
    assert desk.waiting(BIRCH, rail) == []


FORGED: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "ramp, unsigned": ("ramp", RAMP, say.ramp("e-2", "ramp-111"), {}),
    "ramp, another body": ("ramp", RAMP, say.ramp("e-3", "ramp-111"), say.ramp_signed(b"{}")),
    "ramp, another client's secret": (
        "ramp", f"ramp/{BIRCH.business_id}", say.ramp("e-4", "ramp-222"), say.ramp_signed(say.ramp("e-4", "ramp-222")),
    ),
    "ramp, nobody's address": (
        "ramp", "ramp/biz_nobody", say.ramp("e-5", "ramp-111"), say.ramp_signed(say.ramp("e-5", "ramp-111")),
    ),
    "stripe, another account's secret": (
        "stripe", f"stripe/{BIRCH.business_id}", say.stripe("evt_3"), say.stripe_signed(say.stripe("evt_3")),
    ),
    "stripe, an account's secret at the platform's address": (
        "stripe", "stripe", say.stripe("evt_4", OWN), say.stripe_signed(say.stripe("evt_4", OWN)),
    ),
    "plaid, unsigned": ("plaid", "plaid", say.plaid("item-111-1"), {}),
    "plaid, another body": ("plaid", "plaid", say.plaid("item-111-1"), say.plaid_signed(say.plaid("item-111-1"), over=b"{}")),
}  # fmt: skip


@pytest.mark.parametrize("case", FORGED.values(), ids=FORGED)
def test_a_forged_one_is_turned_away_and_nothing_is_kept(
    desk: Desk, case: tuple[str, str, bytes, dict[str, str]]
) -> None:
    rail, path, body, headers = case
    answer = desk.deliver(path, body, headers)
    assert (answer.status, answer.json()["code"]) == (401, "bad_signature")
    assert desk.waiting(ALDER, rail) == desk.waiting(BIRCH, rail) == desk.nobodys(rail) == []
    assert not desk.due_soon(ALDER, rail)


def test_names_nobody_here_has_are_acknowledged_and_kept(desk: Desk) -> None:
    ramp, stripe, plaid = say.ramp("e-6", "ramp-999"), say.stripe("evt_5", "acct_999"), say.plaid("item-999")
    assert desk.deliver(RAMP, ramp, say.ramp_signed(ramp)).status == 200
    assert desk.deliver("stripe", stripe, say.stripe_signed(stripe, say.PLATFORM_SECRET)).status == 200
    assert desk.deliver("plaid", plaid, say.plaid_signed(plaid)).status == 200
    assert [desk.nobodys(rail) for rail in ("ramp", "stripe", "plaid")] == [["ramp-999"], ["acct_999"], ["item-999"]]


def test_one_clients_keys_say_nothing_of_another(desk: Desk) -> None:
    body = say.ramp("e-7", f"ramp-{BIRCH.realm}")
    assert desk.deliver(RAMP, body, say.ramp_signed(body)).status == 200
    assert desk.waiting(BIRCH, "ramp") == [] and not desk.due_soon(BIRCH, "ramp")
    assert desk.nobodys("ramp") == [f"ramp-{BIRCH.realm}"]


def test_a_login_that_was_removed_is_nobodys(desk: Desk) -> None:
    with desk.house.database.writing(ALDER.scope) as session:
        items.remove(session, ALDER.scope, "plaid", f"item-{ALDER.realm}-1", desk.house.clock.now(), "a test")
    body = say.plaid(f"item-{ALDER.realm}-1")
    assert desk.deliver("plaid", body, say.plaid_signed(body)).status == 200
    assert desk.waiting(ALDER, "plaid") == [] and desk.nobodys("plaid") == [f"item-{ALDER.realm}-1"]


def test_a_client_that_disconnected_hears_nothing_more(desk: Desk) -> None:
    with desk.house.database.writing(ALDER.scope) as session:
        connections.disconnect(session, ALDER.scope, "ramp", desk.house.clock.now(), "a test")
    body = say.ramp("e-8", f"ramp-{ALDER.realm}")
    assert desk.deliver(RAMP, body, say.ramp_signed(body)).status == 401, "its secret was forgotten with its keys"
