"""What may be asked of a long list, and where it goes on: the pages before and after, with the filters kept."""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from interlock.kernel.errors import BadInput
from interlock.runway.services.data_orchestrators.document_list import MOST_ROWS, PAGE_ROWS

MOST_OFFSET = 1_000_000
PARTY_CHARACTERS = 200

Offset = Annotated[int, Query(ge=0, le=MOST_OFFSET, description="Rows to pass over.")]
Most = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows on a page.")]
DueRange = tuple[date | None, date | None]


def due_range(
    due_from: Annotated[str, Query(description="Due on this day or later; a date, or empty.")] = "",
    due_to: Annotated[str, Query(description="Due on this day or earlier; a date, or empty.")] = "",
) -> DueRange:
    """Both ends of the due dates asked for. Empty is no bound: that is how a browser sends an empty field."""
    first, last = _day("due_from", due_from), _day("due_to", due_to)
    if first and last and first > last:
        raise BadInput("due_from is after due_to, so nothing can be due between them.")
    return first, last


def around(
    which: str, party: tuple[str, str | None], due: DueRange, offset: int, most: int, following: int | None
) -> dict[str, str | None]:
    """``newer`` and ``older`` pages as query strings; ``party`` is the filter's name and value."""
    kept: dict[str, str] = {"which": which}
    for name, value in (party, ("due_from", due[0]), ("due_to", due[1])):
        if value:
            kept[name] = str(value)
    if most != PAGE_ROWS:
        kept["most"] = str(most)
    newer = None if offset == 0 else f"?{urlencode({**kept, 'offset': max(0, offset - most)})}"
    older = None if following is None else f"?{urlencode({**kept, 'offset': following})}"
    return {"newer": newer, "older": older}


def _day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise BadInput(f"{name} is a date, like 2026-12-17.") from None
