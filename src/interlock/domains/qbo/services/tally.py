"""What a sync keeps count of: rows by kind, the listing under way, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from interlock.domains.qbo.services.listing import Place
from interlock.rails.facts import KINDS, Fact
from interlock.rails.ports import EntityReport, RowProblem

Wanted = dict[type[Fact], list[str]]
"""Rows to ask for by id."""

KIND_BY_NAME = {kind.entity: kind for kind in KINDS}


class Unfinished(msgspec.Struct):
    """A listing under way: when it began on the ledger's clock, each kind's place (``None``: listed whole), and by how

    much that clock was ahead of ours.
    """

    since: datetime
    places: dict[str, Place | None]
    ahead_seconds: int = 0


@dataclass
class Tally:
    """What this sync did so far, by kind: rows read, rows new or different, rows buried."""

    read: dict[type[Fact], int] = field(default_factory=dict)
    upserted: dict[type[Fact], int] = field(default_factory=dict)
    deleted: dict[type[Fact], int] = field(default_factory=dict)

    def add(self, kind: type[Fact], *, read: int = 0, upserted: int = 0, deleted: int = 0) -> None:
        for counter, by in ((self.read, read), (self.upserted, upserted), (self.deleted, deleted)):
            counter[kind] = counter.get(kind, 0) + by

    @property
    def moved(self) -> int:
        """Rows that are not what they were."""
        return sum(self.upserted.values()) + sum(self.deleted.values())

    def reports(self) -> tuple[EntityReport, ...]:
        return tuple(
            EntityReport(kind.entity, self.read[kind], self.upserted[kind], self.deleted[kind])
            for kind in KINDS
            if kind in self.read
        )


@dataclass(frozen=True)
class Ended:
    """A sync that is done but for its last write. ``notices``: ids of those it answers."""

    mode: str
    entities: tuple[EntityReport, ...]
    calls: int
    received: int
    metered: int
    seconds: float
    began: datetime
    notices: Sequence[str]

    def line(self, rail: str, problems: Sequence[RowProblem]) -> dict[str, Any]:
        """The body of the sync's own log line."""
        body = {
            "rail": rail,
            "mode": self.mode,
            "entities": {each.entity: [each.rows, each.upserted, each.deleted] for each in self.entities},
            "calls": self.calls,
            "bytes": self.received,
            "metered": self.metered,
            "milliseconds": int(self.seconds * 1000),
            "notices": len(self.notices),
        }
        return {**body, "unread": len(problems)} if problems else body
