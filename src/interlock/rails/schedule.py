"""When each business's rail is to be read next: a row with ``due_at``, moved by people, notices and the timetable.

The rows are the truth about waiting work: whoever looks at them can begin it, and nothing is lost with a queue. A run takes its
row by moving ``due_at`` a long way ahead, so that a hint which comes meanwhile (an earlier ``due_at``) is seen afterwards.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Index, String, Text, Update, and_, case, exists, literal, or_, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole
from interlock.kernel.scope import Scope
from interlock.rails.connections import CONNECTED, Connection

SYNC = "sync"
PROOF = "prove"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The ``due_at`` of what waits for a person."""

_RUN_LEASE = timedelta(minutes=30)
_FIRST_PROOF_AFTER = timedelta(days=1)


class SyncDue(Scoped, Base):
    """A business's next sync and next proof of completeness. ``looked_at``: when a person last opened its pages;

    ``failures``: in a row; ``trouble``: the last one in plain words; ``holder``: the run that has taken the sync.
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
    holder: Mapped[str | None] = mapped_column(String(120))


class Due(Struct, frozen=True):
    """Work whose time has come; ``work`` is ``SYNC`` or ``PROOF``."""

    firm_id: str
    business_id: str
    rail: str
    work: str
    due_at: datetime


def find(session: Session, scope: Scope, rail: str) -> SyncDue | None:
    """The business's row, as it stands."""
    query = select(SyncDue).where(*_of(scope, rail)).execution_options(populate_existing=True)
    return session.scalars(query).first()


def hasten(session: Session, scope: Scope, rail: str, *, due_at: datetime, reason: str, mended: bool = False) -> bool:
    """See to it that the next sync is due at ``due_at`` or before; says whether that moved it.

    A business in trouble keeps its pause (hints must not break through it) unless ``mended``: a person reconnected it, and how a
    run that began before ends says nothing any more.
    """
    if _make(session, scope, rail, due_at, reason):
        return True
    later = [SyncDue.due_at > due_at] if mended else [SyncDue.due_at > due_at, SyncDue.failures == 0]
    moved = _change(session, scope, rail, *later).values(due_at=due_at, reason=reason)
    if mended:
        session.execute(_change(session, scope, rail).values(failures=0, trouble=None, holder=None))
    return _rows(session, moved) == 1


def looked(session: Session, scope: Scope, rail: str, now: datetime) -> bool:
    """A person opened this business's pages; ``False`` when it isn't on the timetable at all."""
    return _rows(session, _change(session, scope, rail).values(looked_at=now)) == 1


def take(session: Session, scope: Scope, rail: str, *, holder: str, now: datetime) -> bool:
    """Begin a sync for ``holder``; ``False`` when none is due any more (another run had it). A holder may take again."""
    return (
        _rows(
            session,
            _change(session, scope, rail, or_(SyncDue.due_at <= now, SyncDue.holder == holder)).values(
                due_at=now + _RUN_LEASE, holder=holder
            ),
        )
        == 1
    )


def after_sync(
    session: Session, scope: Scope, rail: str, *, now: datetime, next_due: datetime, began: datetime | None = None
) -> None:
    """A sync ended well. What was asked for after it ``began`` stays due: the sync may not have seen it."""
    if _make(session, scope, rail, next_due, "timetable"):
        return
    asked_meanwhile = and_(SyncDue.due_at > began, SyncDue.due_at <= now) if began else literal(False)
    session.execute(
        _change(session, scope, rail).values(
            due_at=case((asked_meanwhile, SyncDue.due_at), else_=_instant(next_due)),
            reason=case((asked_meanwhile, SyncDue.reason), else_="timetable"),
            failures=0,
            trouble=None,
            holder=None,
        )
    )


def after_failure(
    session: Session,
    scope: Scope,
    rail: str,
    *,
    now: datetime,
    trouble: str,
    retry_at: datetime | None,
    holder: str | None = None,
) -> None:
    """A sync failed, in plain words. ``retry_at`` is ``None`` when only a person can mend it.

    ``holder``: the run that failed; without effect when the row is no longer its own.
    """
    assert retry_at is None or retry_at > now, "a failure that is tried again at once would be tried for ever"
    still_its_own = [] if holder is None else [SyncDue.holder == holder]
    session.execute(
        _change(session, scope, rail, *still_its_own).values(
            due_at=retry_at or NEVER,
            reason="trouble",
            failures=SyncDue.failures + 1,
            trouble=trouble,
            holder=None,
        )
    )


