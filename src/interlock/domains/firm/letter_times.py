"""When a client's weekly letter is due (the policy's day and hour, in the client's own time), and which week one is of. Pure."""

from datetime import UTC, date, datetime, time, timedelta

from interlock.domains.firm.policy.values import DigestPolicy
from interlock.kernel.clock import zone

DIGEST = "digest"
"""The work, as the calendar calls it."""
WEEK_DAYS = 7
LETTERS_MOST = 9
"""In one week, those that people asked for with a reason included. One digit, so that ids sort as they were made."""


def week_of(policy: DigestPolicy, day: date) -> date:
    """The day on which the letter's week that ``day`` is in began: the policy's weekday, ``day`` itself or the last before it."""
    return day - timedelta(days=(day.weekday() - policy.day) % WEEK_DAYS)


def letter_id_of(dated: date, number: int) -> str:
    """``digest:2026-11-24``; with its number in the week for those after the first: ``digest:2026-11-26:2``."""
    return f"{DIGEST}:{dated.isoformat()}" + (f":{number}" if number > 1 else "")


def number_of(letter_id: str) -> int:
    """Which of its week's letters it is, from 1."""
    _, _, rest = letter_id.partition(":")
    return int(rest.partition(":")[2] or 1)


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
