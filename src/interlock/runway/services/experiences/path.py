"""The dated cash path as shown: what can be spent, how low it goes, thirteen weeks in figures, each of them explained."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from interlock.domains.firm.models import Business
from interlock.kernel.money import Money
from interlock.runway.services.calculators.cash_path import CashPath
from interlock.runway.services.calculators.chart import SLIM, WIDE, Lane, draw_path
from interlock.runway.services.calculators.drawing import Size
from interlock.runway.services.calculators.figure_values import Position, flow_leaf
from interlock.runway.services.calculators.figures import MONEY_FIGURES, OTHER_FIGURES, explain
from interlock.runway.services.calculators.flows import Flow
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.weeks import COLUMNS, Column, Week, column_of, counted_on, items_of
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.experiences.explaining import InputView
from interlock.runway.services.views import Amount, BusinessView, Instant, View

_FLOOR_TERMS = {
    "absolute": "the amount that the policy sets",
    "buffer": "days of essential outflow",
    "covenant": "the covenant",
    "none": "no floor is set: never below zero",
}


class DayView(View):
    """Balances at the end of a day: likely (p50) and at the low side (p80)."""

    day: date
    likely: Amount
    low: Amount


class WeekView(View):
    """One week; ``closing = opening + receipts + payroll + tax + bills + debt``, all at p50. ``low``: the lowest at p80."""

    monday: date
    first: date
    last: date
    opening: Amount
    receipts: Amount
    payroll: Amount
    tax: Amount
    bills: Amount
    debt: Amount
    closing: Amount
    low: Amount
    low_on: date
    headroom: Amount
    items: int


class ItemView(InputView):
    """An item of a week, and the column it stands in."""

    column: Column
    counted_on: date
    standing: str


class FigureView(View):
    """A figure of the ledger beside the chart. ``amount`` or, for days, ``value``; ``why``: its inputs in a line."""

    figure: str
    name: str
    amount: Amount | None
    value: str
    why: str
    tone: Literal["", "stop", "warn"] = ""


class LeftOutView(View):
    """What the path leaves out, and why."""

    why: str
    currency: str
    rows: int
    amount: Amount


class PathExperience(View):
    """The path of one client. ``breach``: the first day under the floor at p80, ``likely_breach`` at p50; ``assumed``: dollars

    whose date rests on an assumption about something overdue. ``totals``: the columns over all weeks.
    """

    business: BusinessView
    ask: str
    say: str
    tone: Literal["stop", "warn", "clear"]
    today: date
    last: date
    basis: Literal["bank", "books"]
    basis_words: str
    as_of: Instant | None
    figures: tuple[FigureView, ...]
    floor: Amount
    floor_term: str
    low: Amount
    low_on: date
    breach: date | None
    likely_breach: date | None
    weeks: tuple[WeekView, ...]
    totals: tuple[Amount, ...]
    days: tuple[DayView, ...]
    left_out: tuple[LeftOutView, ...]
    assumed: Amount
    assumed_items: int
    troubles: tuple[str, ...]

    def figure(self, name: str) -> FigureView:
        return next(each for each in self.figures if each.figure == name)


def path_experience(business: Business, at: Position) -> PathExperience:
    """From a position, nothing else read."""
    plan, currency = at.plan, at.plan.currency
    assumed = [each for each in plan.flows if each.assumed and counted_on(each, at.today) <= at.path.last]
    low = at.low
    return PathExperience(
        business=BusinessView.of(business),
        ask=f"Will {business.name} stay above its floor?",
        say=_say(at),
        tone="stop" if at.path.likely_breach(at.floor_minor) else "warn" if at.breach else "clear",
        today=at.today,
        last=at.path.last,
        basis=plan.start.basis,
        basis_words=plan.start.words,
        as_of=plan.start.as_of,
        figures=tuple(_figure(at, each) for each in (*MONEY_FIGURES, *OTHER_FIGURES)),
        floor=Amount.minor(at.floor_minor, currency),
        floor_term=at.term,
        low=Amount.minor(low.minor, currency),
        low_on=low.on,
        breach=at.breach,
        likely_breach=at.path.likely_breach(at.floor_minor),
        weeks=tuple(_week(at, each) for each in at.weeks),
        totals=tuple(Amount.minor(sum(each.of(column) for each in at.weeks), currency) for column in COLUMNS),
        days=tuple(
            DayView(
                day=each.day,
                likely=Amount.minor(each.likely_minor, currency),
                low=Amount.minor(each.low_minor, currency),
            )
            for each in at.path.days
        ),
        left_out=tuple(
            LeftOutView(
                why=each.why, currency=each.currency, rows=each.rows, amount=Amount.minor(each.minor, each.currency)
            )
            for each in plan.left_out
        ),
        assumed=Amount.minor(sum(abs(each.minor) for each in assumed), currency),
        assumed_items=len(assumed),
        troubles=plan.troubles,
    )


def week_items(at: Position, monday: date, links: Links) -> tuple[ItemView, ...]:
    """What moves in the week of ``monday`` at its likely date, in order; nothing for a week that isn't on the path."""
    week = next((each for each in at.weeks if each.monday == monday), None)
    if week is None:
        return ()
    return tuple(_item(each, at, links) for each in items_of(at.plan.flows, week.first, week.last, at.today))


