"""What each witness of a payment says, beside what was approved."""

from datetime import date
from typing import Literal

from interlock.domains.ap.policy.course import Course
from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.payment_words import METHODS
from interlock.runway.services.data_orchestrators.one_payment import Found
from interlock.runway.services.data_orchestrators.payment_rows import PaymentLine, WitnessState
from interlock.runway.services.views import Amount, View


class Reference(View):
    """Where a witness can be seen itself. ``out``: in a window of its own."""

    words: str
    link: str | None
    out: bool


class WitnessRow(View):
    """``amount``: as the witness has it, ``None`` while it says nothing; ``off_by``: that less what was approved;

    ``reached``: the state that its word makes.
    """

    witness: Literal["approved", "ramp", "bank", "returned", "qbo"]
    name: str
    state: WitnessState
    says: str
    on: date | None
    reference: Reference | None
    amount: Amount | None
    off_by: Amount | None
    reached: str


def witness_rows(
    found: Found, line: PaymentLine, course: Course | None, links: Links, business: Business
) -> tuple[WitnessRow, ...]:
    """Who approved it first, then the witnesses in the order they speak in. Paid outside there is no rail among them."""
    rows = [_approved(found, line, business)]
    if course is None:
        return tuple(rows)
    if course.way != "outside":
        rows.append(_rail(found, line, course))
    rows.append(_bank(found, line, course, business))
    if course.returned:
        rows.append(_returned(found, business))
    rows.append(_ledger(found, line, course, links))
    return tuple(rows)


def _approved(found: Found, line: PaymentLine, business: Business) -> WitnessRow:
    people = [found.names.get(each.person_id, each.person_id) for each in found.approvals if each.withdrawn_at is None]
    at = found.intent.approved_at
    return WitnessRow(
        witness="approved",
        name="Approved",
        state="said",
        says=" and ".join(people) or "its approvals ended",
        on=local_date(at, business.time_zone) if at else None,
        reference=Reference(
            words=f"bill {line.number or line.bill_id}", link=f"/b/{business.slug}/bills/{line.bill_id}", out=False
        ),
        amount=line.amount,
        off_by=None,
        reached="Approved",
    )


def _rail(found: Found, line: PaymentLine, course: Course) -> WitnessRow:
    row, there = found.row, found.rail
    says = {
        "none": "Nothing yet",
        "waiting": "Waits for its people to release it",
        "under_way": "In transit",
        "paid": "Paid",
        "failed": "Failed",
        "cancelled": "Cancelled",
        "unknown": "Says what we don’t know",
    }[course.rail]
    if course.sending == "refused":
        says = "Took no such instruction"
    if course.rail == "paid" and row is not None and row.method:
        says = f"Paid by {METHODS.get(row.method, row.method)}"
    spoke = course.rail == "paid"
    against = course.rail in {"failed", "cancelled"} or course.sending == "refused"
    minor = there.payment_minor if there else None
    amount = Amount.minor(minor, line.amount.currency) if spoke and minor is not None else None
    link = row.rail_url if row else None
    return WitnessRow(
        witness="ramp",
        name="Ramp",
        state="said" if spoke else "against" if against else "waits",
        says=says,
        on=row.executed_on if row else None,
        reference=Reference(words="Open in Ramp", link=link, out=True) if link else None,
        amount=amount,
        off_by=_off(amount, line),
        reached="Executed" if spoke else "Executed: no" if against else "Executed: waiting",
    )


def _bank(found: Found, line: PaymentLine, course: Course, business: Business) -> WitnessRow:
    said, row = found.bank, found.row
    if said is None and course.cleared and row is not None:
        return WitnessRow(
            witness="bank",
            name="Bank",
            state="said",
            says="Posted; the line is no longer kept here",
            on=row.cleared_on,
            reference=Reference(words=row.line_id, link=None, out=False) if row.line_id else None,
            amount=None,
            off_by=None,
            reached="Cleared",
        )
    if said is None:
        words = "No posted line yet" if course.expects_bank else "No linked bank could show it"
        return WitnessRow(
            witness="bank",
            name="Bank",
            state="waits" if course.expects_bank else "absent",
            says=words,
            on=None,
            reference=None,
            amount=None,
            off_by=None,
            reached="Cleared: waiting" if course.expects_bank else "Cleared: unproven",
        )
    amount = Amount.minor(said.minor, said.line.currency)
    others = (
        f", with {said.others} more in one line of {Amount.minor(said.line_minor, said.line.currency)}"
        if said.others
        else ""
    )
    match_id = found.row.match_id if found.row else None
    return WitnessRow(
        witness="bank",
        name="Bank",
        state="said" if course.cleared else "against",
        says=f"Posted, {said.account}{others}: {said.line.name}",
        on=said.line.dated,
        reference=Reference(words="Bank line", link=f"/b/{business.slug}/match?which=matched#m{match_id}", out=False)
        if match_id
        else Reference(words=said.line.id, link=None, out=False),
        amount=amount,
        off_by=_off(amount, line),
        reached="Cleared" if course.cleared else "Cleared: another amount",
    )


def _returned(found: Found, business: Business) -> WitnessRow:
    there = found.returned
    amount = Amount.minor(-abs(there.amount_minor), there.currency) if there else None
    return WitnessRow(
        witness="returned",
        name="Bank",
        state="against",
        says=f"Came back: {there.name}" if there else "Came back, as a person says",
        on=there.dated if there else None,
        reference=Reference(words=there.id, link=f"/b/{business.slug}/match?which=open", out=False) if there else None,
        amount=amount,
        off_by=None,
        reached="Returned",
    )


def _ledger(found: Found, line: PaymentLine, course: Course, links: Links) -> WitnessRow:
    said = found.ledger
    entry = found.row.ledger_payment_id if found.row else None
    if said is None and course.recorded:
        return WitnessRow(
            witness="qbo",
            name="QBO",
            state="said",
            says="On the bill; the books are read again with the next sync",
            on=found.row.recorded_on if found.row else None,
            reference=Reference(words=f"#{entry}", link=links.to("bill_payment", entry), out=True) if entry else None,
            amount=None,
            off_by=None,
            reached="Recorded",
        )
    if said is None or not course.recorded:
        bill = links.to("bill", line.bill_id)
        words = {"refused": "Refused the entry", "recording": "Entry under way", "unknown": "Entry not known"}
        return WitnessRow(
            witness="qbo",
            name="QBO",
            state="waits",
            says=words.get(course.recording, "No bill payment on the bill"),
            on=None,
            reference=Reference(words="Open bill in QuickBooks", link=bill, out=True) if bill else None,
            amount=None,
            off_by=None,
            reached="Recorded: waiting",
        )
    payment = said.payment
    amount = Amount.minor(said.minor, payment.currency)
    return WitnessRow(
        witness="qbo",
        name="QBO",
        state="said",
        says=f"Bill payment {payment.number or payment.id} on the bill",
        on=payment.dated,
        reference=Reference(
            words=f"#{payment.number or payment.id}", link=links.to("bill_payment", payment.id), out=True
        ),
        amount=amount,
        off_by=_off(amount, line),
        reached="Recorded",
    )


def _off(amount: Amount | None, line: PaymentLine) -> Amount | None:
    """What the witness has less what was approved; nothing across currencies."""
    if amount is None or amount.currency != line.amount.currency:
        return None
    return Amount.of(amount.money - line.amount.money)
