"""The transaction log as people read it, and whether it still holds."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.infra import translog
from interlock.infra.translog import LogLine
from interlock.runway.services.views import View

PAGE_LINES = 100
MOST_LINES = 1_000


class LogLineView(View):
    """``at`` is the instant as written in the line (ISO, UTC); ``body`` the line's own JSON, read."""

    seq: int
    at: str
    actor: str
    action: str
    body: Any
    prev: str
    hash: str


class ChainHead(View):
    """The newest line: ``seq`` lines stand in the chain, ``hash`` covers all of them."""

    chain: str
    seq: int
    hash: str


class LogExperience(View):
    """Newest first; ``next_before`` asks for the page after this one, ``None`` at the beginning of the chain."""

    head: ChainHead
    lines: tuple[LogLineView, ...]
    next_before: int | None


class BreakView(View):
    seq: int
    why: str


class VerifyExperience(View):
    """What walking the whole chain showed. A chain alone can't show a cut-off end: compare its head with one kept outside."""

    head: ChainHead
    lines: int
    holds: bool
    breaks: tuple[BreakView, ...]
    words: str


class LogService:
    """The log of one chain: a business's, or the firm's own."""

    def __init__(self, db: Session, chain: str) -> None:
        self._db = db
        self._chain = chain

    def head(self) -> ChainHead:
        seq, hash_ = translog.head(self._db, self._chain)
        return ChainHead(chain=self._chain, seq=seq, hash=hash_)

    def get_log_experience(self, *, before: int | None = None, most: int = PAGE_LINES) -> LogExperience:
        """At most ``most`` lines (1 to 1,000), those before line ``before`` when given."""
        most = max(1, min(most, MOST_LINES))
        query = select(LogLine).where(LogLine.chain == self._chain)
        if before is not None:
            query = query.where(LogLine.seq < before)
        rows = self._db.scalars(query.order_by(LogLine.seq.desc()).limit(most)).all()
        return LogExperience(
            head=self.head(),
            lines=tuple(
                LogLineView(
                    seq=row.seq,
                    at=row.at,
                    actor=row.actor,
                    action=row.action,
                    body=json.loads(row.body),
                    prev=row.prev,
                    hash=row.hash,
                )
                for row in rows
            ),
            next_before=rows[-1].seq if rows and rows[-1].seq > 1 else None,
        )

    def verify(self) -> VerifyExperience:
        """Walk the chain from its first line."""
        heads, breaks = translog.verify(translog.lines(self._db, self._chain))
        seq, hash_ = heads.get(self._chain, (0, translog.GENESIS))
        return VerifyExperience(
            head=ChainHead(chain=self._chain, seq=seq, hash=hash_),
            lines=seq,
            holds=not breaks,
            breaks=tuple(BreakView(seq=each.seq, why=each.why) for each in breaks),
            words=f"All {seq:,} lines follow from each other."
            if not breaks
            else f"Line {breaks[0].seq:,} {breaks[0].why}.",
        )
