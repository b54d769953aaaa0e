"""The log in the database. ``append`` joins the caller's transaction: the change and its line commit together or not at all."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Index, String, Text, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.types import Whole
from interlock.infra.translog.chain import GENESIS, Line, canonical, line_hash
from interlock.kernel.scope import Scope

_READ_AT_ONCE_ROWS = 1_000


class LogLine(Base):
    """One line of one chain. A business has its own chain; a firm's own acts stand in the chain named by the firm's id."""

    __tablename__ = "translog"
    # Without SQLite's hidden row number, which INSERT OR REPLACE could name to put a line in another's place.
    __table_args__ = (Index(None, "chain", "action"), Index(None, "chain", "at"), {"sqlite_with_rowid": False})

    firm_id: Mapped[str] = mapped_column(String(40))
    chain: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int] = mapped_column(Whole, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


def append(session: Session, scope: Scope, *, now: datetime, actor: str, action: str, body: dict[str, Any]) -> str:
    """Add one line and return its hash. Call it last in the transaction: it holds the chain until the commit."""
    return append_many(session, scope, now=now, actor=actor, entries=[(action, body)])


def append_many(
    session: Session, scope: Scope, *, now: datetime, actor: str, entries: Sequence[tuple[str, dict[str, Any]]]
) -> str:
    """Add several lines in order and return the hash of the last; ``entries`` are ``(action, body)``."""
    if now.tzinfo is None:
        raise ValueError("An instant must be aware; this one has no zone.")
    chain = scope.business_id or scope.firm_id
    seq, prev = _locked_head(session, chain)
    at = now.astimezone(UTC).isoformat(timespec="microseconds")
    rows: list[dict[str, Any]] = []
    for action, body in entries:
        seq += 1
        said = {
            "chain": chain,
            "seq": seq,
            "at": at,
            "actor": actor,
            "action": action,
            "body": canonical(body),
            "prev": prev,
        }
        prev = line_hash(**said)  # type: ignore[arg-type]
        rows.append({**said, "hash": prev, "firm_id": scope.firm_id})
    if rows:
        session.execute(insert(LogLine), rows)
    return prev


def head(session: Session, chain: str) -> tuple[int, str]:
    """``(seq, hash)`` of the newest line; ``(0, GENESIS)`` for a chain without lines."""
    found = session.execute(
        select(LogLine.seq, LogLine.hash).where(LogLine.chain == chain).order_by(LogLine.seq.desc()).limit(1)
    ).first()
    return (found.seq, found.hash) if found else (0, GENESIS)


def lines(session: Session, chain: str, *, after: int = 0, most: int | None = None) -> Iterator[Line]:
    """The chain in order, from the line after ``after``; at most ``most`` lines when given."""
    query = (
        select(
            LogLine.chain,
            LogLine.seq,
            LogLine.at,
            LogLine.actor,
            LogLine.action,
            LogLine.body,
            LogLine.prev,
            LogLine.hash,
        )
        .where(LogLine.chain == chain, LogLine.seq > after)
        .order_by(LogLine.seq)
        .limit(most)
        .execution_options(yield_per=_READ_AT_ONCE_ROWS)
    )
    for row in session.execute(query):
        yield Line(*row)


def _locked_head(session: Session, chain: str) -> tuple[int, str]:
    """The head, held until the commit: SQLite has one writer anyway, PostgreSQL takes a lock named by the chain."""
    if session.get_bind().dialect.name == "postgresql":
        name = int.from_bytes(hashlib.sha256(chain.encode()).digest()[:8], "big", signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": name})
    return head(session, chain)
