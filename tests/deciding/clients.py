"""A client with money in the bank, bills to pay and people who decide, and the guardrail over that money alone."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import Decision, IntentApproval, PaymentIntent
from interlock.domains.ap.models import Bill
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.ports import Judged, Wish
from interlock.domains.ap.services.bill_content import COUNTED, live_intents
from interlock.domains.ap.services.bill_payment_service import BillPaymentService, OwnEdit
from interlock.domains.ap.services.decision_records import Overriding as Overriding
from interlock.domains.ap.services.releasing import PaymentResult
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import ApprovalPolicy, Policy
from interlock.domains.firm.services.people_service import PeopleService
from interlock.infra import translog
from interlock.infra.translog import Line
from interlock.kernel.scope import Scope
from interlock.runway.judged import judged_of
from interlock.runway.services.calculators.guardrail import judge
from interlock.runway.services.calculators.guardrail_values import Cash, FloorTerms, Question, Stop, Wanted
from interlock.runway.voiding import void_changed
from tests.runway import said
from tests.runway.conftest import ACTOR, ClientBooks

RUN = date(2026, 11, 24)
"""A Tuesday, the day of the tests' clock: a pay run by the default policy."""
NEXT_RUN = date(2026, 12, 1)
POLICY = Policy(approvals=ApprovalPolicy(one_person_minor=500_000, client_side_minor=2_500_000, undo_seconds=10))

PEOPLE = (
    ("wren", "Wren Halloran", "firm", "controller"),
    ("ines", "Ines Aldana", "firm", "advisor"),
    ("bo", "Bo Lindqvist", "firm", "bookkeeper"),
    ("odell", "Odell Marsh", "client", "client_owner"),
    ("mara", "Mara Finch", "client", "client_approver"),
)


class CashJudge:
    """The guardrail over cash, a floor and what is approved already; ``stops`` by bill id."""

    def __init__(
        self, db: Session, business: Business, cash: int, floor: int, stops: dict[str, tuple[Stop, ...]]
    ) -> None:
        self._db, self._business, self._cash, self._floor, self._stops = db, business, cash, floor, stops

    def verdict(self, intents: Sequence[PaymentIntent], now: datetime, refused: Sequence[PaymentIntent] = ()) -> Judged:
        """The same at a release."""
        del now
        wishes = [Wish(each.bill_id, each.amount_minor, each.pay_on, (), each.intent_id) for each in intents]
        return self.judge(wishes, {each.intent_id for each in refused})

    def judge(self, wishes: Sequence[Wish], without: Collection[str] = ()) -> Judged:
        asked = {*(wish.intent_id for wish in wishes), *without}
        others = [
            each
            for each in live_intents(self._db, self._business.business_id)
            if each.state in COUNTED and each.intent_id not in asked
        ]
        question = Question(
            today=said.TODAY,
            currency="USD",
            horizon_days=35,
            start_minor=self._cash,
            cash=tuple(
                Cash(each.intent_id, each.bill_id, -each.amount_minor, each.pay_on, each.pay_on) for each in others
            ),
            wanted=tuple(
                Wanted(
                    wish.bill_id,
                    wish.bill_id,
                    "v1",
                    wish.amount_minor,
                    wish.pay_on,
                    None,
                    stops=self._stops.get(wish.bill_id, ()),
                )
                for wish in wishes
            ),
            floor=FloorTerms(absolute_minor=self._floor),
        )
        return judged_of(judge(question), question, None, None)


