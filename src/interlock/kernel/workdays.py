"""Days on which American banks move money: weekdays that are no holiday of the Federal Reserve."""

from datetime import date, timedelta
from functools import lru_cache

_MONDAY, _THURSDAY = 0, 3
_ONE = timedelta(days=1)


def is_workday(day: date) -> bool:
    """Whether the Federal Reserve settles payments on ``day``."""
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def workdays_between(since: date, until: date) -> int:
    """Workdays after ``since`` up to and including ``until``; 0 when that isn't later."""
    day, counted = since, 0
    while day < until:
        day += _ONE
        counted += is_workday(day)
    return counted


def add_workdays(day: date, number: int) -> date:
    """The workday that is ``number`` workdays after (below zero: before) ``day``; 0 gives ``day`` or the next workday."""
    step = _ONE if number >= 0 else -_ONE
    while number or not is_workday(day):
        day += step
        if is_workday(day) and number:
            number -= 1 if number > 0 else -1
    return day


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The Federal Reserve's eleven holidays. One on a Sunday is kept on Monday; one on a Saturday is not kept at all."""
    fixed = (date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25))
    kept = {day + _ONE if day.weekday() == 6 else day for day in fixed if day.weekday() != 5}
    return frozenset(
        {
            *kept,
            _nth(year, 1, _MONDAY, 3),
            _nth(year, 2, _MONDAY, 3),
            _last_monday_of_may(year),
            _nth(year, 9, _MONDAY, 1),
            _nth(year, 10, _MONDAY, 2),
            _nth(year, 11, _THURSDAY, 4),
        }
    )


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())
