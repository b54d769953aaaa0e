"""Firms, their client businesses, how each keeps its books, and the ledger's own totals to hold ours against."""

from datetime import date, datetime

from sqlalchemy import Date, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole
from interlock.rails.mirror import MirroredRow


class Installation(Base):
    """This database: one row. ``key_check`` is sealed with the secret key, so that a wrong key is known at once.

    A demo database may follow the sandbox's clock, served at ``clock_url`` as an offset from wall time.
    """

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    demo: Mapped[bool]
    clock_url: Mapped[str | None] = mapped_column(Text)
    clock_offset_seconds: Mapped[int] = mapped_column(Whole)
    key_check: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Firm(Base):
    __tablename__ = "firm"

    firm_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Business(Base):
    """A client of a firm. Nothing dated before ``control_start`` counts as bypassed or unexplained."""

    __tablename__ = "business"
    __table_args__ = (UniqueConstraint("firm_id", "slug"),)

    business_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    firm_id: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(String(80))
    time_zone: Mapped[str] = mapped_column(String(60))
    home_currency: Mapped[str] = mapped_column(String(3))
    control_start: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(Instant)


class LedgerPreferences(MirroredRow, Base):
    __tablename__ = "ledger_preferences"

    company_name: Mapped[str | None] = mapped_column(Text)
    home_currency: Mapped[str] = mapped_column(String(3))
    multicurrency: Mapped[bool]
    closed_through: Mapped[date | None] = mapped_column(Date)
    time_zone: Mapped[str | None] = mapped_column(String(60))


class Term(MirroredRow, Base):
    __tablename__ = "term"

    name: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    due_days: Mapped[int | None]
    day_of_month: Mapped[int | None]
    discount_basis_points: Mapped[int]
    discount_days: Mapped[int | None]


class LedgerProof(Scoped, Base):
    """The ledger's own totals, last taken, beside ours then: rows by entity (JSON), aging totals in home currency,

    ``balances`` by account id (JSON, minor units), ``located``: where differences lie, ``left_out``: what wasn't compared
    and why (JSON).
    """

    __tablename__ = "ledger_proof"

    taken_at: Mapped[datetime] = mapped_column(Instant)
    report_date: Mapped[date] = mapped_column(Date)
    counts: Mapped[str] = mapped_column(Text)
    counts_here: Mapped[str] = mapped_column(Text)
    payables_minor: Mapped[int] = mapped_column(Whole)
    payables_here_minor: Mapped[int] = mapped_column(Whole)
    receivables_minor: Mapped[int] = mapped_column(Whole)
    receivables_here_minor: Mapped[int] = mapped_column(Whole)
    balances: Mapped[str] = mapped_column(Text, default="{}")
    balances_here: Mapped[str] = mapped_column(Text, default="{}")
    located: Mapped[str] = mapped_column(Text, default="[]")
    left_out: Mapped[str] = mapped_column(Text, default="[]")
