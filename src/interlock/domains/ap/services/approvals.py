"""Who has said yes to a payment, who may say the next, and in whose place."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from msgspec.structs import replace
from sqlalchemy import func, select

from interlock.domains.ap.decision_models import Decision, IntentApproval, PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.ap.ports import Wish
from interlock.domains.ap.services.bill_content import LIVE
from interlock.domains.ap.services.bill_holds import BillHolds
from interlock.domains.ap.services.deciding import IntentNow
from interlock.domains.firm.people_models import Delegation
from interlock.domains.firm.segregation import Facts, refusal
from interlock.domains.firm.services.people_service import PeopleService
from interlock.infra.db.bulk import among
from interlock.kernel.errors import BadInput, NotFound, Refused

_SAID_YES = ("half", "approved", "recorded", "released")


class Approvals(BillHolds):
    """Rows of intents and of people's yes to them, for the service above."""

    @cached_property
    def people(self) -> PeopleService:
        return PeopleService(self.db, self.business.firm_id)

    @cached_property
    def people_here(self) -> int:
        """How many people may approve at this client."""
        return self.people.deciding_here(self.business.business_id)

    def facts(self, *, amount_minor: int) -> Facts:
        return Facts(now=self.now, amount_minor=amount_minor, people_here=self.people_here)

    def case(self, wish: Wish, intent: PaymentIntent | None, batch: Sequence[Wish] = ()) -> Facts:
        """The facts that segregation of duties looks at; ``batch``: what is decided on in the same act.

        All that was or is now said yes to counts together, of one bill and of one vendor's bills dated within the policy's
        days of it (check B25): paying in parts or by several bills stays under no limit. QuickBooks doesn't tell who made a
        vendor, so rule 4 has no name to look at.
        """
        bill = self.bill(wish.bill_id)
        part = wish.amount_minor + sum(minor for _, minor in wish.credits) != bill.balance_minor
        prepared_by = intent.prepared_by if intent else (self.person.person_id if part else None)
        approvers: list[tuple[str, str]] = []
        for given in self.yeses(intent.intent_id) if intent else ():
            approvers += [(who, given.side) for who in (given.person_id, given.for_person) if who is not None]
        return replace(
            self.facts(amount_minor=wish.amount_minor + self._counted_with(bill, wish, batch)),
            prepared_by=prepared_by,
            prepared_at=intent.prepared_at if intent else None,
            approvers=tuple(approvers),
        )

    def _counted_with(self, bill: Bill, wish: Wish, batch: Sequence[Wish]) -> int:
        """What counts towards the limits together with a payment of this bill, in the batch and before it."""
        days = timedelta(days=self.policy.duplicates.splitting_days)
        beside = [each for each in batch if each is not wish and self._together(bill, self.bill(each.bill_id), days)]
        near = select(Bill.id).where(
            Bill.business_id == self.business.business_id,
            Bill.vendor_id == bill.vendor_id,
            Bill.dated.between(bill.dated - days, bill.dated + days),
        )
        # In two steps, each by its index: joined, PostgreSQL reads all that was ever said yes to.
        bill_ids = sorted({bill.id, *self.db.scalars(near)})
        before = select(func.coalesce(func.sum(PaymentIntent.amount_minor), 0)).where(
            PaymentIntent.business_id == self.business.business_id,
            among(self.db, PaymentIntent.bill_id, bill_ids),
            PaymentIntent.state.in_(_SAID_YES),
            PaymentIntent.intent_id.not_in([each.intent_id for each in (wish, *beside) if each.intent_id]),
        )
        return sum(each.amount_minor for each in beside) + int(self.db.execute(before).scalar_one())

    @staticmethod
    def _together(bill: Bill, other: Bill, days: timedelta) -> bool:
        same = bill.vendor_id is not None and bill.vendor_id == other.vendor_id
        return bill.id == other.id or (same and abs(bill.dated - other.dated) <= days)

    def may_approve(self, about: str, case: Facts, for_person: str | None) -> None:
        """``Refused`` when the person may not say yes to this case, or the one they stand in for may not."""
        self.may("approve", about, replace(case, for_person=for_person))
        if for_person is None:
            return
        standing = [
            each
            for each in self.people.delegations(self.business.business_id, self.now)
            if each.from_person == for_person and each.to_person == self.person.person_id
        ]
        if not standing:
            raise Refused(f"{about}: nobody has made you stand in for them here; nothing was changed.")
        if not any(self._covers(each, case) for each in standing):
            raise Refused(f"{about}: the delegation doesn't reach that far; nothing was changed.")
        giver = self.people.acting(self.business.business_id, for_person)
        said = refusal("approve", giver, self.policy, case)
        if said is not None:
            raise Refused(f"{about}: {giver.name} could not approve this either. {said}")

    def _covers(self, delegation: Delegation, case: Facts) -> bool:
        return delegation.starts_at <= self.now < delegation.ends_at and case.amount_minor <= delegation.limit_minor

    def yeses(self, intent_id: str) -> Sequence[IntentApproval]:
        """Approvals that stand, the oldest first."""
        query = select(IntentApproval).where(
            IntentApproval.business_id == self.business.business_id,
            IntentApproval.intent_id == intent_id,
            IntentApproval.withdrawn_at.is_(None),
        )
        return self.db.scalars(query.order_by(IntentApproval.approved_at, IntentApproval.decision_id)).all()

    def bind(self, decision: Decision, intents: Sequence[PaymentIntent], for_person: str | None) -> None:
        """Write the person's yes to each intent, bound to its content."""
        for intent in intents:
            self.db.add(
                IntentApproval(
                    firm_id=self.scope.firm_id,
                    business_id=self.scope.business_id,
                    intent_id=intent.intent_id,
                    decision_id=decision.decision_id,
                    person_id=self.person.person_id,
                    for_person=for_person,
                    side=self.person.side,
                    content_hash=intent.content_hash,
                    approved_at=self.now,
                )
            )
        self.db.flush()

    def take_back(self, decision_id: str, intent: PaymentIntent) -> None:
        """The yes that one decision gave to an intent, as undone."""
        given = self.db.get(IntentApproval, (self.business.business_id, intent.intent_id, decision_id))
        if given is None or given.withdrawn_at is not None:
            raise BadInput("This approval doesn't stand any more; nothing was undone.")
        given.withdrawn_at = self.now
        self.db.flush()

    def end(self, intent: PaymentIntent, state: str, why: str | None) -> None:
        """End an intent, and with it every yes to it."""
        intent.state, intent.ended_at, intent.ended_why = state, self.now, why
        for given in self.yeses(intent.intent_id):
            given.withdrawn_at = self.now
        self.db.flush()

    def intent(self, intent_id: str) -> PaymentIntent:
        found = self.db.get(PaymentIntent, (self.business.business_id, intent_id))
        if found is None:
            raise NotFound(f"There is no payment {intent_id!r} here.")
        return found

    def live(self, intent_id: str) -> PaymentIntent:
        """One that can still be decided on; says what became of one that can't."""
        found = self.intent(intent_id)
        if found.state not in LIVE:
            raise BadInput(f"This payment is {found.state}. {found.ended_why or ''}".strip())
        return found

    def subject(self, intent: PaymentIntent) -> dict[str, Any]:
        """An intent as decisions and the log name it."""
        return {
            "bill_id": intent.bill_id,
            "intent_id": intent.intent_id,
            "amount_minor": intent.amount_minor,
            "pay_on": intent.pay_on.isoformat(),
            "content": intent.content_hash,
        }

    def as_now(self, intents: Sequence[PaymentIntent]) -> tuple[IntentNow, ...]:
        return tuple(
            IntentNow(each.intent_id, each.bill_id, each.amount_minor, each.currency, each.pay_on, each.state)
            for each in intents
        )
