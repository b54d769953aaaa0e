"""How fast a business collects (product-map §2.5), in days and percent, exact until they are spoken. Pure.

Sales are on credit: invoices, less the credit memos of the same days, in home currency. What is owed is what invoices leave open
less credits and payments on account, as the aging has it; *current* is the part that is not yet past due.
"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from msgspec import Struct

from interlock.runway.services.calculators.behaviour import Paid

_TENTH = Decimal("0.1")


class SalesMonth(Struct, frozen=True, gc=False):
    """Credit sales of ``days`` days, a month or the part of it that has passed."""

    days: int
    sales_minor: int


class Period(Struct, frozen=True):
    """``days`` up to and including ``last``: what was owed when they began, what was sold in them, what is owed at their end."""

    last: date
    days: int
    begin_minor: int
    sales_minor: int
    end_minor: int
    current_minor: int


def dso(period: Period) -> Fraction | None:
    """Days sales outstanding: ``end ÷ sales × days``; ``None`` without sales."""
    return Fraction(period.end_minor * period.days, period.sales_minor) if period.sales_minor > 0 else None


def best_possible_dso(period: Period) -> Fraction | None:
    """The same of what isn't past due: what DSO would be if everybody paid on the day."""
    return Fraction(period.current_minor * period.days, period.sales_minor) if period.sales_minor > 0 else None


def average_days_delinquent(period: Period) -> Fraction | None:
    """``DSO − best possible DSO``: the days that lateness costs."""
    whole, best = dso(period), best_possible_dso(period)
    return None if whole is None or best is None else whole - best


def countback_dso(owed_minor: int, months: Sequence[SalesMonth]) -> Fraction | None:
    """Count back from today: each month's sales are taken off what is owed and its days counted, the last one in part.

    ``months``: the latest first. A month without sales counts whole. ``None`` where they don't reach back far enough.
    """
    left, days = owed_minor, Fraction(0)
    for month in months:
        if left <= 0:
            break
        if month.sales_minor > left:
            return days + Fraction(left * month.days, month.sales_minor)
        left -= max(month.sales_minor, 0)
        days += month.days
    return days if left <= 0 else None


def collection_effectiveness(period: Period) -> Fraction | None:
    """CEI, in percent: of what could be collected in the period, what was. ``None`` where nothing could be."""
    could = period.begin_minor + period.sales_minor - period.current_minor
    was = period.begin_minor + period.sales_minor - period.end_minor
    return Fraction(100 * was, could) if could > 0 else None


def days_late_paid(paid: Sequence[Paid]) -> tuple[Fraction, Fraction] | None:
    """Days from due date to payment, weighted by amount: with early payments counted as early, and with them as on the day."""
    weight = sum(each.minor for each in paid)
    if weight <= 0:
        return None
    late = [((each.paid_on - each.due).days, each.minor) for each in paid]
    signed = sum(days * minor for days, minor in late)
    return Fraction(signed, weight), Fraction(sum(max(days, 0) * minor for days, minor in late), weight)


def to_tenth(value: Fraction | None) -> Decimal | None:
    """To one decimal, a half away from zero."""
    if value is None:
        return None
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_TENTH, ROUND_HALF_UP)
