"""The inbox of notices that rails send us, each kept once; hints, never the truth.

A notice moves the business's next sync forward in the transaction that keeps it, so none can be kept and forgotten. What it
says is not believed: the sync that follows asks the rail. Notices in a burst are answered by one sync.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, Index, String, and_, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.bulk import among
from interlock.infra.db.types import Instant
from interlock.kernel.scope import Scope
from interlock.rails import cadence, meter, schedule
from interlock.rails.connections import CONNECTED, Connection, sync_state
from interlock.rails.items import REMOVED, LinkedItem
from interlock.rails.listens import Hint

KEPT_FOR = timedelta(days=30)
REASON = "notice"
_UNSYNCED = {"synchronize_session": False}


class Notice(Base):
    """What a rail said changed. ``firm_id`` and ``business_id`` are empty when nobody here is linked to ``external_id``;

    ``handled_at``: when a sync had asked the rail after it came, or when it came, for what we keep nothing of.
    """

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


class Received(Struct, frozen=True):
    """What became of a delivery: notices that were new, those for companies nobody here is linked to, businesses hastened."""

    new: int
    strange: int
    moved: tuple[str, ...]


def receive(
    session: Session, rail: str, hints: Sequence[Hint], *, budget: int, now: datetime, only: Scope | None = None
) -> Received:
    """Keep ``hints`` (system scope: a delivery may mix companies of several firms) and hasten the syncs they ask for.

    One that came before changes nothing. A business that is disconnected or has to reconnect keeps its notices for later.
    ``budget``: metered reads a month; as it nears its end, notices are answered less eagerly (``meter.after_hint``).
    ``only``: the business whose keys verified them, which is all they can be about.
    """
    fresh = {hint.event_id: hint for hint in hints}
    for known in session.scalars(
        select(Notice.event_id).where(Notice.rail == rail, among(session, Notice.event_id, list(fresh)))
    ):
        del fresh[known]
    if not fresh:
        return Received(0, 0, ())
    linked = _linked(session, rail, {hint.external_id for hint in fresh.values()}, only)
    rows = [_row(rail, hint, linked.get(hint.external_id), now) for hint in fresh.values()]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # Another delivery of the same event may commit between our look and this.
    session.execute(insert(Notice).on_conflict_do_nothing(), rows)
    strange = sum(hint.external_id not in linked for hint in fresh.values())
    if strange:
        old = (Notice.business_id.is_(None), Notice.received_at < now - KEPT_FOR)
        session.execute(delete(Notice).where(*old), execution_options=_UNSYNCED)
    told = [linked[hint.external_id] for hint in fresh.values() if hint.concerns and hint.external_id in linked]
    moved = _hasten(session, rail, list({each.business_id: each for each in told}.values()), budget, now)
    return Received(len(fresh), strange, tuple(moved))


def follow_up(session: Session, scope: Scope, rail: str, room: meter.Room, now: datetime) -> datetime | None:
    """When notices that came just now are to be followed up; ``None``: not before somebody asks."""
    last_sync = sync_state(session, scope, rail).last_sync
    if rail in cadence.CADENCES:
        return cadence.after_notice(now=now, last_sync=last_sync)
    due = schedule.find(session, scope, rail)
    return meter.after_hint(room, now=now, last_sync=last_sync, looked_at=due.looked_at if due else None)


def unhandled(session: Session, scope: Scope, rail: str) -> list[Notice]:
    """Notices of the business that no sync has seen yet, in the order they came."""
    query = select(Notice).where(*_of(scope, rail), Notice.handled_at.is_(None))
    return list(session.scalars(query.order_by(Notice.received_at, Notice.event_id)))


def waiting(session: Session, scope: Scope, rail: str) -> int:
    """How many those are."""
    query = select(func.count()).select_from(Notice).where(*_of(scope, rail), Notice.handled_at.is_(None))
    return session.execute(query).scalar_one()


def mark_handled(session: Session, scope: Scope, rail: str, event_ids: Sequence[str], now: datetime) -> None:
    """A sync asked the rail after these had come. Named one by one: two machines' clocks need not agree on 'before'.

    Notices handled more than ``KEPT_FOR`` ago are let go.
    """
    session.execute(
        update(Notice).where(*_of(scope, rail), among(session, Notice.event_id, event_ids)).values(handled_at=now),
        execution_options=_UNSYNCED,
    )
    session.execute(
        delete(Notice).where(*_of(scope, rail), Notice.handled_at < now - KEPT_FOR), execution_options=_UNSYNCED
    )


def latest(session: Session, scope: Scope | None, rail: str, most: int) -> list[Notice]:
    """Newest first: a business's, a firm's, or (``None``, system scope) those for companies nobody here is linked to."""
    nobodys = (Notice.rail == rail, Notice.business_id.is_(None))
    whose = nobodys if scope is None else _of(scope, rail)
    query = select(Notice).where(*whose).order_by(Notice.received_at.desc(), Notice.event_id)
    return list(session.scalars(query.limit(most)))


def _hasten(
    session: Session, rail: str, connections: Sequence[Connection], budget: int, now: datetime
) -> Iterator[str]:
    """Bring forward the next sync of each that is connected; ids of the businesses."""
    room = meter.room(session, rail, budget, now)
    for connection in connections:
        scope = Scope(connection.firm_id, connection.business_id)
        if connection.state != CONNECTED:
            continue
        due_at = follow_up(session, scope, rail, room, now)
        if due_at is not None:
            schedule.hasten(session, scope, rail, due_at=due_at, reason=REASON)
            yield connection.business_id


def _linked(session: Session, rail: str, named: Iterable[str], only: Scope | None) -> dict[str, Connection]:
    """Whom the rail means by each name: a connection's own, or that of a bank login under it. Others are nobody's."""
    wanted = sorted(named)
    ours = select(Connection).where(Connection.rail == rail)
    logins = (
        select(LinkedItem.item_id, Connection)
        .join(Connection, and_(Connection.business_id == LinkedItem.business_id, Connection.rail == LinkedItem.rail))
        .where(LinkedItem.rail == rail, LinkedItem.state != REMOVED, among(session, LinkedItem.item_id, wanted))
    )
    found = {row[0]: row[1] for row in session.execute(logins)}
    for connection in session.scalars(ours.where(among(session, Connection.external_id, wanted))):
        found[connection.external_id] = connection
    return {name: each for name, each in found.items() if only is None or each.business_id == only.business_id}


def _row(rail: str, hint: Hint, connection: Connection | None, now: datetime) -> dict[str, object]:
    return {
        "rail": rail,
        "event_id": hint.event_id,
        "firm_id": connection.firm_id if connection else None,
        "business_id": connection.business_id if connection else None,
        "external_id": _cut(hint.external_id, 80),
        "entity": _cut(hint.entity, 60),
        "entity_id": _cut(hint.entity_id, 60),
        "operation": _cut(hint.operation, 20),
        "happened_at": hint.happened_at,
        "received_at": now,
        "handled_at": None if hint.concerns else now,
    }


def _cut(text: str, most: int) -> str:
    # PostgreSQL keeps no NUL.
    return text.replace("\0", "")[:most]


def _of(scope: Scope, rail: str) -> tuple[ColumnElement[bool], ...]:
    ours = (Notice.rail == rail, Notice.firm_id == scope.firm_id)
    return ours if scope.business_id is None else (*ours, Notice.business_id == scope.business_id)
