"""Bank and book differ by what is on its way, what only the bank has, and what was before: to the cent."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from interlock.runway.services.calculators.drift import Item, Truths, explain
from interlock.runway.services.calculators.spendable import OnItsWay, Spendable, available_of, in_flight

_SINCE = date(2026, 9, 1)
_CENTS = st.integers(-500_000, 500_000).filter(bool)
_DAYS = st.integers(0, 80)


def item(kind: str, at: int, days: int, cents: int) -> Item:
    return Item(kind, str(at), _SINCE + timedelta(days=days), cents, "")


@given(
    opening=st.integers(-1_000_000, 1_000_000),
    seen=st.lists(_CENTS, max_size=8),
    only_books=st.lists(st.tuples(_DAYS, _CENTS), max_size=8),
    only_bank=st.lists(st.tuples(_DAYS, _CENTS), max_size=8),
)
def test_the_explanation_sums_to_the_gap_and_nothing_is_left_over(
    opening: int, seen: list[int], only_books: list[tuple[int, int]], only_bank: list[tuple[int, int]]
) -> None:
    """Whatever moved since one common opening balance, seen by both or by one of them."""
    book = opening + sum(seen) + sum(cents for _, cents in only_books)
    bank = opening + sum(seen) + sum(cents for _, cents in only_bank)
    movements = [item("bill_payment", at, days, cents) for at, (days, cents) in enumerate(only_books)]
    lines = [item("bank_line", at, days, cents) for at, (days, cents) in enumerate(only_bank)]
    drift = explain(Truths("b1", "1", "Checking", "USD", bank, book, _SINCE), movements, lines)
    assert drift.remainder_minor == 0, "everything that moved since the opening is an item"
    assert drift.gap_minor == bank - book
    assert drift.gap_minor == drift.outstanding_minor - drift.in_transit_minor + drift.lines_minor
    assert drift.drift_minor == bank - (book + drift.outstanding_minor - drift.in_transit_minor)


@given(
    bank=st.integers(-1_000_000, 1_000_000),
    book=st.integers(-1_000_000, 1_000_000),
    movements=st.lists(st.tuples(st.integers(-40, 80), _CENTS), max_size=8),
    lines=st.lists(st.tuples(_DAYS, _CENTS), max_size=8),
)
def test_whatever_the_balances_the_parts_sum_to_the_cent(
    bank: int, book: int, movements: list[tuple[int, int]], lines: list[tuple[int, int]]
) -> None:
    drift = explain(
        Truths("b1", "1", "Checking", "USD", bank, book, _SINCE),
        [item("purchase", at, days, cents) for at, (days, cents) in enumerate(movements)],
        [item("bank_line", at, days, cents) for at, (days, cents) in enumerate(lines)],
    )
    parts = drift.outstanding_minor - drift.in_transit_minor + drift.lines_minor + drift.remainder_minor
    assert parts == bank - book
    assert all(each.dated >= _SINCE for each in (*drift.outstanding, *drift.in_transit))


def test_a_check_on_its_way_is_no_drift() -> None:
    drift = explain(
        Truths("b1", "1", "Checking", "USD", 100_000, 60_000, _SINCE), [item("bill_payment", 1, 3, -40_000)], []
    )
    assert (drift.gap_minor, drift.outstanding_minor, drift.drift_minor) == (40_000, 40_000, 0)


def way(id_: str, cents: int, *bills: str, book: str = "ledger") -> OnItsWay:
    pays = tuple((bill, cents) for bill in bills)
    return OnItsWay(book, "bill_payment", id_, _SINCE, cents, None, None, pays)


def test_a_payment_that_both_books_state_is_in_flight_once() -> None:
    flight = in_flight(
        [way("70", 40_000, "7")], [way("r1", 40_000, "7", book="paying"), way("r2", 5_000, book="paying")]
    )
    assert [each.id for each in flight] == ["70", "r2"]
    assert Spendable(100_000, flight).spendable_minor == 55_000
    part = in_flight([way("70", 12_000, "7")], [way("r1", 28_000, "7", book="paying")])
    assert [each.id for each in part] == ["70", "r1"], "the rest of a bill is another payment"


def test_over_committed_is_below_zero_and_the_unknown_is_not_nothing() -> None:
    assert Spendable(10_000, (way("70", 40_000),), earmarked_minor=1_000).spendable_minor == -31_000
    assert Spendable(None, ()).spendable_minor is None
    assert available_of(None, 90_000, [-20_000, 5_000]) == 70_000, "pending deposits are not available yet"
    assert available_of(80_000, 90_000, [-20_000]) == 80_000, "a bank's available has its pending payments inside"
