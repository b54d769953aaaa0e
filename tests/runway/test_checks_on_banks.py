"""Banks' word against the books': what is found, and what is left alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.checks import examine
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.witnessed import (
    AccountDrift,
    BankAccountEntry,
    Feed,
    LineEntry,
    Uncleared,
    Witnessed,
)
from tests.runway.entries import LINKS, TODAY, ago

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
CHECKING = BankAccountEntry("a1", "item1", "Harbor Bank", "Checking", "4821", "depository", "USD", 9_000_00, ("35",))


def found(rule: str, **seen: Any) -> list[Finding]:
    said: dict[str, Any] = {"accounts": (CHECKING,), "linked": frozenset({"plaid"}), **seen}
    books = Books(today=TODAY, home_currency="USD", witnessed=Witnessed(NOW, **said))
    return [each for each in examine(books, LINKS) if each.rule.id == rule]


def line(id_: str, days: int, minor: int, **more: Any) -> LineEntry:
    said: dict[str, Any] = {
        "currency": "USD", "name": "Copperfield Freight", "pending": False, "pending_id": None, "matched": False, **more,
    }  # fmt: skip
    return LineEntry(id_, "a1", ago(days), minor, **said)


def feed(**more: Any) -> Feed:
    said: dict[str, Any] = {"trouble": None, "lines_at": NOW - timedelta(hours=3), "ends_at": None, **more}
    return Feed("item1", "Harbor Bank", **said)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"trouble": "The bank wants the login again."}, "no longer lets us in"),
        ({"ends_at": NOW + timedelta(days=6)}, "ends on 30 Nov"),
        ({"lines_at": NOW - timedelta(hours=25)}, "no new lines"),
        ({"lines_at": None}, "no new lines"),
    ],
)
def test_a_feed_that_is_dead_stale_or_ending(more: dict[str, Any], says: str) -> None:
    (one,) = found("C02", feeds=(feed(**more),))
    assert says in one.title
    assert str(one.stake) == "9,000.00", "what the login's accounts hold is what is at stake"


def test_a_fresh_feed_is_no_finding() -> None:
    assert found("C02", feeds=(feed(ends_at=NOW + timedelta(days=8)),)) == []


@pytest.mark.parametrize(
    ("residual", "outflow", "finds"), [(5_000, 0, 0), (5_001, 0, 1), (-6_000, 3_000_000, 0), (7_501, 3_000_000, 1)]
)
def test_drift_counts_beyond_fifty_or_a_quarter_of_a_percent_of_outflow(
    residual: int, outflow: int, finds: int
) -> None:
    drift = AccountDrift("a1", "35", CHECKING.spoken, "USD", 100_000 + residual, 90_000, 10_000, outflow)
    assert len(found("C04", drifts=(drift,))) == finds


@pytest.mark.parametrize(
    ("days", "check", "finds"),
    [(7, False, 0), (8, False, 1), (30, True, 0), (31, True, 1), (200, True, 1)],
)
def test_a_payment_that_does_not_clear(days: int, check: bool, finds: int) -> None:
    one = Uncleared("bill_payment", "77", "1043", "Quill Legal", ago(days), "USD", 815_000, check, "a1")
    findings = found("C05", uncleared=(one,))
    assert len(findings) == finds, "five business days (11 November is a holiday), thirty days for a check"
    if days == 200:
        assert "six months" in findings[0].reason


def test_a_line_nothing_explains_counts_after_five_business_days_and_from_the_control_start_on() -> None:
    assert len(found("C06", lines=(line("l1", 12, -2_500),))) == 1
    assert found("C06", lines=(line("l1", 3, -2_500),)) == [], "it may still be entered"
    assert found("C06", lines=(line("l1", 12, -2_500, matched=True),)) == []
    assert found("C06", lines=(line("l1", 12, -2_500, pending=True),)) == []
    assert found("C06", lines=(line("l1", 12, -2_500),), control_start=ago(10)) == []


def test_the_same_line_twice() -> None:
    twins = (line("l1", 3, -2_500), line("l2", 2, -2_500))
    assert len(found("C07", lines=twins)) == 1
    apart = (line("l1", 9, -2_500), line("l2", 2, -2_500))
    assert found("C07", lines=apart) == [], "a week apart they are two purchases"
    both = (line("l1", 3, -2_500, matched=True), line("l2", 2, -2_500, matched=True))
    assert found("C07", lines=both) == [], "the books know two payments"


def test_a_posted_line_beside_the_pending_one_it_came_from() -> None:
    lines = (line("p1", 3, -2_600, pending=True), line("l2", 2, -2_500, pending_id="p1"))
    (one,) = found("C07", lines=lines)
    assert one.subject.id == "p1"


def test_an_account_linked_to_nothing_and_two_linked_to_one() -> None:
    loose = BankAccountEntry("a2", "item1", "Harbor Bank", "Reserve", None, "depository", "USD", 5_00, ())
    assert [each.subject.id for each in found("C08", accounts=(CHECKING, loose))] == ["a2"]
    second = BankAccountEntry("a2", "item1", "Harbor Bank", "Reserve", None, "depository", "USD", 5_00, ("35",))
    (one,) = found("C08", accounts=(CHECKING, second))
    assert one.subject.id == "35"


def test_signs_that_oppose_the_books() -> None:
    assert len(found("C09", opposed={"a1": (1, 6)})) == 1
    assert found("C09", opposed={"a1": (40, 6)}) == [], "a few pairs cross by chance"
    assert found("C09", opposed={"a1": (0, 3)}) == []


def test_a_business_with_nothing_linked_has_no_finding_of_a_bank() -> None:
    books = Books(today=TODAY, home_currency="USD", witnessed=None)
    assert [each.rule.id for each in examine(books, LINKS)] == []
