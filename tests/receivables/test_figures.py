"""How fast a business collects: the check values of product-map §2.5, the edges, and what must hold of any books."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.runway.services.calculators.behaviour import Paid
from interlock.runway.services.calculators.receivable_figures import (
    Period,
    SalesMonth,
    average_days_delinquent,
    best_possible_dso,
    collection_effectiveness,
    countback_dso,
    days_late_paid,
    dso,
    to_tenth,
)

LAST = date(2026, 11, 30)
CHECKED = Period(LAST, 30, 12_000_000, 10_000_000, 11_000_000, 7_000_000)

cents = st.integers(0, 10**12)


def test_the_check_values_hold_to_the_tenth() -> None:
    said = {
        "CEI": collection_effectiveness(CHECKED),
        "DSO": dso(CHECKED),
        "best": best_possible_dso(CHECKED),
        "ADD": average_days_delinquent(CHECKED),
        "countback": countback_dso(11_000_000, [SalesMonth(30, 10_000_000), SalesMonth(31, 8_000_000)]),
    }
    wanted = {"CEI": "73.3", "DSO": "33.0", "best": "21.0", "ADD": "12.0", "countback": "33.9"}
    assert {name: str(to_tenth(value)) for name, value in said.items()} == wanted


def test_without_sales_there_is_no_number_rather_than_a_zero() -> None:
    nothing_sold = Period(LAST, 30, 500, 0, 500, 0)
    assert (dso(nothing_sold), best_possible_dso(nothing_sold), average_days_delinquent(nothing_sold)) == (None,) * 3
    assert to_tenth(None) is None


def test_a_cei_of_nothing_to_collect_is_none() -> None:
    assert collection_effectiveness(Period(LAST, 30, 0, 700, 700, 700)) is None


def test_countback_needs_sales_that_reach_back_to_what_is_owed() -> None:
    assert countback_dso(1_000, [SalesMonth(30, 400), SalesMonth(31, 500)]) is None
    assert countback_dso(0, []) == 0
    assert countback_dso(500, [SalesMonth(30, 0), SalesMonth(31, 1_000)]) == Fraction(91, 2)


def test_early_payments_count_as_early_in_one_figure_and_as_on_the_day_in_the_other() -> None:
    due = date(2026, 10, 1)
    paid = [Paid("1", due, due + timedelta(days=30), 100), Paid("1", due, due - timedelta(days=10), 300)]
    assert days_late_paid(paid) == (Fraction(0), Fraction(15, 2))
    assert days_late_paid([]) is None


@given(begin=cents, sales=st.integers(1, 10**12), end=cents, part=st.integers(0, 100))
def test_current_is_part_of_what_is_owed_so_best_is_at_most_dso_and_cei_at_most_a_hundred(
    begin: int, sales: int, end: int, part: int
) -> None:
    period = Period(LAST, 30, begin, sales, end, end * part // 100)
    whole, best, cei = dso(period), best_possible_dso(period), collection_effectiveness(period)
    assert whole is not None and best is not None and best <= whole
    assert cei is None or cei <= 100


@given(owed=st.integers(0, 10**9), months=st.lists(st.integers(1, 10**8), min_size=1, max_size=14))
def test_more_owed_never_counts_back_fewer_days(owed: int, months: list[int]) -> None:
    sold = [SalesMonth(30, each) for each in months]
    less, more = countback_dso(owed, sold), countback_dso(owed + 1, sold)
    assert more is None or (less is not None and less <= more)


@pytest.mark.parametrize(("value", "said"), [("0.05", "0.1"), ("-0.05", "-0.1"), ("12.34", "12.3")])
def test_a_half_is_spoken_away_from_zero(value: str, said: str) -> None:
    assert str(to_tenth(Fraction(value))) == said
