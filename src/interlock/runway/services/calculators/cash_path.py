"""The dated cash path (product-map §2.3): what the cash will be on each day, likely (p50) and at the low side (p80). Pure.

``balance of a day = start + every movement dated up to it``; the low side takes each movement at its p80 date. Nothing is
drawn at random, so the same flows give the same path.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace

from interlock.runway.services.calculators.flows import Flow, Source
from interlock.runway.services.calculators.guardrail_values import Low, Wanted

_GONE = frozenset({"in_flight", "committed"})  # decided once already: no decision on the rest of the bill moves them


class Day(Struct, frozen=True, gc=False):
    """Balances at the end of ``day``, in minor units."""

    day: date
    likely_minor: int
    low_minor: int


class CashPath(Struct, frozen=True):
    """One ``Day`` for each calendar day from ``today`` to ``last``, both included."""

    today: date
    last: date
    start_minor: int
    days: tuple[Day, ...]

    @property
    def low(self) -> Low:
        """The lowest balance at the low side and the first day of it."""
        least = min(self.days, key=lambda each: each.low_minor)
        return Low(least.low_minor, least.day)

    @property
    def likely_low(self) -> Low:
        least = min(self.days, key=lambda each: each.likely_minor)
        return Low(least.likely_minor, least.day)

    def breach(self, floor_minor: int) -> date | None:
        """The first day that is under the floor at the low side."""
        return next((each.day for each in self.days if each.low_minor < floor_minor), None)

    def likely_breach(self, floor_minor: int) -> date | None:
        return next((each.day for each in self.days if each.likely_minor < floor_minor), None)


def draw(start_minor: int, flows: Sequence[Flow], today: date, last: date) -> CashPath:
    """The path of ``flows``: what is dated before ``today`` falls on it, what comes after ``last`` isn't in it."""
    size = (last - today).days + 1
    likely = balances(start_minor, ((each.likely, each.minor) for each in flows), today, size)
    low = balances(start_minor, ((each.late, each.minor) for each in flows), today, size)
    first = today.toordinal()
    days = tuple(Day(date.fromordinal(first + at), likely[at], low[at]) for at in range(size))
    return CashPath(today, last, start_minor, days)


def balances(start_minor: int, moved: Iterable[tuple[date, int]], today: date, size: int) -> list[int]:
    """The balance of each of ``size`` days from ``today``, from dated movements in any order."""
    first, changes = today.toordinal(), [0] * size
    changes[0] = start_minor
    for day, minor in moved:
        at = max(day.toordinal() - first, 0)
        if at < size:
            changes[at] += minor
    return list(accumulate(changes))


def decided(flows: Sequence[Flow], wanted: Sequence[Wanted]) -> tuple[Flow, ...]:
    """``flows`` as they are once ``wanted`` is decided: each decision takes the place of its bill's own flow.

    A part leaves the rest where it was. What is in flight or committed stays: it was decided before.
    """
    left = {bill: sum(each.minor for each in wanted if each.bill_id == bill) for bill in {w.bill_id for w in wanted}}
    own: dict[str, Flow] = {}
    staying: dict[str, Flow | None] = {}
    for flow in sorted(flows, key=lambda each: (each.likely, each.key)):
        bill = flow.bill_id
        if bill is None or bill not in left or flow.kind in _GONE:
            continue
        own.setdefault(bill, flow)
        taken = min(left[bill], -flow.minor)
        if taken > 0:
            left[bill] -= taken
            staying[flow.key] = replace(flow, minor=flow.minor + taken) if flow.minor + taken else None
    kept = (staying.get(flow.key, flow) for flow in flows)
    return (*(flow for flow in kept if flow is not None), *(_paid(each, own.get(each.bill_id)) for each in wanted))


def _paid(wanted: Wanted, own: Flow | None) -> Flow:
    return Flow(
        key=f"decided:{wanted.bill_id}:{wanted.pay_on.isoformat()}:{wanted.minor}",
        kind="committed",
        standing="sure",
        minor=-wanted.minor,
        likely=wanted.pay_on,
        late=wanted.pay_on,
        party=own.party if own else None,
        label=wanted.label,
        rule="committed",
        because="On the day it was decided for.",
        source=own.source if own else Source("qbo", "bill", wanted.bill_id),
        essential=wanted.must_pay,
        place=wanted.place,
        bill_id=wanted.bill_id,
    )
