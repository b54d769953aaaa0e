"""What the collecting rail says of the ledger's invoices: what it asks for, what it took, and what of that the ledger shows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import CollectionOrder, ReceiptRecord
from interlock.domains.ar.models import CustomerPayment, ReceivableLink
from interlock.domains.ar.witness_models import Charge, Dispute, InvoiceLink, InvoiceReceipt, RailInvoice
from interlock.infra.db.bulk import among
from interlock.rails.identity import LINKED

EARLIER_DAYS = 5
"""Before the rail's own day of a payment: people also enter what they see coming."""
_PAID, _OPEN, _PENDING = "paid", "open", "pending"
_OURS_THERE = ("committed", "unknown", "standing")
DECIDED_FOR_US = frozenset({"won", "warning_closed", "prevented"})


class Taken(Struct, frozen=True):
    """One payment of one invoice at the rail. ``gross_minor``: as the customer paid it; ``back_minor``: given back since;

    ``pending``: on its way and may still fail; ``disputed``: the customer's bank fetches it back, or may.
    """

    receipt_id: str
    currency: str
    gross_minor: int
    back_minor: int
    dated: date | None
    pending: bool
    disputed: bool


class Shown(Struct, frozen=True):
    """A payment as the ledger has it applied to an invoice."""

    payment_id: str
    applied_minor: int
    dated: date


class AtRail(Struct):
    """All that bears on one invoice of the ledger."""

    invoices: list[RailInvoice]
    taken: list[Taken]
    shown: list[Shown]
    recorded: dict[str, str]
    """Receipts that were written down, each with the ledger's payment."""
    ordered: list[CollectionOrder]
    """Invoices that we had made there and that weren't read back yet."""


def at_rail(
    db: Session, business_id: str, invoice_ids: Sequence[str], *, apart_from: str | None = None
) -> Mapping[str, AtRail]:
    """By the ledger's invoice id, for each of ``invoice_ids``. A fixed number of queries, each by an index.

    ``apart_from``: an order of ours that is left out with what it made there.
    """
    ids = sorted(set(invoice_ids))
    found = {id_: AtRail([], [], [], {}, []) for id_ in ids}
    if not ids:
        return found
    owner: dict[str, str] = {}
    read: set[str | None] = set()
    for rail, ledger_id in _invoices(db, business_id, ids):
        read |= {rail.id, rail.order_key}
        if rail.buried_at is None and (apart_from is None or rail.order_key != apart_from):
            found[ledger_id].invoices.append(rail)
            owner[rail.id] = ledger_id
    for invoice_id, taken in _taken(db, business_id, sorted(owner)):
        found[owner[invoice_id]].taken.append(taken)
    for ledger_id, shown in _shown(db, business_id, ids):
        found[ledger_id].shown.append(shown)
    records = select(ReceiptRecord).where(
        ReceiptRecord.business_id == business_id,
        among(db, ReceiptRecord.invoice_id, ids),
        ReceiptRecord.ledger_payment_id.is_not(None),
    )
    for record in db.scalars(records):
        found[record.invoice_id].recorded[record.receipt_id] = record.ledger_payment_id or ""
    orders = select(CollectionOrder).where(
        CollectionOrder.business_id == business_id,
        among(db, CollectionOrder.invoice_id, ids),
        CollectionOrder.act == "invoice",
        CollectionOrder.state.in_(_OURS_THERE),
        CollectionOrder.order_id != (apart_from or ""),
    )
    for order in db.scalars(orders.order_by(CollectionOrder.order_id)):
        if order.order_id not in read and (order.rail_id is None or order.rail_id not in read):
            found[order.invoice_id or ""].ordered.append(order)
    return found


def _invoices(db: Session, business_id: str, ids: Sequence[str]) -> list[tuple[RailInvoice, str]]:
    """Invoices of the rail with the ledger's they are: linked, or claiming it where nobody decided on the pair. Gone ones too."""
    pairs = select(InvoiceLink.rail_id, InvoiceLink.ledger_id, InvoiceLink.state).where(
        InvoiceLink.business_id == business_id, among(db, InvoiceLink.ledger_id, ids)
    )
    decided: dict[str, dict[str, str]] = defaultdict(dict)
    for rail_id, ledger_id, state in db.execute(pairs):
        decided[rail_id][ledger_id] = state
    linked = {rail_id for rail_id, states in decided.items() if LINKED in states.values()}
    query = select(RailInvoice).where(
        RailInvoice.business_id == business_id,
        or_(among(db, RailInvoice.id, sorted(linked)), among(db, RailInvoice.ledger_id, ids)),
    )
    wanted, found = set(ids), []
    for each in db.scalars(query.order_by(RailInvoice.id)):
        states = decided.get(each.id, {})
        by_link = next((ledger_id for ledger_id, state in sorted(states.items()) if state == LINKED), None)
        claimed = each.ledger_id if each.ledger_id in wanted and each.ledger_id not in states else None
        belongs = by_link or claimed
        if belongs is not None:
            found.append((each, belongs))
    return found


