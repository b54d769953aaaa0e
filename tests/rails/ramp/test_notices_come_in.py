"""Ramp's notices over a socket: subscribed to, proved by its challenge, and followed up by a sync."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.ramp import disconnect_ramp
from interlock.app.ramp_notices import NoAddress, subscribe_ramp
from interlock.app.web import create_app
from interlock.domains.ramp import notifications
from interlock.rails import schedule
from interlock.rails.errors import RailError, Unavailable
from tests.rails.ramp.at_ramp import Client
from tests.rails.ramp.conftest import Takes
from tests.support.sandbox import Sandbox
from tests.web.serving import Served, served

_TRIES = 500


@dataclass
class Told:
    """A linked client of a served house. ``seen``: attempts at delivery that were told of before."""

    client: Client
    at: Served
    seen: int = 0

    def statuses(self) -> list[int]:
        """What our address answered since this was last asked, once nothing waits any more."""
        for _ in range(_TRIES):
            said = self.client.sandbox.control("GET", "notices?party=ramp")
            ours = [each for each in said["log"] if each["url"].startswith(self.at.url)]
            if not [each for each in said["queue"] if each["url"].startswith(self.at.url)]:
                fresh, self.seen = ours[self.seen :], len(ours)
                return [each["status"] for each in fresh]
            self.client.sandbox.control("POST", "notices/deliver", {"party": "ramp"})
        raise AssertionError(f"notices were never delivered: {said['queue']}")

    def subscriptions(self) -> list[dict[str, Any]]:
        """Those of this address."""
        return [each for each in self.client.there()["webhooks"] if each["url"].startswith(self.at.url)]

    def due_in(self) -> timedelta:
        with self.client.house.database.reading(self.client.scope) as session:
            found = schedule.find(session, self.client.scope, "ramp")
        assert found is not None, "a linked Ramp is on the timetable"
        return found.due_at - self.client.house.clock.now()


@pytest.fixture
def hears(house: House, takes: Takes, sandbox: Sandbox) -> Iterator[Told]:
    with served(create_app(house), local_token(house.settings.key_file)) as at:
        house.settings = replace(house.settings, public_url=at.url)
        client = takes(0)
        client.link()
        yield Told(client, at)
        sandbox.control("POST", "notices/distort", {"party": "ramp"})
        disconnect_ramp(house, client.business, actor="a test")


def subscribe(told: Told) -> None:
    subscribe_ramp(told.client.house, told.client.business, actor="a test")
    assert told.statuses()[-1] == 200, "the challenge came to our address and was taken"


def test_an_address_is_proved_by_answering_ramps_challenge(hears: Told) -> None:
    subscribe(hears)
    assert [each["status"] for each in hears.subscriptions()] == ["active"]
    assert "connection.notices_subscribed" in hears.client.actions()
    assert len(hears.client.keys().hook_secret) > 20


def test_subscribed_again_there_is_one_subscription_with_a_secret_we_hold(hears: Told) -> None:
    subscribe(hears)
    first = hears.client.keys().hook_secret
    subscribe(hears)
    assert [each["status"] for each in hears.subscriptions()] == ["active"]
    assert hears.client.keys().hook_secret != first


def test_what_happens_at_ramp_hastens_the_sync_which_reads_it(hears: Told) -> None:
    client = hears.client
    subscribe(hears)
    client.sync.sync()
    assert hears.due_in() > timedelta(minutes=3)
    done = client.pay(client.instruction())
    client.at_screen(done.rail_id, "pay")
    assert set(hears.statuses()) == {200}
    assert hears.due_in() < timedelta(minutes=2)
    report = client.sync.sync()
    assert report.notices >= 3 and client.bills()[done.rail_id].state == "payment_completed"


def test_the_same_event_twice_is_one_and_a_forged_one_is_turned_away(hears: Told) -> None:
    client = hears.client
    subscribe(hears)
    client.sync.sync()
    client.sandbox.control("POST", "notices/distort", {"party": "ramp", "duplicate": 3, "bad_signature": 1})
    client.pay(client.instruction())
    statuses = hears.statuses()
    assert sorted(set(statuses)) == [200, 401], f"a forged one is told 401, which Ramp doesn't send again: {statuses}"
    told = client.sync.sync().notices
    assert told < statuses.count(200), f"{told} notices of {statuses.count(200)} deliveries: some came twice"


def test_a_clients_own_address_speaks_for_no_other_client(hears: Told, takes: Takes) -> None:
    """Whoever knows one client's secret can sign anything there; it must not make us act with another client's app."""
    subscribe(hears)
    other = takes(1)
    other.link()
    made = other.elsewhere("POST", "webhooks", {"endpoint_url": "http://127.0.0.1:9/", "event_types": ["bills.paid"]})
    said = other.sandbox.control("GET", "notices?party=ramp")
    bodies = [each["body"] for each in said["queue"] if each["url"] == "http://127.0.0.1:9/"]
    assert [each["object"]["id"] for each in bodies] == [made["id"]], "Ramp's challenge to the other client waits"
    body = json.dumps(bodies[0]).encode()
    secret = hears.client.keys().hook_secret
    signed = {"X-Ramp-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
    taken = hears.at.ask("POST", f"/webhooks/ramp/{hears.client.business.business_id}", headers=signed, body=body)
    assert taken.status == 200, taken.text
    standing = {each["id"]: each["status"] for each in other.there()["webhooks"]}
    assert standing[made["id"]] == "pending_verification", "the other client's app answered what came to our address"


def test_while_a_secret_is_asked_for_deliveries_are_to_come_again(hears: Told) -> None:
    """Ramp's challenge may be faster than its answer with the secret; 503 is sent again, 401 never."""
    rail = hears.client.rail
    rail._hook_secret = notifications.BEING_SUBSCRIBED
    with pytest.raises(Unavailable):
        hears.client.run(rail.genuine(b"{}", {}))
    assert not notifications.is_genuine(b"{}", {"x-ramp-signature": "0" * 64}, notifications.BEING_SUBSCRIBED)


def test_a_subscription_that_fails_leaves_the_secret_before(hears: Told) -> None:
    client = hears.client
    subscribe(hears)
    before = client.keys().hook_secret
    client.sandbox.fault("server_error", path="/v1/webhooks", method="POST")
    with pytest.raises(RailError):
        subscribe_ramp(client.house, client.business, actor="a test")
    assert client.keys().hook_secret == before


def test_disconnected_nothing_is_sent_any_more(hears: Told) -> None:
    client = hears.client
    subscribe(hears)
    disconnect_ramp(client.house, client.business, actor="a test")
    assert hears.subscriptions() == []


def test_without_an_address_there_is_nothing_to_subscribe(takes: Takes) -> None:
    client = takes(1)
    client.link()
    with pytest.raises(NoAddress, match="INTERLOCK_PUBLIC_URL"):
        subscribe_ramp(client.house, client.business, actor="a test")
