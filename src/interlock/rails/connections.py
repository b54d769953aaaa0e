"""Connections of businesses to rails: who is linked to what, with sealed credentials, and how far each sync has come."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import LargeBinary, String, Text, UniqueConstraint, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from interlock.infra import translog
from interlock.infra.crypto import Vault
from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole
from interlock.kernel.errors import InterlockError, NotFound, Refused
from interlock.kernel.scope import Scope
from interlock.kernel.unspoken import Unspoken
from interlock.rails.errors import spoken

CONNECTED = "connected"
NEEDS_RECONNECT = "needs reconnect"
DISCONNECTED = "disconnected"
ALARM_AHEAD = timedelta(days=14)
"""How long before a grant ends by itself a person is told."""

State = Literal["connected", "expiring", "expired", "needs reconnect", "disconnected"]


class NotLinked(InterlockError):
    """The business was linked once and is no more; what was read stays."""

    code = "not_linked"
    status = 409


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


class SyncState(Scoped, Base):
    """How far a sync has come. ``since`` is the rail's own clock; ``progress`` (JSON) is where an unfinished listing stands.

    ``edition``: of the facts that the last full listing wrote (``facts.EDITION``). ``ahead_seconds``: by how much the rail's
    clock was ahead of ours at ``since``. ``unread`` (JSON): rows the rail fails to show. ``lacking`` (JSON): entities that the
    company's plan there doesn't include.
    """

    __tablename__ = "sync_state"

    rail: Mapped[str] = mapped_column(String(10), primary_key=True)
    listing: Mapped[int] = mapped_column(Whole)
    since: Mapped[datetime | None] = mapped_column(Instant)
    progress: Mapped[str] = mapped_column(Text)
    last_sync: Mapped[datetime | None] = mapped_column(Instant)
    last_full: Mapped[datetime | None] = mapped_column(Instant)
    edition: Mapped[int] = mapped_column(Whole, default=0)
    ahead_seconds: Mapped[int | None] = mapped_column(Whole)
    unread: Mapped[str] = mapped_column(Text, default="[]")
    lacking: Mapped[str] = mapped_column(Text, default="[]")


class Grant(Unspoken, msgspec.Struct, frozen=True):
    """What a rail gave us to act with; sealed as a whole. ``hard_expires_at``: no refreshing leads beyond it."""

    refresh_token: str
    access_token: str = ""
    access_expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    hard_expires_at: datetime | None = None


class Keys(Unspoken, msgspec.Struct, frozen=True):
    """Credentials that a person brought, where the rail has no consent to refresh: ``name`` is public, ``secret`` is not.

    ``hook_secret``: what the rail signs its notices with. ``access_token``: what the keys were last exchanged for.
    """

    name: str
    secret: str
    hook_secret: str = ""
    access_token: str = ""
    access_expires_at: datetime | None = None


class Passport(msgspec.Struct, frozen=True):
    """What a connection can show of itself. ``scopes`` is empty where the grant was brought, not asked for here.

    ``ends_at``: when it ends by itself, whichever of the two expiries comes first; a refresh moves only the soft one.
    ``next_consent_at``: when a person must consent again whatever happens; ``None`` while the rail hasn't said.
    """

    rail: str
    external_id: str
    state: State
    trouble: str | None
    scopes: tuple[str, ...]
    connected_at: datetime
    granted_at: datetime | None
    refreshed_at: datetime
    access_expires_at: datetime | None
    refresh_issued_at: datetime | None
    refresh_expires_at: datetime | None
    next_consent_at: datetime | None
    ends_at: datetime | None
    proved_at: datetime | None
    disconnected_at: datetime | None
    records: bool


def sealed_owner(scope: Scope, rail: str) -> str:
    """Whom a connection's grant is sealed for."""
    return f"{scope.firm_id}/{scope.business_id}/{rail}"


