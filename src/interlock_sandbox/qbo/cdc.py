"""Change data capture: what changed since an instant, deleted transactions as stubs (qbo.md §4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from interlock_sandbox.books import Books, BooksFault
from interlock_sandbox.books.fault import missing
from interlock_sandbox.books.schema import BY_LOWER
from interlock_sandbox.books.wire import ENCODER, deleted_stub
from interlock_sandbox.qbo.faults import system_error
from interlock_sandbox.qbo.query import moment
from interlock_sandbox.qbo.statement import invalid
from interlock_sandbox.quirks import Quirks

LOOK_BACK = timedelta(days=30)
MOST_OBJECTS = 1000


def changes(books: Books, entities: str, since: str, now: datetime, quirks: Quirks) -> bytes:
    """The ``CDCResponse`` array as JSON bytes.

    At most 1000 objects over all entities, no paging; further ones are left off without a word, deletions of an entity
    first of all, as they come last. Deletions show for 30 days.
    """
    start = _since(since)
    if quirks.lookback == "strict" and start < now - LOOK_BACK:
        raise BooksFault("4001", "Invalid query", "The changedSince time must be within the last 30 days.")
    names = [_canonical(name.strip()) for name in entities.split(",") if name.strip()]
    if not names:
        raise missing("entities")
    left = MOST_OBJECTS
    groups: list[bytes] = []
    for name in names:
        rows = _rows(books, name, start, now - LOOK_BACK, left, quirks)
        left -= len(rows)
        groups.append(_group(name, rows))
    if left == MOST_OBJECTS and quirks.empty != "each":
        return b"[]" if quirks.empty == "none" else b'[{"QueryResponse":[{}]}]'
    return b'[{"QueryResponse":[' + b",".join(groups) + b"]}]"


def _rows(
    books: Books, name: str, start: datetime, oldest_deletion: datetime, most: int, quirks: Quirks
) -> list[bytes]:
    """Changed objects by ascending time, then deletions; no more than ``most``."""
    changed = [record for record in books.records(name).values() if record.updated >= start]
    changed.sort(key=lambda record: (record.updated, record.number))
    shown = changed[:most]
    if quirks.poisoned and any(quirks.is_poisoned(books.realm_id, name, record.id, "cdc") for record in shown):
        raise system_error()
    deleted = [
        tombstone
        for tombstone in books.tombstones
        if tombstone.entity == name and tombstone.at >= max(start, oldest_deletion)
    ]
    room = most - len(shown)
    stubs = [ENCODER.encode(deleted_stub(tombstone, with_time=True)) for tombstone in deleted[:room]]
    return [books.raw(record) for record in shown] + stubs


def _group(name: str, rows: list[bytes]) -> bytes:
    if not rows:
        return b"{}"
    return b'{"%b":[%b],"startPosition":1,"maxResults":%d}' % (name.encode(), b",".join(rows), len(rows))


def _canonical(name: str) -> str:
    known = BY_LOWER.get(name.lower())
    if known is None:
        raise invalid(f"invalid context declaration: {name}")
    return known


def _since(text: str) -> datetime:
    try:
        return moment(text)
    except ValueError:
        raise invalid(f"value '{text}' is not valid for changedSince") from None
