"""The desk: everything a page, the API or a command needs about one business or the whole firm, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.domains.firm.services.answered_service import AnsweredService, Claim
from interlock.domains.firm.services.business_service import BusinessService
from interlock.infra.db import Database
from interlock.kernel.clock import Clock
from interlock.kernel.scope import Scope
from interlock.rails.meter import MONTHLY_READS
from interlock.rails.parking import Abilities
from interlock.rails.ports import Progress, ProofReport, SyncReport
from interlock.runway.business_desk import BusinessDesk
from interlock.runway.firm_desk import FirmDesk
from interlock.runway.office import Office, SyncOf
from interlock.runway.services.calculators.links import QUICKBOOKS_PAGES
from interlock.runway.services.data_orchestrators.findings import Scans
from interlock.runway.services.experiences.capabilities import CapabilitiesService

__all__ = ["BusinessDesk", "Desk", "FirmDesk", "SyncOf"]


class Desk:
    """Opens transactions, each in its scope. One per process: it keeps what the last scans of each business found."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sync_of: SyncOf,
        firm_id: str,
        *,
        pages: str = QUICKBOOKS_PAGES,
        monthly_reads: int = MONTHLY_READS,
        abilities: Abilities | None = None,
    ) -> None:
        self.capabilities = CapabilitiesService(abilities or Abilities({}))
        self._database = database
        self._clock = clock
        self._firm_id = firm_id
        self._office = Office(sync_of, pages, monthly_reads, self.capabilities)
        self._scans = Scans(self._office.plans)
        self._claim: Claim | None = None

    @contextmanager
    def reading(self, business: str) -> Iterator[BusinessDesk]:
        """One business, by id, slug or name, in a read-only snapshot; ``NotFound`` otherwise."""
        found = self._find(business)
        with self._database.reading(Scope(self._firm_id, found.business_id)) as session:
            yield self._at(session, found, self._scans)

    @contextmanager
    def writing(self, business: str) -> Iterator[BusinessDesk]:
        """The same in a transaction that commits when the block ends well. Never sync inside: a sync writes by itself."""
        found = self._find(business)
        with self._database.writing(Scope(self._firm_id, found.business_id)) as session:
            self._claimed(session)
            yield self._at(session, found, None)

    @contextmanager
    def firm(self) -> Iterator[FirmDesk]:
        """All of the firm's clients, read-only."""
        with self._database.reading(Scope(self._firm_id)) as session:
            yield FirmDesk(session, self._firm_id, self._office, self._scans, self._clock.now())

    @contextmanager
    def firm_writing(self) -> Iterator[FirmDesk]:
        """The firm itself, in a transaction that commits when the block ends well."""
        with self._database.writing(Scope(self._firm_id)) as session:
            self._claimed(session)
            yield FirmDesk(session, self._firm_id, self._office, Scans(), self._clock.now())

    def claiming(self, claim: Claim) -> "Desk":
        """The same desk for one request: its first writing transaction takes ``claim``, or is undone by ``KeyInUse``."""
        desk = copy(self)
        desk._claim = claim
        return desk

    @contextmanager
    def answered(self) -> Iterator[tuple[AnsweredService, datetime]]:
        """The answers that are kept, read-only."""
        with self._database.reading(Scope(self._firm_id)) as session:
            yield AnsweredService(session, self._firm_id), self._clock.now()

    @contextmanager
    def answering(self) -> Iterator[tuple[AnsweredService, datetime]]:
        """The same in a transaction of its own that commits when the block ends well."""
        with self._database.writing(Scope(self._firm_id)) as session:
            yield AnsweredService(session, self._firm_id), self._clock.now()

    def sync(self, business: str, *, full: bool = False, progress: Progress | None = None) -> SyncReport:
        """Bring one business's mirror up to date now, in transactions of its own. Raises ``Busy`` and the rail errors."""
        report = self._office.sync_of(self._find(business)).sync(full=full, progress=progress)
        with self.reading(report.business_id) as desk:
            _ = desk.findings.scan  # kept, so that the next page needs no scan
        return report

    def prove(self, business: str, *, progress: Progress | None = None) -> ProofReport:
        """Bring one business's mirror up to date and hold it against QuickBooks' own totals. Fails as ``sync`` does."""
        report = self._office.sync_of(self._find(business)).prove(progress=progress)
        with self.reading(report.business_id) as desk:
            _ = desk.findings.scan
        return report

    def warm(self) -> None:
        """Scan every client whose books have moved, so that the next portfolio finds its scans ready."""
        with self.firm() as desk:
            desk.portfolio.get_portfolio_experience()

    def _claimed(self, session: Session) -> None:
        if self._claim is not None:
            self._claim(session, self._firm_id, self._clock.now())

    def _find(self, wanted: str) -> Business:
        with self._database.reading(Scope(self._firm_id)) as session:
            found = BusinessService(session, self._firm_id).find(wanted)
            session.expunge(found)
        return found

    def _at(self, session: Session, business: Business, scans: Scans | None) -> BusinessDesk:
        return BusinessDesk(session, business, self._office, scans, self._clock.now())
