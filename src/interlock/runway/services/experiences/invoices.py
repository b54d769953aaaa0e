"""Invoices: the list, one whole, and what people write about it. Nothing here sends or collects."""

from datetime import date, datetime

from interlock.domains.ar.services.invoice_service import InvoiceService
from interlock.domains.firm.annotations import Annotation
from interlock.domains.firm.models import Business
from interlock.runway.services.data_orchestrators.document_detail import (
    DocumentDetail,
    Lineage,
    LineView,
    LinkedDocument,
)
from interlock.runway.services.data_orchestrators.document_list import (
    PAGE_ROWS,
    DocumentList,
    Wanted,
    Which,
    within_bounds,
)
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument, Shows
from interlock.runway.services.data_orchestrators.findings import Findings
from interlock.runway.services.data_orchestrators.seen_on import SeenOn, SeenOnReader
from interlock.runway.services.views import BusinessView, Instant, SyncStatus, TiedView, Total, View

_SHOWN = "Open balances of the invoices shown."


class InvoicesExperience(View):
    """A page of invoices; ``count`` is of all that were asked for, ``open`` sums the page. ``next_offset``: the page after."""

    business: BusinessView
    which: Which
    count: int
    invoices: tuple[DecisionDocument, ...]
    open: Total
    next_offset: int | None
    sync_status: SyncStatus
    tied: TiedView


class InvoiceExperience(View):
    """One invoice. ``written_by`` and ``written_at`` say who last annotated it."""

    business: BusinessView
    invoice: DecisionDocument
    lines: tuple[LineView, ...]
    linked: tuple[LinkedDocument, ...]
    seen_on: SeenOn
    written_by: str | None
    written_at: Instant | None
    lineage: Lineage
    sync_status: SyncStatus


class InvoicesService:
    """Invoices of one business, as shown."""

    def __init__(
        self,
        business: Business,
        invoice_service: InvoiceService,
        *,
        documents: DocumentList,
        detail: DocumentDetail,
        findings: Findings,
        shows: Shows,
        tied: TiedView,
        now: datetime,
    ) -> None:
        self._business = business
        self._invoice_service = invoice_service
        self._documents = documents
        self._detail = detail
        self._findings = findings
        self._shows = shows
        self._tied = tied
        self._now = now

    def get_invoices_experience(
        self,
        which: Which = "open",
        *,
        customer: str | None = None,
        due_from: date | None = None,
        due_to: date | None = None,
        offset: int = 0,
        most: int = PAGE_ROWS,
    ) -> InvoicesExperience:
        """Open ones by due date, others newest first; at most 1,000 a page."""
        offset, most = within_bounds(offset, most)
        rows, count = self._documents.invoices(Wanted(which, customer, due_from, due_to), offset, most)
        annotations, about = self._invoice_service.annotations(), self._findings.about("invoice")
        blocked = self._invoice_service.get_blocked_invoices()
        invoices = tuple(
            self._shows.for_decision(
                self._shows.invoice(row, annotations.get(row.id)),
                about.get(row.id, ()),
                blocked.get(row.id) if row.balance_minor else None,
            )
            for row in rows
        )
        return InvoicesExperience(
            business=BusinessView.of(self._business),
            which=which,
            count=count,
            invoices=invoices,
            open=Total.of((row.balance for row in rows), self._business.home_currency, _SHOWN, "invoices"),
            next_offset=offset + len(rows) if offset + len(rows) < count else None,
            sync_status=SyncStatus.of(self._invoice_service.qbo_sync.freshness()),
            tied=self._tied,
        )

    def get_invoice_experience(self, invoice_id: str) -> InvoiceExperience:
        """``NotFound`` for one that is not in these books or was deleted."""
        row = self._invoice_service.get_invoice(invoice_id)
        annotation = self._invoice_service.annotations().get(invoice_id)
        return InvoiceExperience(
            business=BusinessView.of(self._business),
            invoice=self._shows.for_decision(
                self._shows.invoice(row, annotation),
                self._findings.about("invoice").get(invoice_id, ()),
                self._invoice_service.get_blocked_invoices().get(invoice_id) if row.balance_minor else None,
            ),
            lines=self._detail.lines("invoice", row),
            linked=self._detail.linked("invoice", row),
            seen_on=SeenOnReader(self._invoice_service.db, self._business.business_id).invoice(
                row, self._invoice_service.seen_at_rail(invoice_id)
            ),
            written_by=annotation.changed_by if annotation else None,
            written_at=annotation.changed_at if annotation else None,
            lineage=self._detail.lineage("invoice", invoice_id),
            sync_status=SyncStatus.of(self._invoice_service.qbo_sync.freshness()),
        )

    def annotate(self, invoice_id: str, change: Annotation, *, actor: str) -> DecisionDocument:
        """Change note, category or hold; answers the invoice as it stands then. The ledger is not touched."""
        annotation = self._invoice_service.annotate(invoice_id, change, now=self._now, actor=actor)
        row = self._invoice_service.get_invoice(invoice_id)
        return self._shows.for_decision(
            self._shows.invoice(row, annotation),
            self._findings.about("invoice").get(invoice_id, ()),
            self._invoice_service.get_blocked_invoices().get(invoice_id) if row.balance_minor else None,
        )
