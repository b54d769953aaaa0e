"""One payment as its page tells it: whether somebody was paid, what was instructed, what each witness says, what happened."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, get_args

import msgspec
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision
from interlock.domains.ap.payment_models import DisbursementStep
from interlock.domains.ap.policy.course import Course
from interlock.domains.ap.policy.happenings import PersonSaid, PersonSays
from interlock.domains.ap.policy.loop import step
from interlock.domains.ap.services.payment_steps import course_of
from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.kernel.money import Money
from interlock.runway.services.calculators.guardrail_values import Verdict
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.calculators.payment_answers import Standing, answer, step_words
from interlock.runway.services.calculators.payment_words import METHODS, PLACE_BY_KEY, WAYS, asks_for
from interlock.runway.services.calculators.words import on_day, sum_of
from interlock.runway.services.data_orchestrators.one_payment import Found, OnePayment
from interlock.runway.services.data_orchestrators.payment_rows import PaymentLine, PaymentRows
from interlock.runway.services.experiences.payment_witnesses import WitnessRow, witness_rows
from interlock.runway.services.views import BusinessView, Instant, View

_DECIDED = {
    "propose": "Proposed by {by}",
    "approve": "Approved by {by}",
    "schedule": "Moved to another day by {by}",
    "reject": "Rejected by {by}",
    "withdraw": "Withdrawn by {by}",
    "undo": "Undone by {by}",
    "void": "Approval ended",
    "record": "Found paid in the books",
}
ACTS: dict[PersonSays, tuple[str, str]] = {
    "take_back": ("Take it back", "It is not to be paid after all; the bill is decided on anew."),
    "look_again": ("Look it up again", "Ramp is asked by its key once more."),
    "not_made": ("It isn’t there", "You looked in Ramp and nothing stands there under its key: nothing left."),
    "returned": ("Report a return", "The money came back; the bill is open again."),
    "proven": ("It is right as it is", "You looked at the difference and it is right."),
}
assert set(ACTS) == set(get_args(PersonSays))
_MOVED = "Money has moved, so it can’t be taken back here."
_RECALL = (
    "recalling it at Ramp. Its API has no recall; a connected rail that can cancel after release would un-park it."
)


class Told(View):
    """A line of the instruction. ``link``: where it can be seen; ``out``: in QuickBooks, in a window of its own."""

    name: str
    words: str
    link: str | None = None
    out: bool = False


class Happened(View):
    """One thing that happened, with its line in the log; ``waits``: it has not happened yet."""

    at: Instant
    words: str
    why: str | None
    log_line: int | None
    waits: bool = False


class SayView(View):
    """What a person can say of a payment, or why not now."""

    says: PersonSays
    name: str
    means: str
    why_not: str | None


class PaymentExperience(View):
    """``ask`` is the page's question and ``say`` its answer; the rest is what the answer stands on."""

    business: BusinessView
    as_of: Instant
    today: date
    ask: str
    say: str
    payment: PaymentLine
    released: bool
    instruction: tuple[Told, ...]
    witnesses: tuple[WitnessRow, ...]
    happened: tuple[Happened, ...]
    acts: tuple[SayView, ...]
    parked: str | None
    needs: str | None
    then: str | None


