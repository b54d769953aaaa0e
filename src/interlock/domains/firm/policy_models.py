"""Versions of policies: text as it was written, never changed."""

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Instant, Whole


class PolicyVersion(Base):
    """One version of the firm's policy (``client_id`` empty) or of a client's, which overrides the firm's where it speaks.

    ``text`` is TOML; ``digest`` its SHA-256. Append-only: the newest version is the one in force.
    """

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("firm_id", "client_id", "version"), {"sqlite_with_rowid": False})

    policy_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    firm_id: Mapped[str] = mapped_column(String(40))
    client_id: Mapped[str] = mapped_column(String(40), default="")
    version: Mapped[int] = mapped_column(Whole)
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str | None] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(Instant)
