"""One document whole: its lines, what it is applied to and by, and where its row came from."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session, undefer

from interlock.domains.ap.models import Bill, BillPayment, PayableLine, PayableLink, PurchaseOrder, VendorCredit
from interlock.domains.ar.models import (
    CreditMemo,
    CustomerPayment,
    Invoice,
    ReceivableLine,
    ReceivableLink,
    RefundReceipt,
    SalesReceipt,
)
from interlock.domains.bank.models import Account, Deposit, JournalEntry, LedgerLink, Purchase, Transfer
from interlock.rails.documents import DocumentRow
from interlock.rails.mirror import LineRow, LinkRow
from interlock.runway.services.calculators.links import Links
from interlock.runway.services.views import Amount, Instant, View

_LINK_TABLES: tuple[type[LinkRow], ...] = (PayableLink, ReceivableLink, LedgerLink)
_DOCUMENTS: dict[str, type[DocumentRow]] = {
    "bill": Bill,
    "bill_payment": BillPayment,
    "vendor_credit": VendorCredit,
    "purchase_order": PurchaseOrder,
    "invoice": Invoice,
    "payment": CustomerPayment,
    "credit_memo": CreditMemo,
    "sales_receipt": SalesReceipt,
    "refund_receipt": RefundReceipt,
    "deposit": Deposit,
    "purchase": Purchase,
    "transfer": Transfer,
    "journal_entry": JournalEntry,
}


class LineView(View):
    """A line as the ledger has it. ``account_name`` where it is coded to an account."""

    position: int
    kind: str
    description: str | None
    account_id: str | None
    account_name: str | None
    item_id: str | None
    amount: Amount


class LinkedDocument(View):
    """A document this one is applied to, or that is applied to it. ``amount`` is what is applied, where the ledger says."""

    kind: str
    id: str
    number: str | None
    dated: date | None
    amount: Amount | None
    deleted: bool
    link: str | None


class Lineage(View):
    """Where the row came from: the ledger's own id and version, the listing that last showed it, its payload and hash."""

    source: str
    entity: str
    id: str
    version: str
    created_at: Instant | None
    updated_at: Instant | None
    listing: int
    sha256: str
    payload: Any


class DocumentDetail:
    """Reads the details of one business's documents."""

    def __init__(self, db: Session, business_id: str, links: Links) -> None:
        self._db = db
        self._business_id = business_id
        self._links = links

    def lines(self, kind: str, document: Bill | Invoice) -> tuple[LineView, ...]:
        table: type[LineRow] = PayableLine if kind == "bill" else ReceivableLine
        query = (
            select(
                table.position,
                table.kind,
                table.description,
                table.account_id,
                Account.name,
                table.item_id,
                table.amount_minor,
            )
            .outerjoin(Account, (Account.business_id == table.business_id) & (Account.id == table.account_id))
            .where(
                table.business_id == self._business_id, table.document_kind == kind, table.document_id == document.id
            )
            .order_by(table.position)
        )
        return tuple(
            LineView(
                position=row[0],
                kind=row[1],
                description=row[2],
                account_id=row[3],
                account_name=row[4],
                item_id=row[5],
                amount=Amount.minor(row[6], document.currency),
            )
            for row in self._db.execute(query)
        )

    def linked(self, kind: str, document: Bill | Invoice) -> tuple[LinkedDocument, ...]:
        """Both directions, each other document once, with the amount where either side names it."""
        found: dict[tuple[str, str], int | None] = {}
        for other_kind, other_id, minor in self._ends(kind, document.id):
            known = found.get((other_kind, other_id))
            found[other_kind, other_id] = minor if known is None else known
        return tuple(
            self._linked(other_kind, other_id, minor, document.currency)
            for (other_kind, other_id), minor in found.items()
        )

    def name_of(self, kind: str, id_: str) -> str:
        """``Bill 88120 of Copperfield Freight``; what little is known of one we don't hold."""
        word = kind.replace("_", " ").capitalize()
        model = _DOCUMENTS.get(kind)
        row = self._db.get(model, (self._business_id, id_)) if model else None
        if row is None:
            return f"{word} {id_}"
        party = getattr(row, "vendor_name", None) or getattr(row, "customer_name", None)
        return f"{word} {row.number or id_}" + (f" of {party}" if party else "")

    def lineage(self, kind: str, document_id: str) -> Lineage:
        model = _DOCUMENTS[kind]
        query = (
            select(model)
            .where(model.business_id == self._business_id, model.id == document_id)
            .options(undefer(model.raw))
            .execution_options(populate_existing=True)
        )
        row = self._db.scalars(query).one()
        return Lineage(
            source="QuickBooks Online",
            entity=kind,
            id=row.id,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
            listing=row.listing,
            sha256=row.digest.hex(),
            payload=json.loads(row.raw, parse_float=str),  # exact, as received: a float would not be
        )

    def _ends(self, kind: str, document_id: str) -> Sequence[tuple[str, str, int | None]]:
        parts = []
        for table in _LINK_TABLES:
            here = table.business_id == self._business_id
            parts.append(
                select(table.linked_kind, table.linked_id, table.amount_minor).where(
                    here, table.document_kind == kind, table.document_id == document_id
                )
            )
            parts.append(
                select(table.document_kind, table.document_id, table.amount_minor).where(
                    here, table.linked_kind == kind, table.linked_id == document_id
                )
            )
        rows = self._db.execute(union_all(*parts)).all()
        return sorted(((row[0], row[1], row[2]) for row in rows), key=lambda each: (each[0], len(each[1]), each[1]))

    def _linked(self, kind: str, id_: str, minor: int | None, currency: str) -> LinkedDocument:
        model = _DOCUMENTS.get(kind)
        row = self._db.get(model, (self._business_id, id_)) if model else None
        return LinkedDocument(
            kind=kind,
            id=id_,
            number=row.number if row else None,
            dated=row.dated if row else None,
            amount=None if minor is None else Amount.minor(minor, currency),
            deleted=row is not None and row.buried_at is not None,
            link=self._links.to(kind, id_),
        )
