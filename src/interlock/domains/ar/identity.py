"""Customers and invoices at the collecting rail, and which of the ledger's they are.

Exact keys, each alone on both sides. Customers: *ledger_id* (the rail's customer carries the ledger's id), *email* (the same
name and the same e-mail address). Invoices: *ledger_id*; *ledger_number* (it carries the ledger's number, and the total agrees);
*number* (number, currency and total agree, of a customer that is linked or named in the same words).
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ar.models import Customer, Invoice
from interlock.domains.ar.witness_models import CustomerLink, InvoiceLink, RailCustomer, RailInvoice
from interlock.domains.firm.identity import CLAIM, Thing
from interlock.domains.firm.likeness import document_blocks, document_score, party_blocks, party_score
from interlock.domains.firm.naming import key_of, words
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED, IdentityRow

_IN_MOST = 5_000


class Customers:
    name = "customer"
    model: type[IdentityRow] = CustomerLink
    rules: Mapping[str, str] = {
        CLAIM: "the rail’s customer carries the ledger’s id",
        "email": "the same name and e-mail address",
    }
    score = staticmethod(party_score)
    blocks = staticmethod(party_blocks)

    def __init__(self, rail: str) -> None:
        self.rail = rail

    def rail_things(self, db: Session, scope: Scope) -> Sequence[Thing]:
        query = select(RailCustomer).where(
            RailCustomer.business_id == scope.business_id, RailCustomer.buried_at.is_(None)
        )
        return [_party(each, each.ledger_id, each.name) for each in db.scalars(query.order_by(RailCustomer.id))]

    def ledger_things(self, db: Session, scope: Scope, rail: Sequence[Thing]) -> Sequence[Thing]:
        del rail  # all of them are few
        query = select(Customer).where(Customer.business_id == scope.business_id, Customer.buried_at.is_(None))
        return [_party(each, each.id, each.name) for each in db.scalars(query.order_by(Customer.id))]

    def named(self, db: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Thing]:
        query = select(Customer).where(Customer.business_id == scope.business_id, among(db, Customer.id, ids))
        return {each.id: _party(each, each.id, each.full_name) for each in db.scalars(query)}


class Invoices:
    name = "invoice"
    model: type[IdentityRow] = InvoiceLink
    rules: Mapping[str, str] = {
        CLAIM: "the rail’s invoice carries the ledger’s id",
        "ledger_number": "it carries the ledger’s number, and the same total",
        "number": "number, total and linked customer agree",
        "number_and_name": "number, total and customer’s name agree",
    }
    score = staticmethod(document_score)
    blocks = staticmethod(document_blocks)

    def __init__(self, rail: str) -> None:
        self.rail = rail

    def rail_things(self, db: Session, scope: Scope) -> Sequence[Thing]:
        query = select(RailInvoice).where(RailInvoice.business_id == scope.business_id, RailInvoice.buried_at.is_(None))
        links = select(CustomerLink.rail_id, CustomerLink.ledger_id).where(
            CustomerLink.business_id == scope.business_id, CustomerLink.state == LINKED
        )
        customers = {row.rail_id: row.ledger_id for row in db.execute(links)}
        return [_rail_invoice(each, customers) for each in db.scalars(query.order_by(RailInvoice.id))]

    def ledger_things(self, db: Session, scope: Scope, rail: Sequence[Thing]) -> Sequence[Thing]:
        """Those that are claimed, or have a total or a number of the rail's."""
        claimed = [claim for each in rail if (claim := each.keys.get(CLAIM))]
        totals = sorted({each.minor for each in rail if each.minor is not None})
        numbers = sorted({each.number for each in rail if each.number})
        query = select(Invoice).where(
            Invoice.business_id == scope.business_id,
            Invoice.buried_at.is_(None),
            Invoice.voided.is_(False),
            or_(
                among(db, Invoice.id, claimed),
                Invoice.total_minor.in_(totals) if len(totals) <= _IN_MOST else Invoice.id.is_not(None),
                among(db, Invoice.number, numbers),
            ),
        )
        return [_ledger_invoice(each) for each in db.scalars(query.order_by(Invoice.id))]

    def named(self, db: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Thing]:
        query = select(Invoice).where(Invoice.business_id == scope.business_id, among(db, Invoice.id, ids))
        return {each.id: _ledger_invoice(each) for each in db.scalars(query)}


def _party(row: Customer | RailCustomer, ledger_id: str | None, name: str) -> Thing:
    keys = {CLAIM: ledger_id} if ledger_id else {}
    if row.email and words(row.name):
        keys["email"] = f"{row.email.strip().casefold()} {' '.join(words(row.name))}"
    return Thing(row.id, name, keys, email=row.email)


def _rail_invoice(invoice: RailInvoice, customers: Mapping[str, str]) -> Thing:
    customer_id = customers.get(invoice.customer_id or "")
    keys = _numbered(invoice, customer_id)
    if invoice.ledger_id:
        keys[CLAIM] = invoice.ledger_id
    if invoice.ledger_number:
        keys["ledger_number"] = f"{key_of(invoice.ledger_number)} {invoice.currency} {invoice.total_minor}"
    return _document(invoice, keys)


def _ledger_invoice(invoice: Invoice) -> Thing:
    keys = _numbered(invoice, invoice.customer_id) | {CLAIM: invoice.id}
    if number := key_of(invoice.number):
        keys["ledger_number"] = f"{number} {invoice.currency} {invoice.total_minor}"
    return _document(invoice, keys)


def _numbered(row: Invoice | RailInvoice, customer_id: str | None) -> dict[str, str]:
    number = key_of(row.number)
    if number is None:
        return {}
    keys = {"number": f"{number} {row.currency} {row.total_minor} {customer_id}"} if customer_id else {}
    if words(row.customer_name):
        keys["number_and_name"] = f"{number} {row.currency} {row.total_minor} {' '.join(words(row.customer_name))}"
    return keys


def _document(row: Invoice | RailInvoice, keys: Mapping[str, str]) -> Thing:
    name = f"{row.number or row.id}, {row.customer_name or 'nobody named'}"
    return Thing(row.id, name, keys, row.number, row.customer_name, None, row.dated, row.total_minor, row.currency)