def put_off(session: Session, scope: Scope, rail: str, *, until: datetime) -> None:
    """Leave a due sync for later without calling it a failure: somebody else is at it."""
    session.execute(_change(session, scope, rail).values(due_at=until, holder=None))


def proof_after(session: Session, scope: Scope, rail: str, *, next_proof: datetime) -> None:
    """When completeness is to be proved next."""
    session.execute(_change(session, scope, rail).values(proof_due_at=next_proof))


def due(session: Session, now: datetime, most: int) -> list[Due]:
    """What is due across all firms (system scope), longest waiting first. Only connected businesses are read."""
    linked = and_(Connection.business_id == SyncDue.business_id, Connection.rail == SyncDue.rail)
    connected = exists().where(linked, Connection.state == CONNECTED)
    owner = (SyncDue.firm_id, SyncDue.business_id, SyncDue.rail)
    syncs = select(*owner, literal(SYNC).label("work"), SyncDue.due_at.label("since")).where(SyncDue.due_at <= now)
    proofs = select(*owner, literal(PROOF).label("work"), SyncDue.proof_due_at.label("since")).where(
        SyncDue.proof_due_at <= now, SyncDue.failures == 0
    )
    both = union_all(syncs.where(connected), proofs.where(connected)).subquery()
    found = session.execute(select(both).order_by(both.c.since, both.c.business_id).limit(most))
    return [Due(*row) for row in found]


def revive(session: Session, ended: Due, now: datetime) -> None:
    """A run for ``ended`` is over and yet its row stands unmoved: make it due anew. System scope."""
    time = SyncDue.due_at if ended.work == SYNC else SyncDue.proof_due_at
    scope = Scope(ended.firm_id, ended.business_id)
    session.execute(_change(session, scope, ended.rail, time == ended.due_at).values({time: now}))


def without_row(session: Session) -> list[tuple[str, str, str]]:
    """Connections (firm, business, rail) that are older than the timetable. System scope."""
    known = exists().where(SyncDue.business_id == Connection.business_id, SyncDue.rail == Connection.rail)
    query = select(Connection.firm_id, Connection.business_id, Connection.rail).where(~known)
    return [(firm_id, business_id, rail) for firm_id, business_id, rail in session.execute(query)]


def adopt(session: Session, now: datetime) -> int:
    """Give a row to every connection that has none; how many had none. System scope."""
    orphans = without_row(session)
    for firm_id, business_id, rail in orphans:
        _make(session, Scope(firm_id, business_id), rail, now, "first sync")
    return len(orphans)


def _make(session: Session, scope: Scope, rail: str, due_at: datetime, reason: str) -> bool:
    """The row, unless it is there; says whether it was made."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.flush()
    made = session.execute(
        insert(SyncDue)
        .values(
            firm_id=scope.firm_id,
            business_id=scope.business_id,
            rail=rail,
            due_at=due_at,
            reason=reason,
            proof_due_at=min(due_at, NEVER - _FIRST_PROOF_AFTER) + _FIRST_PROOF_AFTER,
            failures=0,
        )
        .on_conflict_do_nothing()
        .returning(SyncDue.business_id)
    )
    return made.first() is not None


def _change(session: Session, scope: Scope, rail: str, *where: Any) -> Update:
    session.flush()
    return update(SyncDue).where(*_of(scope, rail), *where).execution_options(synchronize_session=False)


def _rows(session: Session, change: Update) -> int:
    return int(session.execute(change).rowcount)  # type: ignore[attr-defined]


def _of(scope: Scope, rail: str) -> tuple[Any, ...]:
    assert scope.business_id is not None, "due work belongs to one business"
    return (SyncDue.firm_id == scope.firm_id, SyncDue.business_id == scope.business_id, SyncDue.rail == rail)


def _instant(value: datetime) -> Any:
    return literal(value, Instant)
