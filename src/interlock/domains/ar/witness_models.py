"""What the collecting rail says, and what links it to the ledger."""

from datetime import date, datetime

from sqlalchemy import Date, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Instant, Whole
from interlock.rails.identity import IdentityRow
from interlock.rails.mirror import MirroredRow


class RailCustomer(MirroredRow, Base):
    """See ``witnesses.RailCustomer``."""

    __tablename__ = "rail_customer"

    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    ledger_id: Mapped[str | None] = mapped_column(String(40))
    active: Mapped[bool]


class RailInvoice(MirroredRow, Base):
    """See ``witnesses.RailInvoice``."""

    __tablename__ = "rail_invoice"

    number: Mapped[str | None] = mapped_column(String(60))
    customer_id: Mapped[str | None] = mapped_column(String(40))
    customer_name: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(40))
    dated: Mapped[date | None] = mapped_column(Date)
    due: Mapped[date | None] = mapped_column(Date)
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int] = mapped_column(Whole)
    paid_minor: Mapped[int] = mapped_column(Whole)
    open_minor: Mapped[int] = mapped_column(Whole)
    ledger_id: Mapped[str | None] = mapped_column(String(40))
    ledger_number: Mapped[str | None] = mapped_column(String(60))
    order_key: Mapped[str | None] = mapped_column(String(120))
    sent: Mapped[bool]
    paid_out_of_band: Mapped[bool]
    finalised_at: Mapped[datetime | None] = mapped_column(Instant)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    url: Mapped[str | None] = mapped_column(Text)


class InvoiceReceipt(MirroredRow, Base):
    """See ``witnesses.InvoiceReceipt``."""

    __tablename__ = "invoice_receipt"
    __table_args__ = (
        Index(None, "business_id", "invoice_id"),
        Index(None, "business_id", "payment_id"),
        Index(None, "business_id", "charge_id"),
    )

    invoice_id: Mapped[str] = mapped_column(String(40))
    payment_id: Mapped[str | None] = mapped_column(String(40))
    charge_id: Mapped[str | None] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    requested_minor: Mapped[int] = mapped_column(Whole)
    paid_minor: Mapped[int | None] = mapped_column(Whole)
    state: Mapped[str] = mapped_column(String(40))
    paid_at: Mapped[datetime | None] = mapped_column(Instant)


class Charge(MirroredRow, Base):
    """See ``witnesses.Charge``."""

    __tablename__ = "charge"

    payment_id: Mapped[str | None] = mapped_column(String(40))
    customer_id: Mapped[str | None] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(Whole)
    refunded_minor: Mapped[int] = mapped_column(Whole)
    state: Mapped[str] = mapped_column(String(40))
    disputed: Mapped[bool]
    method: Mapped[str | None] = mapped_column(String(40))
    movement_id: Mapped[str | None] = mapped_column(String(40))
    failure: Mapped[str | None] = mapped_column(Text)


class Refund(MirroredRow, Base):
    """See ``witnesses.Refund``."""

    __tablename__ = "refund"

    charge_id: Mapped[str | None] = mapped_column(String(40))
    payment_id: Mapped[str | None] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(Whole)
    state: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(Text)
    order_key: Mapped[str | None] = mapped_column(String(120))


class Dispute(MirroredRow, Base):
    """See ``witnesses.Dispute``."""

    __tablename__ = "dispute"

    charge_id: Mapped[str | None] = mapped_column(String(40))
    payment_id: Mapped[str | None] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(Whole)
    state: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(Text)
    answer_by: Mapped[datetime | None] = mapped_column(Instant)


class Payout(MirroredRow, Base):
    """See ``witnesses.Payout``."""

    __tablename__ = "payout"

    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(Whole)
    state: Mapped[str] = mapped_column(String(40))
    automatic: Mapped[bool]
    attributed: Mapped[bool]
    unattributed: Mapped[str | None] = mapped_column(Text)
    arrives_on: Mapped[date] = mapped_column(Date)
    trace: Mapped[str | None] = mapped_column(Text)
    destination_id: Mapped[str | None] = mapped_column(String(40))
    failure: Mapped[str | None] = mapped_column(Text)


class PayoutPart(MirroredRow, Base):
    """See ``witnesses.PayoutPart``."""

    __tablename__ = "payout_part"
    __table_args__ = (Index(None, "business_id", "payout_id"),)

    payout_id: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[str | None] = mapped_column(String(40))
    charge_id: Mapped[str | None] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    gross_minor: Mapped[int] = mapped_column(Whole)
    fee_minor: Mapped[int] = mapped_column(Whole)
    net_minor: Mapped[int] = mapped_column(Whole)
    state: Mapped[str] = mapped_column(String(40))
    available_at: Mapped[datetime | None] = mapped_column(Instant)
    description: Mapped[str | None] = mapped_column(Text)


class CustomerLink(IdentityRow, Base):
    """A customer at the collecting rail and the ledger's."""

    __tablename__ = "customer_link"


class InvoiceLink(IdentityRow, Base):
    """An invoice at the collecting rail and the ledger's."""

    __tablename__ = "invoice_link"
