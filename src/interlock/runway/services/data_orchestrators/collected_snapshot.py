"""What stands beside the open invoices of one business, as the checks need it, in some eight indexed queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ar.chasing_models import Chase, ChasePromise, Reminder
from interlock.domains.ar.models import Invoice, ReceivableLine
from interlock.domains.ar.witness_models import Charge, Dispute, InvoiceLink, InvoiceReceipt, RailInvoice
from interlock.domains.bank.models import Account, Deposit, LedgerLine
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.rails.identity import LINKED
from interlock.runway.services.calculators.books import InvoiceEntry
from interlock.runway.services.calculators.checks_on_payables import norm
from interlock.runway.services.calculators.checks_on_receivables import INCOME_WITHIN_DAYS, SAME_LINES_DAYS
from interlock.runway.services.calculators.collected import (
    AtRail,
    Collected,
    Disputed,
    IncomeDeposit,
    IssuedEntry,
    Promised,
)
from interlock.runway.services.data_orchestrators.mirror_memory import Recalls

LIKE_DAYS = 400
_LIKE_MOST = 50_000
_DEPOSITS_MOST = 5_000
_INCOME = ("Income", "Other Income")
_COLLECTING = "open"
_PAID = "paid"
_OPEN_DISPUTES = (
    "warning_needs_response",
    "warning_under_review",
    "needs_response",
    "under_review",
    "appeal_needs_response",
    "appeal_under_review",
)
_DISPUTED = "disputed"
_BOUNCED = "bounced"
_STANDS = "open"


def read_collected(
    db: Session, business: Business, today: date, invoices: Sequence[InvoiceEntry], recall: Recalls
) -> Collected:
    """``invoices``: the open ones. What people noted here is read each time, the rest is kept as ``recall`` has it."""
    business_id = business.business_id
    return Collected(
        issued=recall("invoices alike", lambda: _alike(db, business_id, today, invoices)),
        to_income=recall("deposits to income", lambda: _to_income(db, business_id, today, invoices)),
        at_rail=recall("invoices at the rail", lambda: _at_rail(db, business)),
        promised=_promised(db, business_id),
        disputed=(
            *recall("disputes at the rail", lambda: disputed_there(db, business)),
            *disputed_here(db, business),
        ),
        bounced=_bounced(db, business_id),
        sent=recall("invoices the rail sent", lambda: _sent(db, business_id)),
    )


def _alike(db: Session, business_id: str, today: date, invoices: Sequence[InvoiceEntry]) -> tuple[IssuedEntry, ...]:
    """Invoices of customers who owe that share a number, or an amount within days, with another of the same customer."""
    owing = {each.customer_id for each in invoices if each.customer_id is not None and each.balance_minor > 0}
    if not owing:
        return ()
    query = select(
        Invoice.id,
        Invoice.number,
        Invoice.customer_id,
        Invoice.customer_name,
        Invoice.dated,
        Invoice.currency,
        Invoice.total_minor,
        Invoice.balance_minor,
    ).where(
        Invoice.business_id == business_id,
        Invoice.buried_at.is_(None),
        Invoice.voided.is_(False),
        Invoice.total_minor > 0,
        Invoice.dated >= today - timedelta(days=LIKE_DAYS),
    )
    rows = db.execute(query.order_by(Invoice.dated.desc(), Invoice.id).limit(_LIKE_MOST)).all()
    wanted = _like_another([row for row in rows if row.customer_id in owing])
    lines = _lines(db, business_id, sorted(wanted))
    return tuple(IssuedEntry(*row, lines=lines.get(row.id, "")) for row in rows if row.id in wanted)


def _like_another(rows: Sequence[Any]) -> set[str]:
    by_number: dict[tuple[str, str], list[Any]] = defaultdict(list)
    by_amount: dict[tuple[str, str, int], list[Any]] = defaultdict(list)
    for row in rows:
        if norm(row.number):
            by_number[row.customer_id, norm(row.number)].append(row)
        by_amount[row.customer_id, row.currency, row.total_minor].append(row)
    found = {row.id for several in by_number.values() if len(several) > 1 for row in several}
    for several in by_amount.values():
        in_order = sorted(several, key=lambda row: (row.dated, row.id))
        for one, other in pairwise(in_order):
            if (other.dated - one.dated).days <= SAME_LINES_DAYS:
                found |= {one.id, other.id}
    return found


def _lines(db: Session, business_id: str, ids: Sequence[str]) -> dict[str, str]:
    """Each invoice's lines as one text: item, account, words and amount, whatever their order."""
    if not ids:
        return {}
    query = select(
        ReceivableLine.document_id,
        ReceivableLine.item_id,
        ReceivableLine.account_id,
        ReceivableLine.description,
        ReceivableLine.amount_minor,
    ).where(
        ReceivableLine.business_id == business_id,
        ReceivableLine.document_kind == "invoice",
        among(db, ReceivableLine.document_id, ids),
    )
    found: dict[str, list[str]] = defaultdict(list)
    for id_, *said in db.execute(query):
        found[id_].append(repr(said))
    return {id_: "\n".join(sorted(lines)) for id_, lines in found.items()}


