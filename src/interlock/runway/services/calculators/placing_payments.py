"""Money out, placed: what is in flight, what is approved, and the open bills by pay run (product-map §2.3, §2.8, §2.9). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from msgspec import Struct

from interlock.domains.firm.policy.values import EssentialPolicy, PayRunPolicy
from interlock.kernel.workdays import add_workdays
from interlock.runway.services.calculators.categories import (
    category_of,
    essential_place,
    name_key,
    vendor_categories,
)
from interlock.runway.services.calculators.flows import Flow, Source
from interlock.runway.services.calculators.pay_runs import run_among, runs, workday_on_or_before
from interlock.runway.services.calculators.placed import FOREIGN, Aside, Placed
from interlock.runway.services.calculators.spendable import OnItsWay
from interlock.runway.services.calculators.words import document, on_day

_CALENDAR_DAYS = 126
"""Pay runs drawn at once: thirteen weeks and the longest terms' margin."""


class OpenBill(Struct, frozen=True, gc=False):
    """``minor``: its open balance in ``currency``. ``account_names``, ``account_kinds``: of its lines, by which it may be essential

    (rent, say) where the policy names no category for its vendor.
    """

    id: str
    number: str | None
    vendor_id: str | None
    vendor: str | None
    dated: date
    due: date | None
    currency: str
    minor: int
    account_names: tuple[str, ...] = ()
    account_kinds: tuple[str, ...] = ()


class Committed(Struct, frozen=True, gc=False):
    """An approved payment that isn't made yet: ``minor`` above zero of one ``bill``, on ``pay_on``."""

    intent_id: str
    bill: OpenBill
    minor: int
    pay_on: date


class Essentials:
    """What a policy pays before all else: the category and place of a bill or of anything of a category."""

    def __init__(self, policy: EssentialPolicy) -> None:
        self._order = policy.order
        self._vendors = vendor_categories(policy.vendors)
        self._known: dict[tuple[str | None, tuple[str, ...], tuple[str, ...]], tuple[str, int] | None] = {}

    def of_bill(self, bill: OpenBill) -> tuple[str, int] | None:
        """By its vendor where the policy names it, else by its accounts; ``None`` when it isn't essential."""
        key = (bill.vendor, bill.account_names, bill.account_kinds)
        if key not in self._known:
            self._known[key] = self._found(bill)
        return self._known[key]

    def _found(self, bill: OpenBill) -> tuple[str, int] | None:
        named = self._vendors.get(name_key(bill.vendor)) if bill.vendor else None
        category = named or category_of(bill.account_names, bill.account_kinds)
        place = self.place(category)
        if place is None and named:
            place = len(self._order)  # named by the policy in a category that has no place: after all others
        return None if place is None else (category, place)

    def place(self, category: str) -> int | None:
        return essential_place(category, self._order)


def in_flight(payments: Iterable[OnItsWay], today: date) -> Placed:
    """Payments made or instructed that no bank shows, in home currency: each leaves today."""
    return Placed(
        tuple(
            Flow(
                f"in_flight:{each.book}:{each.kind}:{each.id}",
                "in_flight",
                "sure",
                -each.minor,
                today,
                today,
                each.party,
                document("payment", each.party, each.number, each.dated, today),
                "in_flight",
                f"paid {on_day(each.dated, today)}, not at the bank yet",
                Source("qbo" if each.book == "ledger" else "ramp", each.kind, each.id, each.number),
            )
            for each in payments
            if each.minor > 0
        )
    )


def committed(approved: Iterable[Committed], essential: EssentialPolicy, today: date, home: str) -> Placed:
    """Approved payments, on their days."""
    flows: list[Flow] = []
    aside = Aside()
    essentials = Essentials(essential)
    for each in approved:
        if each.bill.currency != home:
            aside.put(FOREIGN, each.bill.currency, each.minor)
            continue
        found = essentials.of_bill(each.bill)
        day = max(today, workday_on_or_before(each.pay_on))
        flows.append(
            Flow(
                f"committed:{each.intent_id}",
                "committed",
                "sure",
                -each.minor,
                day,
                day,
                each.bill.vendor,
                document("bill", each.bill.vendor, each.bill.number, each.bill.dated, today),
                "committed",
                f"approved for {on_day(each.pay_on, today)}",
                Source("ours", "payment_intent", each.intent_id, each.bill.number),
                essential=found is not None,
                place=found[1] if found else 99,
                bill_id=each.bill.id,
            )
        )
    return Placed(tuple(flows), aside.said())


def bills(
    open_bills: Iterable[OpenBill],
    pay_runs: PayRunPolicy,
    essential: EssentialPolicy,
    today: date,
    home: str,
    spoken_for: Mapping[str, int] = {},
) -> Placed:
    """Each open bill by its pay run: essential ones are sure, the others drawn as forecast.

    ``spoken_for``: minor units by bill that are approved or in flight already.
    """
    flows: list[Flow] = []
    aside = Aside()
    essentials = Essentials(essential)
    calendar = runs(pay_runs, today, today + timedelta(days=_CALENDAR_DAYS))
    by_due: dict[date | None, _Run] = {}
    for each in open_bills:
        minor = each.minor - spoken_for.get(each.id, 0)
        if minor <= 0:
            continue
        if each.currency != home:
            aside.put(FOREIGN, each.currency, minor)
            continue
        run = by_due.get(each.due)
        if run is None:
            run = by_due[each.due] = _run_of(each.due, calendar, pay_runs, today)
        flows.append(_by_run(each, minor, run, essentials.of_bill(each), today))
    return Placed(tuple(flows), aside.said())


class _Run(NamedTuple):
    """The pay run of all bills due on one day, and why."""

    on: date
    rule: str
    because: str


def _run_of(due: date | None, calendar: Sequence[date], pay_runs: PayRunPolicy, today: date) -> _Run:
    run = run_among(due, calendar, pay_runs, today)
    rule, said = _why(due, run, calendar[0], pay_runs, today)
    return _Run(run, rule, f"{said}; pay run of {on_day(run, today)}")


def _by_run(bill: OpenBill, minor: int, run: _Run, essential: tuple[str, int] | None, today: date) -> Flow:
    return Flow(
        f"bill:{bill.id}",
        "bill",
        "sure" if essential else "forecast",
        -minor,
        run.on,
        run.on,
        bill.vendor,
        document("bill", bill.vendor, bill.number, bill.dated, today),
        run.rule,
        f"{run.because}; essential ({essential[0]})" if essential else run.because,
        Source("qbo", "bill", bill.id, bill.number),
        essential=essential is not None,
        place=essential[1] if essential else 99,
        bill_id=bill.id,
        assumed=run.rule in ("bill_overdue_run", "bill_undated_run"),
    )


def _why(due: date | None, run: date, next_run: date, pay_runs: PayRunPolicy, today: date) -> tuple[str, str]:
    if due is None:
        return "bill_undated_run", "no due date"
    if due < today:
        return "bill_overdue_run", f"due {on_day(due, today)}, overdue"
    if run == next_run and not arrives_by(run, due, pay_runs):
        return "bill_late_run", f"due {on_day(due, today)}, no pay run arrives by then"
    return "bill_run", f"due {on_day(due, today)}"


def arrives_by(run: date, due: date, pay_runs: PayRunPolicy) -> bool:
    """Whether what is paid with ``run`` is with the vendor by ``due``."""
    return add_lead(run, pay_runs) <= due


def add_lead(run: date, pay_runs: PayRunPolicy) -> date:
    """The day on which a pay run's money is with the vendor."""
    return add_workdays(run, pay_runs.lead_workdays)
