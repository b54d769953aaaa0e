"""Dates as a small business meets them: business days, paydays, due dates.

All functions are pure and work on plain dates in the company's own calendar.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)


def days_between(first: date, end: date) -> Iterator[date]:
    """Every day from `first` up to but not including `end`."""
    for offset in range((end - first).days):
        yield first + timedelta(days=offset)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta(days=last.weekday())


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The eleven Federal Reserve holidays of a year; a Sunday one moves to Monday, a Saturday one does not move."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    moved = [day + ONE_DAY if day.weekday() == 6 else day for day in fixed]
    floating = [
        _nth_weekday(year, 1, 0, 3),
        _nth_weekday(year, 2, 0, 3),
        _last_monday(year, 5),
        _nth_weekday(year, 9, 0, 1),
        _nth_weekday(year, 10, 0, 2),
        _nth_weekday(year, 11, 3, 4),
    ]
    return frozenset(moved + floating)


def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def on_or_after(day: date) -> date:
    """The first business day on or after `day`."""
    while not is_business_day(day):
        day += ONE_DAY
    return day


def on_or_before(day: date) -> date:
    """The last business day on or before `day`, as a payday that falls on a weekend is paid early."""
    while not is_business_day(day):
        day -= ONE_DAY
    return day


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), held to the length of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_apart(first: date, later: date) -> int:
    return (later.year - first.year) * 12 + later.month - first.month


def fiscal_year(day: date, first_month: int) -> int:
    """The year in which the fiscal year holding `day` began."""
    return day.year if day.month >= first_month else day.year - 1


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """Terms of payment: due after so many days, or on a day of the month ("date driven")."""

    name: str
    due_days: int = 0
    day_of_month: int = 0
    next_month_days: int = 0
    discount_days: int = 0
    discount_percent: int = 0

    def due(self, issued: date) -> date:
        if not self.day_of_month:
            return issued + timedelta(days=self.due_days)
        target = issued.replace(day=min(self.day_of_month, monthrange(issued.year, issued.month)[1]))
        if (target - issued).days < self.next_month_days:
            target = add_months(target, 1)
        return target
