"""Plaid's notices over a socket: signed, verified with its own key, and followed up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.rails import schedule
from interlock.rails.errors import Rejected
from tests.rails.plaid.at_the_bank import Client, agree, with_plaid
from tests.rails.plaid.conftest import Takes
from tests.support.sandbox import Sandbox
from tests.web.serving import Served, served

_TRIES = 500


@dataclass
class Told:
    """A client of a served house that Plaid's notices can reach. ``seen``: attempts at delivery that were told of before."""

    client: Client
    at: Served
    seen: int = 0

    def statuses(self) -> list[int]:
        """What our address answered to each notice since this was last asked, once none waits untried."""
        for _ in range(_TRIES):
            said = self._notices()
            if all(each["attempts"] for each in self._ours(said["queue"])):
                log = self._ours(said["log"])
                fresh, self.seen = log[self.seen :], len(log)
                return [each["status"] for each in fresh]
            self.client.sandbox.control("POST", "notices/deliver", {"party": "plaid"})
        raise AssertionError(f"notices were never delivered: {self._notices()['queue']}")

    def _ours(self, notices: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without those of logins that earlier tests left behind."""
        return [each for each in notices if each["url"].startswith(self.at.url)]

    def _notices(self) -> dict[str, Any]:
        said: dict[str, Any] = self.client.sandbox.control("GET", "notices?party=plaid")
        return said


@pytest.fixture
def hears(house: House, sandbox: Sandbox, takes: Takes) -> Iterator[Told]:
    """The served house's clock is the sandbox's."""
    with served(create_app(with_plaid(house, sandbox)), local_token(house.settings.key_file)) as at:
        client = takes(0)
        client.house = with_plaid(house, sandbox, public_url=at.url)
        told = Told(client, at)
        told.statuses()
        yield told
        client.house.end_calls()


def test_a_page_that_ended_is_finished_by_the_notice_alone(hears: Told) -> None:
    client = hears.client
    begun = client.banks.begin(client.business.slug, actor="a test")
    assert begun.url is not None
    agree(begun.url, client.logins_there[0])
    assert set(hears.statuses()) == {200}, "a notice was turned away"
    (link,) = [each for each in client.banks.begun(client.business.slug) if each.link_id == begun.link_id]
    assert link.standing == "connected" and len(client.logins()) == 1
    assert client.due_in_minutes() <= 0.1


def test_new_lines_hasten_the_sync(hears: Told) -> None:
    client = hears.client
    client.link()
    client.sync.sync()
    hears.statuses()
    client.sync.sync()
    later = client.due_in_minutes()
    account = client.logins_there[0]["accounts"][0]["id"]
    client.sandbox.control(
        "POST", f"bank/{client.realm_id}/lines", {"account": account, "amount_minor": -99, "name": "FEE"}
    )
    client.sandbox.control("POST", f"plaid/items/{client.logins()[0].item_id}/look", {})
    assert set(hears.statuses()) == {200}
    assert client.due_in_minutes() < 2 < later


def test_a_forgery_is_turned_away_and_keeps_nothing(hears: Told) -> None:
    client, at = hears.client, hears.at
    client.link()
    client.sync.sync()
    hears.statuses()
    client.sync.sync()
    client.sandbox.control("POST", "notices/distort", {"party": "plaid", "bad_signature": 1})
    client.sandbox.control(
        "POST",
        f"plaid/items/{client.logins()[0].item_id}/webhook",
        {"type": "TRANSACTIONS", "code": "SYNC_UPDATES_AVAILABLE"},
    )
    assert hears.statuses()[0] == 401, "the same notice, sent again with its true signature, is another matter"
    before = client.due_in_minutes()
    assert at.ask("POST", "/webhooks/plaid", body=b"{}").status == 401
    assert at.ask("POST", "/webhooks/plaid", headers={"Plaid-Verification": "a.b.c"}, body=b"{}").status == 401
    assert client.due_in_minutes() == pytest.approx(before, abs=0.5)


def test_a_key_that_plaid_replaced_is_fetched_anew(hears: Told) -> None:
    client = hears.client
    client.link()
    assert set(hears.statuses()) == {200}
    client.sandbox.control("POST", "plaid/rotate-key", {})
    item = client.logins()[0].item_id
    client.sandbox.control("POST", f"plaid/items/{item}/webhook", {"type": "ITEM", "code": "NEW_ACCOUNTS_AVAILABLE"})
    assert set(hears.statuses()) == {200}


def test_a_login_that_will_end_and_one_that_works_again(hears: Told) -> None:
    client = hears.client
    client.link()
    client.sync.sync()
    item = client.logins()[0].item_id
    client.sandbox.control("POST", f"plaid/items/{item}/webhook", {"type": "ITEM", "code": "PENDING_DISCONNECT"})
    hears.statuses()
    (login,) = client.logins()
    assert login.ends_at is not None and "bank.login_ends" in client.actions()

    client.sandbox.control("POST", f"plaid/items/{item}/trouble", {})
    hears.statuses()
    with pytest.raises(Rejected):
        client.sync.sync()
    with client.house.database.writing(client.scope) as session:
        now = client.house.clock.now()
        schedule.after_failure(
            session, client.scope, "plaid", now=now, trouble="no bank", retry_at=now + timedelta(hours=4)
        )
    client.sandbox.control("POST", f"plaid/items/{item}/repair", {})
    hears.statuses()
    assert client.due_in_minutes() <= 0.1, "a repaired login ends the pause that was made for people"
