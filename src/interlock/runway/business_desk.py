"""One business's desk: everything a page, the API or a command needs about it, in one transaction."""

from datetime import date, datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.ports import JudgesPayments
from interlock.domains.ap.services.bill_service import BillService
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.services.vendor_service import VendorService
from interlock.domains.ar.services.customer_service import CustomerService
from interlock.domains.ar.services.invoice_service import InvoiceService
from interlock.domains.bank.services.balance_service import BalanceService
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import InForce, PolicyService
from interlock.kernel.clock import local_date
from interlock.kernel.scope import Scope
from interlock.rails.connections import Connection
from interlock.runway.deciding_desk import deciding_of
from interlock.runway.judging import Judge
from interlock.runway.letter_desk import digest_of
from interlock.runway.office import Office
from interlock.runway.plan_desk import PlanDesk
from interlock.runway.receivables_desk import receivables_of
from interlock.runway.services.calculators.flows import Plan
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.data_orchestrators.cash_snapshot import read_cash
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
from interlock.runway.services.experiences.connections import ConnectionsService
from interlock.runway.services.experiences.console import ConsoleService
from interlock.runway.services.experiences.deciding import DecidingService
from interlock.runway.services.experiences.decisions import DecisionsService
from interlock.runway.services.experiences.digest import DigestService
from interlock.runway.services.experiences.earmarks import EarmarksService
from interlock.runway.services.experiences.identity import IdentitiesService
from interlock.runway.services.experiences.inbox import InboxService
from interlock.runway.services.experiences.invoices import InvoicesService
from interlock.runway.services.experiences.log_view import LogService
from interlock.runway.services.experiences.matches import MatchesService
from interlock.runway.services.experiences.overview import PathService
from interlock.runway.services.experiences.payees import PayeesService
from interlock.runway.services.experiences.payments import PaymentsService
from interlock.runway.services.experiences.payouts import PayoutsService
from interlock.runway.services.experiences.people import PeopleExperiences
from interlock.runway.services.experiences.policy import PolicyExperiences
from interlock.runway.services.experiences.policy_dry_run import DryRunView, PolicyDryRun
from interlock.runway.services.experiences.receipts import ReceiptsService
from interlock.runway.services.experiences.receivables import ReceivablesService
from interlock.runway.services.experiences.recording import RecordingService
from interlock.runway.services.experiences.recurring import RecurringExperiences
from interlock.runway.services.experiences.tray import TrayService
from interlock.runway.services.views import TiedView


