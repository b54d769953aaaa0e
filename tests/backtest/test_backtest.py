"""The path against what happened: issued on days long past with what was known then, for every client but the two whose books or

money are in disorder. What is pooled holds for the method; a single client may do better or worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from interlock_sandbox.world import build
from tests.backtest.books_then import BooksThen, read
from tests.backtest.issuing import Issue, issue, said_by

AS_OF = date(2026, 11, 24)
SEEDS = (7, 11)
ISSUED_DAYS_AGO = (75, 105, 135, 165)
HORIZON_DAYS = (7, 14, 28)
NOT_ORDINARY = frozenset({"in trouble", "messy"})


@pytest.fixture(scope="module")
def ordinary() -> Sequence[BooksThen]:
    return [
        read(client)
        for seed in SEEDS
        for client in build(seed=seed, clients=12, as_of=AS_OF).clients
        if client.character not in NOT_ORDINARY
    ]


@pytest.fixture(scope="module")
def issues(ordinary: Sequence[BooksThen]) -> Sequence[Issue]:
    return [issue(books, AS_OF - timedelta(days=ago)) for books in ordinary for ago in ISSUED_DAYS_AGO]


@pytest.mark.parametrize("days", HORIZON_DAYS)
def test_cash_from_what_was_known_at_issue_holds_above_its_downside(issues: Sequence[Issue], days: int) -> None:
    held = 0
    for each in issues:
        until = each.today + timedelta(days=days)
        held += each.came_by(until) >= each.known_by(until, late=True)
    print(f"{days} days: cash from known items above its p80 in {held} of {len(issues)} paths")
    assert held * 100 >= 75 * len(issues)


def test_four_of_five_receipts_are_there_by_their_p80_date(issues: Sequence[Issue]) -> None:
    by_likely = by_late = placed = 0
    for each in issues:
        for flow, came in each.arrivals():
            if flow.late < AS_OF:  # later ones can't have been seen to come
                placed += 1
                by_likely += came is not None and came <= flow.likely
                by_late += came is not None and came <= flow.late
    print(f"{placed} receipts: {by_likely / placed:.1%} there by p50, {by_late / placed:.1%} by p80")
    assert placed > 1000
    assert 72 * placed <= by_late * 100 <= 88 * placed


def test_nothing_known_later_moves_a_path(ordinary: Sequence[BooksThen]) -> None:
    """Books cut off on the day of issue give the same path: nothing out of the future went into it."""
    books, today = ordinary[0], AS_OF - timedelta(days=ISSUED_DAYS_AGO[0])
    cut = BooksThen(books.name, accounts=books.accounts)
    cut.invoices = [row for row in books.invoices if row["TxnDate"] <= today.isoformat()]
    cut.bills = [row for row in books.bills if row["TxnDate"] <= today.isoformat()]
    cut.receipts = [part for part in books.receipts if part.dated <= today]
    cut.waits = [(receipt, on if on <= today else date.max) for receipt, on in books.waits if receipt.dated <= today]
    cut.movements = [each for each in books.movements if each.dated <= today]
    cut.takings = [each for each in books.takings if each.dated <= today]
    for there, here in (
        (books.settled_in, cut.settled_in),
        (books.settled_out, cut.settled_out),
        (books.card, cut.card),
    ):
        for key, parts in there.items():
            here[key] = [(on, minor) for on, minor in parts if on <= today]
    then, now = issue(books, today), issue(cut, today)
    assert then.known and then.guessed
    assert (now.known, now.guessed) == (then.known, then.guessed)


def test_the_whole_balance_is_reported(issues: Sequence[Issue]) -> None:
    """How wide the band is, and how often the whole balance kept above it: said, and no promise, but the band is one."""
    for days in HORIZON_DAYS:
        above = width = 0
        for each in issues:
            until = each.today + timedelta(days=days)
            start = each.books.balance(each.today)
            likely, late = (
                start + each.known_by(until, late=late) + said_by(each.guessed, until, late=late)
                for late in (False, True)
            )
            assert late <= likely, f"{each.books.name}: p80 above p50 on {until}"
            above += each.books.balance(until) >= late
            width += likely - late
        print(f"{days} days: balance above p80 in {above} of {len(issues)}; band {width / len(issues) / 100:,.0f} wide")
