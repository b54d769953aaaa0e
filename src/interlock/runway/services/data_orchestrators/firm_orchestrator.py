"""All clients of a firm at once: a few grouped queries across it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill, BillAnnotation
from interlock.domains.ar.models import Invoice, InvoiceAnnotation
from interlock.domains.bank.models import Account
from interlock.domains.firm.annotations import is_held
from interlock.kernel.money import Money
from interlock.rails import connections
from interlock.rails.connections import Connection, Passport

QBO = "qbo"
_UNDEPOSITED = "UndepositedFunds"


@dataclass(frozen=True)
class OpenDocument:
    """An open bill or invoice; ``due`` is its own date where it has no due date."""

    id: str
    balance: Money
    due: date


@dataclass
class ClientBooks:
    """What the portfolio needs of one client beside its findings. ``passport``: its ledger's, if it was ever connected."""

    bills: list[OpenDocument] = field(default_factory=list)
    invoices: list[OpenDocument] = field(default_factory=list)
    held_bills: set[str] = field(default_factory=set)
    held_invoices: set[str] = field(default_factory=set)
    cash: list[Money] = field(default_factory=list)
    passport: Passport | None = None

    @property
    def realm_id(self) -> str | None:
        """The QuickBooks company whose books these are."""
        return self.passport.external_id if self.passport else None


class FirmOrchestrator:
    """Reads every client of one firm, within the session's scope."""

    def __init__(self, db: Session, firm_id: str) -> None:
        self.db = db
        self.firm_id = firm_id

    def get_client_books(self, today: Mapping[str, date], now: datetime) -> Mapping[str, ClientBooks]:
        """By business id; ``today`` is each client's own date, by business id."""
        found: dict[str, ClientBooks] = defaultdict(ClientBooks)
        for business_id, document in self._documents(Bill):
            found[business_id].bills.append(document)
        for business_id, document in self._documents(Invoice):
            found[business_id].invoices.append(document)
        held_bills = select(BillAnnotation).where(
            BillAnnotation.firm_id == self.firm_id, BillAnnotation.hold_reason.is_not(None)
        )
        for bill_note in self.db.scalars(held_bills):
            if is_held(bill_note, today[bill_note.business_id]):
                found[bill_note.business_id].held_bills.add(bill_note.bill_id)
        held_invoices = select(InvoiceAnnotation).where(
            InvoiceAnnotation.firm_id == self.firm_id, InvoiceAnnotation.hold_reason.is_not(None)
        )
        for invoice_note in self.db.scalars(held_invoices):
            if is_held(invoice_note, today[invoice_note.business_id]):
                found[invoice_note.business_id].held_invoices.add(invoice_note.invoice_id)
        for business_id, cash in self._cash():
            found[business_id].cash.append(cash)
        for linked in self.db.scalars(
            select(Connection).where(Connection.firm_id == self.firm_id, Connection.rail == QBO)
        ):
            found[linked.business_id].passport = connections.passport(linked, now)
        return found

    def _documents(self, model: type[Bill] | type[Invoice]) -> Iterator[tuple[str, OpenDocument]]:
        query = select(model.business_id, model.id, model.balance_minor, model.currency, model.due, model.dated).where(
            model.firm_id == self.firm_id,
            model.buried_at.is_(None),
            model.voided.is_(False),
            model.balance_minor != 0,
        )
        for business_id, id_, minor, currency, due, dated in self.db.execute(query):
            yield business_id, OpenDocument(id_, Money(minor, currency), due or dated)

    def _cash(self) -> Iterator[tuple[str, Money]]:
        """Bank accounts without Undeposited Funds, as ``BalanceService`` counts book cash."""
        query = select(Account.business_id, Account.balance_minor, Account.currency).where(
            Account.firm_id == self.firm_id,
            Account.buried_at.is_(None),
            Account.kind == "Bank",
            or_(Account.sub_kind.is_(None), Account.sub_kind != _UNDEPOSITED),
        )
        for business_id, minor, currency in self.db.execute(query):
            yield business_id, Money(minor, currency)
