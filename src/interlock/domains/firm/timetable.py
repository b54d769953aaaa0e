"""What a business does by the calendar, whoever looks: rows with ``due_at`` that the workers' tick picks up."""

from datetime import date, datetime

from sqlalchemy import Date, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole


class BusinessDue(Scoped, Base):
    """When a work of a business is due next. ``work``: pay_run (release by the schedule) or digest (the weekly letter)."""

    __tablename__ = "business_due"
    __table_args__ = (Index(None, "due_at"),)

    work: Mapped[str] = mapped_column(String(20), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Instant)
    trouble: Mapped[str | None] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(Whole, default=0)


class Letter(Scoped, Base):
    """A digest as it was made: rendered once, mailed once, never changed. ``letter_id``: ``digest:2026-11-24``, the day it is of;

    ``seq``/``head``: the log's head it was made from; ``sent_at``: when the mail server took it, ``None`` until then;
    ``message_id``: its own, the same however often it is tried.
    """

    __tablename__ = "letter"

    letter_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    dated: Mapped[date] = mapped_column(Date)
    seq: Mapped[int] = mapped_column(Whole)
    head: Mapped[str] = mapped_column(String(64))
    html: Mapped[bytes] = mapped_column(LargeBinary)
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    recipients: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(120))
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    sending_at: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
