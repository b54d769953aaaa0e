"""The release: approved payments are let go, by a person the rules allow or by the pay run's schedule where policy says so.

Everything that was true at the approval is looked at again under the decision lock, row by row, then the guardrail is asked for all
that is left jointly. What is let go has its instruction committed in the same transaction; nothing is sent from here. One row
that can't be let go is refused in words and stops no other.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Literal, cast

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision, PaymentIntent
from interlock.domains.ap.models import Bill, BillAnnotation
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import Stage, Way
from interlock.domains.ap.policy.happenings import PersonSaid, PersonSays, Released
from interlock.domains.ap.ports import Judged, ReleaseGate, Wish
from interlock.domains.ap.services.approvals import Approvals
from interlock.domains.ap.services.at_rail import BillsAtRail
from interlock.domains.ap.services.bill_content import credits_of, endings_of, live_intents
from interlock.domains.ap.services.deciding import BATCH_MOST, Decided, called, one_batch, tidied
from interlock.domains.ap.services.decision_records import keep_decision
from interlock.domains.ap.services.gating import Gating
from interlock.domains.ap.services.instructing import CannotInstruct, Instruction, Instructs
from interlock.domains.ap.services.paying_setup import Paying, PayingSetupService
from interlock.domains.ap.services.payment_steps import RELEASED, Steps, disbursement, keep_course, under_way
from interlock.domains.firm.annotations import hold_in_words, is_held
from interlock.domains.firm.segregation import refusal
from interlock.infra.db.bulk import among
from interlock.kernel.clock import zone
from interlock.kernel.errors import BadInput
from interlock.kernel.money import Money

SCHEDULE = "schedule"
"""Who released what the pay run's schedule let go."""
_SCHEDULE_ACTOR = "Interlock (pay run)"


_SAYS: dict[PersonSays, str] = {
    "not_made": "that it was not made",
    "look_again": "to look again",
    "take_back": "to take it back",
    "returned": "that it came back",
    "proven": "that it is right as it is",
}


class ReleasedRow(Struct, frozen=True):
    """What became of one payment. ``why``: the refusal in words; ``way``: how one that was let go is paid."""

    intent_id: str
    bill_id: str
    amount_minor: int
    currency: str
    outcome: Literal["released", "refused"]
    way: Way | None = None
    why: str | None = None


class PaymentResult(Struct, frozen=True):
    """One release, row by row in the order asked. ``decision_id``: ``None`` where nothing was let go, and so nothing written."""

    decision_id: str | None
    rows: tuple[ReleasedRow, ...]
    judged: Judged | None = None

    @property
    def released(self) -> tuple[ReleasedRow, ...]:
        return tuple(each for each in self.rows if each.outcome == "released")


