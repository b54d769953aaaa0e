"""Accounts and cash movements as the ledger says them. A book balance is not a bank's balance."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Whole
from interlock.kernel.money import Money
from interlock.rails.documents import DocumentRow
from interlock.rails.mirror import LineRow, LinkRow, MirroredRow


class Account(MirroredRow, Base):
    __tablename__ = "account"

    name: Mapped[str] = mapped_column(Text)
    full_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(40))
    sub_kind: Mapped[str | None] = mapped_column(String(60))
    classification: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool]
    parent_id: Mapped[str | None] = mapped_column(String(40))
    number: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(String(3))
    balance_minor: Mapped[int] = mapped_column(Whole)

    @property
    def balance(self) -> Money:
        """The book balance, sign as the ledger displays it."""
        return Money(self.balance_minor, self.currency)


class Deposit(DocumentRow, Base):
    __tablename__ = "deposit"

    account_id: Mapped[str | None] = mapped_column(String(40))
    cash_back_minor: Mapped[int] = mapped_column(Whole)


class Purchase(DocumentRow, Base):
    __tablename__ = "purchase"
    account_id: Mapped[str | None] = mapped_column(String(40))
    method: Mapped[str] = mapped_column(String(20))
    party_id: Mapped[str | None] = mapped_column(String(40))
    party_kind: Mapped[str | None] = mapped_column(String(20))
    party_name: Mapped[str | None] = mapped_column(Text)
    refund: Mapped[bool]


class Transfer(DocumentRow, Base):
    __tablename__ = "transfer"

    from_account_id: Mapped[str | None] = mapped_column(String(40))
    to_account_id: Mapped[str | None] = mapped_column(String(40))


class JournalEntry(DocumentRow, Base):
    __tablename__ = "journal_entry"

    adjustment: Mapped[bool]


class LedgerLine(LineRow, Base):
    """A line of a deposit, purchase or journal entry."""

    __tablename__ = "ledger_line"


class LedgerLink(LinkRow, Base):
    __tablename__ = "ledger_link"
