"""The workers of an installation: who lives, and who leads the recovery of what the dead left.

A lease is a row whose ``leased_until`` its process moves on every few seconds. Times are the database's own on PostgreSQL, so that
hosts need not agree on theirs; on SQLite all processes are on one machine. A lease that ends too early costs nothing but work done
twice, which the work itself must bear anyway.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import String, delete, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Instant
from interlock.kernel.scope import SystemScope

LEASES = SystemScope("the leases of workers")
_CHOOSING = 5_127_402_288_317  # any number, the same in every version


class Worker(Base):
    """A process that does due work. It lives until ``leased_until``; one of all leads until ``leads_until``."""

    __tablename__ = "worker"

    executor_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime] = mapped_column(Instant)
    leads_until: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[str] = mapped_column(String(40))


def renew(session: Session, executor_id: str, *, lease: timedelta, version: str) -> bool:
    """Live on, and lead if nobody living does; says whether this worker leads.

    Writers of these rows come one after the other, so that two can't both find the lead free.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _CHOOSING})
    now = _now(session)
    mine = session.get(Worker, executor_id)
    if mine is None:
        mine = Worker(executor_id=executor_id, started_at=now, leased_until=now, leads_until=None, version=version)
        session.add(mine)
    mine.leased_until = now + lease
    others = select(func.count()).where(Worker.executor_id != executor_id, Worker.leads_until > now)
    leads = session.execute(others).scalar_one() == 0
    mine.leads_until = now + lease if leads else None
    session.flush()
    return leads


def give_back(session: Session, executor_id: str) -> None:
    """This worker ends: what it left may be picked up at once."""
    session.execute(delete(Worker).where(Worker.executor_id == executor_id))


def living(session: Session) -> list[Worker]:
    """The workers whose lease runs, longest living first."""
    return list(
        session.scalars(select(Worker).where(Worker.leased_until > _now(session)).order_by(Worker.started_at)).all()
    )


def forget_dead(session: Session) -> None:
    """Remove the rows of workers that live no more."""
    session.execute(delete(Worker).where(Worker.leased_until <= _now(session)))


def _now(session: Session) -> datetime:
    if session.get_bind().dialect.name == "postgresql":
        found: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return found.astimezone(UTC)
    return datetime.now(UTC)
