"""When a client's weekly letter is due: the policy's day and hour, in the client's own time. Pure."""

from datetime import UTC, datetime, time, timedelta

from interlock.domains.firm.policy.values import DigestPolicy
from interlock.kernel.clock import zone

DIGEST = "digest"
"""The work, as the calendar calls it."""
WEEK_DAYS = 7


def next_letter(policy: DigestPolicy, time_zone: str, now: datetime) -> datetime:
    """The first hour of a letter after ``now``. An hour that the clock jumps over is the one it jumps to."""
    hour, minute = (int(each) for each in policy.hour.split(":"))
    local = now.astimezone(zone(time_zone))
    for days in range(WEEK_DAYS + 1):
        day = local.date() + timedelta(days=days)
        if day.weekday() != policy.day:
            continue
        at = datetime.combine(day, time(hour, minute), zone(time_zone)).astimezone(UTC)
        if at > now:
            return at
    raise AssertionError("each weekday comes within eight days")
