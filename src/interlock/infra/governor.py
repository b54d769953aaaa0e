"""One governor for all workers: a rail's limits as budgets that processes lease in chunks."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Instant, Whole


class Budget(Base):
    """A budget by name (``qbo:<realm>``). ``spent`` (JSON): what was leased in the last minute; ``paused_until``: throttled."""

    __tablename__ = "budget"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    spent: Mapped[str] = mapped_column(Text)
    paused_until: Mapped[datetime | None] = mapped_column(Instant)


class BudgetLease(Base):
    """A holder's share of a budget: starts a second, requests in flight and tokens, from ``since`` to ``until``."""

    __tablename__ = "budget_lease"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80), primary_key=True)
    a_second: Mapped[int] = mapped_column(Whole)
    in_flight: Mapped[int] = mapped_column(Whole)
    tokens: Mapped[int] = mapped_column(Whole)
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)
