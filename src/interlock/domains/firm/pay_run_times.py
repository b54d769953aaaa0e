"""When a client's pay run is let go by the schedule: on the days of the policy's, at the hour until which people decide. Pure."""

from datetime import UTC, date, datetime, time, timedelta

from interlock.domains.firm.policy.values import PayRunPolicy
from interlock.kernel.clock import local_date, zone
from interlock.kernel.workdays import is_workday

PAY_RUN = "pay_run"
"""The work, as the calendar calls it."""
_LOOK_AHEAD_DAYS = 21
_HOLIDAYS_MOVE_DAYS = 7


def is_run(day: date, policy: PayRunPolicy) -> bool:
    """Whether bills are paid on ``day``: a workday of the policy's, or the workday before one on which banks rest.

    A policy that names no weekday pays on every workday.
    """
    if not is_workday(day):
        return False
    if not policy.days or day.weekday() in policy.days:
        return True
    for later in (day + timedelta(days=each) for each in range(1, _HOLIDAYS_MOVE_DAYS)):
        if is_workday(later):
            return False
        if later.weekday() in policy.days:
            return True
    return False


def next_pay_run(policy: PayRunPolicy, time_zone: str, now: datetime) -> datetime:
    """The first ``decide_by`` of a run that is after ``now``."""
    hour, minute = (int(each) for each in policy.decide_by.split(":"))
    today = local_date(now, time_zone)
    for day in (today + timedelta(days=each) for each in range(_LOOK_AHEAD_DAYS)):
        at = datetime.combine(day, time(hour, minute), zone(time_zone)).astimezone(UTC)
        if at > now and is_run(day, policy):
            return at
    raise AssertionError("a pay run falls into any three weeks")
