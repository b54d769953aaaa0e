"""What can be spent (product-map §2.1): what banks call available, less what is on its way out. Pure.

``spendable = available − in flight − earmarks − restricted``. What a bank already shows as pending is inside its available
balance, so it is not in flight any more.
"""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct


class OnItsWay(Struct, frozen=True, gc=False):
    """A payment that was made or instructed and that no bank has shown. ``minor`` is above zero; ``book``: who states it."""

    book: str
    kind: str
    id: str
    dated: date
    minor: int
    party: str | None
    number: str | None
    pays: tuple[tuple[str, int], ...] = ()
    """The ledger's bills that it pays and what of each, so that a payment both books state counts once."""


class Spendable(Struct, frozen=True):
    """In minor units of home currency. ``available_minor`` is ``None`` where a bank tells nothing of an account."""

    available_minor: int | None
    in_flight: tuple[OnItsWay, ...]
    earmarked_minor: int = 0
    restricted_minor: int = 0

    @property
    def in_flight_minor(self) -> int:
        return sum(each.minor for each in self.in_flight)

    @property
    def spendable_minor(self) -> int | None:
        if self.available_minor is None:
            return None
        return self.available_minor - self.in_flight_minor - self.earmarked_minor - self.restricted_minor


def available_of(available: int | None, current: int | None, pending: Sequence[int]) -> int | None:
    """The bank's available balance; where it has none, the current one less what is pending on its way out."""
    if available is not None:
        return available
    return None if current is None else current + sum(minor for minor in pending if minor < 0)


def in_flight(recorded: Sequence[OnItsWay], instructed: Sequence[OnItsWay]) -> tuple[OnItsWay, ...]:
    """What the books record and what a rail was told, each dollar once: the same amount for the same bill is the same money.

    Another amount of it is another payment: counted too, since what can be spent is better said too low.
    """
    paid = {part for each in recorded for part in each.pays}
    rest = [each for each in instructed if not paid.intersection(each.pays)]
    return tuple(sorted((*recorded, *rest), key=lambda each: (each.dated, each.book, each.kind, each.id)))