class Releasing(Approvals):
    """Letting go, and what people say of what was let go."""

    def execute_payment(
        self,
        intent_ids: Sequence[str],
        *,
        gate: ReleaseGate,
        comment: str | None = None,
        acknowledge_warning: bool = False,
        by_schedule: bool = False,
    ) -> PaymentResult:
        """Let approved payments go. ``by_schedule``: nobody is named, and what a person has to see to is left to one.

        Raises ``Refused`` (who may not release anything here), ``PaymentWarned`` (acknowledge it) and ``BadInput``; each
        leaves everything as it was. Any other refusal is a row's own.
        """
        self.begin()
        comment = tidied(comment)
        if not by_schedule:
            self.may("release")
        ids = one_batch(intent_ids)
        known = self._read_at_once(ids)  # as long as these are held, reading one by its id asks nothing
        intents = [self.intent(each) for each in ids]
        paying = PayingSetupService(self.db, self.business).setup()
        refused = self._not_standing(intents, paying.way, by_schedule=by_schedule)
        instructions = self._instructions([each for each in intents if each.intent_id not in refused], paying, refused)
        gating = Gating(self.db, self.business, gate, self.now, asks=acknowledge_warning, by_schedule=by_schedule)
        gated = gating.let_pass([each for each in intents if each.intent_id in instructions])
        refused |= gated.refused
        going = [each for each in intents if each.intent_id not in refused]
        decision = self._released(going, instructions, refused, comment, gated.judged, by_schedule) if going else None
        rows = tuple(self._row(each, instructions, refused) for each in intents)
        del known
        return PaymentResult(decision.decision_id if decision else None, rows, gated.judged)

    def _read_at_once(self, intent_ids: Sequence[str]) -> tuple[Sequence[PaymentIntent], Sequence[Bill]]:
        """These payments and their bills, in two queries instead of two each."""
        here, bills = (
            PaymentIntent.business_id == self.business.business_id,
            Bill.business_id == self.business.business_id,
        )
        intents = self.db.scalars(
            select(PaymentIntent).where(here, among(self.db, PaymentIntent.intent_id, intent_ids))
        ).all()
        bill_ids = sorted({each.bill_id for each in intents})
        return intents, self.db.scalars(select(Bill).where(bills, among(self.db, Bill.id, bill_ids))).all()

    def why_not(self, intents: Sequence[PaymentIntent]) -> dict[str, str]:
        """Why these couldn't be let go now, by id, for who only looks: no lock, nothing written, the guardrail not asked.

        While nobody is named, what a person may do is left open.
        """
        paying = PayingSetupService(self.db, self.business).setup()
        refused = self._not_standing(intents, paying.way, by_schedule=False)
        self._instructions([each for each in intents if each.intent_id not in refused], paying, refused)
        return refused

    def say(self, intent_id: str, says: PersonSays, comment: str | None = None) -> Decided:
        """What a person found out about a released payment, or decided: one step of it, and one decision.

        ``take_back`` before money moves is for who may release or approve, all else for who may release. ``Refused`` for others;
        ``BadInput`` where the payment isn't released, or stands so that it changes nothing.
        """
        self.begin()
        self.may("approve" if says == "take_back" and "release" not in self.person.rights else "release")
        said = tidied(comment, needed=None if says == "look_again" else "what you saw, or why")
        intent, row = self.intent(intent_id), disbursement(self.db, self.business.business_id, intent_id)
        if row is None:
            raise BadInput("This payment isn't released, so there is nothing to say of it. Nothing was changed.")
        subjects = [{**self.subject(intent), "says": says, "was": row.stage}]
        by = self.person
        made = keep_decision(
            self.db, self.scope, act="say", subjects=subjects, by=by, actor=by.actor, now=self.now, comment=said
        )
        steps = Steps(self.db, self.scope, now=self.now, actor=by.actor)
        told = {"decision_id": made.decision_id, "person": by.person_id}
        if not steps.happened(row, PersonSaid(says), told, why=said):
            where = row.stage.replace("_", " ")
            raise BadInput(
                f"This payment stands at {where}, and {_SAYS[says]} changes nothing there; nothing was written."
            )
        steps.close()
        return Decided(made.decision_id, "say", self.as_now([intent]))

    def _not_standing(self, intents: Sequence[PaymentIntent], way: Way, *, by_schedule: bool) -> dict[str, str]:
        """Why payments can't be let go, by id, before anything is judged."""
        bill_ids = {each.bill_id for each in intents}
        endings = endings_of(
            self.db, self.business, live_intents(self.db, self.business.business_id, bill_ids), self.now
        )
        taken: dict[str, int] = {}
        for row in under_way(self.db, self.business.business_id, sorted(bill_ids)):
            taken[row.bill_id] = taken.get(row.bill_id, 0) + row.amount_minor
        there = BillsAtRail(self.db, self.business.business_id, bill_ids, self._ours(bill_ids))
        annotated = self._annotated(bill_ids)
        refused: dict[str, str] = {}
        for intent in intents:
            ending = endings.get(intent.intent_id)
            why = (
                _not_approved(intent)
                or (ending.why if ending else None)
                or self._too_early(intent)
                or self._may_not(intent, by_schedule=by_schedule)
                or self._kept_back(annotated.get(intent.bill_id))
                or there.against(intent.bill_id, way)
                or self._not_open(intent, taken)
            )
            if why is not None:
                refused[intent.intent_id] = why
        return refused

    def _ours(self, bill_ids: Collection[str]) -> dict[str, Stage]:
        """Where our own payments of these bills stand, by their keys at the rail."""
        query = select(Disbursement.intent_id, Disbursement.stage).where(
            Disbursement.business_id == self.business.business_id,
            among(self.db, Disbursement.bill_id, sorted(bill_ids)),
        )
        return {intent_id: cast(Stage, stage) for intent_id, stage in self.db.execute(query)}

    def _too_early(self, intent: PaymentIntent) -> str | None:
        if intent.undo_until is not None and intent.undo_until > self.now:
            until = intent.undo_until.astimezone(zone(self.business.time_zone))
            return f"The approval can still be undone until {until:%H:%M:%S}; release it after that."
        if intent.pay_on > self.today:
            day = f"{intent.pay_on.day} {intent.pay_on:%b %Y}"
            return f"It is to be paid on {day} and is released from that morning on; move it to pay it sooner."
        return None

    def _may_not(self, intent: PaymentIntent, *, by_schedule: bool) -> str | None:
        """Segregation of duties, seen with all that counts together with this payment."""
        wish = Wish(intent.bill_id, intent.amount_minor, intent.pay_on, credits_of(intent), intent.intent_id)
        case = self.case(wish, intent)
        if not by_schedule:
            return refusal("release", self.acting, self.policy, case) if self.acting else None
        if case.amount_minor > self.policy.approvals.one_person_minor:
            return "Above the first limit a person releases it, and the schedule doesn't."
        return None

    def _annotated(self, bill_ids: Collection[str]) -> dict[str, BillAnnotation]:
        query = select(BillAnnotation).where(
            BillAnnotation.business_id == self.business.business_id,
            among(self.db, BillAnnotation.bill_id, sorted(bill_ids)),
        )
        return {each.bill_id: each for each in self.db.scalars(query)}

    def _kept_back(self, said: BillAnnotation | None) -> str | None:
        if said is None:
            return None
        if is_held(said, self.today):
            return f"{hold_in_words(said)}."
        if said.snoozed_until is not None and said.snoozed_until > self.today:
            return f"Snoozed until {said.snoozed_until.day} {said.snoozed_until:%b %Y}."
        return None

    def _not_open(self, intent: PaymentIntent, taken: dict[str, int]) -> str | None:
        """Whether the bill still owes this beside what is under way; what passes is counted as taken for the rows after it."""
        bill = self.bill(intent.bill_id)
        before = taken.get(bill.id, 0)
        if intent.amount_minor > bill.balance_minor - before:
            also = f", and {Money(before, bill.currency)} of it is under way already" if before else ""
            return (
                f"{Money(bill.balance_minor, bill.currency)} of {called(bill)} is open{also}; less than this would pay."
            )
        taken[bill.id] = before + intent.amount_minor
        return None

    def _instructions(
        self, intents: Sequence[PaymentIntent], paying: Paying, refused: dict[str, str]
    ) -> dict[str, Instruction]:
        """What each is released with; one that lacks something is added to ``refused``."""
        instructs = Instructs(self.db, self.business, paying, self.policy, self.now)
        found: dict[str, Instruction] = {}
        for intent in intents:
            try:
                found[intent.intent_id] = instructs.instruction(intent, self.bill(intent.bill_id))
            except CannotInstruct as lacking:
                refused[intent.intent_id] = lacking.sentence
        return found

    def _released(
        self,
        going: Sequence[PaymentIntent],
        instructions: dict[str, Instruction],
        refused: dict[str, str],
        comment: str | None,
        judged: Judged | None,
        by_schedule: bool,
    ) -> Decision:
        """One decision, and for each payment its instruction, its first step and its line in the log; last in the transaction."""
        by = None if by_schedule else self.person
        actor = _SCHEDULE_ACTOR if by is None else by.actor
        subjects: list[dict[str, Any]] = [{**self.subject(each), "state": RELEASED} for each in going]
        subjects += [
            {**self.subject(self.intent(intent_id)), "refused": why} for intent_id, why in sorted(refused.items())
        ]
        made = keep_decision(
            self.db,
            self.scope,
            act="release",
            subjects=subjects,
            by=by,
            actor=actor,
            now=self.now,
            comment=comment,
            judged=judged,
        )
        steps = Steps(self.db, self.scope, now=self.now, actor=actor)
        said: dict[str, Any] = {"decision_id": made.decision_id}
        if judged is not None:
            said |= {"outcome": judged.outcome, "inputs": made.inputs_digest, "engine": judged.engine}
            said |= {"policy": judged.policy_id, "firm_policy": judged.firm_policy_id}
        for intent in going:
            row = self._disbursement(intent, instructions[intent.intent_id], made, by.person_id if by else SCHEDULE)
            intent.state = RELEASED
            told = {**said, "way": row.way, "pay_on": row.pay_on.isoformat()}
            if row.instruction is not None:
                told["instruction"] = hashlib.sha256(row.instruction.encode()).hexdigest()
            steps.happened(row, Released(), told)
        steps.close()
        return made

    def _disbursement(self, intent: PaymentIntent, told: Instruction, decision: Decision, by: str) -> Disbursement:
        row = Disbursement(
            firm_id=self.scope.firm_id,
            business_id=self.scope.business_id,
            intent_id=intent.intent_id,
            bill_id=intent.bill_id,
            vendor_id=intent.vendor_id,
            amount_minor=intent.amount_minor,
            currency=intent.currency,
            way=told.course.way,
            method=told.method,
            pay_on=intent.pay_on,
            arrives_on=told.arrives_on,
            account_id=told.account_id,
            instruction=told.json,
            attempt=0,
            steps=0,
            released_by=by,
            released_at=self.now,
            decision_id=decision.decision_id,
            changed_at=self.now,
        )
        keep_course(row, told.course)
        self.db.add(row)
        return row

    def _row(self, intent: PaymentIntent, instructions: dict[str, Instruction], refused: dict[str, str]) -> ReleasedRow:
        why = refused.get(intent.intent_id)
        about = (intent.intent_id, intent.bill_id, intent.amount_minor, intent.currency)
        if why is not None:
            return ReleasedRow(*about, "refused", why=why)
        return ReleasedRow(*about, "released", way=instructions[intent.intent_id].course.way)


def _not_approved(intent: PaymentIntent) -> str | None:
    said = {
        "proposed": "Nobody has approved it yet.",
        "half": "Its second approval is still to be given.",
        "released": "It was released already.",
    }
    if intent.state == "approved":
        return None
    return said.get(intent.state) or f"This payment is {intent.state}. {intent.ended_why or ''}".strip()


def due_to_release(db: Session, business_id: str, today: date) -> Sequence[PaymentIntent]:
    """Approved payments whose day has come, the oldest day first; at most a batch of them."""
    query = select(PaymentIntent).where(
        PaymentIntent.business_id == business_id, PaymentIntent.state == "approved", PaymentIntent.pay_on <= today
    )
    return db.scalars(query.order_by(PaymentIntent.pay_on, PaymentIntent.intent_id).limit(BATCH_MOST)).all()
