"""The guardrail over the rows of one transaction: what payables ask when somebody decides (``ap.ports.JudgesPayments``)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill, BillAnnotation, VendorCredit
from interlock.domains.ap.ports import Judged, Wish
from interlock.domains.ap.services.bill_content import COUNTED, credits_of, live_intents
from interlock.domains.ap.services.payment_steps import RELEASED, intents_under_way
from interlock.domains.firm.annotations import hold_in_words, is_held
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.policy_service import InForce
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.runway.judged import judged_of
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.flows import Flow, Plan
from interlock.runway.services.calculators.guardrail import judge, question_of
from interlock.runway.services.calculators.guardrail_values import Question, Spent, Stop, Wanted
from interlock.runway.services.calculators.words import document, on_day
from interlock.runway.services.data_orchestrators.plan_snapshot import read_plan

_LIMIT_DAYS = 7
_DECIDED = frozenset({"in_flight", "committed"})

Found = Sequence[Finding] | Callable[[], Sequence[Finding]]


class Judge:
    """Asked under the business's decision lock. ``findings``: or a function that gives them, called when first judged.

    ``plan``: a plan known already, where nothing is decided and so nothing can have changed under a lock. ``aside``: payments
    that are approved and asked about as if they were not.
    """

    def __init__(
        self,
        db: Session,
        business: Business,
        in_force: InForce,
        now: datetime,
        findings: Found,
        *,
        plan: Callable[[], Plan] | None = None,
        aside: Sequence[PaymentIntent] = (),
    ) -> None:
        self._db = db
        self._business = business
        self._in_force = in_force
        self._now = now
        self._today = local_date(now, business.time_zone)
        self._given = findings
        self._plan = plan
        self._aside = frozenset(each.intent_id for each in aside)

    def judge(self, wishes: Sequence[Wish]) -> Judged:
        question = self.question(wishes)
        return judged_of(judge(question), question, self._in_force.policy_id, self._in_force.firm_policy_id)

    def question(self, wishes: Sequence[Wish]) -> Question:
        """Everything the verdict depends on, read now."""
        findings = self._given() if callable(self._given) else self._given
        policy = self._in_force.policy
        plan = self._plan() if self._plan else read_plan(self._db, self._business, policy, self._now, findings=findings)
        live = live_intents(self._db, self._business.business_id)
        decided = {*(wish.intent_id for wish in wishes), *self._aside}
        plan = without_committed(plan, [each for each in live if each.intent_id in decided and each.state in COUNTED])
        others = [each for each in live if each.intent_id not in decided]
        return question_of(plan, policy, self._wanted(wishes, plan, findings, others), self._spent(others))

    def _wanted(
        self, wishes: Sequence[Wish], plan: Plan, findings: Iterable[Finding], others: Sequence[PaymentIntent]
    ) -> tuple[Wanted, ...]:
        bills = self._bills(wishes)
        stops = self._stops(findings, set(bills))
        credits = self._open_credits(bills.values(), wishes, others)
        essential = {flow.bill_id: flow.place for flow in plan.flows if flow.bill_id is not None and flow.essential}
        found = []
        for wish in wishes:
            bill = bills[wish.bill_id]
            found.append(
                Wanted(
                    bill_id=bill.id,
                    label=document("bill", bill.vendor_name, bill.number, bill.dated, self._today),
                    vendor_id=bill.vendor_id,
                    minor=wish.amount_minor,
                    pay_on=wish.pay_on,
                    due=bill.due,
                    must_pay=bill.id in essential,
                    place=essential.get(bill.id, 99),
                    stops=tuple(stops.get(bill.id, ())),
                    open_credit_minor=min(credits.get((bill.vendor_id, bill.currency), 0), bill.balance_minor),
                )
            )
        return tuple(found)

    def _bills(self, wishes: Sequence[Wish]) -> dict[str, Bill]:
        ids = sorted({wish.bill_id for wish in wishes})
        query = select(Bill).where(Bill.business_id == self._business.business_id, among(self._db, Bill.id, ids))
        return {bill.id: bill for bill in self._db.scalars(query.order_by(Bill.id))}

    def _stops(self, findings: Iterable[Finding], bill_ids: set[str]) -> dict[str, list[Stop]]:
        """Findings that stop these bills, and holds and sleep, which end by being ended and not by an override."""
        stops: dict[str, list[Stop]] = defaultdict(list)
        for finding in findings:
            if finding.stops:
                for bill_id in bill_ids.intersection(finding.documents("bill")):
                    stop = Stop(finding.rule.id, finding.severity, finding.words, finding.overridable)
                    stops[bill_id].append(stop)
        query = select(BillAnnotation).where(
            BillAnnotation.business_id == self._business.business_id,
            among(self._db, BillAnnotation.bill_id, sorted(bill_ids)),
        )
        for said in self._db.scalars(query):
            if is_held(said, self._today):
                stops[said.bill_id].append(Stop("hold", "high", hold_in_words(said), overridable=False))
            if said.snoozed_until is not None and said.snoozed_until > self._today:
                words = f"Snoozed until {on_day(said.snoozed_until, self._today)}"
                stops[said.bill_id].append(Stop("snooze", "high", words, overridable=False))
        return stops

    def _open_credits(
        self, bills: Iterable[Bill], wishes: Sequence[Wish], others: Sequence[PaymentIntent]
    ) -> dict[tuple[str | None, str], int]:
        """What each vendor has open in credits, by currency, that neither these payments nor others use."""
        vendors = sorted({bill.vendor_id for bill in bills if bill.vendor_id is not None})
        used: dict[str, int] = defaultdict(int)
        released = intents_under_way(self._db, self._business.business_id)
        for applied in (*(wish.credits for wish in wishes), *(credits_of(each) for each in (*others, *released))):
            for credit_id, minor in applied:
                used[credit_id] += minor
        query = select(VendorCredit).where(
            VendorCredit.business_id == self._business.business_id,
            VendorCredit.buried_at.is_(None),
            VendorCredit.voided.is_(False),
            VendorCredit.balance_minor > 0,
            among(self._db, VendorCredit.vendor_id, vendors),
        )
        found: dict[tuple[str | None, str], int] = defaultdict(int)
        for credit in self._db.scalars(query):
            found[(credit.vendor_id, credit.currency)] += max(credit.balance_minor - used[credit.id], 0)
        return found

    def _spent(self, others: Sequence[PaymentIntent]) -> Spent:
        """What counts towards the limits: yes said in the last seven days by vendor and in all, and by day of payment."""
        since = self._now - timedelta(days=_LIMIT_DAYS)
        by_vendor: dict[str, int] = defaultdict(int)
        by_day: dict[str, int] = defaultdict(int)
        week = 0
        counted = [each for each in others if each.state in COUNTED]
        for each in (*counted, *self._recorded(since)):
            by_day[each.pay_on.isoformat()] += each.amount_minor
            if (each.approved_at or each.prepared_at) > since:
                by_vendor[each.vendor_id or ""] += each.amount_minor
                week += each.amount_minor
        return Spent(dict(by_vendor), dict(by_day), week)

    def _recorded(self, since: datetime) -> Sequence[PaymentIntent]:
        """Approved lately and released or paid already: still part of what was approved in seven days, and of its day."""
        done = PaymentIntent.approved_at > since
        query = select(PaymentIntent).where(
            PaymentIntent.business_id == self._business.business_id,
            or_(
                PaymentIntent.state.in_(("recorded", RELEASED)) & done,
                (PaymentIntent.state == RELEASED) & (PaymentIntent.pay_on >= self._today),
            ),
        )
        return self._db.scalars(query.order_by(PaymentIntent.intent_id)).all()


def without_committed(plan: Plan, intents: Sequence[PaymentIntent]) -> Plan:
    """The plan as if these had not been decided: they are asked about anew.

    What they took from their bill's own movement goes back to it, where there still is one; the decision then takes it again.
    """
    if not intents:
        return plan
    gone = {f"committed:{each.intent_id}" for each in intents}
    back: dict[str, int] = defaultdict(int)
    for each in intents:
        back[each.bill_id] += each.amount_minor
    flows: list[Flow] = []
    for flow in plan.flows:
        if flow.key in gone:
            continue
        taken = back.pop(flow.bill_id, 0) if flow.bill_id is not None and flow.kind not in _DECIDED else 0
        flows.append(replace(flow, minor=flow.minor - taken) if taken else flow)
    return replace(plan, flows=tuple(flows))
