"""Documents with issues: every open one is examined, whatever its age and whether or not it could be paid."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from interlock.domains.ap.services.bill_service import BillService
from interlock.domains.ar.services.invoice_service import InvoiceService
from interlock.domains.firm.services.business_service import business_of
from interlock.rails.ports import SyncsLedger
from interlock.runway.services.data_orchestrators.document_views import (
    CleanView,
    DocumentWithIssues,
    FindingView,
    Shows,
)
from interlock.runway.services.data_orchestrators.findings import Findings
from interlock.runway.services.views import BusinessView, Instant, SyncStatus, TiedView, View


class CleanShares(View):
    payables: CleanView
    receivables: CleanView


class HygieneData(View):
    """``other_findings`` stand on neither a bill nor an invoice. ``examined`` counts what was looked at, by kind.

    ``proved``: whether QuickBooks' own totals were ever held against ours; ``tied``: what came of it.
    """

    business: BusinessView
    as_of: Instant
    today: date
    bills_with_issues: tuple[DocumentWithIssues, ...]
    invoices_with_issues: tuple[DocumentWithIssues, ...]
    other_findings: tuple[FindingView, ...]
    sync_status: SyncStatus
    examined: dict[str, int]
    clean_dollars: CleanShares
    proved: bool
    tied: TiedView


class HygieneTrayDataOrchestrator:
    """What is wrong in one business's books, from the mirror."""

    def __init__(
        self,
        db: Session,
        business_id: str,
        *,
        bill_service: BillService,
        invoice_service: InvoiceService,
        qbo_sync: SyncsLedger,
        findings: Findings,
        shows: Shows,
        tied: TiedView,
        now: datetime,
    ) -> None:
        self.db = db
        self.business_id = business_id
        self.business = business_of(db, business_id)
        self.bill_service = bill_service
        self.invoice_service = invoice_service
        self.qbo_sync = qbo_sync
        self._findings = findings
        self._shows = shows
        self._tied = tied
        self._now = now

    def get_hygiene_data(self) -> HygieneData:
        """Bills and invoices with their findings, in the findings' order: severity, then dollars at stake."""
        home = self.business.home_currency
        scan = self._findings.scan
        return HygieneData(
            business=BusinessView.of(self.business),
            as_of=self._now,
            today=self._shows.today,
            bills_with_issues=self._bills(),
            invoices_with_issues=self._invoices(),
            other_findings=self._shows.findings(
                finding for finding in scan.findings if finding.subject.kind not in {"bill", "invoice"}
            ),
            sync_status=SyncStatus.of(self.qbo_sync.freshness()),
            examined=dict(scan.examined),
            clean_dollars=CleanShares(
                payables=CleanView.of(scan.clean_payables, home), receivables=CleanView.of(scan.clean_receivables, home)
            ),
            proved=scan.proved,
            tied=self._tied,
        )

    def _bills(self) -> tuple[DocumentWithIssues, ...]:
        about = self._findings.about("bill")
        annotations = self.bill_service.annotations()
        known = {bill.id: bill for bill in self.bill_service.get_open_bills()}
        return tuple(
            self._shows.with_issues(
                self._shows.bill(known.get(bill_id) or self.bill_service.get_bill(bill_id), annotations.get(bill_id)),
                found,
            )
            for bill_id, found in about.items()
        )

    def _invoices(self) -> tuple[DocumentWithIssues, ...]:
        about = self._findings.about("invoice")
        annotations = self.invoice_service.annotations()
        known = {invoice.id: invoice for invoice in self.invoice_service.get_open_invoices()}
        return tuple(
            self._shows.with_issues(
                self._shows.invoice(
                    known.get(invoice_id) or self.invoice_service.get_invoice(invoice_id), annotations.get(invoice_id)
                ),
                found,
            )
            for invoice_id, found in about.items()
        )
