"""Pay runs: the days on which bills are paid, and which of them a bill belongs to (product-map §2.3, §2.9). Pure.

Cash leaves on the day of the run; it is with the vendor ``lead_workdays`` later.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from interlock.domains.firm.policy.values import PayRunPolicy
from interlock.kernel.clock import zone
from interlock.kernel.workdays import add_workdays, is_workday

_ONE = timedelta(days=1)
_LOOK_AHEAD_DAYS = 21
"""A run falls into any three weeks, whatever holidays move."""
_HOLIDAYS_MOVE_DAYS = 6


def runs(policy: PayRunPolicy, since: date, until: date) -> tuple[date, ...]:
    """The pay runs from ``since`` up to and including ``until``; one on a bank holiday is made on the workday before.

    A policy that names no weekday pays on every workday.
    """
    found: set[date] = set()
    day = since
    while day <= until + timedelta(days=_HOLIDAYS_MOVE_DAYS):  # a later run may move to before ``until``
        if (policy.days and day.weekday() in policy.days) or (not policy.days and is_workday(day)):
            run = workday_on_or_before(day)
            if since <= run <= until:
                found.add(run)
        day += _ONE
    return tuple(sorted(found))


def run_for(due: date | None, policy: PayRunPolicy, today: date) -> date:
    """The run that a bill is paid with: the last one whose money arrives by ``due``, and the next one where none does any more,

    or where no due date is known. A run of ``today`` counts as the next one.
    """
    return run_among(due, runs(policy, today, today + timedelta(days=_LOOK_AHEAD_DAYS)), policy, today)


def run_among(due: date | None, calendar: Sequence[date], policy: PayRunPolicy, today: date) -> date:
    """``run_for`` over a calendar of runs from ``today`` on that is already drawn; what lies beyond it is drawn anew."""
    if due is None:
        return calendar[0]
    latest = add_workdays(workday_on_or_before(due), -policy.lead_workdays)
    if latest <= calendar[-1]:
        return calendar[max(bisect_right(calendar, latest) - 1, 0)]
    later = runs(policy, max(today, latest - timedelta(days=_LOOK_AHEAD_DAYS)), latest)
    return later[-1] if later else calendar[-1]


def decide_by(run: date, policy: PayRunPolicy, time_zone: str) -> datetime:
    """The instant (UTC) until which a run can be decided on: ``policy.decide_by`` of that day in the client's zone."""
    hour, minute = policy.decide_by.split(":")
    return datetime.combine(run, time(int(hour), int(minute)), zone(time_zone)).astimezone(UTC)


def workday_on_or_before(day: date) -> date:
    while not is_workday(day):
        day -= _ONE
    return day
