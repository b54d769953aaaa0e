"""Why a bank's balance and the book's differ (product-map §2.1), item by item and to the cent. Pure.

``gap = bank − book = outstanding − in transit + unmatched lines + remainder``, and
``drift = bank − (book + outstanding − in transit)``, which is nothing when everything is explained.
"""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct


class Item(Struct, frozen=True, gc=False):
    """A movement of the books that the bank has not shown, or a line that the books do not have. Bank's sign."""

    kind: str
    id: str
    dated: date
    minor: int
    text: str
    number: str | None = None


class Truths(Struct, frozen=True):
    """One account's two balances, the book's with the bank's sign. ``since``: the bank's first line that we hold."""

    bank_account_id: str
    ledger_id: str
    spoken: str
    currency: str
    bank_minor: int
    book_minor: int
    since: date | None


class Drift(Struct, frozen=True):
    """The gap of one account, and all that makes it up. ``outstanding``: payments on their way to the bank (below zero);

    ``in_transit``: deposits on theirs; ``lines``: at the bank, not in the books.
    """

    truths: Truths
    outstanding: tuple[Item, ...]
    in_transit: tuple[Item, ...]
    lines: tuple[Item, ...]

    @property
    def gap_minor(self) -> int:
        return self.truths.bank_minor - self.truths.book_minor

    @property
    def outstanding_minor(self) -> int:
        """Above zero: what the bank will still pay out."""
        return -_sum(self.outstanding)

    @property
    def in_transit_minor(self) -> int:
        return _sum(self.in_transit)

    @property
    def lines_minor(self) -> int:
        return _sum(self.lines)

    @property
    def drift_minor(self) -> int:
        return self.gap_minor - self.outstanding_minor + self.in_transit_minor

    @property
    def remainder_minor(self) -> int:
        """What no item explains: what was before the bank's first line, or is in neither."""
        return self.drift_minor - self.lines_minor


def explain(truths: Truths, movements: Sequence[Item], lines: Sequence[Item]) -> Drift:
    """``movements``: the books' on this account that no posted line serves; ``lines``: posted ones that serve none of them."""
    since = truths.since or date.max
    waiting = sorted(
        (each for each in movements if each.dated >= since), key=lambda each: (each.dated, each.kind, each.id)
    )
    return Drift(
        truths,
        outstanding=tuple(each for each in waiting if each.minor < 0),
        in_transit=tuple(each for each in waiting if each.minor > 0),
        lines=tuple(sorted(lines, key=lambda each: (each.dated, each.id))),
    )


def _sum(items: Sequence[Item]) -> int:
    return sum(each.minor for each in items)
