"""Every figure of the cash path taken apart: its formula, the items it is made of, and what it leaves out. Pure.

For a figure in money the leaves that count sum to it, to the cent (tested). Where a figure stands on another one, the leaf says
which, and that one can be opened in turn.
"""

from collections.abc import Callable
from datetime import date, timedelta

from msgspec.structs import replace

from interlock.kernel.errors import NotFound
from interlock.kernel.money import Money
from interlock.runway.services.calculators.figure_values import (
    Explained,
    Leaf,
    Position,
    flow_leaf,
    left_out,
    start_leaves,
)
from interlock.runway.services.calculators.figures_of_cash import CASH_FIGURES
from interlock.runway.services.calculators.floor import Term
from interlock.runway.services.calculators.flows import Source
from interlock.runway.services.calculators.guardrail_values import Low
from interlock.runway.services.calculators.weeks import COLUMNS, Week, column_of, counted_on, items_of, low_counted_on
from interlock.runway.services.calculators.words import counted, on_day

MONEY_FIGURES = ("available", "in_flight", "earmarked", "restricted", "spendable", "floor", "low_point", "headroom")
OTHER_FIGURES = ("path_runway", "buffer_days", "static_runway")
_CELLS = ("opening", *COLUMNS, "closing", "low", "headroom")
_TOLD = {
    "receipts": "Receipts",
    "payroll": "Payroll",
    "tax": "Tax",
    "bills": "Bills and other",
    "debt": "Card and loan",
}
_OURS = "ours"


def explain(at: Position, figure: str) -> Explained:
    """A figure by its name (``low_point``, ``week:2026-12-14:receipts``, ``balance:2026-12-17:low``); ``NotFound`` otherwise."""
    plain = _PLAIN.get(figure)
    if plain is not None:
        return plain(at)
    kind, _, rest = figure.partition(":")
    named, _, cell = rest.partition(":")
    if kind == "week" and cell in _CELLS:
        return _cell(at, figure, named, cell)
    if kind == "balance" and cell in ("low", "likely"):
        day = _day(at, named)
        return _balance(at, figure, day, low=cell == "low")
    raise NotFound(
        f"There is no figure {figure!r}. Figures: {', '.join((*MONEY_FIGURES, *OTHER_FIGURES))}, a week's cell, "
        "as in week:2026-12-14:receipts, and a day's balance, as in balance:2026-12-17:low."
    )


def _day(at: Position, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound(f"{text!r} is no date; write it as 2026-12-17.") from None
    if not at.path.today <= day <= at.path.last:
        raise NotFound(f"The path goes from {at.path.today} to {at.path.last}; {day} isn't on it.")
    return day


def _cell(at: Position, figure: str, named: str, cell: str) -> Explained:
    if named == "all":
        return _column(at, figure, cell, at.path.today, at.path.last, f"{counted(len(at.weeks), 'week')}")
    day = _day_of_week(at, named)
    week = next(each for each in at.weeks if each.monday == day)
    when = f"week of {on_day(week.monday, at.today)}"
    if cell == "opening":
        return _opening(at, figure, week, when)
    if cell == "closing":
        return replace(_balance(at, figure, week.last, low=False), name=f"Closing, {when}, likely")
    if cell == "low":
        return replace(_balance(at, figure, week.low_on, low=True), name=f"Lowest, {when}, low side")
    if cell == "headroom":
        return _headroom(at, figure, Low(week.low_minor, week.low_on), f"Headroom, {when}")
    return _column(at, figure, cell, week.first, week.last, when)


def _day_of_week(at: Position, text: str) -> date:
    for week in at.weeks:
        if week.monday.isoformat() == text:
            return week.monday
    raise NotFound(f"No week of the path begins on {text!r}; weeks are named by their Monday.")


def _column(at: Position, figure: str, cell: str, first: date, last: date, when: str) -> Explained:
    if cell not in COLUMNS:
        raise NotFound(f"The sum of all weeks has no {cell}.")
    flows = [each for each in items_of(at.plan.flows, first, last, at.today) if column_of(each) == cell]
    return Explained(
        figure=figure,
        name=f"{_TOLD[cell]}, {when}",
        minor=sum(each.minor for each in flows),
        value="",
        formula="Sum of the items, each at its likely date (p50).",
        leaves=tuple(flow_leaf(each) for each in flows),
        left_out=left_out(at.plan),
    )


def _opening(at: Position, figure: str, week: Week, when: str) -> Explained:
    name = f"Opening, {when}"
    if week.first == at.today:
        return Explained(figure, name, at.plan.start.minor, "", "Where the path starts.", start_leaves(at.plan))
    return replace(_balance(at, figure, week.first - timedelta(days=1), low=False), name=name)


def _balance(at: Position, figure: str, day: date, *, low: bool) -> Explained:
    side = "low side (p80)" if low else "likely (p50)"
    moved = [(low_counted_on(each, at.today) if low else counted_on(each, at.today), each) for each in at.plan.flows]
    flows = sorted(((on, each) for on, each in moved if on <= day), key=lambda pair: (pair[0], pair[1].key))
    held = at.path.days[(day - at.path.today).days]
    return Explained(
        figure=figure,
        name=f"Balance on {on_day(day, at.today)}, {side}",
        minor=held.low_minor if low else held.likely_minor,
        value="",
        formula=f"Start, and every item dated up to {on_day(day, at.today)} at the {side}.",
        leaves=(*start_leaves(at.plan), *(flow_leaf(each) for _, each in flows)),
        left_out=left_out(at.plan),
    )


def _headroom(at: Position, figure: str, low: Low, name: str) -> Explained:
    return Explained(
        figure=figure,
        name=name,
        minor=low.minor - at.floor_minor,
        value="",
        formula="Lowest balance at the low side (p80), less the floor.",
        leaves=(
            Leaf("low", f"Lowest, {on_day(low.on, at.today)}", low.minor, figure=f"balance:{low.on}:low", on=low.on),
            Leaf("floor", "Floor", -at.floor_minor, figure="floor"),
        ),
    )


def _floor(at: Position) -> Explained:
    terms = at.terms
    each_day = Money(terms.essential_per_day_minor, at.plan.currency)
    buffered = terms.buffer_days * terms.essential_per_day_minor
    named: tuple[tuple[Term, str, int], ...] = (
        ("absolute", "Amount that the policy sets", terms.absolute_minor),
        ("buffer", f"{counted(terms.buffer_days, 'day')} of essentials at {each_day} a day", buffered),
        ("covenant", "Covenant", terms.covenant_minor),
    )
    return Explained(
        "floor",
        "Floor",
        at.floor_minor,
        "",
        "The largest of an amount, some days of essential outflow, and a covenant. Only the one that binds counts.",
        tuple(
            Leaf(f"floor:{term}", label, minor, Source(_OURS, "policy", term), counts=term == at.term)
            for term, label, minor in named
        ),
    )


def _low_point(at: Position) -> Explained:
    low = at.low
    held = _balance(at, "low_point", low.on, low=True)
    return replace(held, name=f"Low point, {on_day(low.on, at.today)}, low side (p80)")


def _all_headroom(at: Position) -> Explained:
    return _headroom(at, "headroom", at.low, "Headroom at the low point")


_PLAIN: dict[str, Callable[[Position], Explained]] = {
    **CASH_FIGURES,
    "floor": _floor,
    "low_point": _low_point,
    "headroom": _all_headroom,
}
