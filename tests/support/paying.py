"""Released payments as rows, and what became of them: for tests of what happens after a release."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.app.house import House
from interlock.domains.ap.approval_content import content_hash
from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.ap.payment_models import Disbursement, DisbursementStep, PayingSetup
from interlock.domains.ap.policy.course import Course, Way
from interlock.domains.ap.policy.loop import released
from interlock.domains.ap.services.bill_content import contents_of
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.services.payment_steps import Steps, keep_course
from interlock.infra import translog
from interlock.kernel.ids import new_id
from interlock.kernel.scope import Scope
from interlock.rails.moves import BillHandOff, PaymentInstruction

PAY_ON = date(2026, 11, 24)
_OWED_MINOR = 10**12
_LATER_THAN_ANY = 10**9
"""A listing of the books that lacks the bill is older than it."""


def _bill_id(order: PaymentInstruction | BillHandOff) -> str:
    return f"bill-{order.number}"


def new_intent(house: House) -> str:
    return new_id("int", house.clock.now())


def always(rail: Any) -> Any:
    """Whatever is asked for, this rail."""
    return lambda _scope, _capability: rail


@dataclass
class Payments:
    """The released payments of one business."""

    house: House
    scope: Scope
    business_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.business_id = str(self.scope.business_id)

    def release(
        self,
        *orders: PaymentInstruction | BillHandOff,
        way: Way = "create",
        expects_bank: bool = True,
        records: bool = False,
        state: str = "released",
        instruction_of: PaymentInstruction | None = None,
        **columns: Any,
    ) -> list[str]:
        """Orders as committed instructions of approved payments that were let go now; their intents' ids.

        ``instruction_of``: another order, whose instruction stands in their place.
        """
        now = self.house.clock.now()
        with self.house.database.writing(self.scope) as session:
            take_decision_lock(session, self.business_id)
            self._declare(session, now)
            entries = []
            for order in orders:
                session.add(self._intent(order, state, now, self._content(session, order)))
                row = self._row(order, way, now, **columns)
                if instruction_of is not None:
                    row.instruction = msgspec.json.encode(instruction_of).decode()
                course = Course(way, expects_bank, now + timedelta(days=20), records=records)
                keep_course(row, released(course, now))
                session.add(row)
                entries.append(("payment.released", {"intent_id": order.key, "amount_minor": order.amount.minor}))
            session.flush()
            translog.append_many(session, self.scope, now=now, actor="a test", entries=entries)
        return [order.key for order in orders]

    def _declare(self, session: Session, now: datetime) -> None:
        """A person's word that nothing carries bills from Ramp into QuickBooks."""
        said = {"way": "create", "method": "ach", "no_accounting_by": "a test", "no_accounting_at": now}
        owner = {"firm_id": self.scope.firm_id, "business_id": self.business_id}
        session.merge(PayingSetup(**owner, **said, changed_by="a test", changed_at=now))

    def _content(self, session: Session, order: PaymentInstruction | BillHandOff) -> str:
        """The hash of the order's bill, which stands in the books and stays what it is."""
        bill = session.get(Bill, (self.business_id, _bill_id(order)))
        if bill is None:
            bill = Bill(
                firm_id=self.scope.firm_id,
                business_id=self.business_id,
                id=_bill_id(order),
                version="0",
                listing=_LATER_THAN_ANY,
                digest=b"",
                raw=b"",
                number=order.number,
                dated=order.dated,
                due=order.due,
                currency=order.amount.currency,
                total_minor=_OWED_MINOR,
                balance_minor=_OWED_MINOR,
                tax_minor=0,
                voided=False,
            )
            session.add(bill)
            session.flush()
        return content_hash(contents_of(session, self.business_id, [bill])[bill.id])

    def _intent(
        self, order: PaymentInstruction | BillHandOff, state: str, now: datetime, content: str
    ) -> PaymentIntent:
        return PaymentIntent(
            firm_id=self.scope.firm_id,
            business_id=self.business_id,
            intent_id=order.key,
            bill_id=_bill_id(order),
            amount_minor=order.amount.minor,
            currency=order.amount.currency,
            pay_on=PAY_ON,
            credits="[]",
            state=state,
            content_hash=content,
            prepared_by="ledger",
            prepared_at=now,
            approved_at=now,
        )

    def _row(self, order: PaymentInstruction | BillHandOff, way: Way, now: datetime, **columns: Any) -> Disbursement:
        return Disbursement(
            firm_id=self.scope.firm_id,
            business_id=self.business_id,
            intent_id=order.key,
            amount_minor=order.amount.minor,
            currency=order.amount.currency,
            way=way,
            method="ach",
            pay_on=PAY_ON,
            instruction=msgspec.json.encode(order).decode(),
            attempt=0,
            steps=0,
            released_by="a test",
            released_at=now,
            changed_at=now,
            **{"bill_id": _bill_id(order), **columns},  # of a vendor that only the rail knows
        )

    def edit_bill(self, order: PaymentInstruction | BillHandOff, **columns: Any) -> None:
        """Somebody changes the order's bill in the books, and a sync reads it."""
        with self.house.database.writing(self.scope) as session:
            bill = session.get_one(Bill, (self.business_id, _bill_id(order)))
            for name, value in columns.items():
                setattr(bill, name, value)

    def row(self, intent_id: str) -> Disbursement:
        with self.house.database.reading(self.scope) as session:
            found = session.get_one(Disbursement, (self.business_id, intent_id))
            session.expunge(found)
            return found

    def rows(self) -> list[Disbursement]:
        with self.house.database.reading(self.scope) as session:
            found = list(session.scalars(select(Disbursement).where(Disbursement.business_id == self.business_id)))
            session.expunge_all()
            return found

    def intent_state(self, intent_id: str) -> str:
        with self.house.database.reading(self.scope) as session:
            return session.get_one(PaymentIntent, (self.business_id, intent_id)).state

    def steps(self, intent_id: str) -> list[str]:
        """What happened to a payment, by name."""
        with self.house.database.reading(self.scope) as session:
            query = (
                select(DisbursementStep.event)
                .where(DisbursementStep.business_id == self.business_id, DisbursementStep.intent_id == intent_id)
                .order_by(DisbursementStep.number)
            )
            return list(session.scalars(query))

    def take(self, intent_id: str, *events: Any) -> None:
        """Something happened to it that others brought."""
        now = self.house.clock.now()
        with self.house.database.writing(self.scope) as session:
            take_decision_lock(session, self.business_id)
            steps = Steps(session, self.scope, now=now, actor="a test")
            for event in events:
                assert steps.happened(session.get_one(Disbursement, (self.business_id, intent_id)), event)
            steps.close()

    def prove_the_log(self) -> None:
        """One line for each step, none more, and the chain holds."""
        with self.house.database.reading(self.scope) as session:
            lines = list(translog.lines(session, self.business_id))
            steps = session.execute(
                select(DisbursementStep.intent_id, DisbursementStep.number).where(
                    DisbursementStep.business_id == self.business_id
                )
            ).all()
        assert translog.verify(lines)[1] == [], "the log's chain is broken"
        told = [json.loads(line.body) for line in lines if line.action.startswith("payment.")]
        numbered = sorted((each["intent_id"], each["step"]) for each in told if "step" in each)
        assert numbered == sorted((intent, number) for intent, number in steps), "one line a step, and no other"
