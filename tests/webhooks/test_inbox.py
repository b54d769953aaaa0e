"""Notices are kept once, hasten the right business's sync, and are marked when a sync has asked after them."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from interlock.domains.qbo.notifications import read
from interlock.infra.db import Database
from interlock.kernel.scope import Scope
from interlock.rails import connections, inbox, meter, schedule
from interlock.rails.inbox import Notice, Received
from tests.webhooks.linking import ALDER, BIRCH, BUDGET, CEDAR, EVERYTHING, NOW, due_at, waiting
from tests.webhooks.saying import classic, cloud_event, entity, events

SOON = timedelta(minutes=1)


def receive(database: Database, body: bytes, *, after: timedelta = timedelta(0), budget: int = BUDGET) -> Received:
    with database.writing(EVERYTHING) as session:
        return inbox.receive(session, "qbo", read(body), budget=budget, now=NOW + after)


def kept(database: Database) -> list[Notice]:
    with database.reading(EVERYTHING) as session:
        return list(session.scalars(select(Notice).order_by(Notice.event_id)))


def test_a_notice_hastens_its_business_and_no_other(linked: Database) -> None:
    before = due_at(linked, BIRCH)
    received = receive(linked, classic((ALDER.realm, [entity("Bill", "7")])))
    assert received == Received(1, 0, (ALDER.business_id,))
    assert due_at(linked, ALDER) <= NOW + SOON
    assert due_at(linked, BIRCH) == before
    assert waiting(linked, ALDER) == ["7"]


def test_a_delivery_that_mixes_firms_reaches_each(linked: Database) -> None:
    body = events(
        cloud_event("e-1", ALDER.realm, "bill.updated", "7"),
        cloud_event("e-2", CEDAR.realm, "invoice.created", "8"),
        cloud_event("e-3", BIRCH.realm, "customer.updated", "9"),
    )
    assert set(receive(linked, body).moved) == {ALDER.business_id, BIRCH.business_id, CEDAR.business_id}
    assert [waiting(linked, each) for each in (ALDER, BIRCH, CEDAR)] == [["7"], ["9"], ["8"]]
    with linked.reading(ALDER.scope) as session:
        assert inbox.latest(session, CEDAR.scope, "qbo", 10) == [] or session.get_bind().dialect.name == "sqlite"


def test_a_company_nobody_is_linked_to_is_kept_and_moves_nothing(linked: Database) -> None:
    received = receive(linked, classic(("999", [entity("Bill", "7")]), (ALDER.realm, [entity("Bill", "8")])))
    assert received == Received(2, 1, (ALDER.business_id,))
    with linked.reading(EVERYTHING) as session:
        (strange,) = inbox.latest(session, None, "qbo", 10)
    assert (strange.external_id, strange.business_id, strange.entity_id) == ("999", None, "7")


@pytest.mark.parametrize("shape", ["classic", "cloud events"])
def test_a_delivery_made_again_changes_nothing(linked: Database, shape: str) -> None:
    body = (
        classic((ALDER.realm, [entity("Bill", "7"), entity("Bill", "7"), entity("Bill", "8")]))
        if shape == "classic"
        else events(*[cloud_event(id_, ALDER.realm, "bill.updated", "7") for id_ in ("e-1", "e-1", "e-2")])
    )
    assert receive(linked, body).new == 2
    with linked.writing(ALDER.scope) as session:
        schedule.after_sync(session, ALDER.scope, "qbo", now=NOW, next_due=NOW + timedelta(hours=5))
    assert receive(linked, body, after=SOON) == Received(0, 0, ())
    assert due_at(linked, ALDER) == NOW + timedelta(hours=5), "Intuit repeats itself; books are not read again for it"
    assert len(kept(linked)) == 2


def test_a_burst_is_one_sync_and_never_pushed_back(linked: Database) -> None:
    for number in range(40):
        body = events(cloud_event(f"e-{number}", ALDER.realm, "bill.updated", str(number)))
        receive(linked, body, after=timedelta(seconds=number))
        if number == 0:
            first = due_at(linked, ALDER)
    assert due_at(linked, ALDER) == first
    assert len(waiting(linked, ALDER)) == 40


def test_the_order_of_arrival_makes_no_difference(linked: Database) -> None:
    said = [cloud_event(f"e-{n}", ALDER.realm, "bill.updated", str(n)) for n in range(20)]
    random.Random(7).shuffle(said)
    for event in (*said, *said[:5]):
        receive(linked, events(event))
    assert sorted(waiting(linked, ALDER), key=int) == [str(n) for n in range(20)]


@pytest.mark.parametrize("how", ["disconnected", "needs reconnect"])
def test_a_business_that_cannot_be_read_keeps_its_notices_and_is_not_hastened(linked: Database, how: str) -> None:
    with linked.writing(ALDER.scope) as session:
        if how == "disconnected":
            connections.disconnect(session, ALDER.scope, "qbo", NOW, "ana")
        else:
            connections.mark_trouble(session, ALDER.scope, "qbo", "Reconnect it.", NOW)
    before = due_at(linked, ALDER)
    assert receive(linked, classic((ALDER.realm, [entity("Bill", "7")]))).moved == ()
    assert due_at(linked, ALDER) == before
    assert waiting(linked, ALDER) == ["7"]


def test_what_we_keep_nothing_of_is_done_with_at_once(linked: Database) -> None:
    before = due_at(linked, ALDER)
    assert receive(linked, classic((ALDER.realm, [entity("Estimate", "7")]))) == Received(1, 0, ())
    assert due_at(linked, ALDER) == before, "a read would tell nothing we keep"
    assert waiting(linked, ALDER) == []


def test_one_we_cannot_read_hastens_the_company_it_names(linked: Database) -> None:
    assert receive(linked, classic((ALDER.realm, [{"name": "Bill"}]))).moved == (ALDER.business_id,)


def test_when_the_months_reads_are_gone_notices_wait(linked: Database) -> None:
    with linked.writing(EVERYTHING) as session:
        meter.count(session, BIRCH.scope, "qbo", 100, NOW)
    before = due_at(linked, ALDER)
    assert receive(linked, classic((ALDER.realm, [entity("Bill", "7")])), budget=100).moved == ()
    assert due_at(linked, ALDER) == before
    assert waiting(linked, ALDER) == ["7"]


def test_only_what_a_sync_saw_is_marked(linked: Database) -> None:
    receive(linked, events(cloud_event("e-1", ALDER.realm, "bill.updated", "7")))
    with linked.reading(ALDER.scope) as session:
        seen = [notice.event_id for notice in inbox.unhandled(session, ALDER.scope, "qbo")]
    receive(linked, events(cloud_event("e-2", ALDER.realm, "bill.updated", "8")))
    receive(linked, events(cloud_event("e-3", BIRCH.realm, "bill.updated", "9")))
    with linked.writing(ALDER.scope) as session:
        inbox.mark_handled(session, ALDER.scope, "qbo", seen, NOW)
        inbox.mark_handled(session, ALDER.scope, "qbo", ["e-3"], NOW)
    assert (waiting(linked, ALDER), waiting(linked, BIRCH)) == (["8"], ["9"])


def test_notices_are_let_go_after_a_month(linked: Database) -> None:
    receive(linked, events(cloud_event("e-1", ALDER.realm, "bill.updated", "7")))
    receive(linked, events(cloud_event("e-2", "999", "bill.updated", "8")))
    with linked.writing(ALDER.scope) as session:
        inbox.mark_handled(session, ALDER.scope, "qbo", ["e-1"], NOW)
    later = timedelta(days=31)
    receive(linked, events(cloud_event("e-3", "999", "bill.updated", "8")), after=later)
    with linked.writing(ALDER.scope) as session:
        inbox.mark_handled(session, ALDER.scope, "qbo", [], NOW + later)
    assert [notice.event_id for notice in kept(linked)] == ["e-3"]


def test_texts_that_no_column_holds_are_cut(linked: Database) -> None:
    body = classic((ALDER.realm, [entity("Bill\0" + "x" * 500, "7" * 500, "y" * 500)]))
    assert receive(linked, body).new == 1
    (notice,) = kept(linked)
    assert (len(notice.entity), len(notice.entity_id), len(notice.operation)) == (60, 60, 20)


def test_the_firm_sees_its_own(linked: Database) -> None:
    receive(
        linked,
        events(
            cloud_event("e-1", ALDER.realm, "bill.updated", "7"),
            cloud_event("e-2", BIRCH.realm, "bill.updated", "8"),
            cloud_event("e-3", CEDAR.realm, "bill.updated", "9"),
        ),
    )
    with linked.reading(Scope("firm_a")) as session:
        assert {notice.entity_id for notice in inbox.latest(session, Scope("firm_a"), "qbo", 10)} == {"7", "8"}


def test_a_byte_that_no_database_keeps_holds_nothing_back(linked: Database) -> None:
    """Refused for one event, a delivery comes again for days, and with it everything behind it."""
    receive(linked, classic(("9\x0090", [entity("Bill\x00", "7\x00", "Update\x00")])))
    receive(linked, events(cloud_event("e\x00-1", ALDER.realm, "bill.updated", "8")))
    assert {(each.external_id, each.entity_id) for each in kept(linked)} == {("990", "7"), (ALDER.realm, "8")}
