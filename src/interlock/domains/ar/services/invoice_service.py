"""Invoices: what the ledger says of them, what is ours about them, and which are ready to chase. Nothing here collects."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.models import Invoice, InvoiceAnnotation
from interlock.domains.ar.ports import BlocksInvoices
from interlock.domains.ar.witness_models import InvoiceLink, RailInvoice
from interlock.domains.firm.annotations import Annotation, hold_in_words, in_log, is_held
from interlock.domains.firm.services.business_service import business_of
from interlock.infra import translog
from interlock.kernel.errors import NotFound
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED
from interlock.rails.ports import LedgerAnswer, SyncsLedger


class InvoiceService:
    """Invoices of one business, within the session's transaction. ``today`` is the client's own date."""

    def __init__(
        self,
        db: Session,
        business_id: str,
        *,
        qbo_sync: SyncsLedger,
        today: date,
        findings: BlocksInvoices | None = None,
    ) -> None:
        self.db = db
        self.business_id = business_id
        self.qbo_sync = qbo_sync
        self._today = today
        self._findings = findings

    def get_invoice(self, invoice_id: str) -> Invoice:
        """One standing invoice; ``NotFound`` otherwise."""
        found = self.db.get(Invoice, (self.business_id, invoice_id))
        if found is None or found.buried_at is not None:
            raise NotFound(f"There is no invoice {invoice_id!r} in these books.")
        return found

    def get_open_invoices(self) -> Sequence[Invoice]:
        """Invoices with a balance, by due date; those without one last."""
        query = select(Invoice).where(
            Invoice.business_id == self.business_id, Invoice.buried_at.is_(None), Invoice.balance_minor != 0
        )
        return self.db.scalars(query.order_by(Invoice.due.is_(None), Invoice.due, Invoice.id)).all()

    def get_overdue_invoices(self) -> Sequence[Invoice]:
        """Open and due before today; one without a due date counts as due on its own date."""
        return [invoice for invoice in self.get_open_invoices() if (invoice.due or invoice.dated) < self._today]

    def get_invoices_by_customer(self, customer_name: str) -> Sequence[Invoice]:
        """All standing invoices of the customer so named, newest first."""
        query = select(Invoice).where(
            Invoice.business_id == self.business_id, Invoice.buried_at.is_(None), Invoice.customer_name == customer_name
        )
        return self.db.scalars(query.order_by(Invoice.dated.desc(), Invoice.id)).all()

    def get_invoices_ready_for_decision(self) -> Sequence[Invoice]:
        """Ready to chase: overdue, not held, and without a finding that makes the amount or the address wrong."""
        blocked = self.get_blocked_invoices()
        return [invoice for invoice in self.get_overdue_invoices() if invoice.id not in blocked]

    def get_blocked_invoices(self) -> Mapping[str, str]:
        """Open invoices that should not be chased, and why, in words."""
        blocked = dict(self._findings.blocked_invoices()) if self._findings else {}
        for invoice_id, annotation in self.annotations().items():
            if is_held(annotation, self._today):
                blocked[invoice_id] = hold_in_words(annotation)
        return blocked

    def seen_at_rail(self, invoice_id: str) -> Sequence[tuple[RailInvoice, InvoiceLink]]:
        """The same invoice at the collecting rail, by its links; more than one is a thing to look at."""
        on = (InvoiceLink.business_id == RailInvoice.business_id) & (InvoiceLink.rail_id == RailInvoice.id)
        query = (
            select(RailInvoice, InvoiceLink)
            .join(InvoiceLink, on)
            .where(
                InvoiceLink.business_id == self.business_id,
                InvoiceLink.ledger_id == invoice_id,
                InvoiceLink.state == LINKED,
                RailInvoice.buried_at.is_(None),
            )
        )
        return [(row.RailInvoice, row.InvoiceLink) for row in self.db.execute(query.order_by(RailInvoice.id))]

    def annotations(self) -> dict[str, InvoiceAnnotation]:
        """What is ours about invoices, by invoice id."""
        query = select(InvoiceAnnotation).where(InvoiceAnnotation.business_id == self.business_id)
        return {annotation.invoice_id: annotation for annotation in self.db.scalars(query)}

    def annotate(self, invoice_id: str, change: Annotation, *, now: datetime, actor: str) -> InvoiceAnnotation:
        """Change note, category or hold, with its log line; the ledger is not touched."""
        self.get_invoice(invoice_id)
        changes = change.changes()
        annotation = self.db.get(InvoiceAnnotation, (self.business_id, invoice_id))
        scope = Scope(business_of(self.db, self.business_id).firm_id, self.business_id)
        if annotation is None:
            annotation = InvoiceAnnotation(firm_id=scope.firm_id, business_id=self.business_id, invoice_id=invoice_id)
            self.db.add(annotation)
        for field, value in changes.items():
            setattr(annotation, field, value)
        annotation.changed_by, annotation.changed_at = actor, now
        self.db.flush()
        body = {"invoice_id": invoice_id, "changes": in_log(changes)}
        translog.append(self.db, scope, now=now, actor=actor, action="invoice.annotated", body=body)
        return annotation

    def sync_invoices_from_qbo(self) -> LedgerAnswer:
        """Bring the mirror up to date, then answer from it."""
        self.qbo_sync.sync()
        return self.qbo_sync.get_invoices()
