"""The sandbox's clock: wall time plus an offset that the control API moves forward."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

START_OF_DAY_UTC_HOUR = 20  # noon in California: the as-of date is 'today' in every US zone


def wall() -> datetime:
    """The machine's time; the only place that asks for it."""
    return datetime.fromtimestamp(time.time(), UTC)


def offset_for(as_of: date, not_before: datetime) -> float:
    """Seconds between wall time and noon (Pacific) of the as-of date, or just after ``not_before`` if that is later."""
    noon = datetime(as_of.year, as_of.month, as_of.day, START_OF_DAY_UTC_HOUR, tzinfo=UTC)
    return (max(noon, not_before + timedelta(seconds=1)) - wall()).total_seconds()


class SandboxClock:
    """``now()`` is wall time plus ``offset_seconds``; ``served()`` is what the vendor's servers believe it is."""

    def __init__(self, offset_seconds: float) -> None:
        self.offset_seconds = offset_seconds
        self.skew_seconds = 0.0

    def now(self) -> datetime:
        return wall() + timedelta(seconds=self.offset_seconds)

    def served(self) -> datetime:
        """Stamps changes and answers; apart from everybody else's time by ``skew_seconds``."""
        return self.now() + timedelta(seconds=self.skew_seconds)

    def advance(self, seconds: float) -> None:
        self.offset_seconds += seconds
