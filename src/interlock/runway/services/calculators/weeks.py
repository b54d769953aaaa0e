"""The cash path by week (product-map §2.3): what comes in and goes out, in columns, Monday to Sunday. Pure.

``closing = opening + every column``, and a week opens with what the one before closed with. Columns take each movement at its
likely date (p50); ``low`` is the lowest balance of the week at the low side (p80).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, get_args

from msgspec import Struct

from interlock.runway.services.calculators.cash_path import CashPath
from interlock.runway.services.calculators.flows import Flow, FlowKind

Column = Literal["receipts", "payroll", "tax", "bills", "debt"]
COLUMNS: tuple[Column, ...] = get_args(Column)
DAYS_OF_WEEK = 7

_OUT: dict[FlowKind, Column] = {"payroll": "payroll", "tax": "tax", "card": "debt", "debt": "debt"}


class Week(Struct, frozen=True, gc=False):
    """One week, minor units. ``monday`` names it; ``first`` is later in the week that today stands in.

    ``columns`` in the order of ``COLUMNS``; ``headroom_minor``: what ``low_minor`` leaves above the floor.
    """

    monday: date
    first: date
    last: date
    opening_minor: int
    columns: tuple[int, ...]
    closing_minor: int
    low_minor: int
    low_on: date
    headroom_minor: int

    def of(self, column: Column) -> int:
        return self.columns[COLUMNS.index(column)]


def monday_of(day: date) -> date:
    """The Monday of the week that ``day`` is in."""
    return day - timedelta(days=day.weekday())


def last_day(today: date, days: int) -> date:
    """The Sunday that a path of about ``days`` ends on: whole weeks, the one that ``today`` stands in among them."""
    weeks = max(1, -(-days // DAYS_OF_WEEK))
    return monday_of(today) + timedelta(days=weeks * DAYS_OF_WEEK - 1)


def column_of(flow: Flow) -> Column:
    """Money in is a receipt whatever brings it; what goes out stands by its kind."""
    return "receipts" if flow.minor > 0 else _OUT.get(flow.kind, "bills")


def counted_on(flow: Flow, today: date) -> date:
    """The day whose balance a flow first changes: never before ``today``."""
    return max(flow.likely, today)


def low_counted_on(flow: Flow, today: date) -> date:
    """The same at the low side."""
    return max(flow.late, today)


def weeks_of(path: CashPath, flows: Sequence[Flow], floor_minor: int) -> tuple[Week, ...]:
    """The weeks of ``path``, which was drawn from ``flows``."""
    monday = monday_of(path.today)
    count = ((path.last - monday).days + DAYS_OF_WEEK) // DAYS_OF_WEEK
    columns = [[0] * len(COLUMNS) for _ in range(count)]
    for flow in flows:
        on = counted_on(flow, path.today)
        if on <= path.last:
            columns[(on - monday).days // DAYS_OF_WEEK][COLUMNS.index(column_of(flow))] += flow.minor
    found: list[Week] = []
    opening = path.start_minor
    for at in range(count):
        start = monday + timedelta(days=at * DAYS_OF_WEEK)
        own = [each for each in path.days if start <= each.day < start + timedelta(days=DAYS_OF_WEEK)]
        least = min(own, key=lambda each: each.low_minor)
        closing = own[-1].likely_minor
        found.append(
            Week(
                monday=start,
                first=own[0].day,
                last=own[-1].day,
                opening_minor=opening,
                columns=tuple(columns[at]),
                closing_minor=closing,
                low_minor=least.low_minor,
                low_on=least.day,
                headroom_minor=least.low_minor - floor_minor,
            )
        )
        opening = closing
    return tuple(found)


def items_of(flows: Sequence[Flow], first: date, last: date, today: date) -> tuple[Flow, ...]:
    """What moves from ``first`` to ``last`` at its likely date, in order."""
    own = (flow for flow in flows if first <= counted_on(flow, today) <= last)
    return tuple(sorted(own, key=lambda each: (counted_on(each, today), -each.minor, each.key)))
