"""What matches what: groups of bank lines and movements, and what was found out about accounts and their owners."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole

_ACTIVE = text("active")


class BankMatch(Scoped, Base):
    """A clearing group: bank lines of one account on one side, ledger or rail movements on the other, equal to the cent.

    The ledger and a rail may each state the same money, so a group may hold movements of both; those of each equal the lines.
    ``state``: matched, suggested (waits for a person), refused or undone (by a person, who is not asked again) or broken (what
    it held was changed or deleted); ``rule``: exact, reference, sum, person; ``score`` 0 to 100; ``evidence``: JSON, why.
    """

    __tablename__ = "bank_match"

    match_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column(String(20))
    score: Mapped[int] = mapped_column(Whole)
    amount_minor: Mapped[int] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    evidence: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    undone_by: Mapped[str | None] = mapped_column(Text)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)


class BankMatchPart(Scoped, Base):
    """A member of a group: a ``bank_line``, or a movement by its kind's entity and id. One thing serves one active group."""

    __tablename__ = "bank_match_part"
    __table_args__ = (
        Index(
            "ux_bank_match_part_serves_one",
            "business_id",
            "kind",
            "ref_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
    )

    match_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    ref_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    amount_minor: Mapped[int] = mapped_column(Whole)
    active: Mapped[bool]


class AccountCheck(Scoped, Base):
    """What a rail said of an account and its owner when it was asked: evidence, kept as it came. ``claim`` (JSON): who was said

    to own it; ``digest``: of routing and account number, none where they are tokenised.
    """

    __tablename__ = "account_check"

    check_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(40))
    rail: Mapped[str] = mapped_column(String(10))
    found: Mapped[str] = mapped_column(String(20))
    said: Mapped[str] = mapped_column(Text)
    tokenised: Mapped[bool]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    claim: Mapped[str | None] = mapped_column(Text)
    name_score: Mapped[int | None] = mapped_column(Whole)
    evidence: Mapped[str] = mapped_column(Text)
    checked_by: Mapped[str] = mapped_column(Text)
    checked_at: Mapped[datetime] = mapped_column(Instant)
