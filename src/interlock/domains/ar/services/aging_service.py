"""Receivables aging from the mirror, tied to the ledger's own report by naming every cause of a difference."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.models import CreditMemo, Customer, CustomerPayment, Invoice, ReceivableLink
from interlock.domains.bank.control import RECEIVABLE, control_postings
from interlock.domains.firm.aging import CREDIT, DOCUMENT, FOREIGN, JOURNAL, UNAPPLIED, Aging, OpenItem, age
from interlock.domains.firm.services.business_service import business_of
from interlock.kernel.money import in_home

_NOBODY = "No customer"


class ReceivablesAging:
    """Who owes what, and how late (product-map §2.4)."""

    def __init__(self, db: Session, business_id: str) -> None:
        self.db = db
        self.business_id = business_id

    def as_of(self, day: date) -> Aging:
        """Open items dated no later than ``day``. An invoice without a due date counts as due on its own date."""
        home = business_of(self.db, self.business_id).home_currency
        items = (
            self._invoices(day, home) + self._credits(day, home) + self._payments(day, home) + self._journals(day, home)
        )
        return age(items, day, home)

    def _invoices(self, day: date, home: str) -> list[OpenItem]:
        query = select(
            Invoice.customer_id,
            Invoice.customer_name,
            Invoice.due,
            Invoice.dated,
            Invoice.balance_minor,
            Invoice.currency,
            Invoice.exchange_rate,
        ).where(
            Invoice.business_id == self.business_id,
            Invoice.buried_at.is_(None),
            Invoice.balance_minor != 0,
            Invoice.dated <= day,
        )
        return [
            OpenItem(
                DOCUMENT if row.currency == home else FOREIGN,
                row.customer_id,
                row.customer_name or _NOBODY,
                row.due or row.dated,
                in_home(row.balance_minor, row.currency, row.exchange_rate, home),
            )
            for row in self.db.execute(query)
        ]

    def _credits(self, day: date, home: str) -> list[OpenItem]:
        query = select(CreditMemo).where(
            CreditMemo.business_id == self.business_id,
            CreditMemo.buried_at.is_(None),
            CreditMemo.balance_minor != 0,
            CreditMemo.dated <= day,
        )
        return [
            OpenItem(
                CREDIT if row.currency == home else FOREIGN,
                row.customer_id,
                row.customer_name or _NOBODY,
                row.dated,
                -in_home(row.balance_minor, row.currency, row.exchange_rate, home),
            )
            for row in self.db.scalars(query)
        ]

    def _payments(self, day: date, home: str) -> list[OpenItem]:
        query = select(CustomerPayment).where(
            CustomerPayment.business_id == self.business_id,
            CustomerPayment.buried_at.is_(None),
            CustomerPayment.unapplied_minor != 0,
            CustomerPayment.dated <= day,
        )
        return [
            OpenItem(
                UNAPPLIED if row.currency == home else FOREIGN,
                row.customer_id,
                row.customer_name or _NOBODY,
                row.dated,
                -in_home(row.unapplied_minor, row.currency, row.exchange_rate, home),
            )
            for row in self.db.scalars(query)
        ]

    def _journals(self, day: date, home: str) -> list[OpenItem]:
        """Journal entries on the control account, less what payments have applied to them."""
        names = dict(
            self.db.execute(select(Customer.id, Customer.name).where(Customer.business_id == self.business_id)).all()
        )
        items = [
            OpenItem(
                JOURNAL if posting.currency == home else FOREIGN,
                posting.party_id,
                names.get(posting.party_id or "", _NOBODY),
                posting.dated,
                in_home(posting.minor, posting.currency, posting.exchange_rate, home),
            )
            for posting in control_postings(self.db, self.business_id, RECEIVABLE, day)
        ]
        used = (
            select(
                CustomerPayment.customer_id,
                CustomerPayment.customer_name,
                CustomerPayment.dated,
                ReceivableLink.amount_minor,
            )
            .join(
                ReceivableLink,
                (ReceivableLink.business_id == CustomerPayment.business_id)
                & (ReceivableLink.document_kind == "payment")
                & (ReceivableLink.document_id == CustomerPayment.id),
            )
            .where(
                CustomerPayment.business_id == self.business_id,
                CustomerPayment.buried_at.is_(None),
                CustomerPayment.dated <= day,
                ReceivableLink.linked_kind == "journal_entry",
                ReceivableLink.amount_minor.is_not(None),
            )
        )
        items += [
            OpenItem(JOURNAL, row.customer_id, row.customer_name or _NOBODY, row.dated, -(row.amount_minor or 0))
            for row in self.db.execute(used)
        ]
        return items
