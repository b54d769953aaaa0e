"""One clock for everything dated. Instants are aware and UTC; accounting dates are plain dates in the client's zone."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from interlock.kernel.errors import BadInput


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware and UTC."""
        ...


class SystemClock:
    """Wall time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class DemoClock:
    """Wall time plus the offset that the sandbox serves. Wiring refuses it outside a demo database on loopback."""

    def __init__(self, offset: timedelta) -> None:
        self.offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


def local_date(instant: datetime, time_zone: str) -> date:
    """The accounting date that ``instant`` falls on in ``time_zone`` (IANA name)."""
    if instant.tzinfo is None:
        raise ValueError("An instant must be aware; this one has no zone.")
    return instant.astimezone(zone(time_zone)).date()


def zone(time_zone: str) -> ZoneInfo:
    """The zone by its IANA name; ``BadInput`` for one that does not exist."""
    try:
        return ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, or a name no file can have
        raise BadInput(f"There is no time zone {time_zone!r}.") from None
