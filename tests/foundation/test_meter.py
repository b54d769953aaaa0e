"""Metered reads are counted with the work that made them, by business and month, whoever counts at the same time."""

from datetime import UTC, datetime, timedelta

import pytest

from interlock.infra.crypto import Vault, new_key
from interlock.infra.db import Database
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections, meter
from interlock.rails.connections import Grant
from tests.support.at_once import at_once

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EVERYTHING = SystemScope("tests look at everything")
ALDER, BIRCH, CEDAR = Scope("firm_a", "biz_alder"), Scope("firm_a", "biz_birch"), Scope("firm_b", "biz_cedar")


def read(database: Database, scope: Scope, reads: int, now: datetime = NOW) -> None:
    with database.writing(scope) as session:
        meter.count(session, scope, "qbo", reads, now)


def used(database: Database, firm_id: str | None, month: str = "2026-11") -> int:
    with database.reading(EVERYTHING if firm_id is None else Scope(firm_id)) as session:
        return meter.used(session, firm_id, "qbo", month)


def test_reads_add_up_by_firm_and_over_the_installation(database: Database) -> None:
    assert used(database, None) == 0
    read(database, ALDER, 17)
    read(database, ALDER, 1)
    read(database, BIRCH, 5)
    read(database, CEDAR, 100)
    read(database, CEDAR, 0)
    assert (used(database, "firm_a"), used(database, "firm_b"), used(database, None)) == (23, 100, 123)


def test_months_are_utc_and_apart(database: Database) -> None:
    read(database, ALDER, 1, datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
    read(database, ALDER, 2, datetime(2026, 11, 30, 18, 0, tzinfo=UTC) + timedelta(hours=6))
    assert (used(database, "firm_a"), used(database, "firm_a", "2026-12")) == (1, 2)


def test_work_that_is_undone_was_not_counted(database: Database) -> None:
    def fails() -> None:
        with database.writing(ALDER) as session:
            meter.count(session, ALDER, "qbo", 9, NOW)
            raise LookupError("in the middle")

    with pytest.raises(LookupError):
        fails()
    assert used(database, None) == 0


def test_counting_at_the_same_time_loses_nothing(database: Database) -> None:
    def five_times(number: int) -> None:
        for _ in range(5):
            read(database, ALDER, number + 1)

    at_once(4, five_times)
    assert used(database, "firm_a") == 5 * (1 + 2 + 3 + 4)


def test_the_room_is_shared_by_those_who_are_connected(database: Database) -> None:
    vault = Vault.from_text(new_key())
    with database.writing(EVERYTHING) as session:
        for scope, realm in ((ALDER, "111"), (BIRCH, "222"), (CEDAR, "333")):
            grant = Grant("RT-of-a-fictional-company")
            connections.connect(session, scope, vault, rail="qbo", external_id=realm, grant=grant, now=NOW, actor="ana")
        connections.mark_trouble(session, BIRCH, "qbo", "QuickBooks no longer accepts this connection.", NOW)
    read(database, ALDER, 40)
    with database.reading(EVERYTHING) as session:
        assert meter.room(session, "qbo", 500_000, NOW) == meter.Room(40, 500_000, 2)
