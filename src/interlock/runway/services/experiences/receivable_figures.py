"""The figures of collecting as they are shown: each with its formula and this client's own numbers in it."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from interlock.kernel.money import Money
from interlock.runway.services.calculators.behaviour import Paid
from interlock.runway.services.calculators.receivable_figures import (
    Period,
    SalesMonth,
    average_days_delinquent,
    best_possible_dso,
    collection_effectiveness,
    countback_dso,
    days_late_paid,
    dso,
    to_tenth,
)
from interlock.runway.services.views import View

DSO_DAYS = 90
CEI_DAYS = 30


class FigureView(View):
    """One figure: ``value`` with one decimal, or ``None`` and ``words`` say why; ``formula`` with this business's numbers in it."""

    key: str
    name: str
    value: Decimal | None
    unit: str
    words: str
    formula: str


def figures_of(
    long: Period, short: Period, months: Sequence[SalesMonth], paid: Sequence[Paid], home: str
) -> tuple[FigureView, ...]:
    """``long``: the days of DSO; ``short``: those of effectiveness; ``months``: of sales, the latest first; ``paid``: of a year."""
    return (*_of_sales(long, months, home), *_of_payments(paid), _of_effect(short, home))


def _of_sales(long: Period, months: Sequence[SalesMonth], home: str) -> tuple[FigureView, ...]:
    owed, sales = Money(long.end_minor, home), Money(long.sales_minor, home)
    over, none = f"{sales} sales of {DSO_DAYS} days × {DSO_DAYS}", f"Nothing was invoiced in {DSO_DAYS} days."
    current = Money(long.current_minor, home)
    return (
        _figure("dso", "DSO", dso(long), f"{owed} owed ÷ {over}", none),
        _figure(
            "dso_countback",
            "DSO, counted back",
            countback_dso(max(long.end_minor, 0), months),
            f"{owed} owed, less each month's sales, this month first",
            "What is owed is more than thirteen months of sales.",
        ),
        _figure(
            "best_possible_dso",
            "Best possible DSO",
            best_possible_dso(long),
            f"{current} not yet due ÷ {over}",
            none,
        ),
        _figure(
            "average_days_delinquent",
            "Average days delinquent",
            average_days_delinquent(long),
            "DSO less best possible DSO",
            none,
        ),
    )


def _of_payments(paid: Sequence[Paid]) -> tuple[FigureView, ...]:
    late = days_late_paid(paid)
    signed, floored = late or (None, None)
    none = "No invoice was paid in twelve months."
    return (
        _figure(
            "days_late_paid",
            "Days late, as paid",
            signed,
            "days from due date to payment, by amount, twelve months; early counts as early",
            none,
        ),
        _figure(
            "days_late_paid_floored",
            "Days late, early as on the day",
            floored,
            "the same, a payment before the due date counted as on it",
            none,
        ),
    )


def _of_effect(short: Period, home: str) -> FigureView:
    begin, sales, end, current = (
        Money(minor, home) for minor in (short.begin_minor, short.sales_minor, short.end_minor, short.current_minor)
    )
    return _figure(
        "collection_effectiveness",
        "Collection effectiveness",
        collection_effectiveness(short),
        f"({begin} owed {CEI_DAYS} days ago + {sales} sales − {end} owed) ÷ (the same less {current} not yet due)",
        f"Nothing was due to be collected in {CEI_DAYS} days.",
        unit="%",
    )


def _figure(key: str, name: str, value: Fraction | None, formula: str, none: str, *, unit: str = "days") -> FigureView:
    spoken = to_tenth(value)
    words = none if spoken is None else f"{spoken}{'%' if unit == '%' else ' ' + unit}"
    return FigureView(key=key, name=name, value=spoken, unit=unit, words=words, formula=formula)
