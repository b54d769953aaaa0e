"""The matcher wired: what the slices above the bank state goes into it. Called at the end of every sync."""

from datetime import datetime

from sqlalchemy.orm import Session

from interlock.domains.ap.services.movements import payable_movements
from interlock.domains.ap.services.outside_movements import outside_movements
from interlock.domains.ar.services.movements import owed_movements, receivable_movements
from interlock.domains.bank.matches import take_match_lock
from interlock.domains.bank.services.matching_service import Matched, MatchingService
from interlock.kernel.scope import Scope
from interlock.runway.identity import link_business


def matching_service(session: Session, scope: Scope) -> MatchingService:
    """Over everything that states movements."""
    return MatchingService(
        session, scope, (payable_movements, receivable_movements, outside_movements), (owed_movements,)
    )


def match_business(session: Session, scope: Scope, now: datetime) -> Matched:
    """After something was read of a business, within the caller's writing transaction: link what exact keys prove, then match

    what is certain.
    """
    take_match_lock(session, scope)
    link_business(session, scope, now)
    return matching_service(session, scope).match(now)
