"""The desk: everything a page, the API or a command needs about one business or the whole firm, in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.services.bill_service import BillService
from interlock.domains.ap.services.vendor_service import VendorService
from interlock.domains.ar.services.customer_service import CustomerService
from interlock.domains.ar.services.invoice_service import InvoiceService
from interlock.domains.bank.services.balance_service import BalanceService
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService
from interlock.infra.db import Database
from interlock.kernel.clock import Clock, local_date
from interlock.kernel.scope import Scope
from interlock.rails.connections import Connection
from interlock.rails.meter import MONTHLY_READS
from interlock.rails.parking import Abilities
from interlock.rails.ports import Progress, ProofReport, SyncReport, SyncsLedger
from interlock.runway.services.calculators.links import QUICKBOOKS_PAGES, Links
from interlock.runway.services.data_orchestrators.decision_console_data_orchestrator import (
    DecisionConsoleDataOrchestrator,
)
from interlock.runway.services.data_orchestrators.document_detail import DocumentDetail
from interlock.runway.services.data_orchestrators.document_list import DocumentList
from interlock.runway.services.data_orchestrators.document_views import Shows
from interlock.runway.services.data_orchestrators.findings import Findings, Scans
from interlock.runway.services.data_orchestrators.firm_orchestrator import QBO
from interlock.runway.services.data_orchestrators.hygiene_tray_data_orchestrator import HygieneTrayDataOrchestrator
from interlock.runway.services.data_orchestrators.proof_snapshot import tied_of, with_control_accounts
from interlock.runway.services.experiences.aging import AgingService
from interlock.runway.services.experiences.balances import BalancesService
from interlock.runway.services.experiences.bills import BillsService
from interlock.runway.services.experiences.capabilities import CapabilitiesService
from interlock.runway.services.experiences.connections import ConnectionsService
from interlock.runway.services.experiences.console import ConsoleService
from interlock.runway.services.experiences.digest import DigestService
from interlock.runway.services.experiences.inbox import InboxService
from interlock.runway.services.experiences.invoices import InvoicesService
from interlock.runway.services.experiences.log_view import LogService
from interlock.runway.services.experiences.portfolio import PortfolioService
from interlock.runway.services.experiences.recording import RecordingService
from interlock.runway.services.experiences.tray import TrayService
from interlock.runway.services.views import TiedView

SyncOf = Callable[[Business], SyncsLedger]


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
        self._sync_of = sync_of
        self._firm_id = firm_id
        self._pages = pages
        self._monthly_reads = monthly_reads
        self._scans = Scans()

    @contextmanager
    def reading(self, business: str) -> Iterator["BusinessDesk"]:
        """One business, by id, slug or name, in a read-only snapshot; ``NotFound`` otherwise."""
        found = self._find(business)
        with self._database.reading(Scope(self._firm_id, found.business_id)) as session:
            yield self._at(session, found, self._scans)

    @contextmanager
    def writing(self, business: str) -> Iterator["BusinessDesk"]:
        """The same in a transaction that commits when the block ends well. Never sync inside: a sync writes by itself."""
        found = self._find(business)
        with self._database.writing(Scope(self._firm_id, found.business_id)) as session:
            yield self._at(session, found, None)

    @contextmanager
    def firm(self) -> Iterator["FirmDesk"]:
        """All of the firm's clients, read-only."""
        with self._database.reading(Scope(self._firm_id)) as session:
            now = self._clock.now()
            yield FirmDesk(session, self._firm_id, self._sync_of, self._links, self._scans, now, self._monthly_reads)

    def sync(self, business: str, *, full: bool = False, progress: Progress | None = None) -> SyncReport:
        """Bring one business's mirror up to date now, in transactions of its own. Raises ``Busy`` and the rail errors."""
        report = self._sync_of(self._find(business)).sync(full=full, progress=progress)
        with self.reading(report.business_id) as desk:
            _ = desk.findings.scan  # kept, so that the next page needs no scan
        return report

    def prove(self, business: str, *, progress: Progress | None = None) -> ProofReport:
        """Bring one business's mirror up to date and hold it against QuickBooks' own totals. Fails as ``sync`` does."""
        report = self._sync_of(self._find(business)).prove(progress=progress)
        with self.reading(report.business_id) as desk:
            _ = desk.findings.scan
        return report

    def warm(self) -> None:
        """Scan every client whose books have moved, so that the next portfolio finds its scans ready."""
        with self.firm() as desk:
            desk.portfolio.get_portfolio_experience()

    def _find(self, wanted: str) -> Business:
        with self._database.reading(Scope(self._firm_id)) as session:
            found = BusinessService(session, self._firm_id).find(wanted)
            session.expunge(found)
        return found

    def _at(self, session: Session, business: Business, scans: Scans | None) -> "BusinessDesk":
        return BusinessDesk(
            session, business, self._sync_of(business), self._links, scans, self._clock.now(), self._monthly_reads
        )

    def _links(self, realm_id: str | None) -> Links:
        return Links(realm_id, self._pages)


