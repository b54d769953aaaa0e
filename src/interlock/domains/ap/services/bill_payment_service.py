"""Deciding what is paid: proposals, approvals by one or two people, and taking them back. Nothing here moves money.

What the books say in full may be approved at once: the books are then its preparer (``LEDGER``). Who chooses a part of a bill
prepares the payment, and somebody else approves it.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.orm import Session

from interlock.domains.ap.approval_content import BillContent
from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.ap.ports import Judged, JudgesPayments, Wish
from interlock.domains.ap.services.bill_content import LIVE, contents_of, credits_of, endings_of, live_intents
from interlock.domains.ap.services.deciding import (
    ContentChanged,
    Decided,
    PaymentBlocked,
    PaymentWarned,
    called,
    one_batch,
    tidied,
)
from interlock.domains.ap.services.decision_records import (
    Overriding,
    find_decision,
    keep_content,
    subjects_of,
)
from interlock.domains.ap.services.payable_amounts import Amounts
from interlock.domains.ap.services.payment_steps import RELEASED, intents_under_way
from interlock.domains.ap.services.releasing import Releasing
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.segregation import approvals_needed
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.kernel.ids import new_id

LEDGER = "ledger"
"""The preparer of a payment of all that the books say is open: no person chose anything of it."""

_OVERRIDE_DAYS_MOST = 7
_HOLDING = frozenset({"hold", "release_hold", "snooze", "wake"})


class OwnEdit(Struct, frozen=True):
    """What was in force before the acting person's own late change of the policy (§3.2, rule 6), and the guardrail under it."""

    policy: Policy
    at: datetime
    judge: JudgesPayments


class Target(Struct, frozen=True):
    """One payment to decide on: the wish, its bill with the content it has now, and the intent where there is one already."""

    wish: Wish
    bill: Bill
    content: BillContent
    intent: PaymentIntent | None

    @property
    def called(self) -> str:
        return called(self.bill)


