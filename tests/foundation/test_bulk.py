"""Many rows at once are written as one row at a time would be, whichever path the database takes."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from interlock.domains.ap.models import Bill, PayableLine
from interlock.infra.db import Database, open_database
from interlock.infra.db.bulk import Bulk, among
from interlock.infra.db.types import instant_text, instant_texts
from interlock.kernel.scope import Scope
from tests.support.postgres import PostgresServer

BOOKS = Scope("firm_a", "biz_alder")
TABLE: Any = Bill.__table__
COLUMNS = tuple(TABLE.c.keys())
LINES: Any = PayableLine.__table__
LINE_COLUMNS = tuple(LINES.c.keys())
AT = datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=UTC)
# Text that COPY, a quoted literal or a careless join would each spoil in its own way.
AWKWARD = [
    "plain",
    "",
    "tab\there",
    "line\nbreak",
    "back\\slash",
    "\\N",
    "quote ' and \"",
    "%s ? :name",
    "🌲 Ünïcode",
    "a\r\nb",
]


def bill_row(number: int, *, minor: int = 0) -> tuple[Any, ...]:
    awkward = AWKWARD[number % len(AWKWARD)]
    said = {
        "firm_id": "firm_a",
        "business_id": "biz_alder",
        "id": str(number),
        "version": "0",
        "created_at": None if number % 3 else AT + timedelta(minutes=number),
        "updated_at": AT.astimezone(),
        "listing": 1,
        "digest": bytes(range(number % 256)),
        "buried_at": None,
        "number": awkward[:60],
        "dated": date(2026, 1, 1) + timedelta(days=number % 365),
        "currency": "USD",
        "exchange_rate": None,
        "total_minor": minor or (-1) ** number * (2**53 + number),
        "voided": bool(number % 2),
        "note": awkward,
        "vendor_id": None,
        "vendor_name": awkward,
        "due": None if number % 4 else date(2026, 12, 31),
        "balance_minor": number,
        "tax_minor": 0,
        "term_id": None,
        "control_account_id": None,
        "raw": bytes([0, 92, 39, 10, 255]) * (number % 7),
    }
    return tuple(said[name] for name in COLUMNS)


def rows_in(database: Database) -> list[tuple[Any, ...]]:
    with database.reading(BOOKS) as session:
        found = [tuple(row) for row in session.execute(select(*[TABLE.c[name] for name in COLUMNS]))]
    return sorted(found, key=lambda row: int(row[COLUMNS.index("id")]))


@pytest.mark.parametrize("number", [1, 99, 100, 101, 199, 200, 1_050])
def test_what_is_stored_in_bulk_is_what_was_given(database: Database, number: int) -> None:
    given = [bill_row(n) for n in range(number)]
    with database.writing(BOOKS) as session:
        Bulk(TABLE, COLUMNS).upsert(session, given)
    assert rows_in(database) == given


@pytest.mark.parametrize("number", [30, 250], ids=["a statement a row", "many at once"])
def test_bulk_writes_what_a_plain_insert_writes(database: Database, number: int) -> None:
    given = [bill_row(n) for n in range(number)]
    with database.writing(BOOKS) as session:
        session.execute(insert(TABLE), [dict(zip(COLUMNS, row, strict=True)) for row in given])
    plainly = rows_in(database)
    with database.writing(BOOKS) as session:
        session.execute(TABLE.delete())
        Bulk(TABLE, COLUMNS).insert(session, given)
    assert rows_in(database) == plainly


@pytest.mark.parametrize("odd", [None, AT, AT.replace(microsecond=0), AT.astimezone(timezone(timedelta(hours=-8)))])
def test_instants_read_the_same_however_many_are_written_at_once(odd: datetime | None) -> None:
    even = [AT.replace(microsecond=0) + timedelta(seconds=n) for n in range(3)]
    several = [even[0], None, odd, even[1], even[2]]
    assert instant_texts(several) == [None if value is None else instant_text(value) for value in several]
    assert instant_texts([]) == []


@pytest.mark.parametrize("number", [40, 400], ids=["few", "many"])
def test_an_upsert_replaces_rows_that_stand_and_adds_the_others(database: Database, number: int) -> None:
    bulk = Bulk(TABLE, COLUMNS)
    with database.writing(BOOKS) as session:
        bulk.upsert(session, [bill_row(n) for n in range(number)])
        bulk.upsert(session, [bill_row(n, minor=5) for n in range(number // 2, number + 10)])
    totals = [row[COLUMNS.index("total_minor")] for row in rows_in(database)]
    assert len(totals) == number + 10
    assert totals[number // 2 :] == [5] * (number // 2 + 10)
    assert 5 not in totals[: number // 2]


@pytest.mark.parametrize("number", [40, 400], ids=["few", "many"])
def test_what_none_of_the_rows_says_any_more_is_gone(database: Database, number: int) -> None:
    at = COLUMNS.index("note")
    silent = [(*row[:at], None, *row[at + 1 :]) for row in (bill_row(n) for n in range(number))]
    with database.writing(BOOKS) as session:
        Bulk(TABLE, COLUMNS).upsert(session, [bill_row(n) for n in range(number)])
        Bulk(TABLE, COLUMNS).upsert(session, silent)
    assert rows_in(database) == silent


@pytest.mark.parametrize("number", [40, 400], ids=["few", "many"])
def test_an_insert_of_a_row_that_stands_undoes_the_whole_step(database: Database, number: int) -> None:
    bulk = Bulk(TABLE, COLUMNS)
    with database.writing(BOOKS) as session:
        bulk.insert(session, [bill_row(7)])
    before = rows_in(database)
    with pytest.raises(DBAPIError), database.writing(BOOKS) as session:
        bulk.insert(session, [bill_row(n) for n in range(number)])
    assert rows_in(database) == before
    with database.writing(BOOKS) as session:  # the same connection again: nothing of the failed step may be left in it
        bulk.upsert(session, [bill_row(n) for n in range(number)])
    assert len(rows_in(database)) == number


def test_steps_of_one_connection_and_of_one_transaction_do_not_mix(database: Database) -> None:
    bills = Bulk(TABLE, COLUMNS)
    lines = Bulk(LINES, LINE_COLUMNS)
    line = {"firm_id": "firm_a", "business_id": "biz_alder", "document_kind": "bill", "kind": "x", "amount_minor": 1}
    with database.writing(BOOKS) as session:
        bills.upsert(session, [bill_row(n) for n in range(150)])
        lines.insert(
            session,
            [tuple({**line, "document_id": "1", "position": n}.get(name) for name in LINE_COLUMNS) for n in range(150)],
        )
        bills.upsert(session, [bill_row(n) for n in range(150, 320)])
    with database.writing(BOOKS) as session:
        bills.upsert(session, [bill_row(n) for n in range(320, 500)])
    assert [row[COLUMNS.index("id")] for row in rows_in(database)] == [str(n) for n in range(500)]


def test_two_column_lists_of_one_table_may_follow_each_other(database: Database) -> None:
    nullable = [name for name in COLUMNS if TABLE.c[name].nullable]
    short = tuple(name for name in COLUMNS if name not in nullable)
    keep = [COLUMNS.index(name) for name in short]
    with database.writing(BOOKS) as session:
        Bulk(TABLE, short).upsert(session, [tuple(bill_row(n)[at] for at in keep) for n in range(150)])
        Bulk(TABLE, COLUMNS).upsert(session, [bill_row(n) for n in range(150, 300)])
    assert len(rows_in(database)) == 300


@pytest.mark.parametrize("number", [50, 150], ids=["few", "many"])
def test_bulk_cannot_reach_into_other_peoples_books(postgres: PostgresServer, number: int) -> None:
    at = COLUMNS.index("firm_id")
    theirs = [(*row[:at], "firm_b", *row[at + 1 :]) for row in (bill_row(n) for n in range(number))]
    database = open_database(postgres.migrated_database())
    with pytest.raises(DBAPIError, match="row-level security"), database.writing(BOOKS) as session:
        Bulk(TABLE, COLUMNS).upsert(session, theirs)
    database.close()


def test_nothing_to_write_is_no_statement_and_an_unknown_column_is_a_mistake_of_ours(database: Database) -> None:
    with database.writing(BOOKS) as session:
        Bulk(TABLE, COLUMNS).upsert(session, [])
    assert rows_in(database) == []
    with pytest.raises(TypeError, match="no column colour"):
        Bulk(TABLE, ["id", "colour"])


@pytest.mark.parametrize("number", [0, 1, 3, 40_000])
def test_among_takes_any_number_of_values(database: Database, number: int) -> None:
    with database.writing(BOOKS) as session:
        Bulk(TABLE, COLUMNS).upsert(session, [bill_row(n) for n in range(5)])
    wanted = [str(n) for n in range(number)]
    with database.reading(BOOKS) as session:
        found = session.scalars(select(Bill.id).where(among(session, Bill.id, wanted)).order_by(Bill.id)).all()
    assert found == wanted[:5]
