"""Where a long list goes on: addresses of the pages before and after, with the filters kept."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from interlock.runway.services.data_orchestrators.document_list import MOST_ROWS, PAGE_ROWS

MOST_OFFSET = 1_000_000
PARTY_CHARACTERS = 200

Offset = Annotated[int, Query(ge=0, le=MOST_OFFSET, description="Rows to pass over.")]
Most = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows on a page.")]


def around(
    which: str, party: tuple[str, str | None], offset: int, most: int, following: int | None
) -> dict[str, str | None]:
    """``newer`` and ``older`` pages as query strings; ``party`` is the filter's name and value."""
    kept: dict[str, str] = {"which": which}
    if party[1]:
        kept[party[0]] = party[1]
    if most != PAGE_ROWS:
        kept["most"] = str(most)
    newer = None if offset == 0 else f"?{urlencode({**kept, 'offset': max(0, offset - most)})}"
    older = None if following is None else f"?{urlencode({**kept, 'offset': following})}"
    return {"newer": newer, "older": older}
