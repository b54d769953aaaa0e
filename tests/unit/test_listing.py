"""A listing misses no row that stands, however the books move while it runs."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.domains.qbo.rail import QBORail
from interlock.domains.qbo.services.listing import Listed, Place, list_kinds
from interlock.rails import facts
from interlock.rails.errors import Unavailable
from interlock.rails.facts import Fact, Page
from interlock.rails.reads import PAGE_ROWS
from tests.support.ledger_facts import SAID_AT, term


class BooksInMemory(QBORail):
    """A company whose rows stand in lists. ``at_call`` changes them as the numbered page request (1, 2, …) arrives."""

    def __init__(self, *, terms: int = 0, vendors: int = 0) -> None:
        self.rows: dict[type[Fact], list[str]] = {
            facts.Term: [str(n) for n in range(1, terms + 1)],
            facts.Vendor: [str(n) for n in range(1, vendors + 1)],
        }
        self.at_call: dict[int, Callable[[], None]] = {}
        self.calls = self.running = self.most_running = 0

    async def _page(self, kind: type[Fact], start: int) -> Page:
        self.calls += 1
        self.at_call.pop(self.calls, lambda: None)()
        rows = self.rows[kind][start - 1 : start - 1 + PAGE_ROWS]
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(0)
            return Page(kind, tuple(term(id_) for id_ in rows), SAID_AT)
        finally:
            self.running -= 1

    def delete(self, kind: type[Fact], *ids: str) -> Callable[[], None]:
        def gone() -> None:
            self.rows[kind] = [id_ for id_ in self.rows[kind] if id_ not in ids]

        return gone

    def listed(self, places: Mapping[type[Fact], Place], counts: dict[type[Fact], int] | None = None) -> list[Listed]:
        expected = counts if counts is not None else {kind: len(rows) for kind, rows in self.rows.items()}

        async def all_of() -> list[Listed]:
            return [listed async for listed in list_kinds(self, list(places.items()), expected)]

        return asyncio.run(all_of())


def ids(listed: list[Listed], kind: type[Fact] = facts.Term) -> list[str]:
    return [fact.id for part in listed if part.page.kind is kind for fact in part.page.facts]


BEGINNING: dict[type[Fact], Place] = {facts.Term: Place()}


@pytest.mark.parametrize("rows", [1, 999, 1000, 1001, 1998, 1999, 2000, 2997, 2998, 2999])
@pytest.mark.parametrize("told", [1, 500, 1000, 2000, 5000])
def test_every_row_comes_once_whatever_the_total_said_beforehand(rows: int, told: int) -> None:
    books = BooksInMemory(terms=rows)
    listed = books.listed(BEGINNING, {facts.Term: told})
    assert ids(listed) == books.rows[facts.Term]
    assert [part.place is None for part in listed] == [False] * (len(listed) - 1) + [True], "only the last page ends it"


def test_a_row_deleted_before_a_page_boundary_hides_no_row_behind_it() -> None:
    books = BooksInMemory(terms=2500)
    books.at_call[2] = books.delete(facts.Term, "7")
    listed = books.listed(BEGINNING, {facts.Term: 1})
    assert "1000" in ids(listed)
    assert set(ids(listed)) >= set(books.rows[facts.Term])
    assert ids(listed).count("1") == 2, "the kind is listed anew once the seam doesn't fit"


def test_deletions_that_leave_no_next_page_are_noticed_too() -> None:
    books = BooksInMemory(terms=1001)
    books.at_call[2] = books.delete(facts.Term, "5", "6")
    assert "1001" in ids(books.listed(BEGINNING, {facts.Term: 1001})), (
        "two rows went, so the second page was empty and row 1001 slid onto the first: list again"
    )


def test_a_listing_goes_on_from_where_it_stood() -> None:
    books = BooksInMemory(terms=2500)
    assert ids(books.listed({facts.Term: Place(1000, "1000")})) == books.rows[facts.Term][1000:]


def test_a_place_that_no_longer_fits_begins_again() -> None:
    books = BooksInMemory(terms=2500)
    books.delete(facts.Term, "3")()
    assert set(ids(books.listed({facts.Term: Place(1000, "1000")}))) == set(books.rows[facts.Term])


def test_kinds_come_in_order_and_one_that_starts_again_does_not_cost_another_its_rows() -> None:
    books = BooksInMemory(terms=3500, vendors=3500)
    books.at_call[2] = books.delete(facts.Term, "1", "2")
    listed = books.listed({facts.Term: Place(), facts.Vendor: Place()})
    assert set(ids(listed)) >= set(books.rows[facts.Term])
    assert ids(listed, facts.Vendor) == books.rows[facts.Vendor]


def test_books_that_never_hold_still_are_given_up_on_with_a_sentence() -> None:
    books = BooksInMemory(terms=3500)
    for call in range(2, 200):
        books.at_call[call] = books.delete(facts.Term, str(call))
    with pytest.raises(Unavailable, match="edited faster"):
        books.listed(BEGINNING, {facts.Term: 1})


def test_no_more_pages_are_asked_for_at_once_than_intuit_lets_run() -> None:
    books = BooksInMemory(terms=30_000)
    books.listed(BEGINNING)
    assert 1 < books.most_running <= 10


def test_leaving_early_leaves_nothing_running() -> None:
    async def story() -> set["asyncio.Task[object]"]:
        pages = list_kinds(BooksInMemory(terms=9_000), list(BEGINNING.items()), {facts.Term: 9_000})
        async for _ in pages:
            break
        await cast("AsyncGenerator[Listed, None]", pages).aclose()
        await asyncio.sleep(0)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(story()) == set()


@settings(deadline=None, max_examples=80)
@given(
    rows=st.sampled_from([999, 1000, 1001, 1002, 1999, 2000, 2003, 3100]),
    told=st.sampled_from([1, 1000, 2000, 4000]),
    deletions=st.dictionaries(
        st.integers(1, 7), st.lists(st.integers(1, 3100).map(str), min_size=1, max_size=4), max_size=4
    ),
)
def test_no_standing_row_is_ever_missed(rows: int, told: int, deletions: dict[int, list[str]]) -> None:
    books = BooksInMemory(terms=rows, vendors=1500)
    for call, gone in deletions.items():
        books.at_call[call] = books.delete(facts.Term, *gone)
    listed = books.listed({facts.Term: Place(), facts.Vendor: Place()}, {facts.Term: told, facts.Vendor: 1500})
    missed = set(books.rows[facts.Term]) - set(ids(listed))
    assert not missed, f"rows {sorted(missed)} stand in the books and were never listed"
    assert set(ids(listed, facts.Vendor)) == set(books.rows[facts.Vendor])
