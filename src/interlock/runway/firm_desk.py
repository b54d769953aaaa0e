"""The whole firm's desk."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.people_models import Person
from interlock.domains.firm.services.business_service import BusinessService
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.runway.office import Office
from interlock.runway.services.data_orchestrators.findings import Scans
from interlock.runway.services.experiences.connections import ConnectionsService
from interlock.runway.services.experiences.log_view import LogService
from interlock.runway.services.experiences.policy import PolicyExperiences
from interlock.runway.services.experiences.portfolio import PortfolioService


class FirmDesk:
    """All clients of the firm within one reading transaction."""

    def __init__(self, session: Session, firm_id: str, office: Office, scans: Scans, now: datetime) -> None:
        self.session = session
        self.firm_id = firm_id
        self.now = now
        self._office = office
        self._scans = scans

    @cached_property
    def businesses(self) -> Sequence[Business]:
        """By name."""
        return BusinessService(self.session, self.firm_id).list_businesses()

    @cached_property
    def people(self) -> Sequence[Person]:
        """Everybody of the firm and its clients, by name."""
        return PeopleService(self.session, self.firm_id).people()

    @cached_property
    def policy(self) -> PolicyExperiences:
        """The firm's own, which every client inherits."""
        return PolicyExperiences(self.session, self.firm_id, None, now=self.now)

    def acting(self, wanted: str, *, through: str = "") -> Acting:
        """A person by handle or id, with the roles they have at any of the firm's clients."""
        return PolicyService(self.session, self.firm_id).firm_acting(wanted, through=through)

    @cached_property
    def portfolio(self) -> PortfolioService:
        return PortfolioService(
            self.session,
            self.firm_id,
            self.businesses,
            sync_of=self._office.sync_of,
            links_to=self._office.links_to,
            scans=self._scans,
            rails=self._office.capabilities.rails,
            now=self.now,
        )

    @cached_property
    def connections(self) -> ConnectionsService:
        return ConnectionsService(
            self.session,
            self.firm_id,
            self.businesses,
            sync_of=self._office.sync_of,
            monthly_reads=self._office.monthly_reads,
            rails=self._office.capabilities.rails,
            now=self.now,
        )

    @cached_property
    def log(self) -> LogService:
        """The firm's own chain."""
        return LogService(self.session, self.firm_id)
