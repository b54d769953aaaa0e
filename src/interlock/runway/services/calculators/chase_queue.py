"""Whom to chase first (product-map §1.6, feature 63): by the cash that is expected before the low point. Pure.

``expected = amount × chance that it is here by the low point``, the chance from how late the customer pays, given that it is still
unpaid today (``behaviour.Habits.chance_by``). No effect of a reminder is claimed: nobody has measured one here. What the order
says is where asking can still matter for the day on which cash is least.
"""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from msgspec import Struct

from interlock.runway.services.calculators.behaviour import Expected, Habits, expected


class Owed(Struct, frozen=True, gc=False):
    """An open invoice that may be asked for. ``minor``: what may be asked now, by both ledgers, home currency."""

    invoice_id: str
    number: str | None
    customer_id: str | None
    customer_name: str | None
    due: date
    minor: int


class Queued(Struct, frozen=True, gc=False):
    """One place in the queue. ``chance`` is of its being here by ``low_day``; ``expected_minor``: to the nearest minor unit."""

    owed: Owed
    days_late: int
    chance: Fraction
    expected_minor: int
    comes: Expected


def queue(owed: Iterable[Owed], habits: Habits, today: date, low_day: date) -> tuple[Queued, ...]:
    """Those that are past due, most expected cash first; of equals the older one."""
    rows = [_queued(each, habits, today, low_day) for each in owed if each.due < today and each.minor > 0]
    return tuple(
        sorted(rows, key=lambda row: (-row.expected_minor, -row.owed.minor, row.owed.due, row.owed.invoice_id))
    )


def _queued(owed: Owed, habits: Habits, today: date, low_day: date) -> Queued:
    late = (today - owed.due).days
    chance = habits.chance_by(owed.customer_id, late, (low_day - owed.due).days)
    return Queued(
        owed,
        late,
        chance,
        round(owed.minor * chance),
        expected(owed.due, habits, owed.customer_id, today),
    )
