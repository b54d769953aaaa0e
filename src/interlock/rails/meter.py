"""Metered reads of a rail, by month: what the plan allows, how long it lasts, and when each business is read next.

Intuit counts successful reads of a month per app and then stops answering (qbo.md §7), so all businesses of an installation
share one budget. A batch counts as its items, the dearer reading; token calls never count. Months are UTC.
"""

import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Whole
from interlock.kernel.clock import zone
from interlock.kernel.scope import Scope
from interlock.rails.connections import CONNECTED, Connection

MONTHLY_READS = 500_000
"""What Intuit's free tier allows a month."""

LOOKED_MINUTES = 15
"""A business counts as looked at for this long after a person opened one of its pages."""

_SLOWER_FROM, _HINTS_ONLY_FROM = 0.80, 0.95
_WHILE_LOOKED_AT = timedelta(minutes=3)
_WHILE_LOOKED_AT_SLOWER = timedelta(minutes=10)
_CALM_LEAST, _CALM_MOST = timedelta(minutes=30), timedelta(hours=24)
_SLOWER_TIMES, _NIGHT_TIMES = 2.0, 3.0
_DAY_BEGINS_HOUR, _DAY_ENDS_HOUR = 6, 20
_PROOF_HOUR, _PROOF_HOURS = 1, 4.0
# What a round costs: one call for the changes, now and then one more (deposits, an overflow); a proof is a batch of counts,
# two agings and a balance sheet.
_READS_A_SYNC, _READS_A_PROOF = 1.5, 25
# Half of what the proofs leave goes to asking by the clock; the rest answers people and notices.
_POLLING_SHARE = 0.5
_HINT_PAUSE = timedelta(seconds=20)
_HINT_GAP_LEAST, _HINT_GAP_MOST = timedelta(minutes=5), timedelta(hours=1)
_HINT_GAP_SHARE = 0.25


