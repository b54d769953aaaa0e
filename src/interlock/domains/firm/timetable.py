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
    """A digest as it was made: append-only. ``letter_id``: of ``letter_times.letter_id_of``; ``seq``/``head``: the log's

    head it was made from; ``digest``: SHA-256 of the HTML, a line end and the PDF; ``recipients``: JSON; ``forecast``: JSON, the
    path's weeks as they were forecast then (``calculators.accuracy``); ``message_id``: the same however often it is tried.
    """

    __tablename__ = "letter"
    __table_args__ = ({"sqlite_with_rowid": False},)

    letter_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    dated: Mapped[date] = mapped_column(Date)
    seq: Mapped[int] = mapped_column(Whole)
    head: Mapped[str] = mapped_column(String(64))
    html: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    pdf: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    recipients: Mapped[str] = mapped_column(Text)
    forecast: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(120))
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)


class LetterSending(Scoped, Base):
    """What became of a letter's mail. ``sending_at``: committed before the mail server is spoken to, and taken back only where it

    certainly took nothing; with it and without ``sent_at`` nobody knows whether it was taken. ``attempts``: dialogues begun;
    ``trouble``: what a person should know.
    """

    __tablename__ = "letter_sending"

    letter_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    sending_at: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Whole, default=0)
    trouble: Mapped[str | None] = mapped_column(Text)
