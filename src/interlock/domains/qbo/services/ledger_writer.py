"""Writing what a sync brought: each step is one transaction of rows, the place reached and log lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from interlock.domains.qbo.mapper import RAIL
from interlock.domains.qbo.services.listing import Listed, Place
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.kernel.clock import Clock
from interlock.kernel.scope import Scope
from interlock.rails import schedule
from interlock.rails.connections import SyncState, sync_state
from interlock.rails.facts import KINDS, Changes, Deletion, Fact, LedgerTotals, Page
from interlock.rails.mirror import page_root
from interlock.rails.ports import EntityReport, Mirror, SyncReport

_KIND_BY_NAME = {kind.entity: kind for kind in KINDS}

Entry = tuple[str, dict[str, Any]]


class Unfinished(msgspec.Struct):
    """A listing under way: when it began on the ledger's clock, and each kind's place (``None``: listed whole)."""

    since: datetime
    places: dict[str, Place | None]


@dataclass
class Tally:
    """What this sync did so far, by kind: rows read, rows new or different, rows buried."""

    read: dict[type[Fact], int] = field(default_factory=dict)
    upserted: dict[type[Fact], int] = field(default_factory=dict)
    deleted: dict[type[Fact], int] = field(default_factory=dict)

    def add(self, kind: type[Fact], *, read: int = 0, upserted: int = 0, deleted: int = 0) -> None:
        for counter, by in ((self.read, read), (self.upserted, upserted), (self.deleted, deleted)):
            counter[kind] = counter.get(kind, 0) + by

    def reports(self) -> tuple[EntityReport, ...]:
        return tuple(
            EntityReport(kind.entity, self.read[kind], self.upserted[kind], self.deleted[kind])
            for kind in KINDS
            if kind in self.read
        )


class LedgerWriter:
    """Holds where one business's sync stands, and moves it with each write."""

    def __init__(self, db: Database, scope: Scope, mirror: Mirror, clock: Clock) -> None:
        self._db = db
        self._scope = scope
        self._mirror = mirror
        self._clock = clock
        with db.reading(scope) as session:
            state = sync_state(session, scope, RAIL)
        self._listing = state.listing
        self.since = state.since
        self._last_full = state.last_full
        self._last_sync = state.last_sync
        self._unfinished = msgspec.json.decode(state.progress, type=Unfinished | None)

    @property
    def began(self) -> datetime | None:
        """The mark of a listing that was begun and is not ended; ``None`` when none is under way."""
        return None if self._unfinished is None else self._unfinished.since

    def lists(self, kinds: Sequence[type[Fact]]) -> bool:
        """Whether the listing under way is of all ``kinds``."""
        return self._unfinished is not None and {kind.entity for kind in kinds} <= self._unfinished.places.keys()

    def drop_listing(self) -> None:
        """Forget the listing under way; the next one begins anew. Saved with the next step."""
        self._unfinished = None

    def begin_listing(self, kinds: Sequence[type[Fact]], since: datetime) -> None:
        """A new listing of ``kinds``; changes from ``since`` (the ledger's clock) on will complete it."""
        self._listing += 1
        self._unfinished = Unfinished(since, {kind.entity: Place() for kind in kinds})
        with self._db.writing(self._scope) as session:
            self._save(session)

    def to_list(self) -> list[tuple[type[Fact], Place]]:
        """Kinds of the listing under way that are not listed whole, and their places."""
        assert self._unfinished is not None, "no listing is under way"
        return [(_KIND_BY_NAME[name], place) for name, place in self._unfinished.places.items() if place is not None]

    def store_listed(self, listed: Listed, tally: Tally) -> None:
        """A page of the listing, and the kind's new place."""
        assert self._unfinished is not None, "no listing is under way"
        page = listed.page
        with self._db.writing(self._scope) as session:
            entries = self._store(session, [page], tally)
            self._unfinished.places[page.kind.entity] = listed.place
            self._save(session)
            self._log(session, entries)

    def skip_empty(self, kinds: Iterable[type[Fact]]) -> None:
        """Kinds the ledger counts no row of: nothing to fetch. Saved with the next step."""
        assert self._unfinished is not None, "no listing is under way"
        for kind in kinds:
            self._unfinished.places[kind.entity] = None

    def unseen(self) -> dict[type[Fact], list[str]]:
        """Standing rows that the listing under way did not show."""
        assert self._unfinished is not None, "no listing is under way"
        with self._db.reading(self._scope) as session:
            found = {
                _KIND_BY_NAME[name]: self._mirror.unseen(session, self._scope, _KIND_BY_NAME[name], self._listing)
                for name in self._unfinished.places
            }
        return {kind: ids for kind, ids in found.items() if ids}

    def end_listing(self, unseen: dict[type[Fact], list[str]], found: Sequence[Page], tally: Tally) -> None:
        """End the listing: ``found`` were shown after all when asked for by id, the rest of ``unseen`` is gone."""
        assert self._unfinished is not None, "no listing is under way"
        standing = {(page.kind, fact.id) for page in found for fact in page.facts}
        gone = [Deletion(kind, id_, None) for kind, ids in unseen.items() for id_ in ids if (kind, id_) not in standing]
        with self._db.writing(self._scope) as session:
            entries = self._store(session, found, tally) + self._bury(session, gone, tally)
            self.since, self._unfinished = self._unfinished.since, None
            self._save(session)
            self._log(session, entries)

    def linked(self, kind: type[Fact], ids: Sequence[str], to: Sequence[type[Fact]]) -> dict[type[Fact], set[str]]:
        """What the given documents linked to, as the mirror still has it."""
        with self._db.reading(self._scope) as session:
            return self._mirror.linked(session, self._scope, kind, ids, to)

    def store_changes(
        self, parts: Sequence[Changes], extra: Sequence[Page], since: datetime | None, tally: Tally
    ) -> None:
        """Changes and documents read again, together; ``since`` is the new mark (``None`` leaves it where it is)."""
        pages = [page for part in parts for page in part.pages] + list(extra)
        deletions = [deletion for part in parts for deletion in part.deletions]
        with self._db.writing(self._scope) as session:
            entries = self._store(session, pages, tally) + self._bury(session, deletions, tally)
            if since is not None:
                self.since = since
            self._save(session)
            self._log(session, entries)

    def prove(self, totals: LedgerTotals) -> None:
        with self._db.writing(self._scope) as session:
            tied = self._mirror.prove(session, self._scope, totals)
            body = {
                "rail": RAIL,
                "report_date": totals.report_date.isoformat(),
                "payables_minor": totals.payables_minor,
                "receivables_minor": totals.receivables_minor,
                "tied": tied,
            }
            self._log(session, [("ledger.proved", body)])

    def finish(
        self,
        tally: Tally,
        *,
        mode: str,
        calls: int,
        received: int,
        seconds: float,
        began: datetime,
        next_due: datetime,
    ) -> SyncReport:
        """Stamp the mirror as up to date, leave the sync's own line and say when the next one is due."""
        now = self._clock.now()
        self._last_sync = now
        if mode == "full":
            self._last_full = now
        report = SyncReport(self._scope.business_id or "", mode, tally.reports(), calls, received, seconds, now)
        body = {
            "rail": RAIL,
            "mode": mode,
            "entities": {entity.entity: [entity.rows, entity.upserted, entity.deleted] for entity in report.entities},
            "calls": calls,
            "bytes": received,
            "milliseconds": int(seconds * 1000),
        }
        with self._db.writing(self._scope) as session:
            self._save(session)
            schedule.after_sync(session, self._scope, RAIL, now=now, next_due=next_due, began=began)
            self._log(session, [("sync.finished", body)])
        return report

    def _store(self, session: Session, pages: Sequence[Page], tally: Tally) -> list[Entry]:
        entries: list[Entry] = []
        for page in pages:
            upserted = self._mirror.store(session, self._scope, page, self._listing)
            tally.add(page.kind, read=len(page.facts), upserted=upserted)
            if upserted:
                body = {"rail": RAIL, "entity": page.kind.entity, "rows": len(page.facts), "changed": upserted}
                entries.append(("mirror.page", {**body, "root": page_root(page), "listing": self._listing}))
        return entries

    def _bury(self, session: Session, deletions: Sequence[Deletion], tally: Tally) -> list[Entry]:
        entries: list[Entry] = []
        for kind in {deletion.kind: None for deletion in deletions}:
            ids = [deletion.id for deletion in deletions if deletion.kind is kind]
            buried = self._mirror.bury(session, self._scope, kind, ids, self._clock.now())
            tally.add(kind, deleted=len(buried))
            entries += [("mirror.deleted", {"rail": RAIL, "entity": kind.entity, "id": id_}) for id_ in buried]
        return entries

    def _save(self, session: Session) -> None:
        session.merge(
            SyncState(
                firm_id=self._scope.firm_id,
                business_id=self._scope.business_id,
                rail=RAIL,
                listing=self._listing,
                since=self.since,
                progress=msgspec.json.encode(self._unfinished).decode(),
                last_sync=self._last_sync,
                last_full=self._last_full,
            )
        )

    def _log(self, session: Session, entries: list[Entry]) -> None:
        # Last in the transaction: it holds the chain until the commit.
        session.flush()
        translog.append_many(session, self._scope, now=self._clock.now(), actor="sync", entries=entries)
