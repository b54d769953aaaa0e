"""Burn, runway and buffer (product-map §2.2), in minor units of home currency. Pure.

Gross burn is operating outflow a day, net burn operating outflow less operating inflow a day, on cash basis over up to thirteen
whole weeks before today. Left out: internal transfers, payments of cards whose purchases are counted already, and what owners
and lenders bring or take. ``static runway = spendable ÷ net burn``; what a decision does is never read from it: that is the path's.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Literal

from msgspec import Struct

from interlock.runway.services.calculators.cash_path import CashPath
from interlock.runway.services.calculators.words import counted

WEEKS = 13
LEAST_WEEKS = 4
_WEEK = timedelta(days=7)
_TENTH = Decimal("0.1")

Nature = Literal["operating", "transfer", "card_payment", "financing", "owner"]


class Moved(Struct, frozen=True, gc=False):
    """Cash that moved on ``day``: in above zero. Only ``operating`` counts as burn."""

    day: date
    minor: int
    nature: Nature = "operating"


class Burn(Struct, frozen=True):
    """Sums over ``weeks`` whole weeks up to yesterday; medians are of weeks. Net below zero: more came in than went out."""

    weeks: int
    outflow_minor: int
    inflow_minor: int
    median_gross_week_minor: int
    median_net_week_minor: int

    @property
    def days(self) -> int:
        return self.weeks * 7

    @property
    def net_minor(self) -> int:
        return self.outflow_minor - self.inflow_minor

    @property
    def gross_day_minor(self) -> int | None:
        """The mean, to the nearest minor unit; ``None`` without a whole week."""
        return _rounded(self.outflow_minor, self.days)

    @property
    def net_day_minor(self) -> int | None:
        return _rounded(self.net_minor, self.days)

    @property
    def median_gross_day_minor(self) -> int | None:
        return _rounded(self.median_gross_week_minor, 7) if self.weeks else None

    @property
    def median_net_day_minor(self) -> int | None:
        return _rounded(self.median_net_week_minor, 7) if self.weeks else None


class Runway(Struct, frozen=True):
    """``days`` is ``None`` where there is no such number; ``words`` say it or why not. ``until``: the day it ends."""

    days: int | None
    words: str
    until: date | None = None


def burn_of(moved: Sequence[Moved], today: date) -> Burn:
    """Whole weeks before ``today`` since the first movement of any nature, thirteen at most."""
    past = [each for each in moved if each.day < today]
    if not past:
        return Burn(0, 0, 0, 0, 0)
    weeks = min((today - min(each.day for each in past)) // _WEEK, WEEKS)
    gone, come = [0] * weeks, [0] * weeks
    for each in past:
        week = ((today - each.day).days - 1) // 7
        if week < weeks and each.nature == "operating":
            (come if each.minor > 0 else gone)[week] += abs(each.minor)
    net = [out - into for out, into in zip(gone, come, strict=True)]
    return Burn(weeks, sum(gone), sum(come), _median(gone), _median(net))


def static_runway(spendable_minor: int | None, burn: Burn, today: date) -> Runway:
    """Whole days that what can be spent lasts at the net burn; words instead of a number where none is true."""
    if burn.weeks < LEAST_WEEKS:
        return Runway(None, "insufficient history")
    if burn.net_minor <= 0:
        return Runway(None, "cash-generative")
    if spendable_minor is None:
        return Runway(None, "unknown: a bank tells no balance")
    days = max(spendable_minor, 0) * burn.days // burn.net_minor
    return Runway(days, counted(days, "day"), _later(today, days))


def path_runway(path: CashPath, floor_minor: int) -> Runway:
    """Days until the low side of the path is first under the floor; ``> 91 days`` where it never is."""
    until = path.breach(floor_minor)
    if until is None:
        return Runway(None, f"> {counted((path.last - path.today).days, 'day')}")
    days = (until - path.today).days
    return Runway(days, counted(days, "day"), until)


def buffer_days(balance_minor: int, outflow_minor: int, days: int) -> Decimal | None:
    """Days of outflow that the average daily ``balance_minor`` pays if nothing came in, to a tenth (JPMorgan Chase Institute).

    ``outflow_minor``: all that went out in ``days``, above zero; ``None`` where nothing did.
    """
    if outflow_minor <= 0 or days <= 0:
        return None
    return (Decimal(balance_minor) * days / outflow_minor).quantize(_TENTH, rounding=ROUND_HALF_UP)


def _median(weeks: Sequence[int]) -> int:
    """The middle week; between two, their mean, half a minor unit rounded up."""
    if not weeks:
        return 0
    return int(Decimal(median(map(Decimal, weeks))).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _rounded(minor: int, days: int) -> int | None:
    return int((Decimal(minor) / days).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if days else None


def _later(today: date, days: int) -> date | None:
    """``None`` for a day that no calendar has."""
    return today + timedelta(days=days) if days <= (date.max - today).days else None
