"""Clean dollars: of what is open, how much has no finding that stops or questions it (product-map §1.12, last paragraph)."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal

from msgspec import Struct

from interlock.runway.services.calculators.finding import Finding

TARGET_PERCENT = Decimal(95)
_TENTH = Decimal("0.1")


class CleanDollars(Struct, frozen=True):
    """Minor units of home currency. ``percent`` has one decimal, rounded down; ``None`` while nothing is open.

    ``fix_first``: ids of the fewest documents, largest first, whose fixing brings ``percent`` to the target.
    """

    open_minor: int
    clean_minor: int
    percent: Decimal | None
    fix_first: tuple[str, ...]


def unclean(findings: Iterable[Finding], kind: str) -> set[str]:
    """Ids of ``kind`` under a critical or high finding."""
    found: set[str] = set()
    for finding in findings:
        if finding.blocks_cleanness:
            found.update(finding.documents(kind))
    return found


def clean_dollars(open_documents: Sequence[tuple[str, int]], dirty: set[str]) -> CleanDollars:
    """``open_documents`` are (id, open minor units), all in home currency and above zero."""
    whole = sum(minor for _, minor in open_documents)
    clean = sum(minor for id_, minor in open_documents if id_ not in dirty)
    if whole == 0:
        return CleanDollars(0, 0, None, ())
    fix_first, reached = [], clean
    for id_, minor in sorted(open_documents, key=lambda each: (-each[1], each[0])):
        if _percent(reached, whole) >= TARGET_PERCENT:
            break
        if id_ in dirty:
            fix_first.append(id_)
            reached += minor
    return CleanDollars(whole, clean, _percent(clean, whole), tuple(fix_first))


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(part * 100) / Decimal(whole)).quantize(_TENTH, rounding=ROUND_DOWN)
