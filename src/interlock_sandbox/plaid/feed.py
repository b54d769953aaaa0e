"""What Plaid has seen of an Item's transactions, in the order it saw it, and the cursors into that (plaid.md §4)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from interlock_sandbox.bank.model import BankLine, hashed

Kind = Literal["added", "modified", "removed"]


class Seen(NamedTuple):
    """One thing Plaid noticed about a transaction."""

    kind: Kind
    transaction_id: str
    line: BankLine
    pending: bool
    pending_transaction_id: str | None


class Cursor(NamedTuple):
    """``start``: what came before was told. While paging also how far it goes and how much of that was told."""

    item: str
    account: str
    start: int
    end: int | None = None
    offset: int = 0

    def text(self) -> str:
        end = "" if self.end is None else str(self.end)
        plain = f"{self.item}|{self.account}|{self.start}|{end}|{self.offset}"
        return base64.b64encode(plain.encode()).decode()


class BadCursor(ValueError):
    """Not a cursor of this Item and account."""


class Stale(Exception):
    """Something changed while the caller was paging."""


def cursor_of(text: str, item: str, account: str) -> Cursor:
    try:
        words = base64.b64decode(text, validate=True).decode().split("|")
        cursor = Cursor(words[0], words[1], int(words[2]), int(words[3]) if words[3] else None, int(words[4]))
    except (binascii.Error, UnicodeDecodeError, ValueError, IndexError):
        raise BadCursor from None
    if (cursor.item, cursor.account) != (item, account) or cursor.start < 0:
        raise BadCursor
    return cursor


class Page(NamedTuple):
    """Part of what changed; ``cursor`` continues from here."""

    changes: list[Seen]
    cursor: Cursor
    more: bool


class _Known(NamedTuple):
    transaction_id: str
    pending: bool
    line: BankLine
    before: str | None


@dataclass(slots=True)
class Feed:
    """Grows by ``look``; an event is never taken back."""

    item: str
    seen: list[Seen] = field(default_factory=list)
    _known: dict[str, _Known] = field(default_factory=dict)

    def look(self, lines: Iterable[BankLine], now: datetime) -> int:
        """Notice what differs from the last look; how many things that were."""
        before = len(self.seen)
        shown: set[str] = set()
        for line in lines:
            shown.add(line.id)
            self._notice(line, not line.posted(now))
        for line_id in [each for each in self._known if each not in shown]:
            self._gone(line_id)
        return len(self.seen) - before

    def page(self, cursor: Cursor, count: int) -> Page:
        """The next changes after a cursor, oldest first, each transaction once; ``Stale`` if they moved meanwhile."""
        end = len(self.seen)
        if cursor.end is not None and cursor.end != end:
            raise Stale
        changes = self._net(cursor.start, cursor.account)
        last = cursor.offset + count
        if last < len(changes):
            return Page(changes[cursor.offset : last], cursor._replace(end=end, offset=last), True)
        return Page(changes[cursor.offset :], Cursor(cursor.item, cursor.account, end), False)

    def _notice(self, line: BankLine, pending: bool) -> None:
        known = self._known.get(line.id)
        transaction_id = hashed("txn", self.item, line.id, pending, length=37)
        if known is None:
            self._tell("added", transaction_id, line, pending, None)
        elif known.pending and not pending:
            self.seen.append(Seen("removed", known.transaction_id, known.line, True, None))
            self._tell("added", transaction_id, line, False, known.transaction_id)
        elif known.line != line:
            self._tell("modified", known.transaction_id, line, pending, known.before)

    def _tell(self, kind: Kind, transaction_id: str, line: BankLine, pending: bool, before: str | None) -> None:
        self.seen.append(Seen(kind, transaction_id, line, pending, before))
        self._known[line.id] = _Known(transaction_id, pending, line, before)

    def _gone(self, line_id: str) -> None:
        known = self._known.pop(line_id)
        self.seen.append(Seen("removed", known.transaction_id, known.line, known.pending, None))

    def _net(self, start: int, account: str) -> list[Seen]:
        """What a caller who knows everything before ``start`` must be told."""
        first: dict[str, Kind] = {}
        latest: dict[str, Seen] = {}
        for event in self.seen[start:]:
            if account and event.line.account != account:
                continue
            first.setdefault(event.transaction_id, event.kind)
            earlier = latest.pop(event.transaction_id, None)
            if event.kind == "modified" and earlier is not None:
                event = event._replace(kind=earlier.kind)
            latest[event.transaction_id] = event
        return [
            event
            for transaction_id, event in latest.items()
            if not (event.kind == "removed" and first[transaction_id] == "added")
        ]