def drawings(at: Position) -> tuple[str, str]:
    """The chart as SVG, wide and narrow."""
    lanes = (
        Lane("Payroll", _days(at.plan.flows, "payroll", at.today)),
        Lane("Tax", _days(at.plan.flows, "tax", at.today)),
    )
    title = chart_title(at)
    return _drawn(at, lanes, title, WIDE), _drawn(at, lanes, title, SLIM)


def chart_title(at: Position) -> str:
    """What the chart shows, said: the finding first for who can't see it."""
    low, floor = at.low, Money(at.floor_minor, at.plan.currency)
    said = f"Cash path for {counted(len(at.weeks), 'week')}: likely (p50), low side (p80) and the floor of {floor}. "
    said += f"The low side is lowest on {on_day(low.on, at.today)} at {Money(low.minor, at.plan.currency)}"
    spans = _spans(at.path, at.floor_minor)
    said += f" and below the floor {_spoken_spans(spans, at.today)}." if spans else " and never below the floor."
    return f"{said} The same numbers are in the table below."


def _drawn(at: Position, lanes: Sequence[Lane], title: str, size: Size) -> str:
    return draw_path(at.path, at.floor_minor, at.plan.currency, lanes, title, size)


def _days(flows: Sequence[Flow], kind: str, today: date) -> tuple[date, ...]:
    return tuple(sorted({counted_on(each, today) for each in flows if each.kind == kind and each.minor < 0}))


def _spans(path: CashPath, floor_minor: int) -> list[tuple[date, date]]:
    """Stretches of days under the floor at the low side."""
    found: list[tuple[date, date]] = []
    for each in path.days:
        if each.low_minor >= floor_minor:
            continue
        if found and (each.day - found[-1][1]).days == 1:
            found[-1] = (found[-1][0], each.day)
        else:
            found.append((each.day, each.day))
    return found


def _spoken_spans(spans: Sequence[tuple[date, date]], today: date) -> str:
    said = [
        f"on {on_day(first, today)}" if first == last else f"from {on_day(first, today)} to {on_day(last, today)}"
        for first, last in spans
    ]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _say(at: Position) -> str:
    """The answer in a sentence, then what makes it so."""
    low, currency, today = at.low, at.plan.currency, at.today
    lowest = f"{currency} {Money(low.minor, currency)} on {on_day(low.on, today)}"
    if at.breach is None:
        room = Money(low.minor - at.floor_minor, currency)
        return (
            f"Clear for {counted(len(at.weeks), 'week')}. The low side is lowest at {lowest}, {room} above the floor."
        )
    last_under = _spans(at.path, at.floor_minor)[-1][1]
    back = last_under + timedelta(days=1)
    ends = "and doesn’t come back above"
    if last_under < at.path.last:
        ends = f"and is back above for good on {on_day(back, today)}"
    start = "Not today" if at.breach == today else f"Not on {on_day(at.breach, today)}"
    cause = _cause(at, at.breach)
    why = f" ({cause})" if cause else ""
    sure = "" if at.path.likely_breach(at.floor_minor) else " The likely path stays above it."
    return (
        f"{start}{why}. If every open bill is paid on its pay run, the low side of the path falls to {lowest}, "
        f"{Money(at.floor_minor - low.minor, currency)} below the floor, {ends}.{sure}"
    )


