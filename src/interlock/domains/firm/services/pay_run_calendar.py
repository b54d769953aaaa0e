"""When a client's next pay run is let go by the schedule, where its policy says so."""

from datetime import datetime

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.domains.firm.pay_run_times import PAY_RUN, next_pay_run
from interlock.domains.firm.policy.values import PayRunPolicy
from interlock.domains.firm.services.calendar_service import find_due, set_due
from interlock.kernel.scope import Scope


def pay_run_moves(session: Session, business: Business, policy: PayRunPolicy, now: datetime) -> bool:
    """Whether the calendar says something else than the policy. A run that is overdue, or being tried again, stays as it is."""
    row = find_due(session, Scope(business.firm_id, business.business_id), PAY_RUN)
    if not policy.automatic_release:
        return row is not None
    if row is not None and (row.due_at <= now or row.failures):
        return False
    return row is None or row.due_at != next_pay_run(policy, business.time_zone, now)


def plan_pay_run(session: Session, business: Business, policy: PayRunPolicy, now: datetime) -> None:
    """The next run is due by the policy; where people release, none is."""
    scope = Scope(business.firm_id, business.business_id)
    if policy.automatic_release:
        set_due(session, scope, PAY_RUN, next_pay_run(policy, business.time_zone, now))
        return
    row = find_due(session, scope, PAY_RUN)
    if row is not None:
        session.delete(row)
        session.flush()
