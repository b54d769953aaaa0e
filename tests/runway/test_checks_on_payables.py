"""Bills beside other documents of their vendor: duplicates, money that went out another way, credits not used."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.runway.services.calculators.books import BillEntry, PurchaseEntry
from interlock.runway.services.calculators.checks_on_payables import norm, probable_duplicate
from tests.runway.entries import TODAY, ago, bill, books, check, credit, found, ids, paid


@pytest.mark.parametrize(
    ("one", "other", "duplicates"),
    [
        (bill("2", number="88120"), paid("1", number="88-120"), ["2"]),
        (bill("2", number="inv 7"), bill("1", number="INV-7"), ["2"]),
        (bill("2", number="0042"), paid("1", number="42"), ["2"]),
        (bill("2", number="77", dated=ago(10)), paid("1", number="77", dated=ago(740)), ["2"]),
        (bill("2", number="77", dated=ago(10)), paid("1", number="77", dated=ago(741)), []),
        (bill("2", number="77"), paid("1", number="77", vendor_id="v2"), []),
        (bill("2", number=None), paid("1", number=None), []),
        (bill("2", number="--"), paid("1", number="//"), []),
        (bill("2", number="77"), paid("1", number="78"), []),
        (paid("2", number="77"), paid("1", number="77"), []),
        (bill("1", number="77"), paid("2", number="77"), ["1"]),
        (bill("2", 500, number="77"), paid("1", 900, number="77", currency="EUR"), ["2"]),
        (bill("2", number="77", vendor_id=None), paid("1", number="77", vendor_id=None), []),
    ],
)
def test_an_exact_duplicate_repeats_vendor_and_number(one: BillEntry, other: BillEntry, duplicates: list[str]) -> None:
    assert ids(books(one, other), "B05") == duplicates


def test_a_duplicate_across_fiscal_years_names_the_paid_one() -> None:
    shelf = books(
        bill("12", number="88120", dated=date(2026, 1, 9)), paid("3", number="88-120", dated=date(2025, 12, 30))
    )
    (finding,) = found(shelf, "B05")
    assert finding.title == "Copperfield Freight 88120 is a duplicate"
    assert finding.reason == "Same vendor and number as 88-120, dated 30 Dec 2025 and paid."
    assert finding.stops and finding.severity == "critical"


def test_of_three_copies_the_first_entered_is_left_alone() -> None:
    shelf = books(*(bill(id_, number="7") for id_ in ("9", "10", "11")))
    assert ids(shelf, "B05") == ["10", "11"]
    assert found(shelf, "B05")[1].reason.endswith("still open, and 1 more."), "the third repeats two"


@pytest.mark.parametrize(
    ("days_apart", "cents", "number", "duplicates"),
    [
        (10, 10_000, "B", ["2"]),
        (11, 10_000, "B", []),
        (0, 10_001, "B", ["2"]),
        (0, 10_002, "B", []),
        (3, 9_999, None, ["2"]),
        (3, 10_000, "A", []),
    ],
)
def test_a_probable_duplicate_has_the_amount_within_ten_days_under_another_number(
    days_apart: int, cents: int, number: str | None, duplicates: list[str]
) -> None:
    first = paid("1", 10_000, number="A", dated=ago(20))
    shelf = books(first, bill("2", cents, number=number, dated=first.dated + timedelta(days=days_apart)))
    assert ids(shelf, "B06") == duplicates


def test_two_bills_for_nothing_are_no_duplicates() -> None:
    assert ids(books(bill("1", -500), bill("2", -500)), "B06") == []


@pytest.mark.parametrize(("earlier", "probable"), [(3, []), (2, ["9"])])
def test_rent_that_recurs_monthly_is_no_duplicate_however_wide_the_window(earlier: int, probable: list[str]) -> None:
    """Three earlier rents a month apart make the next one expected; two don't."""
    rents = [paid(str(at), 200_000, dated=ago(30 * (earlier - at) + 5), number=f"R{at}") for at in range(earlier)]
    shelf = books(*rents, bill("9", 200_000, dated=TODAY, number="R9", vendor_id="v1"))
    assert [claim.subject.id for claim in probable_duplicate(shelf, near_days=35)] == probable


