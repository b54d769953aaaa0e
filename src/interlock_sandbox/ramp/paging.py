"""Keyset pages: ``start`` is the last row seen, ``page.next`` the whole address of what follows (ramp.md §2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from aiohttp import web

from interlock_sandbox.ramp.faults import invalid

Row = TypeVar("Row")
DEFAULT_SIZE = 20
SMALLEST, LARGEST = 2, 100
LONGEST_SIZE_TEXT = 12


def page(
    request: web.Request, rows: Sequence[Row], key: Callable[[Row], str], show: Callable[[Row], dict[str, Any]]
) -> dict[str, Any]:
    """One page of rows that are in their final order.."""
    size = _size(request.query.get("page_size"))
    start = request.query.get("start")
    first = next((number for number, row in enumerate(rows, start=1) if key(row) == start), None) if start else 0
    if first is None:
        raise invalid("start", "No row has this id.")
    shown = rows[first : first + size]
    more = first + size < len(rows)
    following = None
    if more:
        following = str(request.url.update_query(start=key(shown[-1]), page_size=str(size)))
    return {"data": [show(row) for row in shown], "page": {"next": following}}


def _size(sent: str | None) -> int:
    if sent is None:
        return DEFAULT_SIZE
    if not (sent.isascii() and sent.removeprefix("-").isdecimal()) or len(sent) > LONGEST_SIZE_TEXT:
        raise invalid("page_size", "Not a valid integer.")
    size = int(sent)
    if not SMALLEST <= size <= LARGEST:
        raise invalid("page_size", f"Value must be between {SMALLEST} and {LARGEST}")
    return size
