"""The decision console: payables by the pay run that pays them, blocked ones with the reason in the row; receivables to chase."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from pydantic import computed_field

from interlock.domains.firm.policy.values import Policy
from interlock.kernel.clock import local_date, zone
from interlock.runway.services.calculators import pay_runs
from interlock.runway.services.calculators.words import counted, on_day
from interlock.runway.services.data_orchestrators.console_rows import LIVE, ConsoleBill, IntentView, OpenBill
from interlock.runway.services.data_orchestrators.decision_console_data_orchestrator import (
    DecisionConsoleDataOrchestrator,
    OpenBills,
    Receivables,
)
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument
from interlock.runway.services.views import Amount, BusinessView, Exclusion, Instant, SyncStatus, TiedView, Total, View

Show = Literal["open", "blocked", "second", "over", "changed", "snoozed"]
SHOWS: dict[Show, str] = {
    "open": "Open",
    "blocked": "Blocked",
    "second": "Needs second person",
    "over": "Over limit",
    "changed": "Changed after approval",
    "snoozed": "Snoozed",
}
assert set(SHOWS) == set(get_args(Show))

ROWS_MOST = 60
"""Rows of a page; what lies beyond is loaded group by group."""
PAGE_MOST = 500
_RUNS_DAYS = 91
_RUNS_OFFERED = 8

_READY = "Open, not held, without a finding that stops them, and not approved yet."
_BLOCKED = "Held, or under a critical finding or a high one that is mended in the books."
_APPROVED = "Covered by approvals that stand, or by payments on their way."
_SNOOZED = "Out of sight until their day."
_OPEN = "Open balances; ready, blocked, snoozed and approved together."
_CHASE = "Overdue, not held, and without a finding that makes the amount or the address wrong."
_CHASE_BLOCKED = "Overdue, and held or under a finding that makes the amount or the address wrong."
_NOT_DUE = "Open and not yet due."

# Groups without a date of their own come after all pay runs.
_LATEST = date.max
_UNDATED, _FOREIGN, _APPROVED_KEY = "undated", "foreign", "approved"


class PayRunGroup(View):
    """Bills of one group: a pay run, those without a due date, in another currency, or approved.

    ``count`` is of the whole group and so are its totals; ``bills`` are the ones shown, by due date, from ``offset``;
    ``next_offset``: where the rest begins. ``decide_by`` is given for pay runs, ``note`` says it in words.
    """

    key: str
    label: str
    note: str
    run: date | None
    decide_by: Instant | None
    foreign: bool
    bills: tuple[ConsoleBill, ...]
    count: int
    offset: int
    next_offset: int | None
    ready: Total
    blocked: Total


class SavedView(View):
    """One way to look at the console, kept in its address."""

    key: Show
    name: str
    count: int


class RunView(View):
    """A pay run that can be chosen."""

    run: date
    label: str


class ConsoleExperience(View):
    """What is to be decided, as a person decides on it. Totals are of all open bills, whatever is shown."""

    business: BusinessView
    as_of: Instant
    today: date
    ask: str
    say: str
    show: Show
    shows: tuple[SavedView, ...]
    groups: tuple[PayRunGroup, ...]
    runs: tuple[RunView, ...]
    ready: Total
    blocked: Total
    approved: Total
    snoozed: Total
    open: Total
    invoices_ready: tuple[DecisionDocument, ...]
    invoices_blocked: tuple[DecisionDocument, ...]
    invoices_not_due: tuple[DecisionDocument, ...]
    to_chase: Total
    chase_blocked: Total
    not_due: Total
    sync_status: SyncStatus
    tied: TiedView

    @property
    def bills(self) -> tuple[ConsoleBill, ...]:
        """All that are shown, in order."""
        return tuple(bill for group in self.groups for bill in group.bills)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def bills_ready(self) -> tuple[ConsoleBill, ...]:
        """The seed's key: of those shown, what can be decided on."""
        return tuple(bill for bill in self.bills if bill.blocked is None)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def bills_blocked(self) -> tuple[ConsoleBill, ...]:
        """The seed's key: of those shown, what can't be, each with the reason."""
        return tuple(bill for bill in self.bills if bill.blocked is not None)


