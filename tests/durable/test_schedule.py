"""What is due is a row: hints bring it forward, a run takes it, trouble pauses it, and no hint is lost in between."""

from datetime import UTC, datetime, timedelta

from interlock.infra.crypto import Vault, new_key
from interlock.infra.db import Database
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections, schedule
from interlock.rails.connections import Grant
from interlock.rails.schedule import NEVER, PROOF, SYNC, Due, SyncDue

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EVERYTHING = SystemScope("tests look at everything")
ALDER, BIRCH, CEDAR = Scope("firm_a", "biz_alder"), Scope("firm_a", "biz_birch"), Scope("firm_b", "biz_cedar")
VAULT = Vault.from_text(new_key())
CALM = timedelta(hours=4)


def minutes(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


def connect(database: Database, *scopes: Scope) -> None:
    with database.writing(EVERYTHING) as session:
        for number, scope in enumerate(scopes):
            connections.connect(
                session,
                scope,
                VAULT,
                rail="qbo",
                external_id=str(number),
                grant=Grant("RT"),
                now=NOW,
                actor="ana",
            )


def hasten(database: Database, scope: Scope, due_at: datetime, *, mended: bool = False) -> bool:
    with database.writing(scope) as session:
        return schedule.hasten(session, scope, "qbo", due_at=due_at, reason="notice", mended=mended)


def take(database: Database, scope: Scope, holder: str, now: datetime) -> bool:
    with database.writing(scope) as session:
        return schedule.take(session, scope, "qbo", holder=holder, now=now)


def end(database: Database, scope: Scope, now: datetime, began: datetime) -> None:
    with database.writing(scope) as session:
        schedule.after_sync(session, scope, "qbo", now=now, next_due=now + CALM, began=began)


def fail(database: Database, scope: Scope, now: datetime, retry_at: datetime | None) -> None:
    with database.writing(scope) as session:
        schedule.after_failure(session, scope, "qbo", now=now, trouble="QuickBooks is down.", retry_at=retry_at)


def row(database: Database, scope: Scope) -> SyncDue:
    with database.reading(scope) as session:
        found = schedule.find(session, scope, "qbo")
        assert found is not None, "hasten makes the row"
        session.expunge(found)
        return found


def due(database: Database, now: datetime, most: int = 100) -> list[Due]:
    with database.reading(EVERYTHING) as session:
        return schedule.due(session, now, most)


def syncs(database: Database, now: datetime) -> list[str]:
    return [each.business_id for each in due(database, now) if each.work == SYNC]


def test_the_earlier_wish_stands(database: Database) -> None:
    assert hasten(database, ALDER, minutes(30)), "the row is made when there is none"
    assert not hasten(database, ALDER, minutes(60))
    assert row(database, ALDER).due_at == minutes(30)
    assert hasten(database, ALDER, minutes(5))
    assert row(database, ALDER).due_at == minutes(5)


def test_due_work_of_all_firms_comes_longest_waiting_first(database: Database) -> None:
    connect(database, ALDER, BIRCH, CEDAR)
    hasten(database, BIRCH, minutes(1))
    hasten(database, CEDAR, minutes(0))
    hasten(database, ALDER, minutes(30))
    assert due(database, minutes(2)) == [
        Due("firm_b", "biz_cedar", "qbo", SYNC, minutes(0)),
        Due("firm_a", "biz_birch", "qbo", SYNC, minutes(1)),
    ]
    assert [each.business_id for each in due(database, minutes(2), most=1)] == ["biz_cedar"]
    tomorrow = NOW + timedelta(days=1, hours=1)
    assert [each.work for each in due(database, tomorrow) if each.business_id == "biz_cedar"] == [SYNC, PROOF]


def test_what_is_not_connected_is_not_due(database: Database) -> None:
    hasten(database, ALDER, minutes(0))
    assert due(database, minutes(1)) == []
    connect(database, ALDER)
    assert syncs(database, minutes(1)) == ["biz_alder"]
    with database.writing(ALDER) as session:
        connections.mark_trouble(session, ALDER, "qbo", "Intuit no longer accepts this connection.", NOW)
    assert due(database, minutes(1)) == []


def test_connections_older_than_the_timetable_get_a_row(database: Database) -> None:
    connect(database, ALDER, BIRCH)
    hasten(database, ALDER, minutes(60))
    with database.writing(EVERYTHING) as session:
        assert schedule.adopt(session, NOW) == 1
        assert schedule.adopt(session, NOW) == 0
    assert syncs(database, NOW) == ["biz_birch"]
    assert row(database, ALDER).due_at == minutes(60)


def test_one_run_takes_what_is_due_and_may_take_it_again(database: Database) -> None:
    connect(database, ALDER)
    hasten(database, ALDER, NOW)
    assert take(database, ALDER, "first", minutes(1))
    assert due(database, minutes(2)) == [], "what is taken is not due"
    assert not take(database, ALDER, "second", minutes(2))
    assert take(database, ALDER, "first", minutes(3)), "a run that is picked up by another worker goes on"
    end(database, ALDER, minutes(4), began=minutes(3))
    assert row(database, ALDER).due_at == minutes(4) + CALM
    assert not take(database, ALDER, "first", minutes(5)), "what has ended is not begun again"


def test_a_run_that_vanished_is_due_again_without_any_queue(database: Database) -> None:
    connect(database, ALDER)
    hasten(database, ALDER, NOW)
    assert take(database, ALDER, "first", NOW)
    assert syncs(database, minutes(60)) == ["biz_alder"]
    assert take(database, ALDER, "second", minutes(60))


def test_a_hint_during_a_sync_is_answered_by_the_next(database: Database) -> None:
    connect(database, ALDER)
    hasten(database, ALDER, NOW)
    take(database, ALDER, "first", minutes(1))
    assert hasten(database, ALDER, minutes(2)), "the sync under way may already have asked for changes"
    end(database, ALDER, minutes(3), began=minutes(1))
    assert syncs(database, minutes(3)) == ["biz_alder"]
    take(database, ALDER, "second", minutes(3))
    end(database, ALDER, minutes(4), began=minutes(3))
    assert syncs(database, minutes(4)) == []


def test_hints_do_not_break_through_a_pause_but_a_new_grant_does(database: Database) -> None:
    connect(database, ALDER)
    hasten(database, ALDER, NOW)
    fail(database, ALDER, NOW, minutes(5))
    assert not hasten(database, ALDER, minutes(1))
    assert syncs(database, minutes(4)) == []
    assert syncs(database, minutes(5)) == ["biz_alder"]
    fail(database, ALDER, minutes(5), None)
    stuck = row(database, ALDER)
    assert (stuck.failures, stuck.trouble, stuck.due_at) == (2, "QuickBooks is down.", NEVER)
    assert due(database, NOW + timedelta(days=900)) == [], "neither syncs nor proofs where a person has to act"
    assert hasten(database, ALDER, minutes(9), mended=True)
    mended = row(database, ALDER)
    assert (mended.failures, mended.trouble, mended.due_at) == (0, None, minutes(9))


def test_success_ends_trouble(database: Database) -> None:
    connect(database, ALDER)
    hasten(database, ALDER, NOW)
    fail(database, ALDER, NOW, minutes(5))
    take(database, ALDER, "second", minutes(5))
    end(database, ALDER, minutes(6), began=minutes(5))
    well = row(database, ALDER)
    assert (well.failures, well.trouble, well.reason) == (0, None, "timetable")


def test_a_sync_by_hand_makes_the_row_and_moves_it(database: Database) -> None:
    connect(database, ALDER)
    end(database, ALDER, minutes(1), began=NOW)
    assert row(database, ALDER).due_at == minutes(1) + CALM


def test_a_look_is_remembered_and_proofs_have_their_own_time(database: Database) -> None:
    connect(database, ALDER)
    hasten(database, ALDER, minutes(60))
    with database.writing(ALDER) as session:
        schedule.looked(session, ALDER, "qbo", minutes(3))
        schedule.proof_after(session, ALDER, "qbo", next_proof=minutes(4))
    assert row(database, ALDER).looked_at == minutes(3)
    assert due(database, minutes(4)) == [Due("firm_a", "biz_alder", "qbo", PROOF, minutes(4))]


def test_another_business_is_left_alone(database: Database) -> None:
    connect(database, ALDER, BIRCH)
    hasten(database, ALDER, NOW)
    hasten(database, BIRCH, NOW)
    fail(database, ALDER, NOW, None)
    assert take(database, BIRCH, "run", NOW)
    assert (row(database, BIRCH).failures, row(database, ALDER).failures) == (0, 1)
