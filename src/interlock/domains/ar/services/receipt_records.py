"""Payments that the rail collected, to be written down in the ledger once: which, what speaks against it, what became of it.

Nothing here calls a ledger (``ar.workflows.receipt_work`` does). A payment that the ledger may show already, under whatever name
somebody gave it, is never written down beside it without a person's word.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import ReceiptRecord
from interlock.domains.ar.models import CustomerPayment, Invoice, ReceivableLink
from interlock.domains.ar.services.collecting_setup import LEDGER, CollectingSetupService
from interlock.domains.ar.witness_models import Charge, Dispute, InvoiceLink, InvoiceReceipt, RailInvoice
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.deciding_lock import take_decision_lock
from interlock.domains.firm.models import Business
from interlock.domains.firm.segregation import Facts, refusal
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.infra import translog
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.kernel.errors import NotFound, Refused
from interlock.kernel.ids import new_id
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.rails.connections import sync_state
from interlock.rails.identity import LINKED

DUE, RECORDING, RECORDED, FOUND = "due", "recording", "recorded", "found"
REFUSED, UNKNOWN, WITHDRAWN = "refused", "unknown", "withdrawn"
AT_A_PERSON = (REFUSED, UNKNOWN)
RECORD = "record"
RECORDS_A_RUN = 500
_EARLIER_DAYS = 5
"""Before the rail's own day of a payment: people also enter what they see coming."""
_ACTOR = "recording"
_PAID = "paid"
_KEPT = frozenset({"won", "warning_closed", "prevented"})
"""Disputes that took nothing in the end."""

Says = Literal["again", "enter_anyway", "leave"]


class Against(Struct, frozen=True):
    """Why a payment is not written down now. ``state``: what it is then; ``payment_id``: the ledger's payment that it is."""

    state: str
    why: str
    payment_id: str | None = None


def plan_records(db: Session, business: Business, now: datetime) -> int:
    """Take up payments that are to be written down, where the business lets us; how many. After every sync, under the lock.

    Only of invoices that the ledger still shows open: what is settled there has been written down by whoever keeps the books. And
    only what the rail collected before the ledger was last read: what people entered meanwhile is then known.
    """
    setup = CollectingSetupService(db, business).setup()
    scope = Scope(business.firm_id, business.business_id)
    read = sync_state(db, scope, LEDGER).last_sync
    if not setup.ready or setup.clearing_account_id is None or read is None:
        return 0
    take_decision_lock(db, business.business_id)
    known = select(ReceiptRecord.receipt_id).where(ReceiptRecord.business_id == business.business_id)
    query = (
        _collected(business.business_id)
        .where(InvoiceReceipt.id.not_in(known), InvoiceReceipt.paid_at < read, Invoice.balance_minor > 0)
        .order_by(InvoiceReceipt.paid_at, InvoiceReceipt.id)
        .limit(RECORDS_A_RUN)
    )
    entries = []
    for receipt, invoice in db.execute(query).all():
        if invoice.customer_id is None or receipt.paid_at is None:
            continue  # a receipt without its day, or an invoice of nobody, can't be entered by anyone but a person
        row = ReceiptRecord(
            firm_id=business.firm_id,
            business_id=business.business_id,
            record_id=new_id("rec", now),
            receipt_id=receipt.id,
            invoice_id=invoice.id,
            customer_id=invoice.customer_id,
            account_id=setup.clearing_account_id,
            amount_minor=receipt.paid_minor,
            currency=receipt.currency,
            dated=local_date(receipt.paid_at, business.time_zone),
            state=DUE,
            todo=RECORD,
            due_at=now,
            attempt=0,
            made_at=now,
            changed_at=now,
        )
        db.add(row)
        entries.append(("receipt.due", said_of(row)))
    if entries:
        db.flush()
        translog.append_many(db, scope, now=now, actor=_ACTOR, entries=entries)
    return len(entries)


def against_record(db: Session, business: Business, row: ReceiptRecord) -> Against | None:
    """What speaks against writing it down at this moment, by the mirror; to be called under the lock.

    One that was begun may stand in the ledger already: then only what people entered beside it speaks against it.
    """
    begun = row.state in (RECORDING, UNKNOWN)
    if not begun and not CollectingSetupService(db, business).setup().records:
        return Against(REFUSED, "Recording is switched off for this client.")
    found = db.execute(_collected(business.business_id).where(InvoiceReceipt.id == row.receipt_id)).first()
    if found is None:
        gone = "Stripe no longer shows this payment as paid, or its invoice is gone from the books."
        return None if begun else Against(WITHDRAWN, gone)
    receipt, invoice = found
    return (None if begun else _against_receipt(db, business, row, receipt)) or _against_ledger(db, row, invoice)


