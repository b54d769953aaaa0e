"""When events are sent again, without a socket or a wait: the outbox on instants of our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from interlock_sandbox.books.record import Happened
from interlock_sandbox.sandbox import World, Write, open_sandbox
from interlock_sandbox.webhooks.bodies import classic, cloud_events
from interlock_sandbox.webhooks.events import Event
from interlock_sandbox.webhooks.outbox import Endpoint, Outbox

REALM = "9341450000000042"
NOON = datetime(2026, 6, 15, 19, tzinfo=UTC)
HERE = Endpoint("http://127.0.0.1:1/webhooks/qbo", "secret")


@pytest.fixture
def box() -> Outbox:
    made = Outbox()
    made.register(HERE)
    made.hear(REALM, Happened("Create", "Bill", "17", NOON))
    return made


def test_retries_follow_the_schedule_and_then_come_every_six_hours(box: Outbox) -> None:
    now, waits = NOON, []
    for _ in range(11):
        delivery = box.take(now)
        assert delivery is not None, f"an attempt was due at {now}"
        box.settle(delivery, 500, now)
        due = box.due()
        assert due is not None
        waits.append((due - now).total_seconds())
        assert due == now or box.take(due - timedelta(seconds=1)) is None, "not a second early"
        now = due
    assert waits == [0, 10, 20, 30, 300, 1200, 7200, 14_400, 21_600, 21_600, 21_600]
    assert [line["attempt"] for line in box.log] == list(range(1, 12))


def test_no_answer_within_three_seconds_is_a_failure(box: Outbox) -> None:
    delivery = box.take(NOON)
    assert delivery is not None
    assert box.settle(delivery, None, NOON, "no answer within 3 s") == []
    again = box.take(NOON)
    assert again is not None
    assert (again.body, again.attempt, again.headers["intuit-t-id"] == delivery.headers["intuit-t-id"]) == (
        delivery.body, 2, False,
    )  # fmt: skip
    assert box.settle(again, 200, NOON) == [1]
    assert box.take(NOON, early=True) is None
    assert box.settle(again, 200, NOON) == [], "settling twice changes nothing"


def test_each_company_has_bodies_of_its_own_unless_mixed(box: Outbox) -> None:
    for number in range(3):
        box.hear("2", Happened("Update", "Invoice", str(number), NOON))
        box.hear(REALM, Happened("Update", "Bill", str(number), NOON))
    delivery = box.take(NOON)
    assert delivery is not None
    assert {event.realm for event in delivery.events} == {REALM}
    box.settle(delivery, 200, NOON)
    box.distortions.mix_realms = True
    box.hear(REALM, Happened("Update", "Bill", "9", NOON))
    mixed = box.take(NOON)
    assert mixed is not None
    assert [event["intuitaccountid"] for event in json.loads(mixed.body)] == ["2", "2", "2", REALM]


def test_a_merge_names_the_one_that_is_gone_in_both_shapes() -> None:
    event = Event(5, REALM, "Vendor", "7", "Merge", NOON, deleted_id="9")
    (cloud,) = json.loads(cloud_events([event]))
    assert (cloud["type"], cloud["intuitentityid"], cloud["data"]) == ("qbo.vendor.merged.v1", "7", {"deletedid": "9"})
    (told,) = json.loads(classic([event]))["eventNotifications"]
    (entity,) = told["dataChangeEvent"]["entities"]
    assert (entity["operation"], entity["id"], entity["deletedId"]) == ("Merge", "7", "9")


def test_forms_vary_from_event_to_event() -> None:
    events = [Event(number, REALM, "Bill", "7", "Update", NOON) for number in range(1, 13)]
    cloud = json.loads(cloud_events(events))
    assert {("datacontenttype" in each) for each in cloud} == {True, False}
    assert {("alternative_ids" in each["data"]) for each in cloud} == {True, False}
    entities = json.loads(classic(events))["eventNotifications"][0]["dataChangeEvent"]["entities"]
    spelled = {entity["lastUpdated"] for entity in entities}
    assert {"2026-06-15T12:00:00-0700", "2026-06-15T19:00:00.000Z"} < spelled, "Pacific, UTC, and UTC with a part"


def test_what_intuit_does_not_tell_of(box: Outbox) -> None:
    box.hear(REALM, Happened("Update", "CompanyInfo", "1", NOON))
    box.hear(REALM, Happened("Create", "Preferences", "1", NOON))
    box.hear(REALM, Happened("Void", "Bill", "17", NOON))
    assert [event.id for event in box.queue] == ["17"]


def test_after_a_restart_only_what_was_not_acknowledged_is_sent_and_is_the_same_event(
    tmp_path: Path, build: Callable[[World], Any]
) -> None:
    world = World(1, 2, date(2026, 6, 15))
    sandbox = open_sandbox(world, tmp_path / "kept", build)

    def create(name: str) -> None:
        sandbox.write(Write(REALM, "create", "Vendor", {"DisplayName": name}, sandbox.clock.served()))

    create("Before")
    sandbox.register_webhook(HERE)
    create("Acknowledged")
    first = sandbox.outbox.take(sandbox.clock.served(), early=True)
    assert first is not None
    sandbox.delivered(first, 200)
    create("On its way")
    second = sandbox.outbox.take(sandbox.clock.served(), early=True)
    assert second is not None
    sandbox.delivered(second, 503)
    sandbox.journal.close()
    again = open_sandbox(world, tmp_path / "kept", build)
    try:
        third = again.outbox.take(again.clock.served(), early=True)
        assert third is not None
        assert (third.body, third.url) == (second.body, HERE.url)
        assert again.outbox.take(again.clock.served(), early=True) is None, "the one before was acknowledged"
    finally:
        again.journal.close()