def test_a_second_rent_within_ten_days_is_questioned_even_of_a_recurring_landlord() -> None:
    rents = [paid(str(at), 200_000, dated=ago(30 * (5 - at)), number=f"R{at}") for at in range(5)]
    assert ids(books(*rents, bill("9", 200_000, dated=ago(25), number="R9")), "B06") == ["9"]


@pytest.mark.parametrize(
    ("spent", "suspected"),
    [
        (check("5", 10_000, ago(28)), True),
        (check("5", 10_000, ago(29)), False),
        (check("5", 10_001, ago(21)), True),
        (check("5", 10_002, ago(21)), False),
        (check("5", 10_000, ago(21 - 45)), True),
        (check("5", 10_000, ago(21 - 46)), False),
        (check("5", 10_000, ago(21), vendor_id="v2"), False),
        (check("5", 10_000, ago(21), currency="EUR"), False),
        (check("5", 10_000, ago(21), linked_bills=("1",)), False),
        (check("5", 10_000, ago(21), linked_bills=("8",)), True),
    ],
)
def test_money_of_the_amount_that_went_out_another_way(spent: PurchaseEntry, suspected: bool) -> None:
    assert ids(books(bill(), purchases=(spent,)), "B09") == (["1"] if suspected else [])


def test_a_payment_outside_the_bill_is_named_and_linked() -> None:
    (finding,) = found(books(bill(), purchases=(check("5", 10_000, ago(2)),)), "B09")
    assert "check 1182 of the same amount" in finding.reason
    assert "on 22 Nov" in finding.reason
    assert finding.link is not None and "check%3FtxnId%3D5" in finding.link


def test_an_open_credit_is_used_first_and_counted_once() -> None:
    """Both bills are told; 600.00 of credit is at stake in all, on the earlier due first."""
    shelf = books(
        bill("1", 50_000, due=ago(-9)),
        bill("2", 50_000, due=ago(-2)),
        vendor_credits=(credit("vendor_credit", "41", 60_000, "v1"),),
    )
    at_stake = {finding.subject.id: finding.stake.minor for finding in found(shelf, "B22")}
    assert at_stake == {"2": 50_000, "1": 10_000}
    assert not any(finding.stops for finding in found(shelf, "B22")), "the console settles it at the decision"


@pytest.mark.parametrize("other", [{"currency": "EUR"}, {"vendor_id": "v2"}])
def test_a_credit_of_another_vendor_or_currency_is_none(other: dict[str, Any]) -> None:
    shelf = books(bill(**other), vendor_credits=(credit("vendor_credit", "41", 600, "v1"),))
    assert ids(shelf, "B22") == []


numbers = st.text(alphabet="0aAbB-/ 19", max_size=5)
some_bills = st.lists(
    st.builds(
        lambda number, cents, days, open_, vendor: (number, cents, days, open_, vendor),
        numbers | st.none(),
        st.sampled_from([9_999, 10_000, 10_001, 20_000]),
        st.integers(0, 40),
        st.booleans(),
        st.sampled_from(["v1", "v2"]),
    ),
    max_size=9,
).map(
    lambda rows: [
        bill(str(8 + at), cents, number=number, dated=ago(days), vendor_id=vendor, balance_minor=cents if open_ else 0)
        for at, (number, cents, days, open_, vendor) in enumerate(rows)
    ]
)


@given(some_bills)
def test_looking_up_finds_what_comparing_every_pair_finds(bills: list[BillEntry]) -> None:
    exact, probable = set(), set()
    for one in bills:
        for other in bills:
            is_later = int(one.id) > int(other.id)
            repeats = one.balance_minor and one is not other and (is_later or not other.balance_minor)
            if not repeats or one.vendor_id != other.vendor_id:
                continue
            same_number = bool(norm(one.number)) and norm(one.number) == norm(other.number)
            if same_number:
                exact.add(one.id)
            near = abs(one.total_minor - other.total_minor) <= 1 and abs((one.dated - other.dated).days) <= 10
            if near and not same_number:
                probable.add(one.id)
    shelf = books(*bills)
    assert set(ids(shelf, "B05")) == exact
    assert set(ids(shelf, "B06")) == probable


@given(numbers)
def test_a_number_is_compared_without_case_marks_and_leading_zeros(number: str) -> None:
    assert norm(norm(number)) == norm(number) == norm(f" 00{number.lower()}- ")
