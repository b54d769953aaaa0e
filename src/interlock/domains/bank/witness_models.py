"""What banks say of accounts and their lines, what links them to the ledger, and what matches what."""

from datetime import date, datetime

from sqlalchemy import Date, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Instant, Whole
from interlock.rails.identity import IdentityRow
from interlock.rails.mirror import MirroredRow


class BankAccount(MirroredRow, Base):
    """See ``witnesses.BankAccount``."""

    __tablename__ = "bank_account"

    item_id: Mapped[str] = mapped_column(String(80))
    institution_id: Mapped[str | None] = mapped_column(String(80))
    institution: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    mask: Mapped[str | None] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(40))
    sub_kind: Mapped[str | None] = mapped_column(String(60))
    lasting_id: Mapped[str | None] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3))
    available_minor: Mapped[int | None] = mapped_column(Whole)
    current_minor: Mapped[int | None] = mapped_column(Whole)
    limit_minor: Mapped[int | None] = mapped_column(Whole)
    observed_at: Mapped[datetime] = mapped_column(Instant)
    live: Mapped[bool]


class BankLine(MirroredRow, Base):
    """See ``witnesses.BankLine``."""

    __tablename__ = "bank_line"
    __table_args__ = (Index(None, "business_id", "account_id", "dated"),)

    account_id: Mapped[str] = mapped_column(String(40))
    dated: Mapped[date] = mapped_column(Date)
    authorised: Mapped[date | None] = mapped_column(Date)
    amount_minor: Mapped[int] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    name: Mapped[str] = mapped_column(Text)
    counterparty: Mapped[str | None] = mapped_column(Text)
    check_number: Mapped[str | None] = mapped_column(String(40))
    reference: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str | None] = mapped_column(String(40))
    pending: Mapped[bool]
    pending_id: Mapped[str | None] = mapped_column(String(40))


class AccountLink(IdentityRow, Base):
    """A bank account and the ledger account it is."""

    __tablename__ = "account_link"
