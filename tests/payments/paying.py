"""Bills that are approved and then released, and what their witnesses say of them, one step at a time."""

from dataclasses import dataclass, field
from datetime import timedelta

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import Course, Way
from interlock.domains.ap.policy.happenings import Event
from interlock.domains.ap.policy.loop import released
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.services.payment_steps import Steps, keep_course
from interlock.domains.firm.policy.values import ApprovalPolicy, Policy
from interlock.runway.services.calculators.payment_words import Place
from interlock.runway.services.experiences.payment import PaymentExperience
from interlock.runway.services.experiences.payments import PaymentsExperience
from tests.deciding.clients import Desk
from tests.runway.conftest import ACTOR

_LENIENT = Policy(approvals=ApprovalPolicy(one_person_minor=100_000_000, client_side_minor=200_000_000))


@dataclass
class Paying(Desk):
    """A client's payments after their approval."""

    policy: Policy = field(default_factory=lambda: _LENIENT)

    def staffed_for_all(self) -> "Paying":
        self.staffed()
        return self

    def approve(self, *bill_ids: str) -> list[PaymentIntent]:
        """The payments of these bills, approved in full by one person."""
        with self.acting("wren") as service:
            service.approve_bill_for_payment([self.wish(each) for each in bill_ids])
        self.books.firm.wait(minutes=1)
        return [self.intents()[each] for each in bill_ids]

    def let_go(
        self, intent: PaymentIntent, way: Way = "outside", *, expects_bank: bool = True, records: bool = False
    ) -> str:
        """Let one go, as a release writes it; its id."""
        now = self.books.firm.clock.now()
        with self.books.firm.database.writing(self.books.scope) as session:
            take_decision_lock(session, self.books.business.business_id)
            kept = session.get_one(PaymentIntent, (intent.business_id, intent.intent_id))
            kept.state = "released"
            course = released(Course(way, expects_bank, now + timedelta(days=5), records=records), now)
            row = Disbursement(
                firm_id=kept.firm_id,
                business_id=kept.business_id,
                intent_id=kept.intent_id,
                bill_id=kept.bill_id,
                vendor_id=kept.vendor_id,
                amount_minor=kept.amount_minor,
                currency=kept.currency,
                way=way,
                method="ach",
                pay_on=kept.pay_on,
                stage=course.stage,
                released_by="per_wren",
                released_at=now,
                changed_at=now,
            )
            keep_course(row, course)
            session.add(row)
        return intent.intent_id

    def hear(self, intent_id: str, *events: Event, **columns: object) -> None:
        """These happen to one payment, in this order; ``columns``: what the witness leaves on its row."""
        with self.books.firm.database.writing(self.books.scope) as session:
            take_decision_lock(session, self.books.business.business_id)
            row = session.get_one(Disbursement, (self.books.business.business_id, intent_id))
            steps = Steps(session, self.books.scope, now=self.books.firm.clock.now(), actor=ACTOR)
            for event in events:
                steps.happened(row, event)
            for name, value in columns.items():
                setattr(row, name, value)
            steps.close()

    def board(self, opened: Place | None = None) -> PaymentsExperience:
        with self.books.firm.desk.reading(self.books.name) as at:
            return at.payments.get_payments_experience(opened)

    def payment(self, intent_id: str) -> PaymentExperience:
        with self.books.firm.desk.reading(self.books.name) as at:
            return at.payments.get_payment_experience(intent_id)