@dataclass
class Desk:
    """Alder & Wren's decisions. Cash and floor in cents."""

    books: ClientBooks
    cash: int = 10_000_000
    floor: int = 0
    policy: Policy = POLICY
    stops: dict[str, tuple[Stop, ...]] = field(default_factory=dict)

    def staffed(self) -> "Desk":
        now, id_ = self.books.firm.clock.now(), self.books.business.business_id
        for handle, name, side, role in PEOPLE:
            with self.books.firm.database.writing(Scope(self.books.business.firm_id)) as session:
                people = PeopleService(session, self.books.business.firm_id)
                people.add(handle, name, side=side, email=None, now=now, actor=ACTOR)
                people.grant(id_, handle, role, now=now, actor=ACTOR)
        return self

    @contextmanager
    def acting(self, who: str | None, edited: Policy | None = None) -> Iterator[BillPaymentService]:
        """One transaction of one person. ``edited``: what was in force before their own change of the policy."""
        business, now = self.books.business, self.books.firm.clock.now()
        with self.books.firm.database.writing(self.books.scope) as session:
            person = PeopleService(session, business.firm_id).acting(business.business_id, who) if who else None
            yield BillPaymentService(
                session,
                business,
                judge=self.judge(session),
                policy=self.policy,
                acting=person,
                now=now,
                own_edit=OwnEdit(edited, now, self.judge(session)) if edited else None,
            )

    def judge(self, session: Session) -> CashJudge:
        return CashJudge(session, self.books.business, self.cash, self.floor, self.stops)

    def wish(self, bill_id: str, cents: int | None = None, on: date = RUN, **more: object) -> Wish:
        """All of a bill that is open, or a part."""
        with self.books.firm.database.reading(self.books.scope) as session:
            bill = session.get(Bill, (self.books.business.business_id, bill_id))
            assert bill is not None
            return Wish(bill_id, bill.balance_minor if cents is None else cents, on, **more)  # type: ignore[arg-type]

    def approved(self, *bill_ids: str, by: Sequence[str] = ("ines",), on: date = RUN) -> list[str]:
        """Payments of these bills with all their approvals, their undo windows over; the intents' ids."""
        for who in by:
            with self.acting(who) as service:
                service.approve_bill_for_payment([self.wish(each, on=on) for each in bill_ids])
            self.books.firm.wait(minutes=1)
        made = self.intents()
        return [made[each].intent_id for each in bill_ids]

    def release(self, who: str, intent_ids: Sequence[str], **said: Any) -> PaymentResult:
        """One release by one person."""
        with self.acting(who) as service:
            return service.execute_payment(intent_ids, gate=self.judge(service.db), **said)

    def disbursements(self) -> dict[str, Disbursement]:
        """Released payments by bill."""
        with self.books.firm.database.reading(self.books.scope) as session:
            rows = session.scalars(select(Disbursement).order_by(Disbursement.released_at)).all()
            session.expunge_all()
        return {each.bill_id: each for each in rows}

    def settle(self) -> int:
        with self.books.firm.database.writing(self.books.scope) as session:
            return void_changed(session, self.books.scope, self.books.firm.clock.now())

    def intents(self) -> dict[str, PaymentIntent]:
        """The newest payment of each bill."""
        with self.books.firm.database.reading(self.books.scope) as session:
            rows = session.scalars(select(PaymentIntent).order_by(PaymentIntent.prepared_at)).all()
            session.expunge_all()
        return {each.bill_id: each for each in rows}

    def states(self) -> dict[str, str]:
        return {bill_id: each.state for bill_id, each in self.intents().items()}

    def decisions(self) -> list[Decision]:
        with self.books.firm.database.reading(self.books.scope) as session:
            rows = list(session.scalars(select(Decision).order_by(Decision.decided_at, Decision.decision_id)))
            session.expunge_all()
        return rows

    def yeses(self) -> list[IntentApproval]:
        with self.books.firm.database.reading(self.books.scope) as session:
            rows = list(session.scalars(select(IntentApproval).where(IntentApproval.withdrawn_at.is_(None))))
            session.expunge_all()
        return rows

    def log(self, prefix: str) -> list[Line]:
        with self.books.firm.database.reading(self.books.scope) as session:
            every = translog.lines(session, self.books.business.business_id)
            return [line for line in every if line.action.startswith(prefix)]
