"""The receivables side of the books snapshot."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from interlock.domains.ar.models import CreditMemo, Customer, CustomerPayment, Invoice, SalesReceipt
from interlock.domains.bank.models import Account, Deposit, LedgerLink
from interlock.runway.services.calculators.books import CustomerEntry, InvoiceEntry, OpenCredit, Receipt

_UNDEPOSITED = "UndepositedFunds"


def open_invoices(db: Session, business_id: str) -> tuple[InvoiceEntry, ...]:
    query = select(
        Invoice.id,
        Invoice.number,
        Invoice.customer_id,
        Invoice.customer_name,
        Invoice.dated,
        Invoice.due,
        Invoice.currency,
        Invoice.balance_minor,
        Invoice.email,
        Invoice.email_status,
        Invoice.term_id,
    ).where(
        Invoice.business_id == business_id,
        Invoice.buried_at.is_(None),
        Invoice.voided.is_(False),
        Invoice.balance_minor != 0,
    )
    return tuple(InvoiceEntry(*row) for row in db.execute(query.order_by(Invoice.id)))


def customers(db: Session, business_id: str) -> Mapping[str, CustomerEntry]:
    query = select(Customer.id, Customer.name, Customer.email, Customer.currency, Customer.balance_minor).where(
        Customer.business_id == business_id, Customer.buried_at.is_(None)
    )
    return {row[0]: CustomerEntry(*row) for row in db.execute(query)}


def open_customer_credits(db: Session, business_id: str) -> tuple[OpenCredit, ...]:
    """Payments not wholly applied, and credit memos with something left."""
    found: list[OpenCredit] = []
    models: tuple[tuple[str, type[CustomerPayment] | type[CreditMemo], object], ...] = (
        ("payment", CustomerPayment, CustomerPayment.unapplied_minor),
        ("credit_memo", CreditMemo, CreditMemo.balance_minor),
    )
    for kind, model, open_minor in models:
        query = select(
            model.id,
            model.number,
            model.customer_id,
            model.customer_name,
            model.dated,
            model.currency,
            open_minor,  # type: ignore[call-overload]
        ).where(
            model.business_id == business_id,
            model.buried_at.is_(None),
            model.voided.is_(False),
            open_minor > 0,  # type: ignore[operator]
        )
        found += [OpenCredit(kind, *row) for row in db.execute(query.order_by(model.id))]
    return tuple(found)


def undeposited_receipts(db: Session, business_id: str) -> tuple[Receipt, ...]:
    """Receipts put to Undeposited Funds that no standing deposit names."""
    funds = db.scalars(
        select(Account.id).where(
            Account.business_id == business_id, Account.sub_kind == _UNDEPOSITED, Account.buried_at.is_(None)
        )
    ).all()
    if not funds:
        return ()
    found: list[Receipt] = []
    models: tuple[tuple[str, type[CustomerPayment] | type[SalesReceipt]], ...] = (
        ("payment", CustomerPayment),
        ("sales_receipt", SalesReceipt),
    )
    for kind, model in models:
        query = select(
            model.id, model.number, model.customer_name, model.dated, model.currency, model.total_minor
        ).where(
            model.business_id == business_id,
            model.buried_at.is_(None),
            model.voided.is_(False),
            model.total_minor > 0,
            model.deposit_account_id.in_(funds),
            ~_is_deposited(business_id, kind, model),
        )
        found += [Receipt(kind, *row) for row in db.execute(query.order_by(model.id))]
    return tuple(found)


def _is_deposited(
    business_id: str, kind: str, model: type[CustomerPayment] | type[SalesReceipt]
) -> ColumnElement[bool]:
    return (
        select(LedgerLink.document_id)
        .join(Deposit, (Deposit.business_id == LedgerLink.business_id) & (Deposit.id == LedgerLink.document_id))
        .where(
            LedgerLink.business_id == business_id,
            LedgerLink.document_kind == "deposit",
            LedgerLink.linked_kind == kind,
            LedgerLink.linked_id == model.id,
            Deposit.buried_at.is_(None),
        )
        .exists()
    )
