"""The inbox of notices that rails send us, each kept once; hints, never the truth."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Instant


class Notice(Base):
    """What a rail said changed. ``firm_id`` and ``business_id`` are empty when nobody here is linked to ``external_id``."""

    __tablename__ = "inbox"
    __table_args__ = (Index(None, "business_id", "handled_at"),)

    rail: Mapped[str] = mapped_column(String(10), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    firm_id: Mapped[str | None] = mapped_column(String(40))
    business_id: Mapped[str | None] = mapped_column(String(40))
    external_id: Mapped[str] = mapped_column(String(80))
    entity: Mapped[str] = mapped_column(String(60))
    entity_id: Mapped[str] = mapped_column(String(60))
    operation: Mapped[str] = mapped_column(String(20))
    happened_at: Mapped[datetime | None] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    handled_at: Mapped[datetime | None] = mapped_column(Instant)
