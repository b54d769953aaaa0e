"""When a client's next letter is due, by the policy that is in force for it."""

from datetime import datetime

from sqlalchemy.orm import Session

from interlock.domains.firm.letter_times import DIGEST, next_letter
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.calendar_service import find_due, set_due
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.kernel.scope import Scope


def letter_moves(session: Session, business: Business, now: datetime) -> datetime | None:
    """When the next letter is due by the policy, where the calendar doesn't say so yet. One that is overdue, or that is being

    tried again, stays where it is.
    """
    row = find_due(session, Scope(business.firm_id, business.business_id), DIGEST)
    if row is not None and (row.due_at <= now or row.failures):
        return None
    wanted = next_after(session, business, now)
    return wanted if row is None or row.due_at != wanted else None


def next_after(session: Session, business: Business, now: datetime) -> datetime:
    """The first hour of a letter after ``now``."""
    policy = PolicyService(session, business.firm_id).in_force(business).policy.digest
    return next_letter(policy, business.time_zone, now)


def plan_next(session: Session, business: Business, now: datetime) -> None:
    """The next letter is due by the policy."""
    set_due(session, Scope(business.firm_id, business.business_id), DIGEST, next_after(session, business, now))