def connect(
    session: Session,
    scope: Scope,
    vault: Vault,
    *,
    rail: str,
    external_id: str,
    grant: Grant | Keys,
    now: datetime,
    actor: str,
    scopes: str = "",
    granted_at: datetime | None = None,
) -> None:
    """Save a new connection that was just proved by reading, or a new grant for the same ``external_id``, with its log line.

    ``Refused`` when the external id serves another business, or this business's books are another external id's:
    also after a disconnect, since its history is one company's.
    """
    existing = session.get(Connection, (scope.business_id, rail))
    if existing is not None and existing.external_id != external_id:
        raise Refused(
            f"This business is that of {spoken(rail)} company {existing.external_id} and stays with it;"
            " take the other company on as a client of its own."
        )
    linked = existing or Connection(
        firm_id=scope.firm_id, business_id=scope.business_id, rail=rail, external_id=external_id, connected_at=now
    )
    linked.state, linked.trouble, linked.disconnected_at = CONNECTED, None, None
    linked.sealed, linked.refreshed_at = _sealed(vault, scope, rail, grant), now
    linked.proved_at, linked.scopes, linked.granted_at = now, scopes, granted_at
    linked.access_expires_at = grant.access_expires_at
    if isinstance(grant, Grant):
        linked.refresh_issued_at = now
        linked.refresh_expires_at, linked.hard_expires_at = grant.refresh_expires_at, grant.hard_expires_at
    session.add(linked)
    try:
        session.flush()
    except IntegrityError:
        raise Refused(f"The {spoken(rail)} company {external_id} already serves another business.") from None
    body: dict[str, Any] = {"rail": rail, "external_id": external_id, "again": existing is not None, "scopes": scopes}
    translog.append(session, scope, now=now, actor=actor, action="connection.connected", body=body)


def find(session: Session, scope: Scope, rail: str) -> Connection:
    """The business's connection to ``rail``; ``NotFound`` when there is none."""
    found = session.get(Connection, (scope.business_id, rail))
    if found is None or found.firm_id != scope.firm_id:
        raise NotFound(f"This business is not connected to {spoken(rail)}.")
    return found


def grant_of(session: Session, scope: Scope, vault: Vault, rail: str) -> Grant:
    """The grant; ``NotLinked`` when it was forgotten by a disconnect."""
    found = find(session, scope, rail)
    if found.state == DISCONNECTED:
        raise NotLinked(f"This business is disconnected from {spoken(rail)}; connect it again first.")
    return _opened(vault, scope, rail, found.sealed)


def keep_grant(session: Session, scope: Scope, vault: Vault, rail: str, grant: Grant, now: datetime) -> None:
    """Replace the grant after a rotation. Not a decision, so it leaves no log line.

    A connection that was disconnected meanwhile stays forgotten.
    """
    found = find(session, scope, rail)
    if found.state == DISCONNECTED:
        return
    if _opened(vault, scope, rail, found.sealed).refresh_token != grant.refresh_token:
        found.refresh_issued_at = now
    found.sealed, found.refreshed_at = _sealed(vault, scope, rail, grant), now
    for name, value in _ends(grant).items():
        setattr(found, name, value)
    session.flush()


def keys_of(session: Session, scope: Scope, vault: Vault, rail: str) -> Keys:
    """The keys somebody brought; ``NotLinked`` when they were forgotten by a disconnect."""
    found = find(session, scope, rail)
    if found.state == DISCONNECTED:
        raise NotLinked(f"This business is disconnected from {spoken(rail)}; connect it again first.")
    return msgspec.json.decode(vault.open(found.sealed, sealed_owner(scope, rail)), type=Keys)


def keep_keys(session: Session, scope: Scope, vault: Vault, rail: str, keys: Keys, now: datetime) -> None:
    """Replace the keys, as after an exchange for a token. Not a decision, so it leaves no log line."""
    found = find(session, scope, rail)
    if found.state != DISCONNECTED:
        found.sealed, found.refreshed_at = _sealed(vault, scope, rail, keys), now
        found.access_expires_at = keys.access_expires_at
        session.flush()


def mark_read(session: Session, scope: Scope, rail: str, now: datetime) -> None:
    """The rail just answered a read: proof that the connection works."""
    session.execute(
        update(Connection)
        .where(Connection.business_id == scope.business_id, Connection.rail == rail)
        .values(proved_at=now)
    )