class ConsoleService:
    """The console of one business."""

    def __init__(self, orchestrator: DecisionConsoleDataOrchestrator, *, policy: Callable[[], Policy] = Policy) -> None:
        self._orchestrator = orchestrator
        self._policy = policy

    def get_console_experience(
        self, show: Show = "open", *, run: str | None = None, offset: int = 0, most: int = ROWS_MOST
    ) -> ConsoleExperience:
        """The first ``most`` rows; with ``run`` (a group's key) only that group's, from ``offset`` on."""
        at = self._orchestrator
        shown = at.get_open_bills()
        sorting = self._sorting(shown)
        receivables = at.get_receivables()
        home, status = at.business.home_currency, at.sync_status
        of_kind: dict[str, list[OpenBill]] = {kind: [] for kind in _KINDS}
        for bill in shown.bills:
            of_kind[sorting.kind(bill)].append(bill)
        totals = {kind: _total(of_kind[kind], home, basis) for kind, basis in _KINDS.items()}
        to_chase = _sum(receivables.ready, home, _CHASE)
        return ConsoleExperience(
            business=BusinessView.of(at.business),
            as_of=at.as_of,
            today=at.today,
            ask=f"What needs deciding at {at.business.name}?",
            say=_answer(status, len(of_kind["ready"]), len(of_kind["blocked"]), totals, receivables, to_chase),
            show=show,
            shows=tuple(
                SavedView(key=key, name=name, count=sum(sorting.is_in(key, bill) for bill in shown.bills))
                for key, name in SHOWS.items()
            ),
            groups=self._groups(shown, sorting, show, run, max(offset, 0), min(max(most, 1), PAGE_MOST)),
            runs=_offered(sorting.calendar, at.today),
            **totals,
            open=_total(shown.bills, home, _OPEN),
            invoices_ready=receivables.ready,
            invoices_blocked=receivables.blocked,
            invoices_not_due=receivables.not_due,
            to_chase=to_chase,
            chase_blocked=_sum(receivables.blocked, home, _CHASE_BLOCKED),
            not_due=_sum(receivables.not_due, home, _NOT_DUE),
            sync_status=status,
            tied=at.tied,
        )

    def get_bill(self, bill_id: str) -> ConsoleBill | None:
        """One open bill as its row shows it."""
        return self.get_bills([bill_id]).get(bill_id)

    def get_bills(self, ids: Sequence[str]) -> dict[str, ConsoleBill]:
        """The open bills named, as their rows show them; those that aren't open are not there."""
        shown, wanted = self._orchestrator.get_open_bills(), set(ids)
        sorting = self._sorting(shown)
        named = [(bill.id, sorting.run(bill), sorting.must_pay(bill)) for bill in shown.bills if bill.id in wanted]
        return self._orchestrator.in_full(shown, named)

    def runs(self) -> tuple[RunView, ...]:
        """The pay runs that can be chosen."""
        at = self._orchestrator
        calendar = pay_runs.runs(self._policy().pay_runs, at.today, at.today + timedelta(days=_RUNS_DAYS))
        return _offered(calendar, at.today)

    def _sorting(self, shown: OpenBills) -> "Sorting":
        at = self._orchestrator
        return Sorting(shown, self._policy(), at.today, at.business.home_currency, at.business.time_zone)

    def _groups(
        self, shown: OpenBills, sorting: "Sorting", show: Show, run: str | None, offset: int, most: int
    ) -> tuple[PayRunGroup, ...]:
        found: dict[tuple[date, str], list[OpenBill]] = {}
        for bill in shown.bills:
            if sorting.is_in(show, bill):
                found.setdefault(sorting.group(bill), []).append(bill)
        wanted = [(key, bills) for key, bills in sorted(found.items()) if run is None or key[1] == run]
        start = offset if run is not None else 0
        parts: list[Sequence[OpenBill]] = []
        room = most
        for _, bills in wanted:
            parts.append(bills[start : start + room])
            room -= len(parts[-1])
        named = [(bill.id, sorting.run(bill), sorting.must_pay(bill)) for part in parts for bill in part]
        rows = self._orchestrator.in_full(shown, named)
        return tuple(
            sorting.head(key[1], bills, tuple(rows[bill.id] for bill in part if bill.id in rows), start)
            for (key, bills), part in zip(wanted, parts, strict=True)
        )