def _against_receipt(db: Session, business: Business, row: ReceiptRecord, receipt: InvoiceReceipt) -> Against | None:
    """By what the rail says."""
    if (receipt.paid_minor, receipt.currency) != (row.amount_minor, row.currency):
        return Against(WITHDRAWN, "Stripe shows another amount of this payment now.")
    if row.currency != business.home_currency:
        return Against(REFUSED, f"A payment in {row.currency} is entered by a person, who knows its rate.")
    back = _taken_back(db, receipt)
    return None if back is None else Against(REFUSED, back)


def _against_ledger(db: Session, row: ReceiptRecord, invoice: Invoice) -> Against | None:
    """By what the ledger shows. Ours among it is found by its key when the ledger itself is asked."""
    seen = _of_the_ledger(db, row)
    if any(row.record_id in (each.note or "") for each in seen):
        return None
    if row.insisted_by is None and seen:
        same = next((each for each in seen if each.total_minor == row.amount_minor), None)
        if same is not None and invoice.balance_minor < row.amount_minor:
            return Against(FOUND, f"QuickBooks shows it as payment {same.number or same.id}.", same.id)
        amounts = ", ".join(str(Money(each.total_minor, each.currency)) for each in seen)
        return Against(
            REFUSED,
            f"QuickBooks shows {amounts} on this invoice that Interlock didn’t write down: it may be this very payment. "
            "Say that this one is to be entered all the same, or leave it.",
        )
    if invoice.balance_minor < row.amount_minor:
        left = Money(invoice.balance_minor, invoice.currency)
        return Against(REFUSED, f"QuickBooks shows {left} open on the invoice, less than was paid.")
    return None


class ReceiptRecordService:
    """Records of one business, and a person's word on one."""

    def __init__(self, db: Session, business: Business) -> None:
        self._db = db
        self._business = business

    def find(self, record_id: str) -> ReceiptRecord:
        """One record; ``NotFound`` otherwise."""
        found = self._db.get(ReceiptRecord, (self._business.business_id, record_id))
        if found is None:
            raise NotFound(f"There is no payment {record_id!r} to be written down here.")
        return found

    def of_receipts(self, receipt_ids: Sequence[str]) -> Mapping[str, ReceiptRecord]:
        """By the rail's receipt."""
        query = select(ReceiptRecord).where(
            ReceiptRecord.business_id == self._business.business_id,
            among(self._db, ReceiptRecord.receipt_id, sorted(set(receipt_ids))),
        )
        return {each.receipt_id: each for each in self._db.scalars(query)} if receipt_ids else {}

    def latest(self, most: int) -> Sequence[tuple[ReceiptRecord, Invoice | None]]:
        """Those that wait for a person first, then the latest; each with the ledger's invoice."""
        here = (Invoice.business_id == ReceiptRecord.business_id) & (Invoice.id == ReceiptRecord.invoice_id)
        query = (
            select(ReceiptRecord, Invoice)
            .outerjoin(Invoice, here)
            .where(ReceiptRecord.business_id == self._business.business_id)
            .order_by(ReceiptRecord.state.not_in(AT_A_PERSON), ReceiptRecord.changed_at.desc(), ReceiptRecord.record_id)
        )
        return [(row, invoice) for row, invoice in self._db.execute(query.limit(most))]

    def not_taken_up(self, most: int) -> Sequence[tuple[InvoiceReceipt, Invoice]]:
        """What the rail collected on invoices that the ledger shows open, and that is not taken up here; the oldest first."""
        known = select(ReceiptRecord.receipt_id).where(ReceiptRecord.business_id == self._business.business_id)
        query = _collected(self._business.business_id).where(InvoiceReceipt.id.not_in(known), Invoice.balance_minor > 0)
        rows = self._db.execute(query.order_by(InvoiceReceipt.paid_at, InvoiceReceipt.id).limit(most))
        return [(receipt, invoice) for receipt, invoice in rows]

    def say(self, record_id: str, says: Says, *, by: Acting, now: datetime) -> ReceiptRecord:
        """Try it again; enter it beside what the ledger shows; or leave it to people from here on. One line in the log.

        ``Refused`` for who may not propose here, and where it doesn't wait for a person.
        """
        take_decision_lock(self._db, self._business.business_id)
        row = self.find(record_id)
        policy = PolicyService(self._db, self._business.firm_id).in_force(self._business).policy
        said = refusal("propose", by, policy, Facts(now=now))
        if said is not None:
            raise Refused(said)
        if row.state not in AT_A_PERSON:
            raise Refused(f"This payment is {row.state}; only one that waits for a person can be decided on.")
        if says == "leave" and row.state == UNKNOWN:
            raise Refused("Whether it stands in QuickBooks isn't known yet; look there, or have it tried again first.")
        row.why, row.changed_at = None, now
        if says == "leave":
            row.state, row.todo, row.due_at, row.why = WITHDRAWN, None, None, f"Left to people by {by.name}."
        else:
            row.state, row.todo, row.due_at = DUE, RECORD, now
            row.attempt += 1
            row.insisted_by = by.person_id if says == "enter_anyway" else row.insisted_by
        tell(self._db, row, f"receipt.{says}", now=now, actor=by.actor)
        return row


