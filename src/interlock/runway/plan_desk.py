"""What one business's desk knows of cash to come: money set aside."""

from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.runway.services.data_orchestrators.spendable_snapshot import read_spendable
from interlock.runway.services.experiences.earmarks import EarmarksService


class PlanDesk:
    """Made when first asked for; the policy in force is read once."""

    def __init__(
        self,
        session: Session,
        business: Business,
        *,
        now: datetime,
    ) -> None:
        self._session = session
        self._business = business
        self._now = now

    @cached_property
    def policy(self) -> Policy:
        """What is in force."""
        return PolicyService(self._session, self._business.firm_id).in_force(self._business).policy

    @cached_property
    def earmarks(self) -> EarmarksService:
        return EarmarksService(
            self._session,
            self._business,
            policy=self.policy,
            spendable=lambda: read_spendable(self._session, self._business, self._now),
            now=self._now,
        )
