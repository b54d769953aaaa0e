"""Books edited while they are listed, and rows that an older mapper wrote: nothing is lost between two pages (qbo.md §3)."""

from typing import Any

import pytest
from sqlalchemy import update

from interlock.rails import facts
from interlock.rails.connections import SyncState
from interlock.rails.facts import EDITION
from tests.rails.bookkeeping import Books


@pytest.fixture(scope="module")
def many(books: Books) -> list[str]:
    """Ids of enough customers for two pages."""
    return [books.customer(f"Customer number {number}") for number in range(1_040)]


def rig(books: Books, *changes: dict[str, Any], after: int = 1) -> None:
    books.control("edits-between-pages", {"entity": "Customer", "after": after, "changes": list(changes)})


def customer(name: str) -> dict[str, Any]:
    return {"operation": "create", "entity": "Customer", "body": {"DisplayName": name}}


@pytest.mark.usefixtures("many")
def test_a_row_made_while_its_kind_is_listed(books: Books) -> None:
    rig(books, customer("Made between pages"))
    books.sync(full=True)
    assert "Made between pages" in {row.name for row in books.rows(facts.Customer)}
    assert books.differences() == []


def test_rows_edited_while_their_kind_is_listed(books: Books, many: list[str]) -> None:
    edits = [
        {
            "operation": "update",
            "entity": "Customer",
            "id": id_,
            "body": {"DisplayName": f"Renamed between pages {id_}"},
        }
        for id_ in (many[3], many[700], many[-1])
    ]
    rig(books, *edits)
    books.sync(full=True)
    renamed = {row.id for row in books.rows(facts.Customer) if row.name.startswith("Renamed between pages")}
    assert renamed == {many[3], many[700], many[-1]}
    assert books.differences() == []


def test_rows_that_vanish_and_rows_that_come_while_their_kind_is_listed(books: Books, many: list[str]) -> None:
    """A merge takes a row out of the first page: every later row moves up by one."""
    merge = {"operation": "merge", "entity": "Customer", "winner": many[10], "loser": many[20], "trace": "none"}
    rig(books, merge, customer("Came as one went"))
    books.sync(full=True)
    assert books.row(facts.Customer, many[20]).buried_at is not None
    assert books.differences() == []


def test_rows_that_an_older_mapper_wrote_are_written_again_once(books: Books) -> None:
    books.sync()
    with books.house.database.writing(books.scope) as session:
        session.execute(
            update(SyncState).where(SyncState.business_id == books.scope.business_id).values(edition=EDITION - 1)
        )
    assert books.sync().mode == "full"
    assert books.sync().mode == "changes"
