"""Reading round a row that QuickBooks fails on: it answers 10000 to every page that holds it (qbo.md §12).

The page is halved until the row stands alone; its id is then what lies between its neighbours', or found among what may lie
there. One such row costs some twenty calls, once, and the rest of the company is read.
"""

from collections.abc import Awaitable, Callable, Sequence

from interlock.domains.qbo.mapper import BY_KIND, RAIL
from interlock.rails.errors import Unavailable
from interlock.rails.facts import Fact, Page, Unread

_MOST_UNREAD = 10  # more of them on one page, and it is QuickBooks that fails, not rows
_MOST_CANDIDATES = 300
_NOBODY = "0"

Window = Callable[[int, int], Awaitable[Page]]
"""A page by its first row and how many."""
Probe = Callable[[list[str]], Awaitable[Page]]
"""Rows by their ids."""


class Stumbled(Unavailable):
    """QuickBooks' own application error (10000): it may pass, or one row is behind it."""


async def without_failing_rows(kind: type[Fact], window: Window, probe: Probe, start: int, rows: int) -> Page:
    """The page that can't be shown whole, without the rows that fail; ``Stumbled`` where too many do."""
    parts = [None if part is None else part.settled() for part in await _halves(window, start, rows)]
    pages = [part for part in parts if part is not None]
    if not pages:
        raise Stumbled(RAIL, "QuickBooks had an application error; it may pass.")
    unread: list[Unread] = [each for page in pages for each in page.unread]
    for at, part in enumerate(parts):
        if part is None:
            before = next((page.facts[-1].id for page in reversed(parts[:at]) if page and page.facts), None)
            after = next((page.facts[0].id for page in parts[at + 1 :] if page and page.facts), None)
            unread.append(_unread(kind, await _name(probe, before, after)))
    return Page(kind, tuple(fact for page in pages for fact in page.facts), pages[0].as_of, tuple(unread))


async def without_failing_ids(kind: type[Fact], probe: Probe, ids: list[str]) -> list[Page]:
    """Rows by id, without those that fail. Where all do, QuickBooks must answer for an id nobody has: else it is QuickBooks."""
    found: list[Page] = []
    waiting = [ids]
    failing: list[Unread] = []
    while waiting:
        part = waiting.pop()
        try:
            found.append(await probe(part))
        except Stumbled:
            if len(part) > 1:
                waiting += [part[len(part) // 2 :], part[: len(part) // 2]]
                continue
            failing.append(_unread(kind, part[0]))
            if len(failing) > _MOST_UNREAD:
                raise
    if not found:
        found.append(await probe([_NOBODY]))
    return [*found, Page(kind, (), found[0].as_of, tuple(failing))]


async def _halves(window: Window, start: int, rows: int) -> list[Page | None]:
    """What the window holds, in order: pages, and ``None`` for each single row that fails."""
    parts: list[Page | None] = []
    waiting = [(start, rows)]
    while waiting:
        first, many = waiting.pop()
        if many == rows and many > 1:  # the whole has failed already
            waiting += [(first + many // 2, many - many // 2), (first, many // 2)]
            continue
        try:
            parts.append(await window(first, many))
        except Stumbled:
            if many > 1:
                waiting += [(first + many // 2, many - many // 2), (first, many // 2)]
                continue
            parts.append(None)
            if sum(part is None for part in parts) > _MOST_UNREAD:
                raise
    return parts


async def _name(probe: Probe, before: str | None, after: str | None) -> str | None:
    """The id of the failing row between two that are shown; ``None`` where too many could be it."""
    if before is None or after is None or not (before.isdigit() and after.isdigit()):
        return None
    candidates = [str(number) for number in range(int(before) + 1, min(int(after), int(before) + _MOST_CANDIDATES + 2))]
    if not 0 < len(candidates) <= _MOST_CANDIDATES:
        return None
    while len(candidates) > 1:
        half = candidates[: len(candidates) // 2]
        candidates = half if await _fails(probe, half) else candidates[len(half) :]
    return candidates[0]


async def _fails(probe: Probe, ids: Sequence[str]) -> bool:
    try:
        await probe(list(ids))
    except Stumbled:
        return True
    return False


def _unread(kind: type[Fact], id_: str | None) -> Unread:
    name = BY_KIND[kind].wire_name
    which = f"{name} {id_}" if id_ else f"one {name}"
    return Unread(
        kind,
        id_,
        f"QuickBooks fails whenever {which} is asked for (its error 10000); everything else was read. "
        "Open and save it in QuickBooks, or ask Intuit's support about it.",
    )
