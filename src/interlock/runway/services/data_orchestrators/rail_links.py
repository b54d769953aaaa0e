"""Every rail that businesses are linked to, with what is due and the bank logins under it: five queries across a firm."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from interlock.rails import cadence, connections, schedule
from interlock.rails.connections import Connection, Passport, SyncState
from interlock.rails.freshness import freshness
from interlock.rails.inbox import Notice
from interlock.rails.items import REMOVED, LinkedItem
from interlock.rails.ports import Freshness
from interlock.rails.schedule import SyncDue

T = TypeVar("T", Connection, SyncState, SyncDue, LinkedItem)


@dataclass
class RailLink:
    """One business's link to one rail. ``passport`` is ``None`` where there never was one; ``logins`` that were not removed."""

    passport: Passport | None = None
    last_sync: datetime | None = None
    next_due: datetime | None = None
    failures: int = 0
    trouble: str | None = None
    notices: int = 0
    logins: list[LinkedItem] = field(default_factory=list)

    def freshness(self, rail: str, now: datetime) -> Freshness:
        """How old what was read through this rail is."""
        known = cadence.CADENCES.get(rail)
        return freshness(self.last_sync, now, known.stale if known else cadence.LEDGER_STALE)


class RailLinks:
    """Reads within the session's scope: one business, or all of a firm's."""

    def __init__(self, db: Session, firm_id: str, now: datetime, business_id: str | None = None) -> None:
        self._db = db
        self._firm_id = firm_id
        self._business_id = business_id
        self._now = now

    def by_business(self) -> Mapping[str, Mapping[str, RailLink]]:
        """By business id, then rail; what was never linked is not there."""
        found: dict[str, dict[str, RailLink]] = defaultdict(lambda: defaultdict(RailLink))
        for linked in self._of(Connection):
            found[linked.business_id][linked.rail].passport = connections.passport(linked, self._now)
        for state in self._of(SyncState):
            found[state.business_id][state.rail].last_sync = state.last_sync
        for due in self._of(SyncDue):
            at = found[due.business_id][due.rail]
            at.next_due = None if due.due_at >= schedule.NEVER else due.due_at
            at.failures, at.trouble = due.failures, due.trouble
        for item in self._of(LinkedItem):
            if item.state != REMOVED:
                found[item.business_id][item.rail].logins.append(item)
        for (business_id, rail), waiting in self._waiting().items():
            found[business_id][rail].notices = waiting
        return found

    def _waiting(self) -> Mapping[tuple[str, str], int]:
        """Notices that no sync has answered yet."""
        query = select(Notice.business_id, Notice.rail, func.count()).where(
            *self._scope(Notice), Notice.handled_at.is_(None), Notice.business_id.is_not(None)
        )
        rows = self._db.execute(query.group_by(Notice.business_id, Notice.rail))
        return Counter({(str(business_id), rail): waiting for business_id, rail, waiting in rows})

    def _of(self, table: type[T]) -> list[T]:
        return list(self._db.scalars(select(table).where(*self._scope(table))))

    def _scope(self, table: type[T] | type[Notice]) -> list[ColumnElement[bool]]:
        ours: list[ColumnElement[bool]] = [table.firm_id == self._firm_id]
        return ours if self._business_id is None else [*ours, table.business_id == self._business_id]