class BillPaymentService(Releasing):
    """One person's decisions on payments at one client. Every act takes the business's decision lock first."""

    def __init__(
        self,
        db: Session,
        business: Business,
        *,
        judge: JudgesPayments,
        policy: Policy,
        acting: Acting | None,
        now: datetime,
        own_edit: OwnEdit | None = None,
    ) -> None:
        super().__init__(db, business, policy=policy, acting=acting, now=now)
        self._judge = judge
        self._own_edit = own_edit

    def propose(self, wishes: Sequence[Wish], comment: str | None = None) -> Decided:
        """Propose payments, for others to approve: nothing is judged yet, and the cash path doesn't count them."""
        self.begin()
        self.may("propose")
        targets = self._targets(wishes, ())
        for target in targets:
            if target.intent is not None:
                raise BadInput(f"{target.called}: a payment of this is proposed already.")
        intents = [self._made(target, self.person.person_id) for target in targets]
        subjects = [self.subject(each) for each in intents]
        made = self.keep("propose", subjects, action="payment.proposed", comment=tidied(comment))
        return Decided(made.decision_id, "propose", self.as_now(intents), undo_until=self.undo_until)

    def approve_bill_for_payment(
        self,
        wishes: Sequence[Wish] = (),
        *,
        intent_ids: Sequence[str] = (),
        comment: str | None = None,
        acknowledge_warning: bool = False,
        override: Overriding | None = None,
        for_person: str | None = None,
    ) -> Decided:
        """Say yes to payments, judged jointly: all of them or none.

        A wish for a bill whose proposal has the same amount means that proposal. ``for_person``: in whose place, by their
        delegation. Raises ``Refused`` (who may not), ``PaymentBlocked``, ``PaymentWarned`` (acknowledge it),
        ``ContentChanged`` and ``BadInput``; each leaves everything as it was.
        """
        self.begin()
        comment = tidied(comment)
        targets = self._targets(wishes, intent_ids)
        asked = [target.wish for target in targets]
        cases = [self.case(target.wish, target.intent, asked) for target in targets]
        for target, case in zip(targets, cases, strict=True):
            self.may_approve(target.called, case, for_person)
        judged = self._judge.judge(asked)
        overriding = self._overriding(judged, override, max(case.amount_minor for case in cases))
        if judged.outcome == "warn" and not acknowledge_warning:
            raise PaymentWarned(judged, f"{judged.words} Acknowledge the warning to approve; nothing was changed.")
        if self._own_edit is not None:
            self._rest_of_own_edit(self._own_edit, targets, asked)
        subjects, intents = [], []
        for target, case in zip(targets, cases, strict=True):
            intent = target.intent or self._made(target, LEDGER)
            subjects.append({**self.subject(intent), "was": target.intent.state if target.intent else None})
            self._say_yes(intent, case.amount_minor)
            subjects[-1]["state"] = intent.state
            intents.append(intent)
        made = self.keep(
            "approve",
            subjects,
            action="payment.approved",
            comment=comment,
            for_person=for_person,
            judged=judged,
            overriding=overriding,
            before_log=lambda decision: self.bind(decision, intents, for_person),
        )
        return Decided(made.decision_id, "approve", self.as_now(intents), judged, self.undo_until)

    def schedule(
        self, intent_id: str, pay_on: date, *, comment: str | None = None, acknowledge_warning: bool = False
    ) -> Decided:
        """Move a payment to another pay run. One that somebody has approved is judged again; the approvals stand."""
        self.begin()
        intent = self.live(intent_id)
        bill = self.bill(intent.bill_id)
        self.may("propose" if intent.state == "proposed" else "approve")
        self.pay_day(pay_on, called(bill))
        judged = None
        if intent.state != "proposed":
            wish = Wish(intent.bill_id, intent.amount_minor, pay_on, credits_of(intent), intent.intent_id)
            judged = self._judge.judge([wish])
            self._overriding(judged, None, intent.amount_minor)
            if judged.outcome == "warn" and not acknowledge_warning:
                raise PaymentWarned(judged, f"{judged.words} Acknowledge the warning to move it; nothing was changed.")
        was, intent.pay_on = intent.pay_on, pay_on
        self.db.flush()
        subjects = [{**self.subject(intent), "was": was.isoformat()}]
        made = self.keep("schedule", subjects, action="payment.scheduled", comment=tidied(comment), judged=judged)
        return Decided(made.decision_id, "schedule", self.as_now([intent]), judged)

    def reject(self, targets: Sequence[str], comment: str | None = None) -> Decided:
        """Say no to payments, by intent or bill: who may approve may also take an approval away before it is released."""
        self.begin()
        self.may("approve")
        intents = self._named(targets)
        return self._end(intents, "reject", "rejected", "payment.rejected", comment)

    def withdraw(self, targets: Sequence[str], comment: str | None = None) -> Decided:
        """Take one's own proposals back, by intent or bill."""
        self.begin()
        self.may("propose")
        intents = self._named(targets)
        if any(intent.prepared_by != self.person.person_id for intent in intents):
            raise Refused("Only who proposed a payment withdraws it; who may approve rejects it. Nothing was changed.")
        return self._end(intents, "withdraw", "withdrawn", "payment.withdrawn", comment)

    def undo(self, decision_id: str) -> Decided:
        """Take one's own decision back within the window, as if it had not been.

        An approval that made the payment leaves nothing; a proposal approved is a proposal again, one of two approvals is
        one. What was rejected or withdrawn is proposed again: approvals must be given anew.
        """
        self.begin()
        decision = find_decision(self.db, self.business.business_id, decision_id)
        if decision.person_id != self.person.person_id:
            raise Refused("Only who decided takes it back. Nothing was changed.")
        if self.now > decision.decided_at + timedelta(seconds=self.policy.approvals.undo_seconds):
            raise BadInput("The time to undo this has passed; reject it instead. Nothing was changed.")
        subjects = subjects_of(decision)
        if decision.act in _HOLDING:
            self.put_back(decision, subjects)
            intents: list[PaymentIntent] = []
        else:
            intents = [self.intent(subject["intent_id"]) for subject in subjects if "intent_id" in subject]
            for intent in intents:
                self._undone(decision.act, decision.decision_id, decision.decided_at, intent)
        said = [{**subject, "undone": decision_id} for subject in subjects]
        made = self.keep("undo", said, action=f"{decision.act}.undone")
        return Decided(made.decision_id, "undo", self.as_now(intents))

    def _undone(self, act: str, decision_id: str, decided_at: datetime, intent: PaymentIntent) -> None:
        if act == "approve":
            self.take_back(decision_id, intent)
            if intent.state == RELEASED:
                raise BadInput("A payment of this decision is released; take that back instead. Nothing was undone.")
            if intent.state not in LIVE:
                raise BadInput("A payment of this decision has ended since; nothing was undone.")
            left = self.yeses(intent.intent_id)
            if not left and intent.prepared_by == LEDGER:
                self.end(intent, "withdrawn", "Undone by its maker.")
            else:
                intent.state = "half" if left else "proposed"
            intent.approved_at = intent.undo_until = None
        elif act == "propose" and intent.state == "proposed":
            self.end(intent, "withdrawn", "Undone by its maker.")
        elif act in {"reject", "withdraw"} and intent.ended_at == decided_at:
            intent.state, intent.ended_at, intent.ended_why = "proposed", None, None
            intent.approved_at = intent.undo_until = None
        else:
            raise BadInput(f"A {act} can't be undone here, or somebody has gone on since; nothing was changed.")
        self.db.flush()

    def _end(self, intents: Sequence[PaymentIntent], act: str, state: str, action: str, comment: str | None) -> Decided:
        said = tidied(comment)
        subjects = [{**self.subject(intent), "was": intent.state} for intent in intents]
        for intent in intents:
            self.end(intent, state, said)
        made = self.keep(act, subjects, action=action, comment=said)
        return Decided(made.decision_id, act, self.as_now(intents), undo_until=self.undo_until)

    def _named(self, targets: Sequence[str]) -> list[PaymentIntent]:
        """Live intents by their own ids or their bills'."""
        live = live_intents(self.db, self.business.business_id)
        found: dict[str, PaymentIntent] = {}
        for name in one_batch(targets):
            here = [intent for intent in live if name in {intent.intent_id, intent.bill_id}]
            if not here:
                raise NotFound(f"No payment of {name!r} stands here; nothing was changed.")
            found.update({intent.intent_id: intent for intent in here})
        return list(found.values())

    def _targets(self, wishes: Sequence[Wish], intent_ids: Sequence[str]) -> list[Target]:
        """What is to be decided on, by bill id, each held against its bill as it is now."""
        wanted = [*wishes, *(self._wish_of(self.live(each)) for each in dict.fromkeys(intent_ids))]
        ids = one_batch([wish.bill_id for wish in wanted])
        if len({(wish.bill_id, wish.intent_id) for wish in wanted}) != len(wanted) or (
            len(ids) != len(wanted) and any(wish.intent_id is None for wish in wanted)
        ):
            raise BadInput("One new payment of a bill in one go; nothing was changed.")
        live = live_intents(self.db, self.business.business_id)
        bills = {bill_id: self.bill(bill_id) for bill_id in sorted(ids)}
        contents = contents_of(self.db, self.business.business_id, list(bills.values()))
        endings = endings_of(self.db, self.business, [each for each in live if each.bill_id in bills], self.now)
        released = intents_under_way(self.db, self.business.business_id, list(bills))
        amounts = Amounts(self.db, self.business, [*live, *released])
        found = []
        for wish in sorted(wanted, key=lambda each: each.bill_id):
            bill = bills[wish.bill_id]
            intent = self._intent_for(wish, [each for each in live if each.bill_id == bill.id])
            if intent is not None:
                wish = replace(self._wish_of(intent), pay_on=intent.pay_on)
                if (ending := endings.get(intent.intent_id)) is not None:
                    raise ContentChanged(f"{called(bill)}: {ending.why} Propose it again as it is now.")
            self.pay_day(wish.pay_on, called(bill))
            amounts.check(wish, bill)
            found.append(Target(wish, bill, contents[bill.id], intent))
        return found

    def _intent_for(self, wish: Wish, live: Sequence[PaymentIntent]) -> PaymentIntent | None:
        if wish.intent_id is not None:
            return self.live(wish.intent_id)
        waiting = [each for each in live if each.state != "approved" and each.amount_minor == wish.amount_minor]
        return waiting[0] if len(waiting) == 1 else None

    def _wish_of(self, intent: PaymentIntent) -> Wish:
        return Wish(intent.bill_id, intent.amount_minor, intent.pay_on, credits_of(intent), intent.intent_id)

    def _made(self, target: Target, prepared_by: str) -> PaymentIntent:
        if prepared_by == LEDGER and not Amounts.is_all(target.wish, target.bill):
            prepared_by = (
                self.person.person_id
            )  # refused as a self-approval before this, but where one person decides alone
        intent = PaymentIntent(
            firm_id=self.scope.firm_id,
            business_id=self.scope.business_id,
            intent_id=new_id("int", self.now),
            bill_id=target.bill.id,
            vendor_id=target.bill.vendor_id,
            amount_minor=target.wish.amount_minor,
            currency=target.bill.currency,
            pay_on=target.wish.pay_on,
            credits=json.dumps([list(each) for each in target.wish.credits]),
            state="proposed",
            content_hash=keep_content(self.db, self.scope, target.content),
            prepared_by=prepared_by,
            prepared_at=self.now,
        )
        self.db.add(intent)
        self.db.flush()
        return intent

    def _say_yes(self, intent: PaymentIntent, counted_minor: int) -> None:
        needed = approvals_needed(self.policy, counted_minor, self.people_here)
        given = len(self.yeses(intent.intent_id)) + 1
        intent.state = "approved" if given >= needed else "half"
        intent.undo_until = self.undo_until
        if intent.state == "approved":
            intent.approved_at = self.now
        self.db.flush()

    def _overriding(self, judged: Judged, override: Overriding | None, amount_minor: int) -> Overriding | None:
        """The override that lets a blocked batch pass; ``PaymentBlocked`` without one that may."""
        if judged.outcome != "block":
            return None
        if override is None:
            raise PaymentBlocked(judged, f"{judged.words} Nothing was changed.")
        if not judged.overridable:
            raise PaymentBlocked(judged, f"{judged.words} Nobody can override this; nothing was changed.")
        self.may("override", facts=self.facts(amount_minor=amount_minor))
        reason = tidied(override.reason, needed="why you override the guardrail")
        if not self.now < override.until <= self.now + timedelta(days=_OVERRIDE_DAYS_MOST):
            raise BadInput(f"An override ends in the future, within {_OVERRIDE_DAYS_MOST} days. Nothing was changed.")
        return Overriding(reason or "", override.until)

    def _rest_of_own_edit(self, edit: OwnEdit, targets: Sequence[Target], asked: Sequence[Wish]) -> None:
        """Rule 6: what the policy before the person's own edit would have stopped, or asked a second yes for, rests."""
        newly = edit.judge.judge(asked).outcome == "block"
        for target in targets:
            case = self.case(target.wish, target.intent, asked)
            fewer = approvals_needed(self.policy, case.amount_minor, self.people_here) < approvals_needed(
                edit.policy, case.amount_minor, self.people_here
            )
            if newly or fewer:
                mine = self.person.person_id
                facts = replace(case, first_allowed_by_policy=True, policy_edited_by=mine, policy_edited_at=edit.at)
                self.may("approve", target.called, facts)
