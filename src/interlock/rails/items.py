"""Logins at banks: what a rail that links banks keeps one of for each login, under the business's one connection.

The credential of each is sealed on its own; its cursor says how far its lines were read. A login that breaks is re-linked by a
person, and the accounts under it keep their history.
"""

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from interlock.infra import translog
from interlock.infra.crypto import Vault
from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant
from interlock.kernel.errors import NotFound
from interlock.kernel.scope import Scope
from interlock.rails.links import LinkedBank

WORKING = "working"
NEEDS_LOGIN = "needs login"
UNREACHABLE = "unreachable"
"""Its bank doesn't answer just now: nobody has to do anything."""
REMOVED = "removed"


class LinkedItem(Scoped, Base):
    """One login. ``lines_at``: when the bank last gave lines, by the rail's word; ``ends_at``: when its consent ends."""

    __tablename__ = "linked_item"

    rail: Mapped[str] = mapped_column(String(10), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    institution_id: Mapped[str | None] = mapped_column(String(80))
    institution: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    trouble: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    cursor: Mapped[str | None] = mapped_column(Text)
    linked_at: Mapped[datetime] = mapped_column(Instant)
    lines_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


def sealed_owner(scope: Scope, rail: str, item_id: str) -> str:
    """Whom a login's credential is sealed for."""
    return f"{scope.firm_id}/{scope.business_id}/{rail}/{item_id}"


def keep(session: Session, scope: Scope, vault: Vault, rail: str, bank: LinkedBank, now: datetime, actor: str) -> None:
    """Save a login that was just given, new or given again, with its log line."""
    assert scope.business_id is not None, "a bank is linked to one business"
    found = session.get(LinkedItem, (scope.business_id, rail, bank.item_id))
    item = found or LinkedItem(
        firm_id=scope.firm_id, business_id=scope.business_id, rail=rail, item_id=bank.item_id, linked_at=now
    )
    item.institution_id, item.institution = bank.institution_id, bank.institution
    item.state, item.trouble, item.removed_at, item.ends_at = WORKING, None, None, bank.consent_expires_at
    item.sealed = vault.seal(bank.secret.encode(), sealed_owner(scope, rail, bank.item_id))
    session.add(item)
    session.flush()
    body = {"rail": rail, "item": bank.item_id, "institution": bank.institution, "again": found is not None}
    translog.append(session, scope, now=now, actor=actor, action="bank.linked", body=body)


def of_business(session: Session, scope: Scope, rail: str) -> list[LinkedItem]:
    """The business's logins that were not removed, in the order they were given."""
    query = select(LinkedItem).where(
        LinkedItem.firm_id == scope.firm_id,
        LinkedItem.business_id == scope.business_id,
        LinkedItem.rail == rail,
        LinkedItem.state != REMOVED,
    )
    return list(session.scalars(query.order_by(LinkedItem.linked_at, LinkedItem.item_id)))


def find(session: Session, scope: Scope, rail: str, item_id: str) -> LinkedItem:
    """One login, removed ones included; ``NotFound`` when it isn't this business's."""
    found = session.get(LinkedItem, (scope.business_id, rail, item_id))
    if found is None or found.firm_id != scope.firm_id:
        raise NotFound("This business has no such bank login.")
    return found


def secret_of(vault: Vault, item: LinkedItem) -> str:
    """What reads it."""
    scope = Scope(item.firm_id, item.business_id)
    return vault.open(item.sealed, sealed_owner(scope, item.rail, item.item_id)).decode()


def mark(
    session: Session,
    scope: Scope,
    rail: str,
    item_id: str,
    trouble: str | None,
    now: datetime,
    *,
    state: str = NEEDS_LOGIN,
) -> None:
    """A login broke (``trouble``, for a person to mend, or to pass by itself: ``UNREACHABLE``) or works again.

    A change leaves its line.
    """
    item = find(session, scope, rail, item_id)
    state = WORKING if trouble is None else state
    if item.state == REMOVED or (item.state, item.trouble) == (state, trouble):
        return
    before, item.state, item.trouble = item.state, state, trouble
    session.flush()
    if before != state and NEEDS_LOGIN in (before, state):
        body = {"rail": rail, "item": item_id, "institution": item.institution, "trouble": trouble}
        action = "bank.login_lost" if state == NEEDS_LOGIN else "bank.login_mended"
        translog.append(session, scope, now=now, actor="sync", action=action, body=body)


def ends(session: Session, scope: Scope, rail: str, item_id: str, ends_at: datetime, now: datetime) -> None:
    """The rail said when a login that still works will end; news of it leaves a line."""
    item = find(session, scope, rail, item_id)
    if item.state == REMOVED or item.ends_at == ends_at:
        return
    item.ends_at = ends_at
    session.flush()
    body = {"rail": rail, "item": item_id, "institution": item.institution, "ends_at": ends_at.isoformat()}
    translog.append(session, scope, now=now, actor=rail, action="bank.login_ends", body=body)


def keep_secret(
    session: Session, scope: Scope, vault: Vault, rail: str, item_id: str, secret: str, now: datetime, actor: str
) -> None:
    """A login's credential was exchanged for another one; the old one is dead."""
    item = find(session, scope, rail, item_id)
    item.sealed = vault.seal(secret.encode(), sealed_owner(scope, rail, item_id))
    session.flush()
    body = {"rail": rail, "item": item_id, "institution": item.institution}
    translog.append(session, scope, now=now, actor=actor, action="bank.token_rotated", body=body)


def remove(session: Session, scope: Scope, rail: str, item_id: str, now: datetime, actor: str) -> LinkedItem:
    """Forget the credential, keep what was read; twice is once."""
    item = find(session, scope, rail, item_id)
    if item.state != REMOVED:
        item.state, item.trouble, item.sealed, item.removed_at = REMOVED, None, b"", now
        session.flush()
        body = {"rail": rail, "item": item_id, "institution": item.institution}
        translog.append(session, scope, now=now, actor=actor, action="bank.unlinked", body=body)
    return item