def _cause(at: Position, day: date) -> str | None:
    """What takes the most on the day of the breach, in a word or two; ``None`` where it is under the floor from the start."""
    gone = [each for each in at.plan.flows if each.minor < 0 and max(each.late, at.today) == day]
    if not gone:
        return None
    largest = min(gone, key=lambda each: (each.minor, each.key))
    return largest.kind if largest.kind in ("payroll", "tax", "rent", "card") else largest.label


def breach_words(at: Position) -> str | None:
    """``Below floor on 17 Dec, payroll``: for a row of the portfolio; ``None`` while it is clear."""
    if at.breach is None:
        return None
    cause = _cause(at, at.breach)
    when = "today" if at.breach == at.today else f"on {on_day(at.breach, at.today)}"
    return f"Below floor {when}{f', {cause}' if cause else ''}"


def _figure(at: Position, name: str) -> FigureView:
    said = explain(at, name)
    currency = at.plan.currency
    negative = said.minor is not None and said.minor < 0 and name in ("spendable", "headroom")
    return FigureView(
        figure=name,
        name=said.name,
        amount=None if said.minor is None else Amount.minor(said.minor, currency),
        value=said.value,
        why=_why(at, name),
        tone="stop" if negative else "",
    )


def _why(at: Position, name: str) -> str:
    """A figure's inputs in a line, as they stand under it."""
    currency = at.plan.currency
    if name == "floor":
        terms = at.terms
        parts = [f"{Money(terms.absolute_minor, currency)} set"] if terms.absolute_minor else []
        if terms.buffer_days:
            buffered = Money(terms.buffer_days * terms.essential_per_day_minor, currency)
            parts.append(f"{counted(terms.buffer_days, 'day')} of essentials {buffered}")
        parts.append(f"covenant {Money(terms.covenant_minor, currency)}" if terms.covenant_minor else "no covenant")
        binds = f"; binds: {_FLOOR_TERMS[at.term]}" if at.term != "none" else f"; {_FLOOR_TERMS['none']}"
        return f"The largest of {', '.join(parts)}{binds}"
    if name == "low_point":
        return "Low side (p80): each receipt at the date that 8 of 10 of its customer’s payments kept"
    if name == "headroom":
        return "A person must choose" if at.low.minor < at.floor_minor else "Low point less floor"
    if at.spending is None and name in MONEY_FIGURES:
        return at.plan.start.words if name == "available" else "Not known: no bank says what is available"
    if name == "in_flight" and at.spending is not None:
        return f"{counted(len(at.spending.in_flight), 'payment')} made or instructed that no bank shows yet"
    if name == "earmarked" and at.spending is not None:
        parts = [f"{each.name} {Money(each.minor, currency)}" for each in at.spending.earmarks[:3]]
        more = len(at.spending.earmarks) - len(parts)
        return ", ".join(parts) + (f" and {more} more" if more > 0 else "") if parts else "None is set aside"
    return explain(at, name).formula if name not in _INPUTS else _parts(at)


_INPUTS = ("available",)


def _parts(at: Position) -> str:
    spending = at.spending
    assert spending is not None, "without a bank the start's words stand here"
    return ", ".join(f"{each.label} {Money(each.minor, at.plan.currency)}" for each in spending.available)


def _week(at: Position, week: Week) -> WeekView:
    currency = at.plan.currency
    cells = {column: Amount.minor(week.of(column), currency) for column in COLUMNS}
    return WeekView(
        monday=week.monday,
        first=week.first,
        last=week.last,
        opening=Amount.minor(week.opening_minor, currency),
        receipts=cells["receipts"],
        payroll=cells["payroll"],
        tax=cells["tax"],
        bills=cells["bills"],
        debt=cells["debt"],
        closing=Amount.minor(week.closing_minor, currency),
        low=Amount.minor(week.low_minor, currency),
        low_on=week.low_on,
        headroom=Amount.minor(week.headroom_minor, currency),
        items=len(items_of(at.plan.flows, week.first, week.last, at.today)),
    )


def _item(flow: Flow, at: Position, links: Links) -> ItemView:
    shown = InputView.of(flow_leaf(flow), at.plan.currency, links)
    return ItemView(
        **{name: getattr(shown, name) for name in InputView.model_fields},
        column=column_of(flow),
        counted_on=counted_on(flow, at.today),
        standing=flow.standing,
    )
