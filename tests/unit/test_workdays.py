"""Days on which banks move money."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.workdays import add_workdays, bank_holidays, is_workday, workdays_between

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 26), False),  # Thanksgiving
        (date(2026, 11, 27), True),  # the day after is no holiday of the Federal Reserve
        (date(2026, 7, 3), True),  # 4 July 2026 is a Saturday: not kept on the Friday
        (date(2027, 7, 5), False),  # 4 July 2027 is a Sunday: kept on the Monday
        (date(2026, 5, 25), False),  # Memorial Day
        (date(2026, 1, 19), False),  # Martin Luther King Jr. Day
        (date(2026, 10, 12), False),  # Columbus Day
        (date(2026, 11, 24), True),
        (date(2026, 11, 22), False),
    ],
)
def test_known_days(day: date, works: bool) -> None:
    assert is_workday(day) is works


def test_a_year_has_eleven_holidays_less_those_lost_to_a_saturday() -> None:
    assert len(bank_holidays(2025)) == 11
    assert len(bank_holidays(2026)) == 10, "4 July 2026 is lost to a Saturday"


@given(days, st.integers(1, 60))
def test_going_on_and_counting_agree(day: date, number: int) -> None:
    later = add_workdays(day, number)
    assert is_workday(later)
    assert workdays_between(day, later) == number


@given(days)
def test_no_step_gives_the_same_or_the_next_workday(day: date) -> None:
    found = add_workdays(day, 0)
    assert found >= day
    assert not any(is_workday(day + timedelta(days=n)) for n in range((found - day).days))
