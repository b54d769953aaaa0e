"""Consents that people are sent to give: one row a client, several clients in a row, each with its outcome.

What goes out is a ``state`` that only its hash is kept of. It is good for ten minutes, once, and in the browser that
was given it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import LargeBinary, String, Text, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Instant, Whole
from interlock.kernel.errors import BadInput, NotFound
from interlock.kernel.ids import new_id

GOOD_FOR = timedelta(minutes=10)
KEPT_FOR = timedelta(days=90)
MOST_NAMES = 200
OVERDUE = "The question stood for more than ten minutes. Nothing was saved."
_STATE_BYTES = 32

Outcome = Literal["connected", "unsure", "denied", "refused", "failed", "left out"]


class ConnectAttempt(Base):
    """A client to connect: its place in a row of them, the consent asked for, and what came of it.

    ``business_name`` is ``None`` where the ledger's own name is to be taken. ``sealed`` holds a grant only while a
    person is asked whether it is the right company (outcome ``unsure``). Without a firm it is the installation's first.
    """

    __tablename__ = "connect_attempt"

    attempt_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    round_id: Mapped[str] = mapped_column(String(40), index=True)
    place: Mapped[int] = mapped_column(Whole)
    firm_id: Mapped[str | None] = mapped_column(String(40))
    business_id: Mapped[str | None] = mapped_column(String(40))
    firm_name: Mapped[str | None] = mapped_column(Text)
    rail: Mapped[str] = mapped_column(String(10))
    business_name: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    state_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    origin: Mapped[str | None] = mapped_column(Text)
    redirect_uri: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(20))
    said: Mapped[str | None] = mapped_column(Text)
    company_name: Mapped[str | None] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(String(80))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


def begin_round(
    session: Session,
    *,
    firm_id: str | None,
    firm_name: str | None,
    rail: str,
    names: Sequence[str | None],
    actor: str,
    now: datetime,
) -> str:
    """Keep the names to connect one after the other; returns the round's id. Old rounds go, and grants nobody decided on."""
    if not 1 <= len(names) <= MOST_NAMES:
        raise BadInput(f"Name 1 to {MOST_NAMES} clients to connect in a row, not {len(names)}.")
    session.execute(delete(ConnectAttempt).where(ConnectAttempt.created_at < now - KEPT_FOR))
    overdue = (ConnectAttempt.outcome == "unsure", ConnectAttempt.used_at < now - GOOD_FOR)
    session.execute(update(ConnectAttempt).where(*overdue).values(outcome="failed", said=OVERDUE, sealed=None))
    round_id = new_id("round", now)
    session.add_all(
        ConnectAttempt(
            attempt_id=new_id("attempt", now),
            round_id=round_id,
            place=place,
            firm_id=firm_id,
            firm_name=firm_name,
            rail=rail,
            business_name=name,
            actor=actor,
            created_at=now,
        )
        for place, name in enumerate(names, 1)
    )
    session.flush()
    return round_id


def in_round(session: Session, round_id: str) -> list[ConnectAttempt]:
    """The round's clients in their order; ``NotFound`` when there is no such round (any more)."""
    query = select(ConnectAttempt).where(ConnectAttempt.round_id == round_id).order_by(ConnectAttempt.place)
    found = list(session.scalars(query))
    if not found:
        raise NotFound("There is no such row of clients to connect; start one anew.")
    return found


def attempt_of(session: Session, attempt_id: str, *, locked: bool = False) -> ConnectAttempt:
    """By its id; ``NotFound`` otherwise. ``locked``: its row is ours until the transaction ends."""
    found = session.get(ConnectAttempt, attempt_id, with_for_update=locked)
    if found is None:
        raise NotFound("There is no such attempt to connect; start anew.")
    return found


def undecided(session: Session, attempt_id: str) -> ConnectAttempt | None:
    """The attempt, locked; ``None`` once it is connected or left out, which no answer that comes later may change."""
    found = attempt_of(session, attempt_id, locked=True)
    return None if found.outcome in ("connected", "left out") else found


def begin(
    session: Session, attempt: ConnectAttempt, *, browser: str, origin: str, redirect_uri: str, now: datetime
) -> str:
    """Send a person to consent; returns the ``state`` to send along. What an earlier try came to is over.

    ``origin`` is where the person's own pages are, which may differ from where the answer is to come.
    """
    state = secrets.token_urlsafe(_STATE_BYTES)
    attempt.state_hash, attempt.browser_hash = hashed(state), hashed(browser)
    attempt.origin, attempt.redirect_uri = origin, redirect_uri
    attempt.expires_at, attempt.used_at = now + GOOD_FOR, None
    attempt.outcome = attempt.said = attempt.external_id = attempt.company_name = attempt.sealed = None
    session.flush()
    return state


def by_state(session: Session, state: str) -> ConnectAttempt | None:
    """Whose answer this is; ``None`` for a state never given out, or given out anew since."""
    return session.scalars(select(ConnectAttempt).where(ConnectAttempt.state_hash == hashed(state))).first()


def redeem(session: Session, attempt: ConnectAttempt, browser: str | None, now: datetime) -> bool:
    """Take the answer: true once, in time, in the browser that was sent."""
    if not browser or not hmac.compare_digest(hashed(browser), attempt.browser_hash or ""):
        return False
    taken = session.execute(
        update(ConnectAttempt)
        .where(
            ConnectAttempt.attempt_id == attempt.attempt_id,
            ConnectAttempt.state_hash == attempt.state_hash,
            ConnectAttempt.used_at.is_(None),
            ConnectAttempt.expires_at > now,
        )
        .values(used_at=now)
        .returning(ConnectAttempt.attempt_id)
    ).all()
    return len(taken) == 1


def end(
    attempt: ConnectAttempt,
    outcome: Outcome,
    said: str,
    *,
    external_id: str | None = None,
    company_name: str | None = None,
) -> None:
    """Write down what came of it, for whoever comes back to the page."""
    attempt.outcome, attempt.said, attempt.sealed = outcome, said, None
    attempt.external_id, attempt.company_name = external_id, company_name


def hashed(secret: str) -> str:
    """What is kept of a state or of a browser's cookie."""
    return hashlib.sha256(secret.encode()).hexdigest()
