"""Whom to chase first: the chance is a chance, it grows with the day, and the order follows the dollars that can still come."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from interlock.runway.services.calculators.behaviour import PRIOR_WEIGHT, Paid, habits_of
from interlock.runway.services.calculators.chase_queue import Owed, queue

TODAY = date(2026, 11, 24)
LOW = TODAY + timedelta(days=20)

paid = st.builds(
    lambda customer, late, ago, minor: Paid(
        customer, TODAY - timedelta(days=ago + late), TODAY - timedelta(days=ago), minor
    ),
    st.sampled_from(["a", "b", "c"]),
    st.integers(-20, 120),
    st.integers(0, 300),
    st.integers(1, 10**7),
)


@given(history=st.lists(paid, max_size=40), age=st.integers(1, 200), near=st.integers(0, 200), more=st.integers(0, 50))
def test_a_later_day_is_never_less_likely_and_chances_stay_between_none_and_one(
    history: list[Paid], age: int, near: int, more: int
) -> None:
    habits = habits_of(history, TODAY)
    for customer in ("a", "nobody has seen"):
        sooner, later = habits.chance_by(customer, age, near), habits.chance_by(customer, age, near + more)
        assert 0 <= sooner <= later < 1 or (sooner == later == 0)


def test_what_was_to_come_by_a_day_that_has_passed_has_no_chance_left() -> None:
    assert habits_of([], TODAY).chance_by("a", 10, 10) == 0


def test_without_history_it_is_even_odds_and_the_customers_own_word_grows_with_their_payments() -> None:
    assert habits_of([], TODAY).chance_by("a", 5, 30) == Fraction(1, 2)
    due = TODAY - timedelta(days=60)
    prompt = [Paid("a", due, due + timedelta(days=10), 100) for _ in range(3)]
    never = [Paid("b", due, due + timedelta(days=59), 100) for _ in range(3)]
    habits = habits_of([*prompt, *never], TODAY)
    of_all = (6 * Fraction(1, 2) + 1) / Fraction(8)
    assert habits.chance_by("a", 5, 30) == (3 * 1 + PRIOR_WEIGHT * of_all) / Fraction(3 + PRIOR_WEIGHT)
    assert habits.chance_by("b", 5, 30) == (PRIOR_WEIGHT * of_all) / Fraction(3 + PRIOR_WEIGHT)


def test_the_queue_puts_first_what_can_be_here_by_the_low_point_and_leaves_out_what_is_not_late() -> None:
    due = TODAY - timedelta(days=100)
    prompt = [Paid("prompt", due, due + timedelta(days=20), 1_000_00) for _ in range(6)]
    slow = [Paid("slow", due, due + timedelta(days=95), 1_000_00) for _ in range(6)]
    owed = [
        Owed("1", "1001", "slow", "Slow", TODAY - timedelta(days=10), 5_000_00),
        Owed("2", "1002", "prompt", "Prompt", TODAY - timedelta(days=10), 4_000_00),
        Owed("3", "1003", "prompt", "Prompt", TODAY + timedelta(days=1), 9_000_00),
        Owed("4", "1004", "prompt", "Prompt", TODAY - timedelta(days=3), 0),
    ]
    found = queue(owed, habits_of([*prompt, *slow], TODAY), TODAY, LOW)
    assert [each.owed.invoice_id for each in found] == ["2", "1"]
    assert [each.days_late for each in found] == [10, 10]
    assert found[0].expected_minor == round(4_000_00 * found[0].chance) > found[1].expected_minor > 0
