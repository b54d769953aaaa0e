"""When a bank shows what a document set in motion: by kind, repeatable, on business days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

from interlock_sandbox.bank.model import hashed
from interlock_sandbox.world.workdays import ONE_DAY, is_business_day, on_or_after

Way = Literal["check", "ach", "debit card", "fee", "deposit", "transfer", "card"]

POSTING_HOUR_UTC = 10  # the night's run, before anybody is at work
SHOWN_HOUR_UTC = 14
CHECK_DAYS = (2, 9)


class Moments(NamedTuple):
    """When a line is first seen (``None``: only once it is final) and when it is final."""

    pending_at: datetime | None
    posted_at: datetime


def at_hour(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def later(day: date, business_days: int) -> date:
    """The business day so many after ``day``, a day off counting as the next business day."""
    day = on_or_after(day)
    for _ in range(business_days):
        day = on_or_after(day + ONE_DAY)
    return day


def moments(way: Way, day: date, *key: object) -> Moments:
    """For what was done on ``day``; ``key`` makes it differ from document to document."""
    chance = int(hashed("moments", *key, length=8), 16)
    if way == "check":
        first, last = CHECK_DAYS
        return Moments(None, at_hour(later(day, first + chance % (last - first + 1)), POSTING_HOUR_UTC))
    if way == "fee":
        return Moments(None, at_hour(on_or_after(day), POSTING_HOUR_UTC))
    if way == "transfer":
        return Moments(None, at_hour(later(day, 1), POSTING_HOUR_UTC))
    shown = later(day, chance % 2 if way in {"ach", "deposit"} else 0)
    if way in {"card", "debit card"} and not is_business_day(day):
        shown = day
    days = 1 + (chance // 2) % 2 if way in {"card", "debit card"} else 1
    return Moments(at_hour(shown, SHOWN_HOUR_UTC), at_hour(later(shown, days), POSTING_HOUR_UTC))


def not_before(made: Moments, known_at: datetime) -> Moments:
    """The same, moved so that nothing is seen before anybody could know of it."""
    pending = None if made.pending_at is None else max(made.pending_at, known_at)
    first = known_at if pending is None else pending + timedelta(hours=1)
    return Moments(pending, max(made.posted_at, first))
