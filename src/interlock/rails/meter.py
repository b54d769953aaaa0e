"""Metered reads of a rail, by month: what the plan allows and what is left of it."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Whole


class MeteredReads(Scoped, Base):
    """Reads of one business in one month (``YYYY-MM``, UTC)."""

    __tablename__ = "metered_reads"

    rail: Mapped[str] = mapped_column(String(10), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    reads: Mapped[int] = mapped_column(Whole)