class BusinessDesk:
    """One business within one transaction. Services are made when first asked for; findings are computed once."""

    def __init__(
        self, session: Session, business: Business, office: Office, scans: Scans | None, now: datetime
    ) -> None:
        self.session = session
        self.business = business
        self.now = now
        self.qbo_sync = office.sync_of(business)
        self.office = office
        self.scans = scans

    @cached_property
    def today(self) -> date:
        """The client's own date."""
        return local_date(self.now, self.business.time_zone)

    @property
    def scope(self) -> Scope:
        return Scope(self.business.firm_id, self.business.business_id)

    @cached_property
    def realm_id(self) -> str | None:
        """The QuickBooks company this business is linked to."""
        query = select(Connection.external_id).where(
            Connection.business_id == self.business.business_id, Connection.rail == QBO
        )
        return self.session.execute(query).scalars().first()

    @cached_property
    def links(self) -> Links:
        return self.office.links_to(self.realm_id)

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
            scans=self.scans,
        )

    @cached_property
    def tied(self) -> TiedView:
        """Whether this business's totals are QuickBooks' own, and its control accounts'."""
        return with_control_accounts(tied_of(self.session, self.business), self.findings.all)

    @cached_property
    def people_service(self) -> PeopleService:
        return PeopleService(self.session, self.business.firm_id)

    def acting(self, wanted: str, *, through: str = "") -> Acting:
        """A person by handle or id, with the roles they have at this client."""
        return self.people_service.acting(self.business.business_id, wanted, through=through)

    @cached_property
    def people(self) -> PeopleExperiences:
        return PeopleExperiences(self.session, self.business, now=self.now)

    @cached_property
    def policy(self) -> PolicyExperiences:
        return PolicyExperiences(self.session, self.business.firm_id, self.business, now=self.now)

    def dry_run(self, text: str, since: date) -> DryRunView:
        """A policy's text tried on what was paid since; ``PolicyBroken`` when it is none."""
        now, tried = self.policy.policies(text)
        run = PolicyDryRun(self.session, self.business, links=self.links, today=self.today)
        return run.get_dry_run_experience(now, tried, since)

    @cached_property
    def payees(self) -> PayeesService:
        policy = self.in_force.policy
        return PayeesService(
            self.session, self.business, findings=lambda: self.findings.all, policy=policy, now=self.now
        )

    @cached_property
    def plans(self) -> PlanDesk:
        """What is known of cash to come."""
        return PlanDesk(
            self.session,
            self.business,
            findings=lambda: self.findings.all,
            links=self.links,
            today=self.today,
            now=self.now,
        )

    @property
    def path(self) -> PathService:
        return self.plans.path

    @property
    def earmarks(self) -> EarmarksService:
        return self.plans.earmarks

    @property
    def recurring(self) -> RecurringExperiences:
        return self.plans.recurring

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
            self.session,
            self.business.business_id,
            qbo_sync=self.qbo_sync,
            home_currency=self.business.home_currency,
            now=self.now,
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
    def in_force(self) -> InForce:
        """The policy that this client is decided by."""
        return PolicyService(self.session, self.business.firm_id).in_force(self.business)

    @cached_property
    def console(self) -> ConsoleService:
        return ConsoleService(self.decisions, policy=lambda: self.in_force.policy)

    @cached_property
    def decided(self) -> DecisionsService:
        return DecisionsService(
            self.session,
            self.business,
            self.now,
            undo_seconds=lambda: self.in_force.policy.approvals.undo_seconds,
        )

    @cached_property
    def judge(self) -> JudgesPayments:
        """The guardrail over this very transaction's rows; where nothing is written, over the plan kept since the last change."""
        kept = None if self.scans is None else self.plan_now
        return Judge(self.session, self.business, self.in_force, self.now, lambda: self.findings.all, plan=kept)

    def plan_now(self) -> Plan:
        """The client's plan, read again only after something has changed. Not for acts: they read their own."""
        return self.office.plans.of(self.session, self.business, self.in_force, self.now, lambda: self.findings.all)

    def deciding(self, acting: Acting | None) -> DecidingService:
        """Acts of one person, begun by the decision lock: policy, findings, plan and bills are all read under it.

        ``None`` for who only asks what would happen.
        """
        if acting is not None:
            take_decision_lock(self.session, self.business.business_id)
        return deciding_of(
            self.session,
            self.business,
            console=self.console,
            decisions=self.decided,
            judge=self.judge,
            in_force=self.in_force,
            findings=lambda: self.findings.all,
            acting=acting,
            now=self.now,
        )

    @cached_property
    def digest(self) -> DigestService:
        return digest_of(self)

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
        home = self.business.home_currency
        return BalancesService(
            self.business,
            self.balance_service,
            self.tied,
            cash_of=lambda banks: read_cash(self.session, self.scope, banks, home, self.now),
            links=self.links,
        )

    @cached_property
    def identities(self) -> IdentitiesService:
        return IdentitiesService(self.session, self.business, links=self.links, now=self.now)

    @cached_property
    def matches(self) -> MatchesService:
        return MatchesService(self.session, self.business, links=self.links, now=self.now)

    @cached_property
    def payments(self) -> PaymentsService:
        return PaymentsService(self.session, self.business, links=self.links, now=self.now)

    @cached_property
    def payouts(self) -> PayoutsService:
        return PayoutsService(self.session, self.business, links=self.links, today=self.today)

    @cached_property
    def receipts(self) -> ReceiptsService:
        return ReceiptsService(self.session, self.business, links=self.links, now=self.now)

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
    def receivables(self) -> ReceivablesService:
        return receivables_of(self)

    @cached_property
    def connections(self) -> ConnectionsService:
        return ConnectionsService(
            self.session,
            self.business.firm_id,
            [self.business],
            sync_of=lambda _: self.qbo_sync,
            monthly_reads=self.office.monthly_reads,
            rails=self.office.capabilities.rails,
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
