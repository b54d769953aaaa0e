"""The workers of an installation: who lives, and who leads the recovery of what the dead left."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Instant


class Worker(Base):
    """A process that does due work. It lives until ``leased_until``; one of all leads until ``leads_until``."""

    __tablename__ = "worker"

    executor_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime] = mapped_column(Instant)
    leads_until: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[str] = mapped_column(String(40))
