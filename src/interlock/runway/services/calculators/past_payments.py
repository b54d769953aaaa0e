"""Payments already made, judged as a policy would have judged them on their day: a past rebuilt from the books. Pure.

Payments of one day are judged jointly, from the cash the books had that morning, what customers owed then, and what recurs. What
nobody can know any more (what was approved and not yet paid, what the bank showed, how fresh it was) is left out and said.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.segregation import approvals_needed
from interlock.runway.services.calculators.behaviour import Paid, habits_of
from interlock.runway.services.calculators.calendars import CADENCES, occurrences
from interlock.runway.services.calculators.flows import Flow, Plan, Source, Start
from interlock.runway.services.calculators.guardrail import judge, question_of
from interlock.runway.services.calculators.guardrail_values import Outcome, Spent, Verdict, Wanted
from interlock.runway.services.calculators.placing import (
    Essentials,
    OpenBill,
    OpenInvoice,
    Recurs,
    bills,
    invoices,
    is_bill,
)
from interlock.runway.services.calculators.recurring import PAYROLL
from interlock.runway.services.calculators.words import document, on_day

ESSENTIAL_DAYS = 91
_WEEK_DAYS = 7
_TWO_PEOPLE = 2
_ONE = timedelta(days=1)


class PastPayment(Struct, frozen=True, gc=False):
    """A bill payment of the books, above zero, home currency. ``account_*``: of the bills it paid, by which it may be essential."""

    id: str
    number: str | None
    dated: date
    vendor_id: str | None
    vendor: str | None
    minor: int
    account_names: tuple[str, ...] = ()
    account_kinds: tuple[str, ...] = ()

    @property
    def as_bill(self) -> OpenBill:
        return OpenBill(
            self.id,
            self.number,
            self.vendor_id,
            self.vendor,
            self.dated,
            None,
            "",
            self.minor,
            self.account_names,
            self.account_kinds,
        )


class PastInvoice(Struct, frozen=True):
    """``invoice.minor``: what of it was ever to be paid in money. ``paid``: when how much of it was."""

    invoice: OpenInvoice
    paid: tuple[tuple[date, int], ...] = ()


class PastBill(Struct, frozen=True):
    """``bill.minor``: what of it was ever to be paid in money. ``paid``: when how much of it was."""

    bill: OpenBill
    paid: tuple[tuple[date, int], ...] = ()


class Past(Struct, frozen=True):
    """``cash_minor``: the books' bank balances now; ``moved``: by how much they moved on each day, so that they can be walked back.

    ``payments`` reach ``ESSENTIAL_DAYS`` further back than what is judged.
    """

    today: date
    currency: str
    cash_minor: int
    moved: Mapping[date, int]
    payments: tuple[PastPayment, ...] = ()
    invoices: tuple[PastInvoice, ...] = ()
    bills: tuple[PastBill, ...] = ()
    paid: tuple[Paid, ...] = ()
    recurring: tuple[Recurs, ...] = ()


class PastVerdict(Struct, frozen=True):
    """What a policy would have said of one payment on its day, why, and how many people it would have taken."""

    payment: PastPayment
    outcome: Outcome
    people: int
    why: str


def opening(past: Past, day: date) -> int:
    """The books' cash on the morning of ``day``, in minor units."""
    return past.cash_minor - sum(minor for on, minor in past.moved.items() if on >= day)


def judged(past: Past, policies: Sequence[Policy], since: date) -> tuple[tuple[PastVerdict, ...], ...]:
    """For each policy its verdict on every payment from ``since`` to today, in the order of their days and ids."""
    by_day: dict[date, list[PastPayment]] = defaultdict(list)
    for each in past.payments:
        if since <= each.dated <= past.today:
            by_day[each.dated].append(each)
    found: list[list[PastVerdict]] = [[] for _ in policies]
    for day in sorted(by_day):
        batch = sorted(by_day[day], key=lambda each: each.id)
        receipts = _receipts(past, day)  # the same under every policy
        for verdicts, policy in zip(found, policies, strict=True):
            verdicts.extend(_judged_day(past, policy, day, batch, receipts))
    return tuple(map(tuple, found))


def _judged_day(
    past: Past, policy: Policy, day: date, batch: Sequence[PastPayment], receipts: tuple[Flow, ...]
) -> list[PastVerdict]:
    essentials = Essentials(policy.essential)
    wanted = tuple(_wanted(each, essentials, day) for each in batch)
    due = tuple(_due_anyway(each, day) for each in wanted if each.must_pay)
    flows = (*receipts, *due, *_bills(past, policy, day), *_recurring(past, essentials, policy, day))
    start = Start("books", opening(past, day), (), None, f"The books' cash on the morning of {on_day(day, past.today)}")
    plan = Plan(day, past.currency, start, flows, _essential_per_day(past, essentials, day))
    verdict = judge(question_of(plan, policy, wanted, _spent(past, day)))
    return [_verdict_on(each, verdict, policy) for each in batch]