def tell(db: Session, row: ReceiptRecord, action: str, *, now: datetime, actor: str) -> None:
    """One line in the business's log, last in the transaction."""
    db.flush()
    translog.append(db, Scope(row.firm_id, row.business_id), now=now, actor=actor, action=action, body=said_of(row))


def said_of(row: ReceiptRecord) -> dict[str, Any]:
    said = {
        "record": row.record_id,
        "receipt": row.receipt_id,
        "invoice": row.invoice_id,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "dated": row.dated.isoformat(),
        "account": row.account_id,
        "state": row.state,
    }
    more = {"payment": row.ledger_payment_id, "why": row.why, "insisted_by": row.insisted_by}
    return {**said, **{name: value for name, value in more.items() if value is not None}}


def _collected(business_id: str) -> Any:
    """Money that the rail itself collected for an invoice of the ledger that is decided and stands: receipt and invoice.

    What was only marked as paid there has neither a charge nor a payment.
    """
    link = (
        (InvoiceLink.business_id == InvoiceReceipt.business_id)
        & (InvoiceLink.rail_id == InvoiceReceipt.invoice_id)
        & (InvoiceLink.state == LINKED)
    )
    there = (RailInvoice.business_id == InvoiceReceipt.business_id) & (RailInvoice.id == InvoiceReceipt.invoice_id)
    here = (Invoice.business_id == InvoiceLink.business_id) & (Invoice.id == InvoiceLink.ledger_id)
    return (
        select(InvoiceReceipt, Invoice)
        .join(InvoiceLink, link)
        .join(RailInvoice, there)
        .join(Invoice, here)
        .where(
            InvoiceReceipt.business_id == business_id,
            InvoiceReceipt.buried_at.is_(None),
            InvoiceReceipt.state == _PAID,
            InvoiceReceipt.paid_minor > 0,
            or_(InvoiceReceipt.charge_id.is_not(None), InvoiceReceipt.payment_id.is_not(None)),
            RailInvoice.paid_out_of_band.is_(False),
            Invoice.buried_at.is_(None),
            Invoice.voided.is_(False),
        )
    )


def _taken_back(db: Session, receipt: InvoiceReceipt) -> str | None:
    """In words, that the money behind a receipt is being given or fetched back."""
    of_charge = (Charge.id == receipt.charge_id) | (Charge.payment_id == receipt.payment_id)
    query = select(Charge).where(Charge.business_id == receipt.business_id, Charge.buried_at.is_(None), of_charge)
    charges = db.scalars(query.order_by(Charge.id)).all()
    if any(each.refunded_minor for each in charges):
        return "Stripe gave this payment back, in part or whole; enter in QuickBooks what is left of it."
    ids = [each.id for each in charges]
    disputes = select(Dispute.state).where(
        Dispute.business_id == receipt.business_id, Dispute.buried_at.is_(None), among(db, Dispute.charge_id, ids)
    )
    if ids and set(db.scalars(disputes)) - _KEPT:
        return "The customer’s bank disputes this payment; enter it in QuickBooks once that is decided."
    return None


def _of_the_ledger(db: Session, row: ReceiptRecord) -> list[CustomerPayment]:
    """Payments that the ledger shows on the invoice since shortly before the rail's, and that are no other record's."""
    on = (CustomerPayment.business_id == ReceivableLink.business_id) & (
        CustomerPayment.id == ReceivableLink.document_id
    )
    others = select(ReceiptRecord.ledger_payment_id).where(
        ReceiptRecord.business_id == row.business_id,
        ReceiptRecord.record_id != row.record_id,
        ReceiptRecord.ledger_payment_id.is_not(None),
    )
    query = (
        select(CustomerPayment)
        .join(ReceivableLink, on)
        .where(
            ReceivableLink.business_id == row.business_id,
            ReceivableLink.document_kind == "payment",
            ReceivableLink.linked_kind == "invoice",
            ReceivableLink.linked_id == row.invoice_id,
            CustomerPayment.buried_at.is_(None),
            CustomerPayment.voided.is_(False),
            CustomerPayment.dated >= row.dated - timedelta(days=_EARLIER_DAYS),
            CustomerPayment.id.not_in(others),
        )
        .distinct()
    )
    return sorted(db.scalars(query), key=lambda each: each.id)
