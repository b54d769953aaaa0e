"""One bill on two rails, vendors across them, and how far back a rail can be read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.runway.services.calculators.books import Books, VendorEntry
from interlock.runway.services.calculators.checks import examine
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.witnessed import RailBillEntry, RailVendorEntry, Witnessed
from tests.runway.entries import LINKS, TODAY, bill

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
VENDOR = VendorEntry("v1", "Copperfield Freight", True)


def found(rule: str, *, vendors: tuple[VendorEntry, ...] = (VENDOR,), bills: Any = None, **seen: Any) -> list[Finding]:
    said: dict[str, Any] = {"linked": frozenset({"ramp"}), **seen}
    books = Books(
        today=TODAY,
        home_currency="USD",
        bills=(bill(),) if bills is None else bills,
        vendors={each.id: each for each in vendors},
        witnessed=Witnessed(NOW, **said),
    )
    return [each for each in examine(books, LINKS) if each.rule.id == rule]


def there(**more: Any) -> RailBillEntry:
    """An open bill that both sides show alike."""
    said: dict[str, Any] = {
        "number": "N-1", "vendor_name": "Copperfield Freight", "currency": "USD", "total_minor": 10_000, "paid": False,
        "paid_at": None, "payment_synced": False, "scheduled": False, "made_by_program": False, "approved": False,
        "ledger_id": "1", "ledger_number": "N-1", "ledger_vendor": "Copperfield Freight", "ledger_currency": "USD",
        "ledger_total_minor": 10_000, "ledger_balance_minor": 10_000, **more,
    }  # fmt: skip
    return RailBillEntry("rb1", **said)


def test_a_bill_that_both_sides_show_alike_is_no_finding() -> None:
    for rule in ("X01", "X02", "X03", "X13", "X14"):
        assert found(rule, rail_bills=(there(),)) == [], rule


@pytest.mark.parametrize(("hours", "finds"), [(23, 0), (25, 1)])
def test_paid_there_and_open_here_for_a_day(hours: int, finds: int) -> None:
    one = there(paid=True, paid_at=NOW - timedelta(hours=hours))
    assert len(found("X01", rail_bills=(one,))) == finds


def test_paid_there_and_settled_here_is_done_whatever_the_sync_says() -> None:
    one = there(paid=True, paid_at=NOW - timedelta(days=3), ledger_balance_minor=0)
    assert found("X01", rail_bills=(one,)) == []


def test_paid_here_and_about_to_be_paid_there_stops_everything() -> None:
    (one,) = found("X02", rail_bills=(there(ledger_balance_minor=0, scheduled=True),))
    assert one.severity == "critical"
    assert found("X02", rail_bills=(there(ledger_balance_minor=0),)) == [], "nothing is instructed, so nothing goes out"


@pytest.mark.parametrize(
    "more",
    [
        {"total_minor": 10_500},
        {"number": "N-77"},
        {"currency": "EUR"},
        {"vendor_agrees": False, "ledger_vendor": "Somebody Else"},
    ],
)
def test_the_same_bill_told_in_two_ways(more: dict[str, Any]) -> None:
    assert len(found("X03", rail_bills=(there(**more),))) == 1


def test_a_hundred_times_as_much_is_a_unit_and_not_a_disagreement() -> None:
    one = there(total_minor=1_000_000)
    assert len(found("X14", rail_bills=(one,))) == 1
    assert found("X03", rail_bills=(one,)) == []


def test_numbers_that_differ_in_writing_only_agree() -> None:
    assert found("X03", rail_bills=(there(number="n 1"),)) == []


def test_bills_made_by_a_program_came_in_approved() -> None:
    (one,) = found("X13", rail_bills=(there(made_by_program=True, approved=True),))
    assert str(one.stake) == "100.00"


def test_books_not_read_for_a_month() -> None:
    assert len(found("X12", synced={"qbo": NOW - timedelta(days=26)})) == 1
    assert found("X12", synced={"qbo": NOW - timedelta(days=24)}) == []


def test_a_vendor_the_rail_can_not_pay() -> None:
    assert len(found("V02")) == 1, "it is no vendor there"
    assert len(found("V02", rail_vendors=(RailVendorEntry("rv", "Copperfield", False, ("v1",)),))) == 1
    assert found("V02", rail_vendors=(RailVendorEntry("rv", "Copperfield", True, ("v1",)),)) == []
    assert found("V02", rail_vendors=(RailVendorEntry("rv", "Copperfield", None, ("v1",)),)) == [], "nobody asked"
    assert found("V02", linked=frozenset()) == [], "without the rail nothing is to be payable there"


@pytest.mark.parametrize(
    ("name", "finds"),
    [
        ("Copperfield Freight, Inc.", 1),
        ("Copperfield Freigth", 1),
        ("COPPERFIELD  FREIGHT", 1),
        ("Copperfield Foods", 0),
        ("Aldgate Freight", 0),
    ],
)
def test_a_vendor_under_two_names(name: str, finds: int) -> None:
    assert len(found("V03", vendors=(VENDOR, VendorEntry("v2", name, True)))) == finds


def test_an_inactive_twin_was_dealt_with() -> None:
    assert found("V03", vendors=(VENDOR, VendorEntry("v2", "Copperfield Freight Inc", False))) == []
