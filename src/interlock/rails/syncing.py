"""What the syncs of the rails beside the ledger share: alone with a business, each write one transaction with its log lines.

A sync of theirs is short and says what it read by pages of ``rails.witnesses`` facts; where it goes on next time is a text of
its own (``place``), moved in the transaction that keeps what was read.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from interlock.infra import translog
from interlock.infra.db import Database
from interlock.infra.locks import held
from interlock.infra.transport import Transport, Usage
from interlock.kernel.clock import Clock
from interlock.kernel.scope import Scope
from interlock.rails import connections, inbox, meter, schedule
from interlock.rails.connections import sync_state
from interlock.rails.facts import EDITION, Fact, Page
from interlock.rails.mirror import page_root
from interlock.rails.ports import EntityReport, Mirror, SyncReport

Also = Callable[[Session], None]
Entry = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class SyncParts:
    """What a sync needs of the house. ``next_sync`` says when this rail is read next if nothing else happens; ``ended`` is called

    when all that a sync read is kept.
    """

    db: Database
    mirror: Mirror
    transport: Transport
    clock: Clock
    next_sync: Callable[[], datetime]
    ended: Callable[[], None] = lambda: None


@dataclass
class RailWriter:
    """Writes what one sync of one business brings, and ends it. Made by ``writing``, which holds the business for it."""

    rail: str
    scope: Scope
    parts: SyncParts
    began: datetime
    place: str | None
    """Where the last write left off, in the rail's own words; ``None`` when nothing was ever read whole."""
    listing: int
    last_sync: datetime | None
    last_full: datetime | None
    edition: int
    notices: list[inbox.Notice]
    """What the rail said since the last sync."""
    _clocked: float = field(default_factory=time.monotonic)
    _counts: dict[type[Fact], list[int]] = field(default_factory=dict)

    @property
    def outdated(self) -> bool:
        """Whether rows were written by an older mapper, so that everything has to be read again."""
        return self.edition != EDITION

    def begin_listing(self) -> None:
        """From here on rows are seen by a new full listing; saved with the next write."""
        self.listing += 1

    def write(
        self,
        pages: Sequence[Page],
        *,
        gone: Sequence[tuple[type[Fact], Sequence[str]]] = (),
        place: str | None = None,
        also: Also | None = None,
    ) -> None:
        """One transaction: rows, burials, the new place, whatever ``also`` changes, log lines. ``place=None`` leaves the place."""
        settled = [page.settled() for page in pages]
        if place is not None:
            self.place = place
        with self.parts.db.writing(self.scope) as session:
            entries = self._store(session, settled) + self._bury(session, gone)
            if also is not None:
                also(session)
            self._save(session)
            self._log(session, entries)

    def bury_unseen(self, kinds: Sequence[type[Fact]], *, also: Also | None = None) -> None:
        """End a full listing of ``kinds``: what it did not show is gone."""
        with self.parts.db.reading(self.scope) as session:
            gone = [(kind, self.parts.mirror.unseen(session, self.scope, kind, self.listing)) for kind in kinds]
        self.write([], gone=[each for each in gone if each[1]], also=also)

    def finish(self, mode: str, usage: Usage, *, also: Also | None = None) -> SyncReport:
        """The rail is read up to date: stamp it, leave the sync's own line, and say when the next one is due."""
        now = self.parts.clock.now()
        self.last_sync = now
        if mode == "full":
            self.last_full, self.edition = now, EDITION
        seconds = time.monotonic() - self._clocked
        entities = tuple(EntityReport(kind.entity, *counts) for kind, counts in self._counts.items())
        next_due = self.parts.next_sync()
        body = {
            "rail": self.rail,
            "mode": mode,
            "entities": {each.entity: [each.rows, each.upserted, each.deleted] for each in entities},
            "calls": usage.calls,
            "bytes": usage.bytes,
            "metered": usage.metered,
            "milliseconds": int(seconds * 1000),
            "notices": len(self.notices),
        }
        with self.parts.db.writing(self.scope) as session:
            if also is not None:
                also(session)
            self._save(session)
            connections.mark_read(session, self.scope, self.rail, now)
            if usage.metered:
                meter.count(session, self.scope, self.rail, usage.metered, now)
            inbox.mark_handled(session, self.scope, self.rail, [each.event_id for each in self.notices], now)
            schedule.after_sync(session, self.scope, self.rail, now=now, next_due=next_due, began=self.began)
            self._log(session, [("sync.finished", body)])
        self.parts.ended()
        return SyncReport(
            business_id=str(self.scope.business_id),
            mode=mode,
            entities=entities,
            calls=usage.calls,
            bytes=usage.bytes,
            seconds=seconds,
            last_sync=now,
            metered=usage.metered,
            notices=len(self.notices),
        )

    def _store(self, session: Session, pages: Sequence[Page]) -> list[Entry]:
        entries: list[Entry] = []
        for page in pages:
            changed = self.parts.mirror.store(
                session, self.scope, page, self.listing, fresh=self.last_full is None and self.listing <= 1
            )
            counts = self._counts.setdefault(page.kind, [0, 0, 0])
            counts[0] += len(page.facts)
            counts[1] += changed
            if changed:
                body = {"rail": self.rail, "entity": page.kind.entity, "rows": len(page.facts), "changed": changed}
                entries.append(("mirror.page", {**body, "root": page_root(page), "listing": self.listing}))
        return entries

    def _bury(self, session: Session, gone: Sequence[tuple[type[Fact], Sequence[str]]]) -> list[Entry]:
        entries: list[Entry] = []
        for kind, ids in gone:
            buried = self.parts.mirror.bury(session, self.scope, kind, ids, self.parts.clock.now())
            self._counts.setdefault(kind, [0, 0, 0])[2] += len(buried)
            entries += [("mirror.deleted", {"rail": self.rail, "entity": kind.entity, "id": id_}) for id_ in buried]
        return entries

    def _save(self, session: Session) -> None:
        state = sync_state(session, self.scope, self.rail)
        state.listing, state.edition = self.listing, self.edition
        state.progress = "null" if self.place is None else self.place
        state.last_sync, state.last_full = self.last_sync, self.last_full
        session.add(state)

    def _log(self, session: Session, entries: list[Entry]) -> None:
        # Last in the transaction: it holds the chain until the commit.
        session.flush()
        translog.append_many(session, self.scope, now=self.parts.clock.now(), actor="sync", entries=entries)


@contextmanager
def writing(parts: SyncParts, scope: Scope, rail: str) -> Iterator[RailWriter]:
    """Alone with one business's rail; ``Busy`` when another sync of it runs."""
    with held(parts.db, f"sync:{rail}:{scope.business_id}"):
        with parts.db.reading(scope) as session:
            state = sync_state(session, scope, rail)
            notices = inbox.unhandled(session, scope, rail)
            session.expunge_all()
        yield RailWriter(
            rail=rail,
            scope=scope,
            parts=parts,
            began=parts.clock.now(),
            place=None if state.progress == "null" else state.progress,
            listing=state.listing,
            last_sync=state.last_sync,
            last_full=state.last_full,
            edition=state.edition,
            notices=notices,
        )
