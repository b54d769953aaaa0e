"""What a business's log says happened since an instant: readings, deletions, what people wrote, connections."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.infra.translog import LogLine

# Pages of rows say little by themselves: what a reading brought stands in its own line.
ACTIONS = (
    "sync.finished",
    "mirror.deleted",
    "bill.annotated",
    "invoice.annotated",
    "connection.connected",
    "connection.lost",
    "bank.linked",
    "bank.login_lost",
    "bank.login_mended",
    "bank.unlinked",
    "business.taken_on",
)
MOST_LINES = 2_000


@dataclass(frozen=True)
class Entry:
    """A line, read. ``body`` as written."""

    seq: int
    at: datetime
    actor: str
    action: str
    body: Mapping[str, Any]


class LogChanges:
    """Reads one business's chain."""

    def __init__(self, db: Session, business_id: str) -> None:
        self._db = db
        self._business_id = business_id

    def since(self, instant: datetime) -> Sequence[Entry]:
        """Lines of the actions above from ``instant`` on, oldest first; the newest 2,000 where there are more."""
        query = (
            select(LogLine.seq, LogLine.at, LogLine.actor, LogLine.action, LogLine.body)
            .where(
                LogLine.chain == self._business_id,
                LogLine.action.in_(ACTIONS),
                LogLine.at >= instant.astimezone(UTC).isoformat(timespec="microseconds"),
            )
            .order_by(LogLine.seq.desc())
            .limit(MOST_LINES)
        )
        rows = self._db.execute(query).all()
        return [
            Entry(row.seq, datetime.fromisoformat(row.at), row.actor, row.action, json.loads(row.body))
            for row in reversed(rows)
        ]


def rows_by_entity(entries: Sequence[Entry]) -> Iterator[tuple[str, int, int]]:
    """What the readings among ``entries`` brought: entity, rows new or different, rows deleted."""
    changed: dict[str, int] = {}
    deleted: dict[str, int] = {}
    for entry in entries:
        if entry.action != "sync.finished":
            continue
        for entity, (_, upserted, gone) in entry.body["entities"].items():
            changed[entity] = changed.get(entity, 0) + upserted
            deleted[entity] = deleted.get(entity, 0) + gone
    for entity in changed:
        if changed[entity] or deleted[entity]:
            yield entity, changed[entity], deleted[entity]
