"""What is known of cash to come, as the checks see it. Pure."""

from datetime import date

from msgspec import Struct


class Overdrawn(Struct, frozen=True, gc=False):
    """A deposit account of which a bank says that less than nothing is available."""

    account_id: str
    institution: str
    spoken: str
    minor: int


class Missing(Struct, frozen=True, gc=False):
    """A payroll that was due and isn't in the books: ``minor`` above zero; ``confirmed`` by a person, or told from the books."""

    id: str
    name: str
    due: date
    minor: int
    confirmed: bool


class CashAhead(Struct, frozen=True):
    """``below_on``: the first day that what is sure takes cash below zero, within what checks look ahead; then ``lowest_minor`` is

    the least it comes to in that time, on ``lowest_on``.
    """

    overdrawn: tuple[Overdrawn, ...] = ()
    below_on: date | None = None
    lowest_minor: int = 0
    lowest_on: date = date.min
    missing: tuple[Missing, ...] = ()
