"""What one business's desk knows of cash to come: the path, money set aside, what recurs."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.runway.services.calculators.figure_values import Position
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.data_orchestrators.history_snapshot import detected
from interlock.runway.services.data_orchestrators.position_snapshot import read_position
from interlock.runway.services.data_orchestrators.spendable_snapshot import read_spendable
from interlock.runway.services.experiences.earmarks import EarmarksService
from interlock.runway.services.experiences.overview import PathService
from interlock.runway.services.experiences.recurring import RecurringExperiences


class PlanDesk:
    """Made when first asked for; the policy in force is read once. ``findings``: asked for only where the path is."""

    def __init__(
        self,
        session: Session,
        business: Business,
        *,
        findings: Callable[[], Sequence[Finding]],
        links: Links,
        today: date,
        now: datetime,
    ) -> None:
        self._session = session
        self._business = business
        self._findings = findings
        self._links = links
        self._today = today
        self._now = now

    @cached_property
    def policy(self) -> Policy:
        """What is in force."""
        return PolicyService(self._session, self._business.firm_id).in_force(self._business).policy

    @cached_property
    def path(self) -> PathService:
        return PathService(self._business, self._position, links=self._links)

    @cached_property
    def earmarks(self) -> EarmarksService:
        return EarmarksService(
            self._session,
            self._business,
            policy=self.policy,
            spendable=lambda: read_spendable(self._session, self._business, self._now),
            now=self._now,
        )

    @cached_property
    def recurring(self) -> RecurringExperiences:
        return RecurringExperiences(
            self._session,
            self._business,
            policy=self.policy,
            detected=lambda: detected(self._session, self._business, self._today),
            links=self._links,
            today=self._today,
            now=self._now,
        )

    def _position(self) -> Position:
        return read_position(self._session, self._business, self.policy, self._now, findings=self._findings())
