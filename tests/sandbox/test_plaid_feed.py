"""Cursors into what Plaid has seen: every change once, in order, and none lost when lines move between two pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from interlock_sandbox.bank.model import BankLine
from interlock_sandbox.plaid.feed import BadCursor, Cursor, Feed, Stale, cursor_of

DAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
START = Cursor("item", "", 0)


def line(number: int, *, account: str = "one", posts: datetime = NOW, pending: datetime | None = None) -> BankLine:
    return BankLine(f"line {number}", account, -100 * number, "USD", f"LINE {number}", pending, posts, DAY)


def shown(feed: Feed, cursor: Cursor, count: int = 500) -> list[tuple[str, str]]:
    return [(each.kind, each.line.name) for each in feed.page(cursor, count).changes]


def test_pages_tell_everything_once() -> None:
    feed = Feed("item")
    feed.look([line(number) for number in range(1, 8)], NOW)
    names: list[str] = []
    cursor, more = START, True
    while more:
        page = feed.page(cursor, 3)
        names += [each.line.name for each in page.changes]
        cursor, more = page.cursor, page.more
    assert names == [f"LINE {number}" for number in range(1, 8)]
    assert cursor_of(cursor.text(), "item", "") == cursor
    assert feed.page(cursor, 3).changes == []


def test_a_pending_line_is_taken_back_when_it_posts() -> None:
    feed = Feed("item")
    pending = line(1, pending=NOW, posts=LATER)
    feed.look([pending], NOW)
    first = feed.page(START, 10)
    assert first.changes[0].pending
    feed.look([pending], LATER)
    removed, added = feed.page(first.cursor, 10).changes
    assert (removed.kind, added.kind) == ("removed", "added")
    assert added.pending_transaction_id == removed.transaction_id == first.changes[0].transaction_id
    assert shown(feed, START) == [("added", "LINE 1")], "who starts anew is told of the posted one only"


def test_a_correction_is_told_as_one_and_a_new_line_as_new() -> None:
    feed = Feed("item")
    feed.look([line(1)], NOW)
    known = feed.page(START, 10).cursor
    corrected = replace(line(1), name="LINE 1 LTD")
    feed.look([corrected, line(2)], NOW)
    feed.look([corrected, replace(line(2), amount_minor=-7)], NOW)
    assert shown(feed, known) == [("modified", "LINE 1 LTD"), ("added", "LINE 2")]
    feed.look([], NOW)
    assert shown(feed, known) == [("removed", "LINE 1 LTD")]
    assert shown(feed, START) == []


def test_lines_that_move_between_pages_stop_the_caller_and_a_new_start_shows_all() -> None:
    feed = Feed("item")
    feed.look([line(number) for number in range(1, 5)], NOW)
    page = feed.page(START, 2)
    feed.look([line(number) for number in range(1, 6)], NOW)
    with pytest.raises(Stale):
        feed.page(page.cursor, 2)
    assert len(shown(feed, START)) == 5


def test_a_cursor_belongs_to_one_item_and_account() -> None:
    feed = Feed("item")
    feed.look([line(1), line(2, account="two")], NOW)
    only = Cursor("item", "two", 0)
    assert shown(feed, only) == [("added", "LINE 2")]
    for text in ("", "%%%", Cursor("other", "two", 0).text(), Cursor("item", "", 0).text(), "bm8="):
        with pytest.raises(BadCursor):
            cursor_of(text, "item", "two")
