"""Payables as rows: what the ledger says (mirrored, never edited here) and what is ours about it."""

from datetime import date, datetime

from sqlalchemy import Date, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole
from interlock.kernel.money import Money
from interlock.rails.documents import DocumentRow
from interlock.rails.mirror import LineRow, LinkRow, MirroredRow

_OPEN = text("balance_minor <> 0 AND buried_at IS NULL")


class Vendor(MirroredRow, Base):
    __tablename__ = "vendor"

    name: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    email: Mapped[str | None] = mapped_column(Text)
    term_id: Mapped[str | None] = mapped_column(String(40))
    account_number: Mapped[str | None] = mapped_column(Text)
    reportable: Mapped[bool]
    currency: Mapped[str] = mapped_column(String(3))
    balance_minor: Mapped[int] = mapped_column(Whole)
    address: Mapped[str | None] = mapped_column(Text)


class Bill(DocumentRow, Base):
    __tablename__ = "bill"
    __table_args__ = (Index("ix_bill_open", "business_id", "due", sqlite_where=_OPEN, postgresql_where=_OPEN),)

    vendor_id: Mapped[str | None] = mapped_column(String(40))
    vendor_name: Mapped[str | None] = mapped_column(Text)
    due: Mapped[date | None] = mapped_column(Date)
    balance_minor: Mapped[int] = mapped_column(Whole)
    tax_minor: Mapped[int] = mapped_column(Whole)
    term_id: Mapped[str | None] = mapped_column(String(40))
    control_account_id: Mapped[str | None] = mapped_column(String(40))

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)

    @property
    def status(self) -> str:
        """The seed's words: ``unpaid`` while anything is open, else ``paid`` (or ``voided``)."""
        if self.voided:
            return "voided"
        return "unpaid" if self.balance_minor else "paid"


class BillPayment(DocumentRow, Base):
    __tablename__ = "bill_payment"
    vendor_id: Mapped[str | None] = mapped_column(String(40))
    vendor_name: Mapped[str | None] = mapped_column(Text)
    method: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[str | None] = mapped_column(String(40))
    control_account_id: Mapped[str | None] = mapped_column(String(40))


class VendorCredit(DocumentRow, Base):
    __tablename__ = "vendor_credit"
    vendor_id: Mapped[str | None] = mapped_column(String(40))
    vendor_name: Mapped[str | None] = mapped_column(Text)
    balance_minor: Mapped[int] = mapped_column(Whole)
    control_account_id: Mapped[str | None] = mapped_column(String(40))

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)


class PurchaseOrder(DocumentRow, Base):
    __tablename__ = "purchase_order"

    vendor_id: Mapped[str | None] = mapped_column(String(40))
    vendor_name: Mapped[str | None] = mapped_column(Text)
    due: Mapped[date | None] = mapped_column(Date)
    open: Mapped[bool]


class PayableLine(LineRow, Base):
    __tablename__ = "payable_line"


class PayableLink(LinkRow, Base):
    __tablename__ = "payable_link"


class BillAnnotation(Scoped, Base):
    """What we say about a bill: a note, a category of our own, a hold, a day until which it sleeps. The ledger never sees it."""

    __tablename__ = "bill_annotation"

    bill_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    note: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    hold_reason: Mapped[str | None] = mapped_column(Text)
    held_until: Mapped[date | None] = mapped_column(Date)
    snoozed_until: Mapped[date | None] = mapped_column(Date)
    changed_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Instant)
