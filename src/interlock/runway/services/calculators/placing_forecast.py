"""What nobody has written down yet, drawn as forecast: sales to be invoiced, counter takings, bills to be entered. Pure.

The pace is that of the last thirteen weeks, each counted back from today. What is drawn at p50 is their average; of it, only what
four of five weeks reached (p20) is drawn at p80 as well: the rest comes after the path's last day there.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct

from interlock.domains.firm.policy.values import PayRunPolicy
from interlock.kernel.money import Money
from interlock.kernel.workdays import add_workdays
from interlock.runway.services.calculators.behaviour import Habits, lateness
from interlock.runway.services.calculators.flows import Flow, FlowKind, Source
from interlock.runway.services.calculators.pay_runs import run_among, runs
from interlock.runway.services.calculators.placed import Placed
from interlock.runway.services.calculators.words import on_day

WEEKS = 13
FEWEST_WEEKS = 4
_WEEK = timedelta(days=7)
_MIDWEEK = timedelta(days=4)
_CALENDAR_DAYS = 63


class Written(Struct, frozen=True, gc=False):
    """A document of the last thirteen weeks, in home currency: when, when due (``None`` for takings), and how much, above zero."""

    dated: date
    due: date | None
    minor: int


class Pace(Struct, frozen=True, gc=False):
    """A week's sum on average, and what four of five weeks reached; ``terms``: days from date to due date, median by amount."""

    average_minor: int
    low_minor: int
    weeks: int
    terms: int


def pace_of(written: Iterable[Written], today: date) -> Pace | None:
    """``None`` with less than four weeks of history. Weeks before the first document count for nothing, empty ones since do."""
    known = [each for each in written if today - WEEKS * _WEEK < each.dated <= today and each.minor > 0]
    if not known:
        return None
    weeks = min((today - min(each.dated for each in known)).days // 7 + 1, WEEKS)
    if weeks < FEWEST_WEEKS:
        return None
    sums = [0] * weeks
    for each in known:
        sums[(today - each.dated).days // 7] += each.minor
    return Pace(sum(sums) // weeks, sorted(sums)[(weeks - 1) // 5], weeks, _terms(known))


def _terms(written: Sequence[Written]) -> int:
    spans = sorted(((each.due - each.dated).days, each.minor) for each in written if each.due)
    half = (sum(minor for _, minor in spans) + 1) // 2
    reached = 0
    for days, minor in spans:
        reached += minor
        if reached >= half:
            return days
    return 0


def sales_to_come(invoiced: Iterable[Written], habits: Habits, today: date, until: date, home: str) -> Placed:
    """Sales not invoiced yet: each week's, written in its middle, due by the usual terms, paid as all customers do."""
    pace = pace_of(invoiced, today)
    if pace is None:
        return Placed()
    prior = habits.prior
    said = f"{_said(pace, home)}; due {pace.terms} days later, paid {lateness(prior.p50)} at the median"
    flows: list[Flow] = []
    for week, start in enumerate(_weeks(today, until)):
        due = start + _MIDWEEK + timedelta(days=pace.terms)
        likely = add_workdays(due + timedelta(days=prior.p50), 0)
        late = add_workdays(due + timedelta(days=max(prior.p80, prior.p50)), 0)
        label = f"Invoices to be written in the week from {on_day(start, today)}"
        flows += _halves("sales", f"sales:{week}", pace, likely, late, until, label, "sales_pace", said, "invoicing")
    return Placed(tuple(flow for flow in flows if flow.likely <= until))


def takings_to_come(taken: Iterable[Written], today: date, until: date, home: str) -> Placed:
    """Counter takings, a week's at its end."""
    pace = pace_of(taken, today)
    if pace is None:
        return Placed()
    flows: list[Flow] = []
    for week, start in enumerate(_weeks(today, until)):
        day = add_workdays(start + _WEEK, 0)
        label = f"Counter takings of the week from {on_day(start, today)}"
        flows += _halves(
            "sales", f"takings:{week}", pace, day, day, until, label, "counter_pace", _said(pace, home), "takings"
        )
    return Placed(tuple(flow for flow in flows if flow.likely <= until))


def bills_to_come(billed: Iterable[Written], pay_runs: PayRunPolicy, today: date, until: date, home: str) -> Placed:
    """Bills not entered yet, of vendors whose bills keep to no calendar: a week's, paid by pay run when due by the usual terms."""
    pace = pace_of(billed, today)
    if pace is None or not pace.average_minor:
        return Placed()
    calendar = runs(pay_runs, today, until + timedelta(days=_CALENDAR_DAYS))
    said = f"{_said(pace, home)}; due {pace.terms} days later"
    flows: list[Flow] = []
    for week, start in enumerate(_weeks(today, until)):
        run = run_among(start + _MIDWEEK + timedelta(days=pace.terms), calendar, pay_runs, start)
        label = f"Bills to be entered in the week from {on_day(start, today)}"
        run = max(run, start + _MIDWEEK)
        if run <= until:
            flows.append(
                _flow(
                    "unbilled",
                    f"unbilled:{week}",
                    -pace.average_minor,
                    run,
                    run,
                    label,
                    "unbilled_pace",
                    said,
                    "billing",
                )
            )
    return Placed(tuple(flows))


def _weeks(today: date, until: date) -> Iterator[date]:
    start = today
    while start <= until:
        yield start
        start += _WEEK


def _halves(
    kind: FlowKind,
    key: str,
    pace: Pace,
    likely: date,
    late: date,
    until: date,
    label: str,
    rule: str,
    because: str,
    of: str,
) -> Iterator[Flow]:
    """What four of five weeks reached, and the rest of the average, which p80 doesn't count on: there it comes after the path."""
    if pace.low_minor:
        low = min(pace.low_minor, pace.average_minor)
        yield _flow(kind, key, low, likely, late, label, rule, f"{because}; reached in four of five weeks", of)
    rest = pace.average_minor - pace.low_minor
    if rest > 0:
        after = max(late, until) + _WEEK
        yield _flow(kind, f"{key}:rest", rest, likely, after, label, rule, f"{because}; not counted on at p80", of)


def _flow(
    kind: FlowKind, key: str, minor: int, likely: date, late: date, label: str, rule: str, because: str, of: str
) -> Flow:
    return Flow(key, kind, "forecast", minor, likely, late, None, label, rule, because, Source("ours", "pace", of))


def _said(pace: Pace, home: str) -> str:
    return f"{Money(pace.average_minor, home)} a week on average of {pace.weeks}"
