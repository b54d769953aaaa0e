"""When each business's rail is to be read next: a row with ``due_at``, moved by people, notices and the timetable."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole


class SyncDue(Scoped, Base):
    """A business's next sync and next proof of completeness. ``looked_at``: when a person last opened its pages;

    ``failures``: in a row; ``trouble``: the last one in plain words.
    """

    __tablename__ = "sync_due"
    __table_args__ = (Index(None, "due_at"),)

    rail: Mapped[str] = mapped_column(String(10), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(40))
    proof_due_at: Mapped[datetime] = mapped_column(Instant)
    looked_at: Mapped[datetime | None] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(Whole)
    trouble: Mapped[str | None] = mapped_column(Text)