def _to_income(
    db: Session, business_id: str, today: date, invoices: Sequence[InvoiceEntry]
) -> tuple[IncomeDeposit, ...]:
    """Lines of deposits that no payment explains, since the oldest open invoice that one could still be taken for."""
    oldest = min((each.dated for each in invoices if each.balance_minor > 0), default=None)
    if oldest is None:
        return ()
    since = max(oldest, today - timedelta(days=LIKE_DAYS + INCOME_WITHIN_DAYS))
    query = (
        select(
            Deposit.id,
            Deposit.number,
            Deposit.dated,
            Deposit.currency,
            LedgerLine.amount_minor,
            LedgerLine.party_id,
            LedgerLine.party_kind,
            Account.name,
        )
        .join(
            LedgerLine,
            (LedgerLine.business_id == Deposit.business_id)
            & (LedgerLine.document_kind == "deposit")
            & (LedgerLine.document_id == Deposit.id),
        )
        .join(Account, (Account.business_id == LedgerLine.business_id) & (Account.id == LedgerLine.account_id))
        .where(
            Deposit.business_id == business_id,
            Deposit.buried_at.is_(None),
            Deposit.voided.is_(False),
            Deposit.dated >= since,
            LedgerLine.amount_minor > 0,
            Account.kind.in_(_INCOME),
        )
    )
    rows = db.execute(query.order_by(Deposit.dated.desc(), Deposit.id).limit(_DEPOSITS_MOST))
    return tuple(
        IncomeDeposit(
            row.id,
            row.number,
            row.dated,
            row.currency,
            row.amount_minor,
            row.party_id if (row.party_kind or "customer").lower() == "customer" else None,
            row.name,
        )
        for row in rows
    )


def _at_rail(db: Session, business: Business) -> tuple[AtRail, ...]:
    """The rail's invoices that are the ledger's, where the two can disagree: paid or open there. What was paid out of band was

    said there by a person, who knows the books.
    """
    query = (
        select(RailInvoice, Invoice)
        .join(
            InvoiceLink,
            (InvoiceLink.business_id == RailInvoice.business_id) & (InvoiceLink.rail_id == RailInvoice.id),
        )
        .join(Invoice, (Invoice.business_id == InvoiceLink.business_id) & (Invoice.id == InvoiceLink.ledger_id))
        .where(
            RailInvoice.business_id == business.business_id,
            RailInvoice.buried_at.is_(None),
            RailInvoice.paid_out_of_band.is_(False),
            InvoiceLink.state == LINKED,
            or_(
                (RailInvoice.state == _PAID) & (Invoice.balance_minor > 0),
                (RailInvoice.state == _COLLECTING) & ((Invoice.balance_minor == 0) | Invoice.voided),
            ),
        )
    )
    return tuple(
        AtRail(
            id=there.id,
            number=there.number,
            customer_name=here.customer_name or there.customer_name,
            currency=there.currency,
            total_minor=there.total_minor,
            open_minor=there.open_minor,
            collecting=there.state == _COLLECTING,
            paid_on=local_date(there.paid_at, business.time_zone) if there.state == _PAID and there.paid_at else None,
            ledger_id=here.id,
            ledger_number=here.number,
            ledger_open_minor=here.balance_minor,
            ledger_voided=here.voided or here.buried_at is not None,
            url=there.url,
        )
        for there, here in db.execute(query.order_by(RailInvoice.id))
    )