_KINDS = {"ready": _READY, "blocked": _BLOCKED, "approved": _APPROVED, "snoozed": _SNOOZED}


class Sorting:
    """Which group, view and kind each open bill belongs to. Pay runs are worked out once for each due date."""

    def __init__(self, shown: OpenBills, policy: Policy, today: date, home: str, time_zone: str) -> None:
        self._shown = shown
        self._policy = policy
        self._today = today
        self._home = home
        self._zone = time_zone
        self.calendar = pay_runs.runs(policy.pay_runs, today, today + timedelta(days=_RUNS_DAYS))
        self._essential = {name.casefold(): category for name, category in policy.essential.vendors}
        self._by_due: dict[date, date] = {}
        self._kind_of: dict[str, str] = {}

    def must_pay(self, bill: OpenBill) -> str | None:
        """The category under which the policy calls its vendor essential."""
        return self._essential.get((bill.vendor_name or "").casefold()) if self._essential else None

    def run(self, bill: OpenBill) -> date:
        """The run that a person chose, else the one its due date asks for."""
        chosen = [each.pay_on for each in self._live(bill) if each.state != "approved"]
        if chosen:
            return min(chosen)
        if bill.due is None:
            return self.calendar[0]
        if bill.due not in self._by_due:
            self._by_due[bill.due] = pay_runs.run_among(bill.due, self.calendar, self._policy.pay_runs, self._today)
        return self._by_due[bill.due]

    def kind(self, bill: OpenBill) -> str:
        """One of ``_KINDS``; worked out once a bill."""
        if bill.id not in self._kind_of:
            self._kind_of[bill.id] = self._kind(bill)
        return self._kind_of[bill.id]

    def _kind(self, bill: OpenBill) -> str:
        if bill.id in self._shown.blocked:
            return "blocked"
        if self._snoozed(bill):
            return "snoozed"
        return "approved" if self._all_approved(bill) else "ready"

    def is_in(self, show: Show, bill: OpenBill) -> bool:
        if show == "open":
            return not self._snoozed(bill) or bill.id in self._shown.blocked
        if show == "blocked":
            return bill.id in self._shown.blocked
        if show == "snoozed":
            return self._snoozed(bill)
        if show == "second":
            return any(each.state == "half" for each in self._live(bill))
        if show == "changed":
            return not self._live(bill) and any(each.lost for each in self._intents(bill))
        return bill.currency == self._home and bill.balance_minor > self._policy.approvals.one_person_minor

    def group(self, bill: OpenBill) -> tuple[date, str]:
        """The group's place among the others, and its key."""
        if bill.currency != self._home:
            return _LATEST - timedelta(days=1), f"{_FOREIGN}-{bill.currency}"
        if self.kind(bill) == "approved":
            return _LATEST, _APPROVED_KEY
        if bill.due is None and not self._live(bill):
            return _LATEST - timedelta(days=2), _UNDATED
        run = self.run(bill)
        return run, run.isoformat()

    def head(self, key: str, bills: Sequence[OpenBill], rows: tuple[ConsoleBill, ...], offset: int) -> PayRunGroup:
        label, note, run, by = self._said(key)
        reached = offset + len(rows)
        return PayRunGroup(
            key=key,
            label=label,
            note=note,
            run=run,
            decide_by=by,
            foreign=key.startswith(_FOREIGN),
            bills=rows,
            count=len(bills),
            offset=offset,
            next_offset=reached if reached < len(bills) else None,
            ready=_total([bill for bill in bills if bill.id not in self._shown.blocked], self._home, _READY),
            blocked=_total([bill for bill in bills if bill.id in self._shown.blocked], self._home, _BLOCKED),
        )

    def _said(self, key: str) -> tuple[str, str, date | None, datetime | None]:
        """Label, note, run and decide-by of a group."""
        if key == _UNDATED:
            return "No due date", "no pay run asks for them", None, None
        if key == _APPROVED_KEY:
            return "Approved", "nothing is left to decide", None, None
        if key.startswith(_FOREIGN):
            return f"In {key.removeprefix(_FOREIGN + '-')}, outside the totals", "", None, None
        run = date.fromisoformat(key)
        by = pay_runs.decide_by(run, self._policy.pay_runs, self._zone)
        return f"Pay run {run:%a} {on_day(run, self._today)}", f"decide by {self._until(by)}", run, by

    def _until(self, by: datetime) -> str:
        local = by.astimezone(zone(self._zone))
        hour = f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"
        day = local_date(by, self._zone)
        return f"{hour} today" if day == self._today else f"{hour}, {day:%a} {on_day(day, self._today)}"

    def _intents(self, bill: OpenBill) -> tuple[IntentView, ...]:
        return self._shown.decided.intents.get(bill.id, ())

    def _live(self, bill: OpenBill) -> list[IntentView]:
        return [each for each in self._intents(bill) if each.state in LIVE]

    def _all_approved(self, bill: OpenBill) -> bool:
        covered = self._shown.decided.standing_minor.get(bill.id, 0)
        return 0 < bill.balance_minor <= covered and all(each.state == "approved" for each in self._live(bill))

    def _snoozed(self, bill: OpenBill) -> bool:
        annotation = self._shown.annotations.get(bill.id)
        until = annotation.snoozed_until if annotation else None
        return until is not None and until > self._today


