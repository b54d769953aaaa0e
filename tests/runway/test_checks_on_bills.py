"""One bill, looked at by itself: what B01 to B04, B10, B13 and B15 say of it, and what they leave alone."""

from datetime import date

import pytest

from interlock.runway.services.calculators.books import BillEntry, TermEntry, VendorEntry
from tests.runway.entries import ago, bill, books, found, ids, paid

NET_30 = {"t1": TermEntry("t1", "Net 30", 30), "t2": TermEntry("t2", "Due on the 10th", None)}


@pytest.mark.parametrize(
    ("one", "rule", "wrong"),
    [
        (bill(due=None), "B01", True),
        (bill(due=ago(0)), "B01", False),
        (paid(due=None), "B01", False),
        (bill(dated=ago(3), due=ago(4)), "B02", True),
        (bill(dated=ago(3), due=ago(3)), "B02", False),
        (bill(due=None), "B02", False),
        (bill(vendor_id=None, vendor_name=None), "B03", True),
        (bill(vendor_id="v7"), "B03", True),
        (bill(vendor_id="v8"), "B03", True),
        (bill(), "B03", False),
        (bill(number=None), "B04", True),
        (bill(number="  "), "B04", True),
        (bill(number="0"), "B04", False),
        (bill(dated=date(2026, 7, 31)), "B10", True),
        (bill(dated=date(2026, 8, 1)), "B10", False),
        (paid(dated=date(2026, 7, 1)), "B10", False),
        (bill(cents=-500), "B13", True),
        (paid(cents=0), "B13", True),
        (bill(cents=1), "B13", False),
        (bill(account_ids=("a1",)), "B15", True),
        (bill(account_ids=("a2", "a3")), "B15", True),
        (bill(account_ids=("a4", "a5", "a6")), "B15", False),
        (bill(), "B15", False),
    ],
)
def test_each_rule_says_yes_and_no_at_its_edges(one: BillEntry, rule: str, wrong: bool) -> None:
    shelf = books(
        one,
        closed_through=date(2026, 7, 31),
        vendors={"v1": VendorEntry("v1", "Copperfield Freight", True), "v7": VendorEntry("v7", "Gone Ltd", False)},
        account_names={
            "a1": "Ask My Accountant",
            "a2": "Uncategorized Expense",
            "a3": "Suspense",
            "a4": "Basket Supplies",
            "a5": "Alaska Freight",
            "a6": "Task Lighting",
        },
    )
    assert ids(shelf, rule) == ([one.id] if wrong else []), f"read rule {rule} in its docstring beside this bill: {one}"


def test_nothing_is_closed_where_the_books_have_no_closing_date() -> None:
    assert ids(books(bill(dated=date(2020, 1, 1))), "B10") == []


@pytest.mark.parametrize(
    ("term_of_bill", "term_of_vendor", "suggested"),
    [("t1", None, "3 Dec"), (None, "t1", "3 Dec"), ("t2", "t1", "3 Dec"), (None, None, None), ("t2", None, None)],
)
def test_a_missing_due_date_is_suggested_from_terms(
    term_of_bill: str | None, term_of_vendor: str | None, suggested: str | None
) -> None:
    shelf = books(
        bill(due=None, term_id=term_of_bill),
        terms=NET_30,
        vendors={"v1": VendorEntry("v1", "Copperfield Freight", True, term_of_vendor)},
    )
    (finding,) = found(shelf, "B01")
    assert finding.fix == (f"Set the due date to {suggested}" if suggested else "Set the due date")


def test_what_is_at_stake_is_what_is_open_in_its_own_currency() -> None:
    shelf = books(bill(cents=50_000, balance_minor=20_000, due=None, currency="EUR"))
    (finding,) = found(shelf, "B01")
    assert (finding.stake.minor, finding.stake.currency) == (20_000, "EUR")


def test_an_inactive_vendor_is_mended_at_the_vendor_with_the_company_pinned() -> None:
    shelf = books(bill(id_="145"), vendors={"v1": VendorEntry("v1", "Copperfield Freight", False)})
    (finding,) = found(shelf, "B03")
    assert finding.link == (
        "https://app.qbo.intuit.com/app/login?pagereq=vendordetail%3FnameId%3Dv1&deeplinkcompanyid=4620816365001"
    )
