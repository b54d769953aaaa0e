"""What the paying rail says, and what links it to the ledger."""

from datetime import date, datetime

from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Instant, Whole
from interlock.rails.identity import IdentityRow
from interlock.rails.mirror import MirroredRow


class FundingAccount(MirroredRow, Base):
    """See ``witnesses.FundingAccount``."""

    __tablename__ = "funding_account"

    name: Mapped[str] = mapped_column(Text)
    mask: Mapped[str | None] = mapped_column(String(20))
    entity_id: Mapped[str | None] = mapped_column(String(40))
    entity_name: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(String(3))
    pays_bills: Mapped[bool]


class RailVendor(MirroredRow, Base):
    """See ``witnesses.RailVendor``."""

    __tablename__ = "rail_vendor"

    name: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    email: Mapped[str | None] = mapped_column(Text)
    ledger_id: Mapped[str | None] = mapped_column(String(40))
    payable: Mapped[bool | None]
    accounts: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)


class RailBill(MirroredRow, Base):
    """See ``witnesses.RailBill``."""

    __tablename__ = "rail_bill"

    number: Mapped[str | None] = mapped_column(String(60))
    remote_id: Mapped[str | None] = mapped_column(String(120))
    vendor_id: Mapped[str | None] = mapped_column(String(40))
    vendor_name: Mapped[str | None] = mapped_column(Text)
    dated: Mapped[date | None] = mapped_column(Date)
    due: Mapped[date | None] = mapped_column(Date)
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int] = mapped_column(Whole)
    ledger_id: Mapped[str | None] = mapped_column(String(40))
    draft: Mapped[bool]
    state: Mapped[str] = mapped_column(String(40))
    approval: Mapped[str] = mapped_column(String(40))
    payment_state: Mapped[str] = mapped_column(String(40))
    synced: Mapped[str] = mapped_column(String(40))
    method: Mapped[str | None] = mapped_column(String(40))
    payment_id: Mapped[str | None] = mapped_column(String(40))
    batch_id: Mapped[str | None] = mapped_column(String(40))
    funding_account_id: Mapped[str | None] = mapped_column(String(40))
    payment_minor: Mapped[int | None] = mapped_column(Whole)
    starts_on: Mapped[date | None] = mapped_column(Date)
    arrives_on: Mapped[date | None] = mapped_column(Date)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    trace: Mapped[str | None] = mapped_column(Text)
    archived_at: Mapped[datetime | None] = mapped_column(Instant)
    url: Mapped[str | None] = mapped_column(Text)


class VendorLink(IdentityRow, Base):
    """A vendor at the paying rail and the ledger's."""

    __tablename__ = "vendor_link"


class BillLink(IdentityRow, Base):
    """A bill at the paying rail and the ledger's."""

    __tablename__ = "bill_link"
