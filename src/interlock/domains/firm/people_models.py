"""People, what they may do for which client, and who stands in for whom."""

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole

_STANDING = text("ended_at IS NULL")


class Person(Base):
    """Somebody of the firm or of a client. ``side``: firm or client; ``handle``: a short name that commands take.

    One who has left keeps the row, since decisions name it.
    """

    __tablename__ = "person"
    __table_args__ = (Index("ux_person_firm_id_handle", "firm_id", "handle", unique=True),)

    person_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    firm_id: Mapped[str] = mapped_column(String(40))
    handle: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    side: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)


class RoleGrant(Scoped, Base):
    """A role that a person has at one client, since when and until when (``roles.Role``)."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "ux_role_grant_standing",
            "business_id",
            "person_id",
            "role",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    grant_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Delegation(Scoped, Base):
    """``from_person`` lets ``to_person`` approve in their place, each payment up to ``limit_minor`` of home currency."""

    __tablename__ = "delegation"

    delegation_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    from_person: Mapped[str] = mapped_column(String(40))
    to_person: Mapped[str] = mapped_column(String(40))
    limit_minor: Mapped[int] = mapped_column(Whole)
    reason: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class AnsweredRequest(Base):
    """What a request of the API with an idempotency key was answered, so that the same one again gets the same answer."""

    __tablename__ = "answered_request"

    firm_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(Whole)
    body: Mapped[str | None] = mapped_column(Text)
    begun_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