class MeteredReads(Scoped, Base):
    """Reads of one business in one month (``YYYY-MM``, UTC)."""

    __tablename__ = "metered_reads"

    rail: Mapped[str] = mapped_column(String(10), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    reads: Mapped[int] = mapped_column(Whole)


class Stage(StrEnum):
    """How freely an installation may still read this month."""

    PLENTY = "plenty"
    SLOWER = "slower"
    HINTS_ONLY = "hints only"
    ASKED_ONLY = "asked only"


@dataclass(frozen=True, slots=True)
class Room:
    """A month's budget of reads, what is used of it, and how many businesses share the rest."""

    used: int
    budget: int
    businesses: int

    @property
    def share(self) -> float:
        """Used, as a share of the budget."""
        return self.used / self.budget if self.budget > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where this month ends if it goes on like this. ``exhausted_on`` is ``None`` when the budget lasts."""

    month: str
    used: int
    budget: int
    a_day: int
    exhausted_on: date | None
    words: str


def month_of(now: datetime) -> str:
    """``YYYY-MM``, in UTC."""
    return now.astimezone(UTC).strftime("%Y-%m")


def count(session: Session, scope: Scope, rail: str, reads: int, now: datetime) -> None:
    """Add ``reads`` to the business's month, in the caller's transaction."""
    assert scope.business_id is not None, "reads are counted for one business"
    if reads <= 0:
        return
    values = {
        "firm": scope.firm_id,
        "business": scope.business_id,
        "rail": rail,
        "month": month_of(now),
        "reads": reads,
    }
    session.execute(
        text(
            "INSERT INTO metered_reads (firm_id, business_id, rail, month, reads)"
            " VALUES (:firm, :business, :rail, :month, :reads)"
            " ON CONFLICT (business_id, rail, month) DO UPDATE SET reads = metered_reads.reads + excluded.reads"
        ),
        values,
    )


def used(session: Session, firm_id: str | None, rail: str, month: str) -> int:
    """Reads of ``month`` by one firm, or (``None``, in a session of the system scope) by the whole installation."""
    query = select(func.coalesce(func.sum(MeteredReads.reads), 0)).where(
        MeteredReads.rail == rail, MeteredReads.month == month
    )
    if firm_id is not None:
        query = query.where(MeteredReads.firm_id == firm_id)
    return int(session.execute(query).scalar_one())


def room(session: Session, rail: str, budget: int, now: datetime) -> Room:
    """What the installation has left this month; ``session`` is one of the system scope."""
    businesses = session.execute(
        select(func.count())
        .select_from(Connection)
        .where(Connection.rail == rail, Connection.state == CONNECTED, Connection.disconnected_at.is_(None))
    ).scalar_one()
    return Room(used(session, None, rail, month_of(now)), budget, businesses)


def forecast(used_reads: int, budget: int, now: datetime) -> Forecast:
    """Go on at this month's daily average (a month younger than a day counts as a day old)."""
    begins, ends = _month(now)
    days = max((now - begins) / timedelta(days=1), 1.0)
    a_day = used_reads / days
    left = budget - used_reads
    so_far = f"{used_reads:,} of {budget:,} reads used this month"
    if left <= 0:
        on: date | None = now.astimezone(UTC).date()
        words = f"{so_far}: none are left until {_day(ends)}; notices wait, and only what a person asks for is read."
    elif a_day * ((ends - now) / timedelta(days=1)) <= left:
        on, words = None, f"{so_far}; at this pace they last."
    else:
        on = (now.astimezone(UTC) + timedelta(days=left / a_day)).date()
        words = f"{so_far}; at this pace they are used up on {_day(on)}, so asking by the clock slows down."
    return Forecast(month_of(now), used_reads, budget, round(a_day), on, words)


def stage(room: Room, now: datetime) -> Stage:
    """By the share used; slower only where the month is not as far gone as its budget."""
    begins, ends = _month(now)
    if room.share >= 1:
        return Stage.ASKED_ONLY
    if room.share >= _HINTS_ONLY_FROM:
        return Stage.HINTS_ONLY
    if room.share >= _SLOWER_FROM and room.share > (now - begins) / (ends - begins):
        return Stage.SLOWER
    return Stage.PLENTY


def timetable(
    room: Room, *, now: datetime, looked_at: datetime | None, business_id: str, time_zone: str = "UTC"
) -> datetime:
    """When a business that was just read is read next if nothing else happens. Pure.

    Minutes while a person looks; else the month's room spread over its businesses and days, calmer at night; once a day
    from 95 % of the budget on; next month when it is gone.
    """
    match stage(room, now):
        case Stage.ASKED_ONLY:
            return _next_month(now, business_id)
        case Stage.HINTS_ONLY:
            return now + _CALM_MOST
        case Stage.SLOWER:
            if _looked(looked_at, now):
                return now + _WHILE_LOOKED_AT_SLOWER
            return _by_day(_calm(room, now) * _SLOWER_TIMES, now, business_id, time_zone)
        case Stage.PLENTY:
            if _looked(looked_at, now):
                return now + _WHILE_LOOKED_AT
            return _by_day(_calm(room, now), now, business_id, time_zone)


def after_hint(room: Room, *, now: datetime, last_sync: datetime | None, looked_at: datetime | None) -> datetime | None:
    """When a rail's notice of a change is followed up; ``None``: not before somebody asks (the budget is gone). Pure.

    At once where the business was not read lately; a burst of notices is answered by one read.
    """
    now_stage = stage(room, now)
    if now_stage is Stage.ASKED_ONLY:
        return None
    soon = now + _HINT_PAUSE
    if last_sync is None:
        return soon
    if now_stage is Stage.HINTS_ONLY:
        gap = _HINT_GAP_MOST
    elif _looked(looked_at, now):
        gap = _WHILE_LOOKED_AT if now_stage is Stage.PLENTY else _WHILE_LOOKED_AT_SLOWER
    else:
        gap = min(max(_calm(room, now) * _HINT_GAP_SHARE, _HINT_GAP_LEAST), _HINT_GAP_MOST)
    return max(soon, last_sync + gap)


def next_proof(room: Room, *, now: datetime, business_id: str, time_zone: str = "UTC") -> datetime:
    """When completeness is proved next: in the business's night; weekly from 95 % on; next month when all is gone. Pure."""
    match stage(room, now):
        case Stage.ASKED_ONLY:
            return _next_month(now, business_id)
        case Stage.HINTS_ONLY:
            return _night(now + timedelta(days=6), business_id, time_zone)
        case _:
            return _night(now, business_id, time_zone)


def _calm(room: Room, now: datetime) -> timedelta:
    """How long to wait between two reads of a business so that the room lasts to the month's end."""
    left = _month(now)[1] - now
    businesses = max(room.businesses, 1)
    for_proofs = businesses * _READS_A_PROOF * (left / timedelta(days=1))
    for_polling = (room.budget - room.used - for_proofs) * _POLLING_SHARE
    if for_polling <= 0:
        return _CALM_MOST
    wait = min(left * (businesses * _READS_A_SYNC / for_polling), _CALM_MOST)
    return max(wait, _CALM_LEAST)


def _by_day(wait: timedelta, now: datetime, business_id: str, time_zone: str) -> datetime:
    """``wait`` from now, give or take a tenth so that businesses connected together drift apart; longer at night."""
    wait = wait * (0.9 + 0.2 * _spread(business_id))
    local = now.astimezone(zone(time_zone))
    if _DAY_BEGINS_HOUR <= local.hour < _DAY_ENDS_HOUR:
        return now + min(wait, _CALM_MOST)
    morning = _at_hour(local, _DAY_BEGINS_HOUR) + wait * _spread(business_id)
    return min(now + wait * _NIGHT_TIMES, max(morning, now + wait), now + _CALM_MOST)


def _night(now: datetime, business_id: str, time_zone: str) -> datetime:
    begins = _at_hour(now.astimezone(zone(time_zone)), _PROOF_HOUR)
    return begins + timedelta(hours=_PROOF_HOURS * _spread(business_id))


def _at_hour(local: datetime, hour: int) -> datetime:
    """The next time that a local clock shows ``hour``."""
    at = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return (at if at > local else at + timedelta(days=1)).astimezone(UTC)


def _next_month(now: datetime, business_id: str) -> datetime:
    """In the first hours of the next month, each business at its own moment."""
    return _month(now)[1] + timedelta(hours=_PROOF_HOURS * _spread(business_id))


def _month(now: datetime) -> tuple[datetime, datetime]:
    begins = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return begins, (begins + timedelta(days=32)).replace(day=1)


def _looked(looked_at: datetime | None, now: datetime) -> bool:
    return looked_at is not None and now - looked_at <= timedelta(minutes=LOOKED_MINUTES)


def _spread(business_id: str) -> float:
    """A business's own place between 0 and 1, the same always."""
    return (zlib.crc32(business_id.encode()) & 0xFFFFFFFF) / 2**32


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