def _taken(db: Session, business_id: str, rail_ids: Sequence[str]) -> list[tuple[str, Taken]]:
    """Payments of the rail's invoices that have money behind them, paid or on their way, each with its invoice."""
    if not rail_ids:
        return []
    query = select(InvoiceReceipt).where(
        InvoiceReceipt.business_id == business_id,
        InvoiceReceipt.buried_at.is_(None),
        among(db, InvoiceReceipt.invoice_id, rail_ids),
        InvoiceReceipt.state.in_((_PAID, _OPEN)),
        or_(InvoiceReceipt.charge_id.is_not(None), InvoiceReceipt.payment_id.is_not(None)),
    )
    receipts = db.scalars(query.order_by(InvoiceReceipt.id)).all()
    charges = _charges(db, business_id, receipts)
    disputed = _disputed(db, business_id, sorted({each.id for several in charges.values() for each in several}))
    found = []
    for receipt in receipts:
        of_it = charges[receipt.id]
        pending = receipt.state == _OPEN and any(each.state == _PENDING for each in of_it)
        if receipt.state == _OPEN and not pending:
            continue  # tried, or not tried yet: nothing is under way
        gross = receipt.requested_minor if pending else (receipt.paid_minor or 0)
        # Of a charge that paid several invoices the rail doesn't say which one was given back: each is taken to be.
        back = min(gross, sum(each.refunded_minor for each in of_it))
        found.append(
            (
                receipt.invoice_id,
                Taken(
                    receipt.id,
                    receipt.currency,
                    gross,
                    back,
                    receipt.paid_at.date() if receipt.paid_at else None,
                    pending,
                    any(each.id in disputed for each in of_it),
                ),
            )
        )
    return found


def _charges(db: Session, business_id: str, receipts: Sequence[InvoiceReceipt]) -> Mapping[str, list[Charge]]:
    """Charges behind receipts: named by them, or of the payment they name; two queries, since each has its own index."""
    named = sorted({each.charge_id for each in receipts if each.charge_id})
    payments = sorted({each.payment_id for each in receipts if each.payment_id})
    standing = select(Charge).where(Charge.business_id == business_id, Charge.buried_at.is_(None))
    rows = list(db.scalars(standing.where(among(db, Charge.id, named)))) if named else []
    rows += list(db.scalars(standing.where(among(db, Charge.payment_id, payments)))) if payments else []
    by_id = {each.id: each for each in rows}
    by_payment: dict[str, list[Charge]] = defaultdict(list)
    for each in sorted(by_id.values(), key=lambda charge: charge.id):
        if each.payment_id:
            by_payment[each.payment_id].append(each)
    return {
        receipt.id: list(
            {
                charge.id: charge
                for charge in (
                    *([by_id[receipt.charge_id]] if receipt.charge_id in by_id else []),
                    *by_payment.get(receipt.payment_id or "", []),
                )
            }.values()
        )
        for receipt in receipts
    }


def _disputed(db: Session, business_id: str, charge_ids: Sequence[str]) -> frozenset[str]:
    if not charge_ids:
        return frozenset()
    query = select(Dispute.charge_id, Dispute.state).where(
        Dispute.business_id == business_id, Dispute.buried_at.is_(None), among(db, Dispute.charge_id, charge_ids)
    )
    return frozenset(charge for charge, state in db.execute(query) if charge and state not in DECIDED_FOR_US)


def _shown(db: Session, business_id: str, ids: Sequence[str]) -> list[tuple[str, Shown]]:
    on = (CustomerPayment.business_id == ReceivableLink.business_id) & (
        CustomerPayment.id == ReceivableLink.document_id
    )
    query = (
        select(
            ReceivableLink.linked_id,
            CustomerPayment.id,
            ReceivableLink.amount_minor,
            CustomerPayment.total_minor,
            CustomerPayment.dated,
        )
        .join(CustomerPayment, on)
        .where(
            ReceivableLink.business_id == business_id,
            ReceivableLink.document_kind == "payment",
            ReceivableLink.linked_kind == "invoice",
            among(db, ReceivableLink.linked_id, ids),
            CustomerPayment.buried_at.is_(None),
            CustomerPayment.voided.is_(False),
        )
        .order_by(CustomerPayment.dated, CustomerPayment.id)
    )
    return [
        (invoice_id, Shown(payment_id, total if applied is None else applied, dated))
        for invoice_id, payment_id, applied, total, dated in db.execute(query)
    ]


def not_shown(at: AtRail) -> list[Taken]:
    """What the rail took and the ledger doesn't show yet, one for one: by what we wrote down, else by amount and day.

    What nothing pairs counts as not shown, so that a customer is asked for too little rather than twice. Several that were
    entered as one are recognised where they are all there is.
    """
    paid = [each for each in at.taken if not each.pending]
    free = {each.payment_id: each for each in at.shown}
    rest: list[Taken] = []
    for each in paid:
        if free.pop(at.recorded.get(each.receipt_id, ""), None) is None:
            rest.append(each)
    left: list[Taken] = []
    for each in rest:
        same = next((shown for shown in free.values() if _same(each, shown)), None)
        if same is None:
            left.append(each)
        else:
            del free[same.payment_id]
    since = min((each.dated for each in left if each.dated is not None), default=None)
    late = [each for each in free.values() if since is not None and each.dated >= since - timedelta(days=EARLIER_DAYS)]
    whole = sum(each.gross_minor for each in left)
    return [] if left and whole == sum(each.applied_minor for each in late) else left


def _same(taken: Taken, shown: Shown) -> bool:
    early = taken.dated is not None and shown.dated < taken.dated - timedelta(days=EARLIER_DAYS)
    return shown.applied_minor == taken.gross_minor and not early
