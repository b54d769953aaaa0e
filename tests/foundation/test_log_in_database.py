"""The log in its database: it commits with the change it tells of, never forks, and no line of it can be taken back."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from interlock.infra import translog
from interlock.infra.db import Database
from interlock.infra.translog import GENESIS, LogLine
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails.connections import SyncState
from tests.support.at_once import at_once
from tests.support.log_attacks import attacks_on, refused

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ALDER = Scope("firm_a", "biz_alder")
BIRCH = Scope("firm_a", "biz_birch")
EVERYTHING = SystemScope("tests look at everything")


def add(session: Any, scope: Scope, action: str = "bill.held", **body: Any) -> str:
    return translog.append(session, scope, now=NOW, actor="ana", action=action, body=body)


def state(scope: Scope) -> SyncState:
    return SyncState(
        firm_id=scope.firm_id, business_id=scope.business_id, rail="qbo", listing=0, since=None, progress="null"
    )


def test_a_change_and_its_line_commit_together(database: Database) -> None:
    with database.writing(ALDER) as session:
        session.add(state(ALDER))
        said = add(session, ALDER)
    with database.reading(ALDER) as session:
        assert session.get(SyncState, ("biz_alder", "qbo")) is not None
        assert translog.head(session, "biz_alder") == (1, said)


def test_a_change_that_is_undone_leaves_neither_row_nor_line(database: Database) -> None:
    def half_way() -> None:
        with database.writing(ALDER) as session:
            session.add(state(ALDER))
            add(session, ALDER)
            session.flush()
            raise LookupError("something went wrong after both were written")

    with pytest.raises(LookupError):
        half_way()
    with database.reading(ALDER) as session:
        assert session.get(SyncState, ("biz_alder", "qbo")) is None
        assert translog.head(session, "biz_alder") == (0, GENESIS)


def test_a_line_that_cannot_be_written_undoes_its_change(database: Database) -> None:
    def change() -> None:
        with database.writing(ALDER) as session:
            session.add(state(ALDER))
            add(session, ALDER, amount=1.5)

    with pytest.raises(TypeError, match="floats"):
        change()
    with database.reading(ALDER) as session:
        assert session.get(SyncState, ("biz_alder", "qbo")) is None


def test_each_business_and_the_firm_have_a_chain_of_their_own(database: Database) -> None:
    for scope in (ALDER, BIRCH, ALDER, Scope("firm_a"), BIRCH, ALDER):
        with database.writing(scope) as session:
            add(session, scope)
    with database.reading(Scope("firm_a")) as session:
        heads = {chain: translog.head(session, chain)[0] for chain in ("biz_alder", "biz_birch", "firm_a")}
        assert heads == {"biz_alder": 3, "biz_birch": 2, "firm_a": 1}
        for chain in heads:
            assert translog.verify(translog.lines(session, chain))[1] == []


def test_many_lines_of_one_step_are_chained_in_order(database: Database) -> None:
    entries = [("mirror.deleted", {"id": str(n), "name": "Ünïcode „naïve” 🌲\0"}) for n in range(250)]
    with database.writing(ALDER) as session:
        last = translog.append_many(session, ALDER, now=NOW, actor="sync", entries=entries)
        assert translog.append_many(session, ALDER, now=NOW, actor="sync", entries=[]) == last
    with database.reading(ALDER) as session:
        heads, breaks = translog.verify(translog.lines(session, "biz_alder"), {"biz_alder": (250, last)})
        assert (heads, breaks) == ({"biz_alder": (250, last)}, [])
        assert [line.seq for line in translog.lines(session, "biz_alder", after=247)] == [248, 249, 250]
        assert len(list(translog.lines(session, "biz_alder", most=10))) == 10


def test_writers_who_meet_never_fork_a_chain(database: Database) -> None:
    """Each reads the head before either commits, were there nothing to hold it."""
    writers, rounds = 4, 15
    start = threading.Barrier(writers)

    def write(number: int) -> None:
        start.wait()
        for turn in range(rounds):
            with database.writing(ALDER) as session:
                session.execute(text("SELECT 1"))
                add(session, ALDER, writer=number, turn=turn)

    at_once(writers, write)
    with database.reading(ALDER) as session:
        heads, breaks = translog.verify(translog.lines(session, "biz_alder"))
    assert breaks == []
    assert heads["biz_alder"][0] == writers * rounds


def test_no_line_can_be_taken_back_by_the_app(database: Database) -> None:
    with database.writing(ALDER) as session:
        add(session, ALDER)
    # The app's role lacks the right altogether; where a role has it, the triggers refuse (see the migrations' tests).
    why = "permission denied" if database.dialect == "postgresql" else "append-only"
    for name, attack in attacks_on(database, chain="biz_alder"):
        with database.engine.begin() as connection, refused(name, saying=why):
            connection.exec_driver_sql(attack)
    with database.reading(EVERYTHING) as session:
        assert translog.verify(translog.lines(session, "biz_alder"))[0]["biz_alder"][0] == 1


def test_sqlite_offers_no_row_number_to_replace_a_line_by(sqlite_database: Database) -> None:
    database = sqlite_database
    with database.writing(ALDER) as session:
        add(session, ALDER)
    columns = "rowid, firm_id, chain, seq, at, actor, action, body, prev, hash"
    attack = f"INSERT OR REPLACE INTO translog ({columns}) VALUES (1, 'f', 'elsewhere', 9, '', '', '', '', '', '')"
    with database.engine.begin() as connection, refused("a replace by row number", saying="no column named rowid"):
        connection.exec_driver_sql(attack)
    with database.reading(ALDER) as session:
        assert session.scalars(select(LogLine.chain)).all() == ["biz_alder"]


def test_instants_stand_in_the_log_as_utc_text_and_never_without_a_zone(database: Database) -> None:
    with database.writing(ALDER) as session:
        add(session, ALDER)
    with database.reading(ALDER) as session:
        (line,) = translog.lines(session, "biz_alder")
    assert line.at == "2026-11-24T09:30:00.000000+00:00"
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"), database.writing(ALDER) as session:
        translog.append(session, ALDER, now=naive, actor="ana", action="bill.held", body={})