def mark_trouble(session: Session, scope: Scope, rail: str, trouble: str, now: datetime) -> None:
    """The rail no longer accepts our grant: a person has to reconnect."""
    found = find(session, scope, rail)
    if found.state != CONNECTED:
        return
    found.state, found.trouble = NEEDS_RECONNECT, trouble
    translog.append(
        session, scope, now=now, actor="sync", action="connection.lost", body={"rail": rail, "trouble": trouble}
    )


def disconnect(
    session: Session, scope: Scope, rail: str, now: datetime, actor: str, *, revoked: bool = True
) -> Connection:
    """Forget the grant, keep the history. ``revoked`` says whether the rail was told, for the log line; twice is once."""
    found = find(session, scope, rail)
    if found.state == DISCONNECTED:
        return found
    found.state, found.disconnected_at = DISCONNECTED, now
    found.trouble = None if revoked else f"{spoken(rail)} could not be told; end the connection there too."
    found.sealed, found.records = b"", False
    found.access_expires_at = found.refresh_issued_at = found.refresh_expires_at = found.hard_expires_at = None
    session.flush()
    body: dict[str, Any] = {"rail": rail, "external_id": found.external_id, "revoked": revoked}
    translog.append(session, scope, now=now, actor=actor, action="connection.disconnected", body=body)
    return found


def set_records(session: Session, scope: Scope, rail: str, on: bool, now: datetime, actor: str) -> bool:
    """Switch on or off that we may write down, in this business's ledger, what already happened; says whether it changed.

    ``Refused`` to switch it on where there is no working connection.
    """
    found = find(session, scope, rail)
    if found.records == on:
        return False
    if on and found.state != CONNECTED:
        raise Refused(f"Recording can't be switched on while {spoken(rail)} is not connected; connect it again first.")
    found.records = on
    session.flush()
    body: dict[str, Any] = {"rail": rail, "on": on}
    translog.append(session, scope, now=now, actor=actor, action="connection.records_switched", body=body)
    return True


def passport_of(session: Session, scope: Scope, rail: str, now: datetime) -> Passport:
    """The connection's passport as of ``now``; ``NotFound`` when there is none."""
    return passport(find(session, scope, rail), now)


def passport(linked: Connection, now: datetime) -> Passport:
    """The same from a row already read."""
    ends = [each for each in (linked.refresh_expires_at, linked.hard_expires_at) if each is not None]
    ends_at = min(ends, default=None)
    return Passport(
        rail=linked.rail,
        external_id=linked.external_id,
        state=_state(linked.state, ends_at, now),
        trouble=linked.trouble,
        scopes=tuple(linked.scopes.split()),
        connected_at=linked.connected_at,
        granted_at=linked.granted_at,
        refreshed_at=linked.refreshed_at,
        access_expires_at=linked.access_expires_at,
        refresh_issued_at=linked.refresh_issued_at,
        refresh_expires_at=linked.refresh_expires_at,
        next_consent_at=linked.hard_expires_at,
        ends_at=ends_at,
        proved_at=linked.proved_at,
        disconnected_at=linked.disconnected_at,
        records=linked.records,
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
        edition=0,
        ahead_seconds=None,
        unread="[]",
        lacking="[]",
    )


def _state(kept: str, ends_at: datetime | None, now: datetime) -> State:
    if kept == DISCONNECTED:
        return "disconnected"
    if kept == NEEDS_RECONNECT:
        return "needs reconnect"
    if ends_at is None or ends_at - now > ALARM_AHEAD:
        return "connected"
    return "expiring" if ends_at > now else "expired"


def _sealed(vault: Vault, scope: Scope, rail: str, grant: Grant | Keys) -> bytes:
    return vault.seal(msgspec.json.encode(grant), sealed_owner(scope, rail))


def _opened(vault: Vault, scope: Scope, rail: str, sealed: bytes) -> Grant:
    return msgspec.json.decode(vault.open(sealed, sealed_owner(scope, rail)), type=Grant)


def _ends(grant: Grant) -> Mapping[str, datetime]:
    """When the grant's parts end, as far as the rail said: what it leaves out stays as it was."""
    said = {
        "access_expires_at": grant.access_expires_at,
        "refresh_expires_at": grant.refresh_expires_at,
        "hard_expires_at": grant.hard_expires_at,
    }
    return {name: value for name, value in said.items() if value is not None}
