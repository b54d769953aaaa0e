"""What can be decided now, and what can't and why: bills to pay, invoices to chase. Nothing here decides or pays."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from interlock.domains.ap.models import BillAnnotation
from interlock.domains.ap.services.bill_service import BillService
from interlock.domains.ar.services.invoice_service import InvoiceService
from interlock.domains.firm.services.business_service import business_of
from interlock.rails.ports import SyncsLedger
from interlock.runway.services.data_orchestrators.console_rows import (
    ConsoleBill,
    ConsoleRows,
    Decided,
    OpenBill,
    RowsInFull,
)
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument, Shows
from interlock.runway.services.data_orchestrators.findings import Findings
from interlock.runway.services.data_orchestrators.payment_rows import PaymentRows
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


class Receivables(View):
    """Open invoices: overdue ones to chase, overdue ones that can't be and why, and what isn't due yet."""

    ready: tuple[DecisionDocument, ...]
    blocked: tuple[DecisionDocument, ...]
    not_due: tuple[DecisionDocument, ...]


class OpenBills(Struct, frozen=True):
    """All open bills in short, what stops each, what people wrote and decided about them; nothing in full yet."""

    bills: tuple[OpenBill, ...]
    blocked: Mapping[str, str]
    annotations: Mapping[str, BillAnnotation]
    decided: Decided


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

    @property
    def as_of(self) -> datetime:
        return self._now

    @property
    def today(self) -> date:
        return self._shows.today

    @property
    def sync_status(self) -> SyncStatus:
        return SyncStatus.of(self.qbo_sync.freshness())

    @property
    def tied(self) -> TiedView:
        return self._tied

    def get_open_bills(self) -> OpenBills:
        """Every open bill in short: thousands of them cost little."""
        rows = self._rows
        return OpenBills(
            bills=tuple(rows.open_bills()),
            blocked=self.bill_service.get_blocked_bills(),
            annotations=self.bill_service.annotations(),
            decided=rows.decided(),
        )

    def in_full(
        self, shown: OpenBills, wanted: Sequence[tuple[str, date | None, str | None]]
    ) -> dict[str, ConsoleBill]:
        """The bills named, each with its pay run and what makes it essential, as rows of the console."""
        rows = self._rows
        making = RowsInFull(
            self._shows,
            shown.decided,
            annotations=shown.annotations,
            blocked=shown.blocked,
            about=self._findings.about("bill"),
            credits=rows.open_credits(),
            payments=self._payments.of_bills([bill_id for bill_id, _, _ in wanted]),
        )
        whole = rows.whole([bill_id for bill_id, _, _ in wanted])
        return {
            bill_id: making.of(whole[bill_id], run, must_pay) for bill_id, run, must_pay in wanted if bill_id in whole
        }

    def get_receivables(self) -> Receivables:
        invoices = self._invoices()
        overdue = {invoice.id for invoice in self.invoice_service.get_overdue_invoices()}
        return Receivables(
            ready=tuple(each for each in invoices if each.id in overdue and each.blocked is None),
            blocked=tuple(each for each in invoices if each.id in overdue and each.blocked is not None),
            not_due=tuple(each for each in invoices if each.id not in overdue),
        )

    def get_decision_data(self) -> DecisionData:
        bills = self._bills()
        receivables = self.get_receivables()
        return DecisionData(
            business=BusinessView.of(self.business),
            as_of=self._now,
            today=self._shows.today,
            bills_ready=tuple(bill for bill in bills if bill.blocked is None),
            bills_blocked=tuple(bill for bill in bills if bill.blocked is not None),
            invoices_ready=receivables.ready,
            invoices_blocked=receivables.blocked,
            invoices_not_due=receivables.not_due,
            sync_status=self.sync_status,
            tied=self._tied,
        )

    @property
    def _payments(self) -> PaymentRows:
        return PaymentRows(self.db, self.business, links=self._shows.links, now=self._now)

    @property
    def _rows(self) -> ConsoleRows:
        return ConsoleRows(self.db, self.business, self._now)

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