def _verdict_on(payment: PastPayment, verdict: Verdict, policy: Policy) -> PastVerdict:
    """One payment's part of a joint verdict: of a blocked batch what would have had to be dropped is blocked, all where that

    wouldn't have helped either.
    """
    outcome: Outcome = verdict.outcome
    if outcome == "block" and verdict.drop and payment.id not in verdict.drop:
        outcome = "allow"
    own = [each.words for each in verdict.reasons if payment.id in each.bill_ids]
    why = (own or [each.words for each in verdict.reasons if not each.bill_ids] or [verdict.words])[0]
    people = approvals_needed(policy, payment.minor, _TWO_PEOPLE)
    return PastVerdict(payment, outcome, people, "" if outcome == "allow" else why)


def _wanted(payment: PastPayment, essentials: Essentials, day: date) -> Wanted:
    found = essentials.of_bill(payment.as_bill)
    return Wanted(
        payment.id,
        document("payment", payment.vendor, payment.number, payment.dated, day),
        payment.vendor_id,
        payment.minor,
        day,
        None,
        must_pay=found is not None,
        place=found[1] if found else 99,
    )


def _due_anyway(wanted: Wanted, day: date) -> Flow:
    """What had to be paid that day is part of what the guardrail starts from; the decision on it takes its place."""
    return Flow(
        f"bill:{wanted.bill_id}",
        "bill",
        "sure",
        -wanted.minor,
        day,
        day,
        None,
        wanted.label,
        "committed",
        "paid that day",
        Source("qbo", "bill_payment", wanted.bill_id),
        essential=True,
        place=wanted.place,
        bill_id=wanted.bill_id,
    )


def _spent(past: Past, day: date) -> Spent:
    """What was paid in the six days before."""
    week = [each for each in past.payments if day - timedelta(days=_WEEK_DAYS) < each.dated < day]
    by_vendor: dict[str, int] = defaultdict(int)
    for each in week:
        if each.vendor_id is not None:
            by_vendor[each.vendor_id] += each.minor
    return Spent(dict(by_vendor), {}, sum(each.minor for each in week))


def _receipts(past: Past, day: date) -> tuple[Flow, ...]:
    """What customers owed then, when their payments up to then said it would come."""
    owed = [
        replace(each.invoice, minor=each.invoice.minor - sum(minor for on, minor in each.paid if on < day))
        for each in past.invoices
        if each.invoice.dated <= day
    ]
    return invoices(owed, habits_of(past.paid, day - _ONE), day, past.currency).flows


def _bills(past: Past, policy: Policy, day: date) -> tuple[Flow, ...]:
    """Bills open then, beyond those that this day's payments settle."""
    owed = [
        replace(each.bill, minor=each.bill.minor - sum(minor for on, minor in each.paid if on <= day))
        for each in past.bills
        if each.bill.dated <= day
    ]
    return bills(owed, policy.pay_runs, policy.essential, day, past.currency).flows


def _recurring(past: Past, essentials: Essentials, policy: Policy, day: date) -> tuple[Flow, ...]:
    last = day + timedelta(days=policy.horizon.guardrail_days)
    return tuple(
        Flow(
            f"recurring:{each.recurring_id}:{on}",
            "payroll" if each.category == PAYROLL else "recurring",
            "sure",
            each.amount_minor if each.inflow else -each.amount_minor,
            on,
            on,
            each.name,
            f"{each.name}, {on_day(on, day)}",
            "recurring_day",
            f"{each.cadence}, as confirmed since",
            Source("ours", "recurring_item", each.recurring_id),
            essential=place is not None,
            place=99 if place is None else place,
        )
        for each, place in _series(past, essentials)
        for on in _days_of(each, day, last)
    )


def _essential_per_day(past: Past, essentials: Essentials, day: date) -> int:
    """Average daily essential outflow of the thirteen weeks before, rounded up: payments that were essential, and what recurs."""
    since, until = day - timedelta(days=ESSENTIAL_DAYS), day - _ONE
    out = sum(
        each.minor
        for each in past.payments
        if since <= each.dated <= until and essentials.of_bill(each.as_bill) is not None
    )
    for each, place in _series(past, essentials):
        if place is not None:
            out += each.amount_minor * len(_days_of(each, since, until))
    return -(-out // ESSENTIAL_DAYS)


def _series(past: Past, essentials: Essentials) -> list[tuple[Recurs, int | None]]:
    """What recurs and is no bill (those stand among the bills), each with its place in the waterfall."""
    return [
        (each, None if each.inflow else essentials.place(each.category))
        for each in past.recurring
        if each.currency == past.currency and not is_bill(each.signature)
    ]


def _days_of(each: Recurs, since: date, until: date) -> tuple[date, ...]:
    if each.cadence not in CADENCES:
        raise ValueError(f"{each.cadence!r} is no cadence.")
    return occurrences(each.cadence, each.days, each.anchor, since, until, each.category == PAYROLL)
