"""Deciding at one business's desk: joins the guardrail, payables' service and what people see of both."""

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.orm import Session

from interlock.domains.ap.ports import JudgesPayments
from interlock.domains.ap.services.bill_payment_service import BillPaymentService, OwnEdit
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import InForce, PolicyService
from interlock.kernel.clock import local_date
from interlock.runway.judging import Judge
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.experiences.console import ConsoleService
from interlock.runway.services.experiences.deciding import DecidingService
from interlock.runway.services.experiences.decisions import DecisionsService


def deciding_of(
    session: Session,
    business: Business,
    *,
    console: ConsoleService,
    decisions: DecisionsService,
    judge: JudgesPayments,
    in_force: InForce,
    findings: Callable[[], Sequence[Finding]],
    acting: Acting | None,
    now: datetime,
) -> DecidingService:
    """``acting``: ``None`` for who only asks what would happen."""

    def payments() -> BillPaymentService:
        return BillPaymentService(
            session,
            business,
            judge=judge,
            policy=in_force.policy,
            acting=acting,
            now=now,
            own_edit=own_edit(acting) if acting is not None else None,
        )

    def own_edit(by: Acting) -> OwnEdit | None:
        """What stood before who acts changed the policy lately (product-map §3.2, rule 6)."""
        before = PolicyService(session, business.firm_id).before_edits_of(business, by.person_id, now)
        if before is None:
            return None
        policy, at = before
        return OwnEdit(policy, at, Judge(session, business, replace(in_force, policy=policy), now, findings))

    return DecidingService(
        console,
        decisions,
        judge=judge,
        payments=payments,
        person_id=lambda wanted: PeopleService(session, business.firm_id).find(wanted).person_id,
        today=local_date(now, business.time_zone),
        time_zone=business.time_zone,
    )
