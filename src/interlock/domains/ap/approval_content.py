"""What an approval binds to: whom, how much, by when, for what, and to which payee (product-map §3.2, rule 9). Pure.

The content is kept with what was decided, named by its hash, so that a later change can be said with both values. The balance
is not part of it: our own payment changes nothing that was approved.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date

import msgspec
from msgspec import Struct

from interlock.kernel.money import Money

_LINES_SAID = 3
_NAMES: Mapping[str, str] = {}


class LineContent(Struct, frozen=True):
    """One line of a bill. ``account_id``: the account or, where a line names none, the item that it is booked to."""

    account_id: str | None
    amount_minor: int
    description: str | None


class BillContent(Struct, frozen=True):
    """The bound fields of a bill. ``payee``: what can be seen of how its vendor is paid, each detail by name."""

    vendor_id: str | None
    currency: str
    total_minor: int
    due: date | None
    number: str | None
    lines: tuple[LineContent, ...]
    payee: dict[str, str] = {}


def canonical(content: BillContent) -> bytes:
    """JSON with sorted keys and no spaces: equal content has equal bytes."""
    said = msgspec.to_builtins(content)
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def content_hash(content: BillContent) -> str:
    """SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical(content)).hexdigest()


def read_content(said: bytes) -> BillContent:
    """The reverse of ``canonical``."""
    return msgspec.json.decode(said, type=BillContent)


def changes(was: BillContent, now: BillContent, names: Mapping[str, str] = _NAMES) -> tuple[str, ...]:
    """Every bound field that differs, with both values: ``due date moved from 1 Dec 2026 to 8 Dec 2026``.

    ``names``: vendors and accounts by id, as they are called; an id without a name is said as it is.
    """
    return tuple(_changes(was, now, names))


def _changes(was: BillContent, now: BillContent, names: Mapping[str, str]) -> Iterator[str]:
    if was.vendor_id != now.vendor_id:
        yield f"vendor changed from {_named(was.vendor_id, names)} to {_named(now.vendor_id, names)}"
    if was.currency != now.currency:
        yield f"currency changed from {was.currency} to {now.currency}"
    if was.total_minor != now.total_minor:
        yield f"total went from {_sum(was, was.total_minor)} to {_sum(now, now.total_minor)}"
    if was.due != now.due:
        yield f"due date moved from {_day(was.due)} to {_day(now.due)}"
    if was.number != now.number:
        yield f"document number changed from {was.number or 'none'} to {now.number or 'none'}"
    if was.lines != now.lines:
        yield from _lines(was, now, names)
    for detail in sorted({*was.payee, *now.payee}):
        then, since = was.payee.get(detail), now.payee.get(detail)
        if then != since:
            yield f"the payee’s {detail} changed from {then or 'none'} to {since or 'none'}"


def _lines(was: BillContent, now: BillContent, names: Mapping[str, str]) -> Iterator[str]:
    if len(was.lines) != len(now.lines):
        yield f"lines went from {len(was.lines)} to {len(now.lines)}"
        return
    differing = [at for at, (then, since) in enumerate(zip(was.lines, now.lines, strict=True)) if then != since]
    for at in differing[:_LINES_SAID]:
        then, since = was.lines[at], now.lines[at]
        if then.amount_minor != since.amount_minor:
            yield f"line {at + 1} went from {_sum(was, then.amount_minor)} to {_sum(now, since.amount_minor)}"
        if then.account_id != since.account_id:
            yield (
                f"line {at + 1}’s account changed from {_named(then.account_id, names)} "
                f"to {_named(since.account_id, names)}"
            )
        if then.description != since.description:
            yield f"line {at + 1}’s text changed from “{then.description or ''}” to “{since.description or ''}”"
    more = len(differing) - _LINES_SAID
    if more > 0:
        yield f"{more} more line{'s' if more > 1 else ''} changed"


def _named(id_: str | None, names: Mapping[str, str]) -> str:
    return names.get(id_, id_) if id_ is not None else "none"


def _sum(content: BillContent, minor: int) -> str:
    return str(Money(minor, content.currency))


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day is not None else "none"
