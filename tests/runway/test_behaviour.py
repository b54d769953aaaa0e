"""How late customers pay, and when the money of an open invoice is expected."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.workdays import add_workdays, is_workday
from interlock.runway.services.calculators.behaviour import (
    NO_HISTORY,
    Expected,
    Habit,
    Habits,
    Paid,
    expected,
    habits_of,
    shrink,
)

TODAY = date(2026, 11, 24)
TOMORROW = date(2026, 11, 25)


def paid(customer: str, late: int, minor: int = 10_000, ago: int = 30) -> Paid:
    """Paid so many days ago, so many days late."""
    on = TODAY - timedelta(days=ago)
    return Paid(customer, on - timedelta(days=late), on, minor)


def several(customer: str, *late: int, minor: int = 10_000) -> list[Paid]:
    """One payment each, the first the longest ago."""
    return [paid(customer, days, minor, ago=10 * (len(late) - at)) for at, days in enumerate(late)]


def when(due: date, habits: Habits, customer: str = "acme") -> Expected:
    return expected(due, habits, customer, TODAY)


def test_quantiles_are_those_of_the_money_not_of_the_number_of_payments() -> None:
    """Nine small payments on the day and one large one three weeks late: half of the money comes three weeks late."""
    habit = habits_of([*several("acme", *[0] * 9), paid("acme", 21, 100_000, ago=5)], TODAY).of("acme")
    assert (habit.n, habit.p50, habit.p80) == (10, 21, 21)


def test_one_disaster_does_not_move_the_median() -> None:
    assert habits_of(several("acme", 2, 3, 3, 4, 200), TODAY).of("acme").p50 == 3


def test_each_part_of_an_invoice_counts_by_its_amount() -> None:
    """60 % two days late, the rest thirty days later."""
    due = TODAY - timedelta(days=60)
    parts = [
        Paid("acme", due, due + timedelta(days=2), 6_000),
        Paid("acme", due, due + timedelta(days=32), 4_000),
    ] * 2
    habit = habits_of(parts, TODAY).of("acme")
    assert (habit.n, habit.p50, habit.p80) == (4, 2, 32)


def test_p80_is_said_of_the_next_payment() -> None:
    """Of nine payments 1 … 9 days late, eight of ten next ones come by the eighth: (9 + 1) · 0.8. Five say 6 · 0.8: their fifth."""
    assert habits_of(several("acme", *range(1, 10)), TODAY).of("acme") == Habit(9, 5, 8, 9, trend=5)
    assert habits_of(several("acme", *range(1, 6)), TODAY).of("acme").p80 == 5


@pytest.mark.parametrize(
    ("n", "own", "prior", "days"),
    [
        (1, 30, 6, 10),  # (30 + 30) / 6
        (2, 10, 3, 5),  # (20 + 15) / 7
        (0, 0, 8, 8),
        (1, 9, 6, 7),  # 6.5: a half is the later day
        (1, -9, -6, -6),  # -6.5, likewise
        (2, 4, 6, 5),  # 5.43 is 5
    ],
)
def test_few_payments_are_drawn_to_the_clients_habit(n: int, own: int, prior: int, days: int) -> None:
    assert shrink(n, own, prior) == days


def test_a_customer_with_one_payment_is_mostly_taken_for_any_other() -> None:
    habits = habits_of([*several("others", *[6] * 20), paid("acme", 30)], TODAY)
    assert habits.prior.p50 == 6
    habit = habits.of("acme")
    assert (habit.n, habit.p50, habit.shrunk) == (1, 10, True)
    assert habits.of("nobody") == Habit(0, 6, habits.prior.p80, habits.prior.p95, shrunk=True)


def test_three_payments_speak_for_themselves() -> None:
    habit = habits_of([*several("others", *[0] * 50), *several("acme", 30, 31, 32)], TODAY).of("acme")
    assert (habit.p50, habit.shrunk) == (31, False)


def test_the_trend_is_the_last_three_against_those_before() -> None:
    assert habits_of(several("acme", 2, 4, 3, 9, 10, 12), TODAY).of("acme").trend == 7
    assert habits_of(several("acme", 9, 10, 12), TODAY).of("acme").trend is None


def test_only_the_last_twelve_months_count_and_nothing_that_is_yet_to_come() -> None:
    known = [paid("acme", 5, ago=364), paid("acme", 90, ago=365), paid("acme", 90, ago=-1), paid("acme", 90, minor=0)]
    assert habits_of(known, TODAY).prior == Habit(1, 5, 5, 5)


def test_an_open_invoice_comes_at_the_customers_median_and_its_p80() -> None:
    habits = habits_of(several("acme", *[6] * 6, *[11] * 4), TODAY)
    assert when(date(2026, 12, 1), habits) == Expected(
        date(2026, 12, 7),
        date(2026, 12, 14),  # the 12th is a Saturday
        "receipt_median",
        "due 1 Dec; pays 6 days late at the median, 11 days late at p80, of 10 payments",
    )


def test_money_comes_on_workdays_and_not_before_tomorrow() -> None:
    habits = habits_of(several("acme", *[0] * 5, *[20] * 5), TODAY)
    found = when(date(2026, 11, 20), habits)
    assert (found.likely, found.late, found.rule) == (TOMORROW, date(2026, 12, 10), "receipt_now")
    assert found.assumed, "it is overdue, so its date stands on an assumption"
    assert when(date(2026, 11, 26), habits).likely == date(2026, 11, 27), "Thanksgiving"


def test_once_later_than_the_median_the_downside_is_that_of_those_who_were_as_late() -> None:
    """Most pay within days; of those who don't within ten, most need forty: eleven days late, it isn't twenty any more."""
    habits = habits_of(several("acme", *[2] * 30, *[12] * 5, *[40] * 5), TODAY)
    assert habits.of("acme").p80 == 12
    found = when(TODAY - timedelta(days=11), habits)
    assert (found.likely, found.late) == (TOMORROW, add_workdays(TODAY + timedelta(days=29), 0))


def test_a_chronic_debtor_does_not_pay_tomorrow_forever() -> None:
    """Later than its p80, an invoice comes when those came that were as late, and each day that passes moves it on."""
    habits = habits_of(several("acme", *[5] * 40, 30, 40, 50, 60, 70, 80), TODAY)
    twenty, forty_five = (when(TODAY - timedelta(days=late), habits) for late in (20, 45))
    assert twenty.rule == "receipt_overdue" and twenty.assumed
    assert twenty.likely == add_workdays(TODAY + timedelta(days=50 - 20), 0)  # the third of six
    assert "20 days ago; four of five of its payments are in 5 days late" in twenty.because
    assert "6 payments of this customer" in twenty.because
    assert forty_five.rule == "receipt_very_late", "four payments were later: too few to say"
    assert forty_five.likely == add_workdays(TODAY + timedelta(days=45 - 5), 0)
    assert forty_five.late == add_workdays(TODAY + timedelta(days=4 * (45 - 5)), 0)


def test_a_thin_tail_is_filled_from_all_customers() -> None:
    habits = habits_of([*several("acme", *[0] * 10), *several("slow", *[60] * 10)], TODAY)
    found = when(TODAY - timedelta(days=30), habits)
    assert found.rule == "receipt_overdue" and "10 payments of all customers" in found.because
    assert found.likely == add_workdays(TODAY + timedelta(days=30), 0)


def test_what_is_far_later_than_anything_ever_paid_is_given_as_long_again() -> None:
    habits = habits_of(several("acme", *[3] * 10), TODAY)
    found = when(TODAY - timedelta(days=200), habits)
    assert found.rule == "receipt_very_late" and found.assumed
    assert (found.likely, found.late) == tuple(add_workdays(TODAY + timedelta(days=days), 0) for days in (197, 788))


def test_an_early_payer_who_is_not_early_this_time_is_not_overdue() -> None:
    habits = habits_of(several("acme", *[-5] * 9), TODAY)
    found = when(date(2026, 11, 26), habits)
    assert (found.rule, found.assumed) == ("receipt_very_late", False)
    assert (found.likely, found.late) == (date(2026, 12, 1), date(2026, 12, 22)), "a week, four weeks"


def test_without_any_history_an_assumption_is_made_and_said() -> None:
    habits = habits_of([], TODAY)
    assert habits.prior == NO_HISTORY
    found = when(date(2026, 12, 1), habits)
    assert (found.likely, found.late) == (date(2026, 12, 1), date(2026, 12, 15))
    assert "by assumption: no customer of this client has paid an invoice yet" in found.because


payments = st.lists(
    st.builds(paid, st.sampled_from("abc"), st.integers(-30, 150), st.integers(1, 10**9), st.integers(0, 400)),
    max_size=60,
)


@given(known=payments, customer=st.sampled_from("abcd"), overdue=st.integers(-120, 300))
def test_whatever_was_paid_the_downside_is_never_before_the_base_case_nor_either_in_the_past(
    known: list[Paid], customer: str, overdue: int
) -> None:
    habits = habits_of(known, TODAY)
    habit = habits.of(customer)
    assert habit.p50 <= habit.p80 <= habit.p95
    found = when(TODAY - timedelta(days=overdue), habits, customer)
    assert TODAY < found.likely <= found.late
    assert is_workday(found.likely) and is_workday(found.late)
    assert found.assumed == (overdue > 0)


@given(known=payments, customer=st.sampled_from("abcd"))
def test_the_order_in_which_payments_are_read_changes_nothing(known: list[Paid], customer: str) -> None:
    assert habits_of(known, TODAY).of(customer) == habits_of(known[::-1], TODAY).of(customer)
