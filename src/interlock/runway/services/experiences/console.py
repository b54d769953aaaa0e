"""The decision console: payables by the week they are due, blocked ones with the reason in the row; receivables to chase."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.decision_console_data_orchestrator import (
    DecisionConsoleDataOrchestrator,
    DecisionData,
)
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument
from interlock.runway.services.views import Total, View

_READY = "Open, not held, and without a finding that stops them."
_BLOCKED = "Held, or under a critical finding or a high one that is mended in the books."
_OPEN = "Open balances; ready and blocked together."
_CHASE = "Overdue, not held, and without a finding that makes the amount or the address wrong."
_CHASE_BLOCKED = "Overdue, and held or under a finding that makes the amount or the address wrong."
_NOT_DUE = "Open and not yet due."
_WEEK_DAYS = 7

# Groups without a date of their own come after all weeks.
_LATEST = date.max


class DueWeek(View):
    """Bills of one group: overdue, due in a week (Monday to Sunday), without a due date, or in another currency.

    ``starts`` and ``ends`` are given for weeks. ``bills`` holds ready and blocked ones, by due date.
    """

    label: str
    starts: date | None
    ends: date | None
    foreign: bool
    bills: tuple[DecisionDocument, ...]
    ready: Total
    blocked: Total


class ConsoleExperience(DecisionData):
    """The seed's decision data, and the same as a person decides on it."""

    ask: str
    say: str
    weeks: tuple[DueWeek, ...]
    ready: Total
    blocked: Total
    open: Total
    to_chase: Total
    chase_blocked: Total
    not_due: Total


class ConsoleService:
    """The console of one business."""

    def __init__(self, orchestrator: DecisionConsoleDataOrchestrator) -> None:
        self._orchestrator = orchestrator

    def get_console_experience(self) -> ConsoleExperience:
        data = self._orchestrator.get_decision_data()
        home = data.business.home_currency
        bills = sorted((*data.bills_ready, *data.bills_blocked), key=lambda bill: (bill.due or _LATEST, bill.id))
        ready = _sum(data.bills_ready, home, _READY, "bills")
        blocked = _sum(data.bills_blocked, home, _BLOCKED, "bills")
        to_chase = _sum(data.invoices_ready, home, _CHASE, "invoices")
        return ConsoleExperience(
            **{name: getattr(data, name) for name in DecisionData.model_fields},
            ask=f"What needs deciding at {data.business.name}?",
            say=_answer(data, ready, blocked, to_chase),
            weeks=tuple(_weeks(bills, data.today, home)),
            ready=ready,
            blocked=blocked,
            open=_sum(bills, home, _OPEN, "bills"),
            to_chase=to_chase,
            chase_blocked=_sum(data.invoices_blocked, home, _CHASE_BLOCKED, "invoices"),
            not_due=_sum(data.invoices_not_due, home, _NOT_DUE, "invoices"),
        )


def _answer(data: DecisionData, ready: Total, blocked: Total, to_chase: Total) -> str:
    if data.sync_status.bills_last_sync is None:
        return "The books were never read, so there is nothing to decide on yet."
    bills, stopped, chase = len(data.bills_ready), len(data.bills_blocked), len(data.invoices_ready)
    said = f"{counted(bills, 'bill')} ready, {ready.words}." if bills else "No bill is ready for decision."
    if stopped:
        said += f" {counted(stopped, 'bill')} blocked, {blocked.words}."
    if chase:
        said += f" {counted(chase, 'invoice')} to chase, {to_chase.words}."
    return said


def _weeks(bills: Sequence[DecisionDocument], today: date, home: str) -> Iterable[DueWeek]:
    groups: dict[tuple[date, str], list[DecisionDocument]] = {}
    for bill in bills:
        groups.setdefault(_group(bill, today), []).append(bill)
    for (starts, label), found in sorted(groups.items()):
        is_week = label.startswith(("This week", "Week"))
        yield DueWeek(
            label=label,
            starts=starts if is_week else None,
            ends=starts + timedelta(days=_WEEK_DAYS - 1) if is_week else None,
            foreign=found[0].foreign,
            bills=tuple(found),
            ready=_sum([bill for bill in found if bill.blocked is None], home, _READY, "bills"),
            blocked=_sum([bill for bill in found if bill.blocked is not None], home, _BLOCKED, "bills"),
        )


def _group(bill: DecisionDocument, today: date) -> tuple[date, str]:
    """The group's place among the others, and its name."""
    if bill.foreign:
        return _LATEST, f"In {bill.balance.currency}, outside the totals"
    if bill.due is None:
        return _LATEST - timedelta(days=1), "No due date"
    if bill.due < today:
        return date.min, "Overdue"
    monday = bill.due - timedelta(days=bill.due.weekday())
    if monday <= today:
        return monday, f"This week, to {on_day(monday + timedelta(days=_WEEK_DAYS - 1), today)}"
    return monday, f"Week of {on_day(monday, today)}"


def _sum(documents: Iterable[DecisionDocument], home: str, basis: str, what: str) -> Total:
    return Total.of((document.balance.money for document in documents), home, basis, what)
