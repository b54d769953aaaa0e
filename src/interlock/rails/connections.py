"""Connections of businesses to rails: who is linked to what, with sealed credentials, and how far each sync has come."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import LargeBinary, String, Text, UniqueConstraint, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from interlock.infra import translog
from interlock.infra.crypto import Vault
from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole
from interlock.kernel.errors import NotFound, Refused
from interlock.kernel.scope import Scope

CONNECTED = "connected"
NEEDS_RECONNECT = "needs reconnect"


class Connection(Scoped, Base):
    """A business's link to a rail. ``external_id`` is the rail's name for it (a realm); it serves one business only.

    ``hard_expires_at``: when a person must consent again whatever happens; ``proved_at``: the last answer it gave us;
    ``records``: whether this business lets us write down what already happened.
    """

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("rail", "external_id"),)

    rail: Mapped[str] = mapped_column(String(10), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))
    trouble: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    connected_at: Mapped[datetime] = mapped_column(Instant)
    refreshed_at: Mapped[datetime] = mapped_column(Instant)
    scopes: Mapped[str] = mapped_column(Text, default="")
    granted_at: Mapped[datetime | None] = mapped_column(Instant)
    access_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    refresh_issued_at: Mapped[datetime | None] = mapped_column(Instant)
    refresh_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    hard_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    proved_at: Mapped[datetime | None] = mapped_column(Instant)
    disconnected_at: Mapped[datetime | None] = mapped_column(Instant)
    records: Mapped[bool] = mapped_column(default=False)


class ConnectAttempt(Base):
    """A consent somebody was sent to give, until its callback or its end. Only the hash of its ``state`` is kept."""

    __tablename__ = "connect_attempt"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    firm_id: Mapped[str | None] = mapped_column(String(40))
    business_id: Mapped[str | None] = mapped_column(String(40))
    rail: Mapped[str] = mapped_column(String(10))
    business_name: Mapped[str | None] = mapped_column(Text)
    redirect_uri: Mapped[str] = mapped_column(Text)
    return_to: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class SyncState(Scoped, Base):
    """How far a sync has come. ``since`` is the rail's own clock; ``progress`` (JSON) is where an unfinished listing stands."""

    __tablename__ = "sync_state"

    rail: Mapped[str] = mapped_column(String(10), primary_key=True)
    listing: Mapped[int] = mapped_column(Whole)
    since: Mapped[datetime | None] = mapped_column(Instant)
    progress: Mapped[str] = mapped_column(Text)
    last_sync: Mapped[datetime | None] = mapped_column(Instant)
    last_full: Mapped[datetime | None] = mapped_column(Instant)


class Grant(msgspec.Struct, frozen=True):
    """What a rail gave us to act with; sealed as a whole."""

    refresh_token: str
    access_token: str = ""
    access_expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None


def _owner(scope: Scope, rail: str) -> str:
    return f"{scope.firm_id}/{scope.business_id}/{rail}"


def connect(
    session: Session,
    scope: Scope,
    vault: Vault,
    *,
    rail: str,
    external_id: str,
    grant: Grant,
    now: datetime,
    actor: str,
) -> None:
    """Save a new connection, or a new grant for the same ``external_id``, with its log line.

    ``Refused`` when the external id serves another business, or this business is linked to another external id.
    """
    sealed = vault.seal(msgspec.json.encode(grant), _owner(scope, rail))
    existing = session.get(Connection, (scope.business_id, rail))
    if existing is not None and existing.external_id != external_id:
        raise Refused(f"This business is linked to {rail} company {existing.external_id}; disconnect that one first.")
    if existing is not None:
        existing.sealed, existing.state, existing.trouble, existing.refreshed_at = sealed, CONNECTED, None, now
    else:
        session.add(
            Connection(
                firm_id=scope.firm_id,
                business_id=scope.business_id,
                rail=rail,
                external_id=external_id,
                state=CONNECTED,
                trouble=None,
                sealed=sealed,
                connected_at=now,
                refreshed_at=now,
            )
        )
    try:
        session.flush()
    except IntegrityError:
        raise Refused(f"The {rail} company {external_id} already serves another business.") from None
    body: dict[str, Any] = {"rail": rail, "external_id": external_id, "again": existing is not None}
    translog.append(session, scope, now=now, actor=actor, action="connection.connected", body=body)


def find(session: Session, scope: Scope, rail: str) -> Connection:
    """The business's connection to ``rail``; ``NotFound`` when there is none."""
    found = session.get(Connection, (scope.business_id, rail))
    if found is None or found.firm_id != scope.firm_id:
        raise NotFound(f"This business is not connected to {rail}.")
    return found


def grant_of(session: Session, scope: Scope, vault: Vault, rail: str) -> Grant:
    return msgspec.json.decode(vault.open(find(session, scope, rail).sealed, _owner(scope, rail)), type=Grant)


def keep_grant(session: Session, scope: Scope, vault: Vault, rail: str, grant: Grant, now: datetime) -> None:
    """Replace the grant after a rotation. Not a decision, so it leaves no log line."""
    session.execute(
        update(Connection)
        .where(Connection.business_id == scope.business_id, Connection.rail == rail)
        .values(sealed=vault.seal(msgspec.json.encode(grant), _owner(scope, rail)), refreshed_at=now)
    )


def mark_trouble(session: Session, scope: Scope, rail: str, trouble: str, now: datetime) -> None:
    """The rail no longer accepts our grant: a person has to reconnect."""
    found = find(session, scope, rail)
    if found.state == NEEDS_RECONNECT:
        return
    found.state, found.trouble = NEEDS_RECONNECT, trouble
    translog.append(
        session, scope, now=now, actor="sync", action="connection.lost", body={"rail": rail, "trouble": trouble}
    )


def sync_state(session: Session, scope: Scope, rail: str) -> SyncState:
    """Where the sync stands; a fresh state, not yet saved, when it never ran."""
    found = session.get(SyncState, (scope.business_id, rail))
    if found is not None:
        return found
    return SyncState(
        firm_id=scope.firm_id,
        business_id=scope.business_id,
        rail=rail,
        listing=0,
        since=None,
        progress="null",
        last_sync=None,
        last_full=None,
    )


def all_connections(session: Session, scope: Scope, rail: str) -> list[Connection]:
    """Every connection to ``rail`` in the scope's firm."""
    return list(session.scalars(select(Connection).where(Connection.firm_id == scope.firm_id, Connection.rail == rail)))
