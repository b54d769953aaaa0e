"""What became of payments once they were released: the instruction, where it stands, and every step it took."""

from datetime import date, datetime

from sqlalchemy import Date, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole

_DUE = text("todo IS NOT NULL")
_PAID = text("ledger_payment_id IS NOT NULL")
_STUCK = text("needs_person = 1")  # as the query says it there


class Disbursement(Scoped, Base):
    """A released payment: its instruction, committed before anything is sent, and what its witnesses have said.

    ``intent_id`` is the key on the wire (Ramp's ``remote_id``, QuickBooks' ``requestid``); ``instruction``: JSON, what is sent
    under it. ``stage``: of the course (``policy.course``), whose JSON is ``course``; ``todo`` at ``due_at`` is the course's too,
    and ``needs_person``. ``attempt`` grows with each thing done outside, ``steps`` with each step. ``rail_id``, ``rail_url``:
    where it stands there; ``match_id``, ``line_id``, ``cleared_on``: the clearing group, its bank line and that line's day;
    ``ledger_payment_id``, ``recorded_on``: the ledger's; ``returned_line_id``: the bank line it came back with.
    ``account_id``: the ledger's account it is paid from, where that is known. ``why``: the last reason in words.
    ``released_by``: a person's id, ``schedule``, or ``nobody`` (the ledger showed it paid first); ``decision_id``: of the release.
    """

    __tablename__ = "disbursement"
    __table_args__ = (
        Index("ix_disbursement_board", "business_id", "stage", "currency", "amount_minor"),
        Index("ix_disbursement_stage", "business_id", "stage", "changed_at", "intent_id"),
        Index(
            "ix_disbursement_person",
            "business_id",
            "stage",
            sqlite_where=_STUCK,
            postgresql_where=text("needs_person"),
        ),
        Index("ix_disbursement_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index(
            "ux_disbursement_ledger_payment",
            "business_id",
            "ledger_payment_id",
            "bill_id",
            unique=True,
            sqlite_where=_PAID,
            postgresql_where=_PAID,
        ),
        Index(None, "business_id", "bill_id"),
        Index(None, "business_id", "changed_at"),
    )

    intent_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    bill_id: Mapped[str] = mapped_column(String(40))
    vendor_id: Mapped[str | None] = mapped_column(String(40))
    amount_minor: Mapped[int] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    way: Mapped[str] = mapped_column(String(10))
    method: Mapped[str | None] = mapped_column(String(10))
    pay_on: Mapped[date] = mapped_column(Date)
    arrives_on: Mapped[date | None] = mapped_column(Date)
    account_id: Mapped[str | None] = mapped_column(String(40))
    instruction: Mapped[str | None] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(String(12))
    course: Mapped[str] = mapped_column(Text)
    todo: Mapped[str | None] = mapped_column(String(10))
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    needs_person: Mapped[bool] = mapped_column(default=False)
    attempt: Mapped[int] = mapped_column(Whole, default=0)
    steps: Mapped[int] = mapped_column(Whole, default=0)
    rail_id: Mapped[str | None] = mapped_column(String(40))
    rail_url: Mapped[str | None] = mapped_column(Text)
    executed_on: Mapped[date | None] = mapped_column(Date)
    match_id: Mapped[str | None] = mapped_column(String(40))
    line_id: Mapped[str | None] = mapped_column(String(80))
    cleared_on: Mapped[date | None] = mapped_column(Date)
    ledger_payment_id: Mapped[str | None] = mapped_column(String(40))
    recorded_on: Mapped[date | None] = mapped_column(Date)
    returned_line_id: Mapped[str | None] = mapped_column(String(80))
    why: Mapped[str | None] = mapped_column(Text)
    released_by: Mapped[str] = mapped_column(String(40))
    released_at: Mapped[datetime] = mapped_column(Instant)
    decision_id: Mapped[str | None] = mapped_column(String(40))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class DisbursementStep(Scoped, Base):
    """One step of one payment; append-only. ``event``: the happening's name (``policy.happenings``); ``said``: JSON, what whoever

    said it said (references, amounts as minor units, the reason).
    """

    __tablename__ = "disbursement_step"
    __table_args__ = ({"sqlite_with_rowid": False},)

    intent_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Whole, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    event: Mapped[str] = mapped_column(String(20))
    was: Mapped[str] = mapped_column(String(12))
    stage: Mapped[str] = mapped_column(String(12))
    said: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)


class PayingSetup(Scoped, Base):
    """How a business pays its bills: a person's choice. Without a row it pays outside.

    ``method``: ach, check or wire, where the paying rail is told; ``funding_account_id``: the rail's account to pay from.
    ``no_accounting_by``/``_at``: who declared that nothing carries bills from the paying rail into the ledger, and when;
    without that word nothing is created to pay.
    """

    __tablename__ = "paying_setup"

    way: Mapped[str] = mapped_column(String(10))
    method: Mapped[str] = mapped_column(String(10))
    funding_account_id: Mapped[str | None] = mapped_column(String(40))
    no_accounting_by: Mapped[str | None] = mapped_column(String(40))
    no_accounting_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime] = mapped_column(Instant)
