"""Every connection of a firm with what is due, what was read and what it cost: a few queries across its businesses."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from interlock.rails import connections, meter, schedule
from interlock.rails.connections import Connection, Passport, SyncState
from interlock.rails.meter import MeteredReads
from interlock.rails.schedule import SyncDue

T = TypeVar("T", Connection, SyncState, SyncDue, MeteredReads)


@dataclass
class Linked:
    """One business's link. ``passport`` is ``None`` where there never was one; ``reads``: metered, this month."""

    passport: Passport | None = None
    last_sync: datetime | None = None
    last_full: datetime | None = None
    next_due: datetime | None = None
    reason: str | None = None
    failures: int = 0
    trouble: str | None = None
    reads: int = 0


class ConnectionsSnapshot:
    """Reads within the session's scope: one business, or all of a firm's."""

    def __init__(self, db: Session, firm_id: str, rail: str, now: datetime) -> None:
        self._db = db
        self._firm_id = firm_id
        self._rail = rail
        self._now = now

    def by_business(self) -> Mapping[str, Linked]:
        """By business id; a business that was never connected gets an empty one."""
        found: dict[str, Linked] = defaultdict(Linked)
        for linked in self._db.scalars(self._of(Connection)):
            found[linked.business_id].passport = connections.passport(linked, self._now)
        for state in self._db.scalars(self._of(SyncState)):
            at = found[state.business_id]
            at.last_sync, at.last_full = state.last_sync, state.last_full
        for due in self._db.scalars(self._of(SyncDue)):
            at = found[due.business_id]
            at.next_due = None if due.due_at >= schedule.NEVER else due.due_at
            at.reason, at.failures, at.trouble = due.reason, due.failures, due.trouble
        month = meter.month_of(self._now)
        for counted in self._db.scalars(self._of(MeteredReads).where(MeteredReads.month == month)):
            found[counted.business_id].reads = counted.reads
        return found

    def reads_this_month(self) -> int:
        """Of the whole firm: the plan's budget is one."""
        return meter.used(self._db, self._firm_id, self._rail, meter.month_of(self._now))

    def _of(self, table: type[T]) -> Select[T]:
        return select(table).where(table.firm_id == self._firm_id, table.rail == self._rail)
