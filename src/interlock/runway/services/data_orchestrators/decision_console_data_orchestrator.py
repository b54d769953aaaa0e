"""What can be decided now, and what can't and why: bills to pay, invoices to chase. Nothing here decides or pays."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from interlock.domains.ap.services.bill_service import BillService
from interlock.domains.ar.services.invoice_service import InvoiceService
from interlock.domains.firm.services.business_service import business_of
from interlock.rails.ports import SyncsLedger
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument, Shows
from interlock.runway.services.data_orchestrators.findings import Findings
from interlock.runway.services.views import BusinessView, Instant, SyncStatus, TiedView, View


class DecisionData(View):
    """Open bills are ready or blocked; open invoices are ready (overdue, to chase), blocked (overdue, and why) or not due.

    Documents come by due date; those without one last.
    """

    business: BusinessView
    as_of: Instant
    today: date
    bills_ready: tuple[DecisionDocument, ...]
    invoices_ready: tuple[DecisionDocument, ...]
    bills_blocked: tuple[DecisionDocument, ...]
    invoices_blocked: tuple[DecisionDocument, ...]
    invoices_not_due: tuple[DecisionDocument, ...]
    sync_status: SyncStatus
    tied: TiedView


class DecisionConsoleDataOrchestrator:
    """Decisions of one business, from the mirror."""

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

    def get_decision_data(self) -> DecisionData:
        bills = self._bills()
        invoices = self._invoices()
        overdue = {invoice.id for invoice in self.invoice_service.get_overdue_invoices()}
        return DecisionData(
            business=BusinessView.of(self.business),
            as_of=self._now,
            today=self._shows.today,
            bills_ready=tuple(bill for bill in bills if bill.blocked is None),
            bills_blocked=tuple(bill for bill in bills if bill.blocked is not None),
            invoices_ready=tuple(each for each in invoices if each.id in overdue and each.blocked is None),
            invoices_blocked=tuple(each for each in invoices if each.id in overdue and each.blocked is not None),
            invoices_not_due=tuple(each for each in invoices if each.id not in overdue),
            sync_status=SyncStatus.of(self.qbo_sync.freshness()),
            tied=self._tied,
        )

    def _bills(self) -> list[DecisionDocument]:
        annotations, about = self.bill_service.annotations(), self._findings.about("bill")
        blocked = self.bill_service.get_blocked_bills()
        return [
            self._shows.for_decision(
                self._shows.bill(bill, annotations.get(bill.id)), about.get(bill.id, ()), blocked.get(bill.id)
            )
            for bill in self.bill_service.get_open_bills()
        ]

    def _invoices(self) -> list[DecisionDocument]:
        annotations, about = self.invoice_service.annotations(), self._findings.about("invoice")
        blocked = self.invoice_service.get_blocked_invoices()
        return [
            self._shows.for_decision(
                self._shows.invoice(invoice, annotations.get(invoice.id)),
                about.get(invoice.id, ()),
                blocked.get(invoice.id),
            )
            for invoice in self.invoice_service.get_open_invoices()
        ]
