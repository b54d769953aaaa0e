"""A connection's passport: how old its tokens are, when it ends, what it may do, and how it is given up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from interlock.infra import translog
from interlock.infra.crypto import Vault, new_key
from interlock.infra.db import Database
from interlock.kernel.errors import Refused
from interlock.kernel.scope import Scope
from interlock.rails import connections
from interlock.rails.connections import Connection, Grant, NotLinked, Passport

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ALDER = Scope("firm_a", "biz_alder")
VAULT = Vault.from_text(new_key())
GRANT = Grant("RT-first", "AT-first", NOW + timedelta(hours=1), NOW + 100 * DAY, NOW + 5 * 365 * DAY)


def connect(database: Database, grant: Grant = GRANT, now: datetime = NOW) -> None:
    with database.writing(ALDER) as session:
        connections.connect(
            session, ALDER, VAULT, rail="qbo", external_id="111", grant=grant, now=now, actor="ana",
            scopes="com.intuit.quickbooks.accounting", granted_at=now,
        )  # fmt: skip


def passport(database: Database, now: datetime = NOW) -> Passport:
    with database.reading(ALDER) as session:
        return connections.passport_of(session, ALDER, "qbo", now)


def keep(database: Database, grant: Grant, now: datetime) -> None:
    with database.writing(ALDER) as session:
        connections.keep_grant(session, ALDER, VAULT, "qbo", grant, now)


def disconnect(database: Database, now: datetime, *, revoked: bool = True) -> None:
    with database.writing(ALDER) as session:
        connections.disconnect(session, ALDER, "qbo", now, "ana", revoked=revoked)


def lines(database: Database) -> list[str]:
    with database.reading(ALDER) as session:
        return [line.action for line in translog.lines(session, "biz_alder")]


def test_a_new_connection_shows_what_was_granted_and_that_it_was_read(database: Database) -> None:
    connect(database)
    shown = passport(database)
    assert (shown.state, shown.trouble, shown.records) == ("connected", None, False)
    assert shown.scopes == ("com.intuit.quickbooks.accounting",)
    assert shown.granted_at == shown.proved_at == shown.refresh_issued_at == NOW
    assert shown.ends_at == NOW + 100 * DAY, "the soft expiry comes first"
    assert shown.next_consent_at == NOW + 5 * 365 * DAY


def test_a_refresh_moves_the_soft_end_and_leaves_the_hard_one_where_the_rail_said_nothing(database: Database) -> None:
    connect(database)
    later = NOW + 30 * DAY
    keep(database, Grant("RT-first", "AT-second", later, later + 100 * DAY), later)
    shown = passport(database, later)
    assert shown.refresh_issued_at == NOW, "the same token was given again: it is as old as before"
    assert (shown.refreshed_at, shown.refresh_expires_at) == (later, later + 100 * DAY)
    assert shown.next_consent_at == NOW + 5 * 365 * DAY
    keep(database, Grant("RT-second", "AT-third", later, later + 101 * DAY), later + DAY)
    assert passport(database).refresh_issued_at == later + DAY


def test_reading_is_the_proof(database: Database) -> None:
    connect(database)
    with database.writing(ALDER) as session:
        connections.mark_read(session, ALDER, "qbo", NOW + DAY)
    assert passport(database).proved_at == NOW + DAY


@pytest.mark.parametrize(
    ("soft", "hard", "state"),
    [
        (15 * DAY, None, "connected"),
        (14 * DAY, None, "expiring"),
        (90 * DAY, 14 * DAY, "expiring"),
        (90 * DAY, timedelta(0), "expired"),
        (timedelta(0), 400 * DAY, "expired"),
        (None, None, "connected"),
    ],
)
def test_the_alarm_comes_fourteen_days_ahead_of_whichever_end_is_first(
    database: Database, soft: timedelta | None, hard: timedelta | None, state: str
) -> None:
    ends = [None if each is None else NOW + each for each in (soft, hard)]
    connect(database, Grant("RT", "AT", NOW, *ends))
    assert passport(database).state == state


def test_what_was_disconnected_is_forgotten_and_its_history_stays(database: Database) -> None:
    connect(database)
    disconnect(database, NOW + DAY)
    disconnect(database, NOW + 2 * DAY)
    shown = passport(database)
    assert (shown.state, shown.disconnected_at, shown.ends_at) == ("disconnected", NOW + DAY, None)
    assert shown.external_id == "111", "whose books the history is stays known"
    with database.reading(ALDER) as session:
        assert session.get_one(Connection, ("biz_alder", "qbo")).sealed == b""
        with pytest.raises(NotLinked, match="disconnected"):
            connections.grant_of(session, ALDER, VAULT, "qbo")
    assert lines(database) == ["connection.connected", "connection.disconnected"]


def test_a_refresh_that_ends_after_the_disconnect_brings_nothing_back(database: Database) -> None:
    connect(database)
    disconnect(database, NOW)
    keep(database, Grant("RT-late", "AT-late"), NOW)
    with database.writing(ALDER) as session:
        connections.mark_trouble(session, ALDER, "qbo", "no longer accepted", NOW)
    assert passport(database).state == "disconnected"
    with database.reading(ALDER) as session:
        assert session.get_one(Connection, ("biz_alder", "qbo")).sealed == b""


def test_the_same_company_again_resumes_without_the_old_ends(database: Database) -> None:
    connect(database)
    disconnect(database, NOW, revoked=False)
    assert "could not be told" in (passport(database).trouble or "")
    connect(database, Grant("RT-new"), NOW + DAY)
    shown = passport(database)
    assert (shown.state, shown.trouble, shown.disconnected_at, shown.ends_at) == ("connected", None, None, None)
    assert (shown.connected_at, shown.granted_at) == (NOW, NOW + DAY)


def switch(database: Database, on: bool) -> bool:
    with database.writing(ALDER) as session:
        return connections.set_records(session, ALDER, "qbo", on, NOW, "ana")


def test_the_recording_switch_is_off_until_somebody_says_so_and_each_change_is_logged(database: Database) -> None:
    connect(database)
    assert [switch(database, True), switch(database, True)] == [True, False]
    assert passport(database).records is True
    disconnect(database, NOW)
    assert passport(database).records is False, "a new consent starts with the switch off"
    assert lines(database) == ["connection.connected", "connection.records_switched", "connection.disconnected"]


def lost(database: Database) -> None:
    with database.writing(ALDER) as session:
        connections.mark_trouble(session, ALDER, "qbo", "no longer accepted", NOW)


@pytest.mark.parametrize("ended", [lost, lambda database: disconnect(database, NOW)], ids=["lost", "disconnected"])
def test_recording_is_not_switched_on_over_a_connection_that_does_not_work(
    database: Database, ended: Callable[[Database], None]
) -> None:
    connect(database)
    ended(database)
    with pytest.raises(Refused, match="connect it again first"):
        switch(database, True)
    assert switch(database, False) is False