class BusinessDesk:
    """One business within one transaction. Services are made when first asked for; findings are computed once."""

    def __init__(
        self,
        session: Session,
        business: Business,
        qbo_sync: SyncsLedger,
        links_to: Callable[[str | None], Links],
        scans: Scans | None,
        now: datetime,
        monthly_reads: int,
    ) -> None:
        self.session = session
        self.business = business
        self.qbo_sync = qbo_sync
        self.now = now
        self._monthly_reads = monthly_reads
        self._links_to = links_to
        self._scans = scans

    @cached_property
    def today(self) -> date:
        """The client's own date."""
        return local_date(self.now, self.business.time_zone)

    @cached_property
    def realm_id(self) -> str | None:
        """The QuickBooks company this business is linked to."""
        query = select(Connection.external_id).where(
            Connection.business_id == self.business.business_id, Connection.rail == QBO
        )
        return self.session.execute(query).scalars().first()

    @cached_property
    def links(self) -> Links:
        return self._links_to(self.realm_id)

    @cached_property
    def shows(self) -> Shows:
        return Shows(self.today, self.business.home_currency, self.links)

    @cached_property
    def findings(self) -> Findings:
        return Findings(
            self.session,
            self.business,
            self.today,
            self.now,
            links=self.links,
            realm_id=self.realm_id,
            scans=self._scans,
        )

    @cached_property
    def tied(self) -> TiedView:
        """Whether this business's totals are QuickBooks' own, and its control accounts'."""
        return with_control_accounts(tied_of(self.session, self.business), self.findings.all)

    @cached_property
    def bill_service(self) -> BillService:
        return BillService(
            self.session,
            self.business.business_id,
            qbo_sync=self.qbo_sync,
            today=self.today,
            findings=self.findings,
        )

    @cached_property
    def invoice_service(self) -> InvoiceService:
        return InvoiceService(
            self.session,
            self.business.business_id,
            qbo_sync=self.qbo_sync,
            today=self.today,
            findings=self.findings,
        )

    @cached_property
    def balance_service(self) -> BalanceService:
        return BalanceService(
            self.session, self.business.business_id, qbo_sync=self.qbo_sync, home_currency=self.business.home_currency
        )

    @cached_property
    def vendor_service(self) -> VendorService:
        return VendorService(self.session, self.business.business_id)

    @cached_property
    def customer_service(self) -> CustomerService:
        return CustomerService(self.session, self.business.business_id)

    @cached_property
    def hygiene(self) -> HygieneTrayDataOrchestrator:
        return HygieneTrayDataOrchestrator(
            self.session,
            self.business.business_id,
            bill_service=self.bill_service,
            invoice_service=self.invoice_service,
            qbo_sync=self.qbo_sync,
            findings=self.findings,
            shows=self.shows,
            tied=self.tied,
            now=self.now,
        )

    @cached_property
    def decisions(self) -> DecisionConsoleDataOrchestrator:
        return DecisionConsoleDataOrchestrator(
            self.session,
            self.business.business_id,
            bill_service=self.bill_service,
            invoice_service=self.invoice_service,
            qbo_sync=self.qbo_sync,
            findings=self.findings,
            shows=self.shows,
            tied=self.tied,
            now=self.now,
        )

    @cached_property
    def detail(self) -> DocumentDetail:
        return DocumentDetail(self.session, self.business.business_id, self.links)

    @cached_property
    def tray(self) -> TrayService:
        return TrayService(self.hygiene, self.findings, self.shows)

    @cached_property
    def console(self) -> ConsoleService:
        return ConsoleService(self.decisions)

    @cached_property
    def digest(self) -> DigestService:
        return DigestService(
            self.session,
            self.business.business_id,
            hygiene_orchestrator=self.hygiene,
            decision_orchestrator=self.decisions,
            balance_service=self.balance_service,
            log=self.log,
            detail=self.detail,
            now=self.now,
        )

    @cached_property
    def bills(self) -> BillsService:
        return BillsService(
            self.business,
            self.bill_service,
            documents=DocumentList(self.session, self.business.business_id),
            detail=self.detail,
            findings=self.findings,
            shows=self.shows,
            tied=self.tied,
            now=self.now,
        )

    @cached_property
    def invoices(self) -> InvoicesService:
        return InvoicesService(
            self.business,
            self.invoice_service,
            documents=DocumentList(self.session, self.business.business_id),
            detail=self.detail,
            findings=self.findings,
            shows=self.shows,
            tied=self.tied,
            now=self.now,
        )

    @cached_property
    def balances(self) -> BalancesService:
        return BalancesService(self.balance_service, self.tied)

    @cached_property
    def aging(self) -> AgingService:
        return AgingService(
            self.session,
            self.business,
            qbo_sync=self.qbo_sync,
            links=self.links,
            tied=self.tied,
            today=self.today,
            now=self.now,
        )

    @cached_property
    def connections(self) -> ConnectionsService:
        return ConnectionsService(
            self.session,
            self.business.firm_id,
            [self.business],
            sync_of=lambda _: self.qbo_sync,
            monthly_reads=self._monthly_reads,
            now=self.now,
        )

    @cached_property
    def recording(self) -> RecordingService:
        return RecordingService(self.session, self.business, now=self.now)

    @cached_property
    def log(self) -> LogService:
        return LogService(self.session, self.business.business_id)

    @cached_property
    def inbox(self) -> InboxService:
        return InboxService(self.session, self.business)


