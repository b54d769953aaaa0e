"""Asking customers to pay: how a business wants it done, where each invoice stands in it, and every message that was written."""

from datetime import date, datetime

from sqlalchemy import Date, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole

_OPEN = text("state IN ('begun', 'unknown')")
_STANDING = text("state <> 'not_taken'")


class ChasingSetup(Scoped, Base):
    """How a business's customers are asked to pay. Without a row, or with ``on`` false, nobody is written to.

    ``gentle_days``, ``firm_days``, ``final_days``: days after the due date each stage comes at the earliest; ``gap_days``: the
    least between two messages to one customer, whatever the invoice; messages leave on workdays between ``from_hour`` and
    ``to_hour`` (``HH:MM``, the client's time). ``sender_name``, ``reply_to``: who the customer reads and answers.
    """

    __tablename__ = "chasing_setup"

    on: Mapped[bool]
    sender_name: Mapped[str] = mapped_column(Text)
    reply_to: Mapped[str] = mapped_column(Text)
    gentle_days: Mapped[int] = mapped_column(Whole)
    firm_days: Mapped[int] = mapped_column(Whole)
    final_days: Mapped[int] = mapped_column(Whole)
    gap_days: Mapped[int] = mapped_column(Whole)
    from_hour: Mapped[str] = mapped_column(String(5))
    to_hour: Mapped[str] = mapped_column(String(5))
    changed_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class ChaseTemplate(Scoped, Base):
    """The words of one stage (gentle, firm, final). Nothing is sent with words nobody has read: ``previewed_digest`` names those

    that were (SHA-256 of subject, a line end and body).
    """

    __tablename__ = "chase_template"

    stage: Mapped[str] = mapped_column(String(10), primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    previewed_digest: Mapped[str | None] = mapped_column(String(64))
    previewed_by: Mapped[str | None] = mapped_column(String(40))
    previewed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class Chase(Scoped, Base):
    """Where the chase of one invoice stands, as people decided. The next stage follows from the messages there are.

    ``state``: chased, paused (until ``until``, ``why``), promised (``promised_minor`` by ``until``), planned (``plan``: JSON, dates
    and minor units), disputed (``disputed_minor``, ``why``), write_off (proposed; the ledger's own people write it off), stopped.
    ``round``: grows when a chase is begun anew, so that its stages may come again.
    """

    __tablename__ = "chase"
    __table_args__ = (Index(None, "business_id", "customer_id"),)

    invoice_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    round: Mapped[int] = mapped_column(Whole, default=1)
    until: Mapped[date | None] = mapped_column(Date)
    promised_minor: Mapped[int | None] = mapped_column(Whole)
    disputed_minor: Mapped[int | None] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    plan: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str | None] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class ChasePromise(Scoped, Base):
    """A customer's word, kept for their record of keeping it. ``outcome``: open, kept, broken or withdrawn."""

    __tablename__ = "chase_promise"
    __table_args__ = (Index(None, "business_id", "customer_id"), Index(None, "business_id", "invoice_id"))

    promise_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    invoice_id: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[str | None] = mapped_column(String(40))
    amount_minor: Mapped[int] = mapped_column(Whole)
    balance_minor: Mapped[int] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    promised_for: Mapped[date] = mapped_column(Date)
    outcome: Mapped[str] = mapped_column(String(10))
    said_by: Mapped[str] = mapped_column(String(40))
    said_at: Mapped[datetime] = mapped_column(Instant)


class Reminder(Scoped, Base):
    """One message about one invoice's stage: made once, whatever happens on the way.

    ``state``: begun (committed before the mail server is spoken to), sent, not_taken (certainly not; may be tried again as another
    row), unknown (nobody knows; never sent again by itself), bounced. ``amount_minor``: open when it was sent, by both
    ledgers. ``recipient``, ``subject``, ``body``: as sent. ``message_id``: the mail's own.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        Index(
            "ux_reminder_stage",
            "business_id",
            "invoice_id",
            "round",
            "stage",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(None, "business_id", "customer_id", "begun_at"),
        Index("ix_reminder_open", "business_id", "state", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    reminder_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    invoice_id: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[str | None] = mapped_column(String(40))
    round: Mapped[int] = mapped_column(Whole)
    stage: Mapped[str] = mapped_column(String(10))
    amount_minor: Mapped[int] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    recipient: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10))
    trouble: Mapped[str | None] = mapped_column(Text)
    begun_by: Mapped[str] = mapped_column(Text)
    begun_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class ContactOptOut(Scoped, Base):
    """An address that isn't written to: it unsubscribed, its mail bounced, or a person said so (``how``)."""

    __tablename__ = "contact_opt_out"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    how: Mapped[str] = mapped_column(String(14))
    why: Mapped[str | None] = mapped_column(Text)
    noted_by: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime] = mapped_column(Instant)