class PaymentService:
    """Payments of one business, one at a time."""

    def __init__(self, session: Session, business: Business, *, links: Links, now: datetime) -> None:
        self._business = business
        self._links = links
        self._now = now
        self._today = local_date(now, business.time_zone)
        self._one = OnePayment(session, business, now)
        self._rows = PaymentRows(session, business, links=links, now=now)

    def get_payment_experience(self, intent_id: str) -> PaymentExperience:
        """By its id; ``NotFound`` where nothing by that id was ever decided on."""
        found = self._one.find(intent_id)
        line = (self._rows.released([found.row]) if found.row else self._rows.decided([found.intent]))[0]
        course = course_of(found.row) if found.row else None
        standing = self._standing(found, line, course)
        return PaymentExperience(
            business=BusinessView.of(self._business),
            as_of=self._now,
            today=self._today,
            ask=f"Has {line.vendor} been paid?",
            say=answer(standing),
            payment=line,
            released=course is not None,
            instruction=self._instruction(found, line),
            witnesses=witness_rows(found, line, course, self._links, self._business),
            happened=self._happened(found, course),
            acts=self._acts(course) if course else (),
            parked=_RECALL
            if course and course.way != "outside" and (course.cleared or course.rail == "paid")
            else None,
            needs=asks_for(course) if course else line.needs,
            then=_then(standing),
        )

    def _standing(self, found: Found, line: PaymentLine, course: Course | None) -> Standing:
        row = found.row
        money = line.amount.money
        payment = found.ledger.payment if found.ledger else None
        return Standing(
            place=line.place,
            bill=line.number or line.bill_id,
            amount=sum_of(money, self._business.home_currency),
            today=self._today,
            pay_on=line.pay_on,
            outside=course is None or course.way == "outside",
            expects_bank=course is None or course.expects_bank,
            stuck=course is not None and course.needs_person,
            asked=course.asked if course else 0,
            released_on=local_date(row.released_at, self._business.time_zone) if row else None,
            arrives_on=row.arrives_on if row else None,
            executed_on=row.executed_on if row else None,
            cleared_on=row.cleared_on if row else None,
            recorded_on=row.recorded_on if row else None,
            late_on=local_date(course.late_after, self._business.time_zone) if course else None,
            entry=(payment.number or payment.id) if payment else row.ledger_payment_id if row else None,
            why=found.lost or (row.why if row else found.intent.ended_why),
        )

    def _instruction(self, found: Found, line: PaymentLine) -> tuple[Told, ...]:
        intent, row, bill = found.intent, found.row, found.bill
        due = f", due {on_day(bill.due, self._today)}" if bill and bill.due else ""
        told = [
            Told(name="Pay to", words=line.vendor),
            Told(
                name="For",
                words=f"Bill {line.number or line.bill_id}{due}",
                link=f"/b/{self._business.slug}/bills/{line.bill_id}",
            ),
            Told(name="Approved", words=f"{line.amount} {line.amount.currency}"),
        ]
        if found.account:
            told.append(Told(name="From", words=found.account))
        if row is not None:
            if row.method and row.way != "outside":
                told.append(Told(name="By", words=f"{METHODS.get(row.method, row.method)}, through Ramp"))
            told.append(Told(name="Way", words=WAYS[row.way]))  # type: ignore[index]
        told.append(Told(name="Pay on", words=on_day(line.pay_on, self._today)))
        told.append(Told(name="Approved by", words=self._approvers(found)))
        if row is not None:
            by = found.names.get(
                row.released_by, "the pay run’s schedule" if row.released_by == "schedule" else row.released_by
            )
            told.append(Told(name="Released by", words=by))
        told.append(Told(name="Instruction", words=intent.intent_id))
        return tuple(told)

    def _approvers(self, found: Found) -> str:
        standing = [each for each in found.approvals if each.withdrawn_at is None] or list(found.approvals)
        said = [
            found.names.get(each.person_id, each.person_id)
            + (f" in place of {found.names.get(each.for_person, each.for_person)}" if each.for_person else "")
            + f", {'client' if each.side == 'client' else 'firm'}"
            for each in standing
        ]
        return "; ".join(said) or "nobody"

    def _happened(self, found: Found, course: Course | None) -> tuple[Happened, ...]:
        release = found.row.decision_id if found.row else None
        told = [self._decided(each, found) for each in found.decisions if each.decision_id != release]
        verdict = next((each for each in found.decisions if each.decision_id == release), None)
        told += [self._stepped(each, found, verdict) for each in found.steps]
        waits = _waits(course, self._today, self._business.time_zone) if course else None
        if waits is not None:
            at, words = waits
            told.append(Happened(at=at, words=words, why=None, log_line=None, waits=True))
        return tuple(told)

    def _decided(self, row: Decision, found: Found) -> Happened:
        by = found.names.get(row.person_id, row.actor) if row.person_id else "Interlock"
        words = _DECIDED.get(row.act, f"{row.act.replace('_', ' ').capitalize()} by {{by}}").format(by=by)
        said = [
            _verdict(row),
            row.comment,
            f"Over the guardrail: {row.override_reason}" if row.override_reason else None,
        ]
        return Happened(
            at=row.decided_at,
            words=words,
            why=" ".join(each for each in said if each) or None,
            log_line=found.seqs.get(row.decision_id),
        )

    def _stepped(self, row: DisbursementStep, found: Found, released: Decision | None) -> Happened:
        said = json.loads(row.said)
        by = row.actor.partition(" [")[0]
        why = [str(said["why"])] if said.get("why") else []
        if row.event == "Released" and released is not None:
            why += [each for each in (_verdict(released), released.comment) if each]
        minor = said.get("line_minor", said.get("paid_minor"))
        if not why and isinstance(minor, int):
            why.append(str(Money(minor, found.intent.currency)))
        if row.was != row.stage:
            name = PLACE_BY_KEY[row.stage].name
            why.append(f"Now {name[:1].lower()}{name[1:]}.")
        return Happened(
            at=row.at,
            words=step_words(row.event, said, by),
            why=" ".join(why) or None,
            log_line=found.seqs.get(row.number),
        )

    def _acts(self, course: Course) -> tuple[SayView, ...]:
        """Each possible word that would change something now; taking back is named also where it is too late."""
        found = []
        for says, (name, means) in ACTS.items():
            can = step(course, PersonSaid(says), self._now)[0] != course
            if can or (says == "take_back" and course.cleared and not course.returned):
                found.append(SayView(says=says, name=name, means=means, why_not=None if can else _MOVED))
        return tuple(found)


def _verdict(row: Decision) -> str | None:
    return msgspec.json.decode(row.verdict, type=Verdict).words if row.verdict else None


def _waits(course: Course, today: date, time_zone: str) -> tuple[datetime, str] | None:
    """What comes next by itself, and when."""
    if course.due_at is None:
        return None
    day = on_day(local_date(course.due_at, time_zone), today)
    what: dict[Literal["send", "look_up", "cancel", "record", "watch"], str] = {
        "send": "Next: the instruction is sent to Ramp",
        "look_up": "Next: it is looked up in Ramp by its key",
        "cancel": "Next: Ramp is asked to cancel it",
        "record": "Next: it is entered in QuickBooks",
        "watch": f"Waiting for its witnesses; overdue after {day}",
    }
    return (course.due_at, what[course.todo]) if course.todo else None


def _then(at: Standing) -> str | None:
    """What would follow if it came back."""
    if at.place in {"cleared", "closed", "recorded", "executed", "under_way", "unproven", "to_pay"}:
        return f"If it comes back, bill {at.bill} is open again, {at.amount} is decided on anew, and what was set aside returns."
    return None


def lines_of(happened: Sequence[Happened]) -> tuple[int, ...]:
    """The log's lines about it, in order."""
    return tuple(sorted({each.log_line for each in happened if each.log_line is not None}))
