"""One object of the books, and the trace a deleted one leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

Body = dict[str, Any]
Link = tuple[str, str]
Operation = Literal["Create", "Update", "Delete", "Void", "Merge"]


class Happened(NamedTuple):
    """What Intuit tells of a change (qbo.md §6): no content, only what it was and when.

    An object whose SyncToken stays (a balance moved, a payment was swept into a deposit) is not told of.
    """

    operation: Operation
    entity: str
    id: str
    at: datetime
    deleted_id: str | None = None


class Record:
    """A stored object: its writable body, its counters, and the links other documents made to it.

    ``raw`` caches the JSON bytes; whoever changes anything that shows on the wire sets it to ``None``.
    """

    __slots__ = ("back_links", "body", "created", "entity", "id", "number", "raw", "token", "updated", "voided")

    def __init__(self, entity: str, number: int, body: Body, at: datetime) -> None:
        self.entity = entity
        self.number = number
        self.id = str(number)
        self.body = body
        self.token = 0
        self.created = at
        self.updated = at
        self.back_links: list[Link] = []
        self.voided = False
        self.raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A hard-deleted transaction: only its id and the moment survive (qbo.md §4)."""

    entity: str
    id: str
    at: datetime
