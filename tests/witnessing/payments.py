"""Payments that people approved and released, and what is said of them afterwards, settled as after a sync."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace
from sqlalchemy import select

from interlock.app.settling import settle
from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.payment_models import Disbursement, DisbursementStep
from interlock.domains.ap.policy.course import Course, Way
from interlock.domains.ap.policy.happenings import PersonSaid, PersonSays
from interlock.domains.ap.policy.loop import released
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.services.payment_steps import Steps, keep_course
from interlock.domains.firm.policy.values import ApprovalPolicy, Policy
from interlock.infra import translog
from interlock.infra.crypto import Vault, new_key
from interlock.rails import connections
from interlock.rails.connections import Grant
from interlock.rails.facts import BillPayment
from tests.deciding.clients import Desk
from tests.matching.client import ACTOR, WitnessedClient
from tests.runway import said
from tests.runway.conftest import ClientBooks

_ONE_PERSON_MINOR = 10_000_000
_LENIENT = Policy(approvals=ApprovalPolicy(one_person_minor=_ONE_PERSON_MINOR, client_side_minor=2 * _ONE_PERSON_MINOR))


@dataclass
class Payments(WitnessedClient):
    """The client with Checking linked to the bank's account ``b1``. Amounts in cents."""

    desk: Desk

    @classmethod
    def of(cls, books: ClientBooks) -> "Payments":
        made = cls(books, Desk(books, policy=_LENIENT).staffed())
        made.state(made.bank_account("b1", "Everyday Checking"))
        made.link_account("b1", said.CHECKING)
        with books.firm.database.writing(books.scope) as session:
            connections.connect(
                session,
                books.scope,
                Vault.from_text(new_key()),
                rail="plaid",
                external_id="item-1",
                grant=Grant("a grant"),
                now=books.firm.clock.now(),
                actor=ACTOR,
            )
        return made

    def approve(self, bill_id: str, cents: int | None = None, **more: Any) -> str:
        """One payment, proposed by the bookkeeper and approved by the controller; its id."""
        wish = self.desk.wish(bill_id, cents, **more)
        with self.desk.acting("bo") as service:
            service.propose([wish])
        with self.desk.acting("wren") as service:
            service.approve_bill_for_payment([wish])
        return self.desk.intents()[bill_id].intent_id

    def release(self, bill_id: str, cents: int | None = None, way: Way = "outside", **more: Any) -> str:
        """Approved and let go, a minute later, as a release writes it. ``more``: of the course."""
        intent_id = self.approve(bill_id, cents)
        self.books.firm.wait(minutes=1)
        self.let_go(intent_id, way, **more)
        return intent_id

    def let_go(self, intent_id: str, way: Way = "outside", told: str | None = None, **more: Any) -> None:
        """``told``: the rail's vendor in its instruction."""
        with self.books.firm.database.writing(self.books.scope) as session:
            take_decision_lock(session, self.books.business.business_id)
            intent = session.get_one(PaymentIntent, (self.books.business.business_id, intent_id))
            intent.state = "released"
            known = {"expects_bank": True, "late_after": self.now + timedelta(days=7), **more}
            course = released(Course(way=way, **known), self.now)
            if way != "outside":
                course = replace(course, sending="made", rail="waiting", todo=None, due_at=None)
            row = _row(intent, course, self.now)
            row.instruction = json.dumps({"vendor_id": told}) if told else None
            session.add(row)

    def settle(self) -> None:
        """What follows a sync."""
        settle(self.books.firm.database, self.books.firm.clock, self.books.business)

    def pays(self, payment_id: str, cents: int, *bill_ids: str, **more: Any) -> BillPayment:
        """A payment in the ledger, dated and entered now; of one bill or several."""
        made = said.bill_payment(payment_id, cents, *bill_ids, dated=more.pop("dated", said.TODAY))
        return replace(
            made, created_at=self.now, method="ach", number=None, raw=json.dumps(repr(more)).encode(), **more
        )

    def say(self, intent_id: str, says: PersonSays) -> None:
        """A person's word on one payment."""
        with self.books.firm.database.writing(self.books.scope) as session:
            take_decision_lock(session, self.books.business.business_id)
            steps = Steps(session, self.books.scope, now=self.now, actor=ACTOR)
            row = session.get_one(Disbursement, (self.books.business.business_id, intent_id))
            steps.happened(row, PersonSaid(says))
            steps.close()

    def row(self, intent_id: str) -> Disbursement:
        with self.books.firm.database.reading(self.books.scope) as session:
            found = session.get_one(Disbursement, (self.books.business.business_id, intent_id))
            session.expunge(found)
            return found

    def stage(self, intent_id: str) -> str:
        return self.row(intent_id).stage

    def steps(self, intent_id: str) -> list[str]:
        """What happened, in order."""
        with self.books.firm.database.reading(self.books.scope) as session:
            query = select(DisbursementStep).where(DisbursementStep.intent_id == intent_id)
            return [each.event for each in session.scalars(query.order_by(DisbursementStep.number))]

    def verify(self) -> None:
        """The log is whole."""
        with self.books.firm.database.reading(self.books.scope) as session:
            lines = list(translog.lines(session, str(self.books.scope.business_id)))
        assert translog.verify(lines)[1] == [], "the chain must stay whole"


def day(number: int, month: int = 11) -> date:
    return date(2026, month, number)


def _row(intent: PaymentIntent, course: Course, now: datetime) -> Disbursement:
    row = Disbursement(
        firm_id=intent.firm_id,
        business_id=intent.business_id,
        intent_id=intent.intent_id,
        bill_id=intent.bill_id,
        vendor_id=intent.vendor_id,
        amount_minor=intent.amount_minor,
        currency=intent.currency,
        way=course.way,
        method="ach",
        pay_on=intent.pay_on,
        attempt=0,
        steps=0,
        released_by="per_wren",
        released_at=now,
        changed_at=now,
    )
    keep_course(row, course)
    return row
