"""Calendars of what recurs: which days a cadence names, and how weekends and holidays move them (product-map §2.9). Pure."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, get_args

from msgspec import Struct

from interlock.kernel.workdays import add_workdays, is_workday
from interlock.runway.services.calculators.pay_runs import workday_on_or_before

Cadence = Literal["weekly", "biweekly", "semimonthly", "monthly", "quarterly"]
CADENCES: tuple[Cadence, ...] = get_args(Cadence)
LAST_OF_MONTH = 31
NOT_SEEN_DAYS = 7
"""How long something that didn't happen is still expected; after that it is a variance (§2.3)."""

_WEEKS: dict[str, int] = {"weekly": 7, "biweekly": 14}
_MONTHS: dict[str, int] = {"semimonthly": 1, "monthly": 1, "quarterly": 3}
_SERVES_DAYS: dict[str, int] = {"weekly": 3, "biweekly": 5, "semimonthly": 5, "monthly": 10, "quarterly": 20}
_MOVED_MOST_DAYS = 5
_LOOK_BACK_DAYS = 45

Standing = Literal["to_come", "not_seen", "variance"]


class Coming(Struct, frozen=True, gc=False):
    """A day on which something recurring is due and that nothing real has served: still to come, expected and not seen (for seven

    days), or, after that, a variance.
    """

    on: date
    standing: Standing


def occurrences(
    cadence: Cadence, days: tuple[int, ...], anchor: date, since: date, until: date, before: bool
) -> tuple[date, ...]:
    """The days from ``since`` up to and including ``until`` on which it happens.

    ``days``: days of the month (31 is the last one); weekly and biweekly series count from ``anchor`` alone, quarterly ones take
    their months from it. A weekend or holiday moves it to the workday ``before`` (payroll, §2.9), else after.
    """
    margin = timedelta(days=_MOVED_MOST_DAYS)
    moved = {moved_from(day, before) for day in nominal_days(cadence, days, anchor, since - margin, until + margin)}
    return tuple(sorted(day for day in moved if since <= day <= until))


def moved_from(day: date, before: bool) -> date:
    """The workday that stands in for ``day``."""
    return workday_on_or_before(day) if before else add_workdays(day, 0)


def nominal_days(cadence: Cadence, days: tuple[int, ...], anchor: date, since: date, until: date) -> Iterator[date]:
    """The calendar's days from ``since`` to ``until`` as written, weekends and holidays among them, in order."""
    if cadence in _WEEKS:
        step = _WEEKS[cadence]
        day = since + timedelta(days=(anchor - since).days % step)
        while day <= until:
            yield day
            day += timedelta(days=step)
        return
    first, step = anchor.year * 12 + anchor.month - 1, _MONTHS[cadence]
    month = since.year * 12 + since.month - 1
    month += (first - month) % step
    while month <= until.year * 12 + until.month - 1:
        length = monthrange(month // 12, month % 12 + 1)[1]
        for day_of_month in sorted({min(each, length) for each in days}):
            day = date(month // 12, month % 12 + 1, day_of_month)
            if since <= day <= until:
                yield day
        month += step


def coming(
    cadence: Cadence,
    days: tuple[int, ...],
    anchor: date,
    before: bool,
    seen: Sequence[date],
    today: date,
    until: date,
) -> tuple[Coming, ...]:
    """Days from six weeks ago (``anchor`` at the earliest) to ``until`` that nothing ``seen`` serves.

    ``seen``: dates of what really happened or was entered, bills by their due date among them. Each serves the day nearest to
    it, and one only, so that a projection is replaced by what is real and never counted beside it.
    """
    since = max(anchor - timedelta(days=_MOVED_MOST_DAYS), today - timedelta(days=_LOOK_BACK_DAYS))
    tolerance = _SERVES_DAYS[cadence]
    open_days = list(occurrences(cadence, days, anchor, since, until, before))
    near = sorted(
        (abs((day - real).days), day, at)
        for at, real in enumerate(seen)
        for day in open_days
        if abs((day - real).days) <= tolerance
    )
    served: set[date] = set()
    used: set[int] = set()
    for _, day, at in near:
        if day not in served and at not in used:
            served.add(day)
            used.add(at)
    return tuple(Coming(day, _standing(day, today)) for day in open_days if day not in served)


def _standing(day: date, today: date) -> Standing:
    if day >= today:
        return "to_come"
    return "not_seen" if day >= today - timedelta(days=NOT_SEEN_DAYS) else "variance"


@lru_cache(maxsize=4096)
def stands_for(day: date) -> frozenset[date]:
    """``day`` and the workdays that may stand in for it."""
    return frozenset({day}) if is_workday(day) else frozenset({day, moved_from(day, True), moved_from(day, False)})
