"""Bills: the list, one whole, and what people write about it. Nothing here approves or pays."""

from datetime import date, datetime

from interlock.domains.ap.services.bill_service import BillService
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

_SHOWN = "Open balances of the bills shown."


class BillsExperience(View):
    """A page of bills; ``count`` is of all that were asked for, ``open`` sums the page. ``next_offset``: the page after."""

    business: BusinessView
    which: Which
    count: int
    bills: tuple[DecisionDocument, ...]
    open: Total
    next_offset: int | None
    sync_status: SyncStatus
    tied: TiedView


class BillExperience(View):
    """One bill. ``written_by`` and ``written_at`` say who last annotated it."""

    business: BusinessView
    bill: DecisionDocument
    lines: tuple[LineView, ...]
    linked: tuple[LinkedDocument, ...]
    seen_on: SeenOn
    written_by: str | None
    written_at: Instant | None
    lineage: Lineage
    sync_status: SyncStatus


class BillsService:
    """Bills of one business, as shown."""

    def __init__(
        self,
        business: Business,
        bill_service: BillService,
        *,
        documents: DocumentList,
        detail: DocumentDetail,
        findings: Findings,
        shows: Shows,
        tied: TiedView,
        now: datetime,
    ) -> None:
        self._business = business
        self._bill_service = bill_service
        self._documents = documents
        self._detail = detail
        self._findings = findings
        self._shows = shows
        self._tied = tied
        self._now = now

    def get_bills_experience(
        self,
        which: Which = "open",
        *,
        vendor: str | None = None,
        due_from: date | None = None,
        due_to: date | None = None,
        offset: int = 0,
        most: int = PAGE_ROWS,
    ) -> BillsExperience:
        """Open ones by due date, others newest first; at most 1,000 a page."""
        offset, most = within_bounds(offset, most)
        rows, count = self._documents.bills(Wanted(which, vendor, due_from, due_to), offset, most)
        annotations, about = self._bill_service.annotations(), self._findings.about("bill")
        blocked = self._bill_service.get_blocked_bills()
        bills = tuple(
            self._shows.for_decision(
                self._shows.bill(row, annotations.get(row.id)),
                about.get(row.id, ()),
                blocked.get(row.id) if row.balance_minor else None,
            )
            for row in rows
        )
        return BillsExperience(
            business=BusinessView.of(self._business),
            which=which,
            count=count,
            bills=bills,
            open=Total.of((row.balance for row in rows), self._business.home_currency, _SHOWN, "bills"),
            next_offset=offset + len(rows) if offset + len(rows) < count else None,
            sync_status=SyncStatus.of(self._bill_service.qbo_sync.freshness()),
            tied=self._tied,
        )

    def get_bill_experience(self, bill_id: str) -> BillExperience:
        """``NotFound`` for one that is not in these books or was deleted."""
        row = self._bill_service.get_bill(bill_id)
        annotation = self._bill_service.annotations().get(bill_id)
        return BillExperience(
            business=BusinessView.of(self._business),
            bill=self._shows.for_decision(
                self._shows.bill(row, annotation),
                self._findings.about("bill").get(bill_id, ()),
                self._bill_service.get_blocked_bills().get(bill_id) if row.balance_minor else None,
            ),
            lines=self._detail.lines("bill", row),
            linked=self._detail.linked("bill", row),
            seen_on=SeenOnReader(self._bill_service.db, self._business.business_id).bill(
                row, self._bill_service.seen_at_rail(bill_id)
            ),
            written_by=annotation.changed_by if annotation else None,
            written_at=annotation.changed_at if annotation else None,
            lineage=self._detail.lineage("bill", bill_id),
            sync_status=SyncStatus.of(self._bill_service.qbo_sync.freshness()),
        )

    def annotate(self, bill_id: str, change: Annotation, *, actor: str) -> DecisionDocument:
        """Change note, category or hold; answers the bill as it stands then. The ledger is not touched."""
        annotation = self._bill_service.annotate(bill_id, change, now=self._now, actor=actor)
        row = self._bill_service.get_bill(bill_id)
        return self._shows.for_decision(
            self._shows.bill(row, annotation),
            self._findings.about("bill").get(bill_id, ()),
            self._bill_service.get_blocked_bills().get(bill_id) if row.balance_minor else None,
        )
