"""Receivables as rows: what the ledger says (mirrored, never edited here) and what is ours about it."""

from datetime import date, datetime

from sqlalchemy import Date, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole
from interlock.kernel.money import Money
from interlock.rails.documents import DocumentRow
from interlock.rails.mirror import LineRow, LinkRow, MirroredRow

_OPEN = text("balance_minor <> 0 AND buried_at IS NULL")


class Customer(MirroredRow, Base):
    __tablename__ = "customer"

    name: Mapped[str] = mapped_column(Text)
    full_name: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[str | None] = mapped_column(String(40))
    job: Mapped[bool]
    active: Mapped[bool]
    email: Mapped[str | None] = mapped_column(Text)
    term_id: Mapped[str | None] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    balance_minor: Mapped[int] = mapped_column(Whole)
    balance_with_jobs_minor: Mapped[int] = mapped_column(Whole)


class CustomerDocument(DocumentRow):
    customer_id: Mapped[str | None] = mapped_column(String(40))
    customer_name: Mapped[str | None] = mapped_column(Text)


class Invoice(CustomerDocument, Base):
    __tablename__ = "invoice"
    __table_args__ = (Index("ix_invoice_open", "business_id", "due", sqlite_where=_OPEN, postgresql_where=_OPEN),)

    due: Mapped[date | None] = mapped_column(Date)
    balance_minor: Mapped[int] = mapped_column(Whole)
    tax_minor: Mapped[int] = mapped_column(Whole)
    term_id: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(Text)
    email_status: Mapped[str | None] = mapped_column(String(20))

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)

    @property
    def status(self) -> str:
        """``unpaid`` while anything is open, else ``paid`` (or ``voided``)."""
        if self.voided:
            return "voided"
        return "unpaid" if self.balance_minor else "paid"


class CustomerPayment(CustomerDocument, Base):
    __tablename__ = "customer_payment"
    unapplied_minor: Mapped[int] = mapped_column(Whole)
    deposit_account_id: Mapped[str | None] = mapped_column(String(40))

    @property
    def unapplied(self) -> Money:
        return Money(self.unapplied_minor, self.currency)


class CreditMemo(CustomerDocument, Base):
    __tablename__ = "credit_memo"
    balance_minor: Mapped[int] = mapped_column(Whole)

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)


class SalesReceipt(CustomerDocument, Base):
    __tablename__ = "sales_receipt"

    deposit_account_id: Mapped[str | None] = mapped_column(String(40))


class RefundReceipt(CustomerDocument, Base):
    __tablename__ = "refund_receipt"

    account_id: Mapped[str | None] = mapped_column(String(40))


class ReceivableLine(LineRow, Base):
    __tablename__ = "receivable_line"


class ReceivableLink(LinkRow, Base):
    __tablename__ = "receivable_link"


class InvoiceAnnotation(Scoped, Base):
    """What we say about an invoice: a note, a category of our own, a hold on chasing. The ledger never sees it."""

    __tablename__ = "invoice_annotation"

    invoice_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    note: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    hold_reason: Mapped[str | None] = mapped_column(Text)
    held_until: Mapped[date | None] = mapped_column(Date)
    changed_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Instant)