class FirmDesk:
    """All clients of the firm within one reading transaction."""

    def __init__(
        self,
        session: Session,
        firm_id: str,
        sync_of: SyncOf,
        links_to: Callable[[str | None], Links],
        scans: Scans,
        now: datetime,
        monthly_reads: int,
    ) -> None:
        self.session = session
        self.firm_id = firm_id
        self.now = now
        self._monthly_reads = monthly_reads
        self._sync_of = sync_of
        self._links_to = links_to
        self._scans = scans

    @cached_property
    def businesses(self) -> Sequence[Business]:
        """By name."""
        return BusinessService(self.session, self.firm_id).list_businesses()

    @cached_property
    def portfolio(self) -> PortfolioService:
        return PortfolioService(
            self.session,
            self.firm_id,
            self.businesses,
            sync_of=self._sync_of,
            links_to=self._links_to,
            scans=self._scans,
            now=self.now,
        )

    @cached_property
    def connections(self) -> ConnectionsService:
        return ConnectionsService(
            self.session,
            self.firm_id,
            self.businesses,
            sync_of=self._sync_of,
            monthly_reads=self._monthly_reads,
            now=self.now,
        )

    @cached_property
    def log(self) -> LogService:
        """The firm's own chain."""
        return LogService(self.session, self.firm_id)
