"""How often the rails beside the ledger are read: soon while somebody looks, calm otherwise. Notices come on top.

Banks give lines one to four times a day (plaid.md §4), so asking often finds nothing; the other two are polled because their
notices are hints only.
"""

import zlib
from datetime import datetime, timedelta
from typing import NamedTuple

LOOKED = timedelta(minutes=15)
LEDGER_STALE = timedelta(hours=4)
"""When a ledger's books are too old to decide on."""

_NOTICE_PAUSE = timedelta(seconds=5)
_NOTICE_GAP = timedelta(minutes=1)
_DRIFT = 0.2


class Cadence(NamedTuple):
    """``watched``: between two reads while somebody looks; ``calm``: otherwise; ``stale``: when what was read is old."""

    watched: timedelta
    calm: timedelta
    stale: timedelta


CADENCES = {
    "ramp": Cadence(timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=4)),
    "plaid": Cadence(timedelta(minutes=30), timedelta(hours=4), timedelta(hours=12)),
    "stripe": Cadence(timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=4)),
}


def next_read(rail: str, *, now: datetime, looked_at: datetime | None, business_id: str) -> datetime:
    """When a rail that was just read is read next; businesses linked together drift apart. Pure."""
    watched = looked_at is not None and now - looked_at <= LOOKED
    gap = CADENCES[rail].watched if watched else CADENCES[rail].calm
    place = zlib.crc32(f"{rail}/{business_id}".encode()) / 2**32
    return now + gap * (1 - _DRIFT / 2 + _DRIFT * place)


def after_notice(*, now: datetime, last_sync: datetime | None) -> datetime:
    """When a notice is followed up: nearly at once, and a burst of them by one read. Nothing here is metered. Pure."""
    soon = now + _NOTICE_PAUSE
    return soon if last_sync is None else max(soon, last_sync + _NOTICE_GAP)