def _offered(calendar: Sequence[date], today: date) -> tuple[RunView, ...]:
    return tuple(RunView(run=each, label=f"{each:%a} {on_day(each, today)}") for each in calendar[:_RUNS_OFFERED])


def _answer(
    status: SyncStatus, ready: int, stopped: int, totals: dict[str, Total], receivables: Receivables, chase: Total
) -> str:
    if status.bills_last_sync is None:
        return "The books were never read, so there is nothing to decide on yet."
    said = f"{counted(ready, 'bill')} ready, {totals['ready'].words}." if ready else "No bill is ready for decision."
    if stopped:
        said += f" {counted(stopped, 'bill')} blocked, {totals['blocked'].words}."
    if receivables.ready:
        said += f" {counted(len(receivables.ready), 'invoice')} to chase, {chase.words}."
    return said


def _total(bills: Iterable[OpenBill], home: str, basis: str) -> Total:
    """``Total.of`` over bills in short: whole minor units are summed, and only sums become amounts."""
    sums: dict[str, tuple[int, int]] = {}
    for bill in bills:
        rows, minor = sums.get(bill.currency, (0, 0))
        sums[bill.currency] = (rows + 1, minor + bill.balance_minor)
    rows, minor = sums.pop(home, (0, 0))
    return Total(
        amount=Amount.minor(minor, home),
        rows=rows,
        basis=basis,
        excluded=tuple(
            Exclusion(what=f"bills in {currency}", rows=count, amount=Amount.minor(apart, currency))
            for currency, (count, apart) in sorted(sums.items())
        ),
    )


def _sum(documents: Iterable[DecisionDocument], home: str, basis: str) -> Total:
    return Total.of((document.balance.money for document in documents), home, basis, "invoices")