def _promised(db: Session, business_id: str) -> tuple[Promised, ...]:
    query = select(
        ChasePromise.promise_id, ChasePromise.invoice_id, ChasePromise.amount_minor, ChasePromise.promised_for
    ).where(ChasePromise.business_id == business_id, ChasePromise.outcome == _STANDS)
    return tuple(Promised(*row) for row in db.execute(query.order_by(ChasePromise.promise_id)))


def disputed_here(db: Session, business: Business) -> Iterable[Disputed]:
    query = select(Chase.invoice_id, Chase.disputed_minor, Chase.currency, Chase.why).where(
        Chase.business_id == business.business_id, Chase.state == _DISPUTED, Chase.disputed_minor > 0
    )
    for row in db.execute(query.order_by(Chase.invoice_id)):
        yield Disputed(row.invoice_id, row.disputed_minor, row.currency, row.why, at_rail=False)


def disputed_there(db: Session, business: Business) -> tuple[Disputed, ...]:
    """Open chargebacks, by way of what their payment did to the rail's invoices."""
    query = (
        select(Dispute, InvoiceLink.ledger_id)
        .outerjoin(Charge, (Charge.business_id == Dispute.business_id) & (Charge.id == Dispute.charge_id))
        .join(
            InvoiceReceipt,
            (InvoiceReceipt.business_id == Dispute.business_id)
            & or_(
                InvoiceReceipt.charge_id == Dispute.charge_id,
                InvoiceReceipt.payment_id == Dispute.payment_id,
                InvoiceReceipt.payment_id == Charge.payment_id,
            ),
        )
        .join(
            InvoiceLink,
            (InvoiceLink.business_id == InvoiceReceipt.business_id)
            & (InvoiceLink.rail_id == InvoiceReceipt.invoice_id)
            & (InvoiceLink.state == LINKED),
        )
        .where(
            Dispute.business_id == business.business_id,
            Dispute.buried_at.is_(None),
            Dispute.state.in_(_OPEN_DISPUTES),
            InvoiceReceipt.buried_at.is_(None),
        )
    )
    found = {
        (row.Dispute.id, row.ledger_id): Disputed(
            row.ledger_id,
            row.Dispute.amount_minor,
            row.Dispute.currency,
            row.Dispute.reason,
            at_rail=True,
            answer_by=local_date(row.Dispute.answer_by, business.time_zone) if row.Dispute.answer_by else None,
        )
        for row in db.execute(query)
    }
    return tuple(found[key] for key in sorted(found))


def _bounced(db: Session, business_id: str) -> dict[str, str]:
    """Invoices whose latest message came back."""
    query = select(Reminder.invoice_id, Reminder.recipient, Reminder.state).where(Reminder.business_id == business_id)
    latest = {row.invoice_id: row for row in db.execute(query.order_by(Reminder.begun_at, Reminder.reminder_id))}
    return {invoice_id: row.recipient for invoice_id, row in latest.items() if row.state == _BOUNCED}


def _sent(db: Session, business_id: str) -> frozenset[str]:
    """The ledger's invoices that the rail sent to their customers."""
    query = (
        select(InvoiceLink.ledger_id)
        .join(
            RailInvoice,
            (RailInvoice.business_id == InvoiceLink.business_id) & (RailInvoice.id == InvoiceLink.rail_id),
        )
        .where(
            InvoiceLink.business_id == business_id,
            InvoiceLink.state == LINKED,
            RailInvoice.buried_at.is_(None),
            RailInvoice.sent,
        )
    )
    return frozenset(db.scalars(query))
