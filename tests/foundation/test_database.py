"""Transactions: no update is lost, a reader sees one moment and changes nothing, a failed block leaves nothing."""

import stat
from datetime import UTC, datetime

import pytest
from sqlalchemy import Executable, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from interlock.domains.firm.models import Firm, Installation
from interlock.infra.db import Database, DatabaseBroken
from interlock.kernel.scope import SystemScope
from tests.support.at_once import at_once

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EVERYTHING = SystemScope("tests look at everything")
THREADS, TURNS = 4, 100


def counter(database: Database) -> int:
    with database.reading(EVERYTHING) as session:
        return session.scalars(select(Installation.clock_offset_seconds)).one()


@pytest.fixture
def counting(database: Database) -> Database:
    with database.writing(EVERYTHING) as session:
        session.add(
            Installation(id=1, demo=False, clock_url=None, clock_offset_seconds=0, key_check=b"", created_at=NOW)
        )
    return database


def test_what_several_threads_read_and_then_write_is_never_lost(counting: Database) -> None:
    def add(_: int) -> None:
        for _turn in range(TURNS):
            with counting.writing(EVERYTHING) as session:
                # On PostgreSQL writers of other rows don't wait for each other, so a row read to be changed is locked.
                found = session.scalars(select(Installation).with_for_update()).one()
                found.clock_offset_seconds += 1

    at_once(THREADS, add)
    assert counter(counting) == THREADS * TURNS


def test_on_sqlite_a_writer_has_the_database_to_itself_from_its_first_read(sqlite_database: Database) -> None:
    with sqlite_database.writing(EVERYTHING) as session:
        session.add(
            Installation(id=1, demo=False, clock_url=None, clock_offset_seconds=0, key_check=b"", created_at=NOW)
        )

    def add(_: int) -> None:
        for _turn in range(TURNS):
            with sqlite_database.writing(EVERYTHING) as session:
                seen = session.scalars(select(Installation.clock_offset_seconds)).one()
                session.execute(update(Installation).values(clock_offset_seconds=seen + 1))

    at_once(THREADS, add)
    assert counter(sqlite_database) == THREADS * TURNS, "a deferred BEGIN loses most of these without an error"


def add_firm(database: Database, name: str) -> None:
    with database.writing(EVERYTHING) as session:
        session.add(Firm(firm_id=name, name=name, created_at=NOW))


def test_a_new_sqlite_file_is_its_owners_alone(sqlite_database: Database) -> None:
    path = sqlite_database.path
    assert path is not None
    with sqlite_database.writing(EVERYTHING) as session:
        session.execute(delete(Firm))
        kept = {
            each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.glob(f"{path.name}*") if each.is_file()
        }
    assert len(kept) == 3 and set(kept.values()) == {0o600}, (
        f"clients' books are for nobody else on this machine: {kept}"
    )


def test_a_reader_sees_one_moment_however_long_it_looks(database: Database) -> None:
    add_firm(database, "before")
    count = select(func.count()).select_from(Firm)
    with database.reading(EVERYTHING) as session:
        assert session.execute(count).scalar_one() == 1
        add_firm(database, "meanwhile")
        assert session.execute(count).scalar_one() == 1, "a page's two queries must speak of the same moment"
    with database.reading(EVERYTHING) as session:
        assert session.execute(count).scalar_one() == 2


@pytest.mark.parametrize(
    "statement",
    [
        insert(Firm).values(firm_id="new", name="new", created_at=NOW),
        update(Firm).values(name="changed"),
        delete(Firm),
    ],
    ids=["insert", "update", "delete"],
)
def test_a_reader_cannot_write(database: Database, statement: Executable) -> None:
    add_firm(database, "standing")
    with pytest.raises((DBAPIError, DatabaseBroken)), database.reading(EVERYTHING) as session:
        session.execute(statement)
    with database.reading(EVERYTHING) as session:
        assert session.scalars(select(Firm.name)).all() == ["standing"]


def test_a_reader_keeps_nothing_it_was_handed(database: Database) -> None:
    with database.reading(EVERYTHING) as session:
        session.add(Firm(firm_id="new", name="new", created_at=NOW))
    with database.reading(EVERYTHING) as session:
        assert session.scalars(select(Firm)).all() == []


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    add_firm(database, "before")
    with database.writing(EVERYTHING) as writer:
        writer.add(Firm(firm_id="unfinished", name="unfinished", created_at=NOW))
        writer.flush()
        with database.reading(EVERYTHING) as reader:
            assert reader.scalars(select(Firm.name)).all() == ["before"]


def test_a_block_that_fails_leaves_nothing(database: Database) -> None:
    def fails() -> None:
        with database.writing(EVERYTHING) as session:
            session.add(Firm(firm_id="half", name="half", created_at=NOW))
            session.flush()
            raise LookupError("half way")

    with pytest.raises(LookupError):
        fails()
    with database.reading(EVERYTHING) as session:
        assert session.scalars(select(Firm)).all() == []


def test_instants_come_back_aware_and_equal_on_both_databases(database: Database) -> None:
    instant = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    with database.writing(EVERYTHING) as session:
        session.add(Firm(firm_id="a", name="a", created_at=instant))
    with database.reading(EVERYTHING) as session:
        found = session.scalars(select(Firm.created_at)).one()
    assert (found, found.tzinfo) == (instant, UTC)


def test_money_beyond_what_a_float_holds_is_kept_to_the_cent(counting: Database) -> None:
    exact = 9_007_199_254_740_993  # 2**53 + 1
    with counting.writing(EVERYTHING) as session:
        session.execute(update(Installation).values(clock_offset_seconds=exact))
    assert counter(counting) == exact
