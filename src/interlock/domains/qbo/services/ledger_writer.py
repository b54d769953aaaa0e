"""Writing what a sync brought: each step is one transaction of rows, the place reached and log lines."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from interlock.domains.qbo.mapper import RAIL
from interlock.domains.qbo.services.listing import Listed, Place
from interlock.domains.qbo.services.tally import KIND_BY_NAME, Ended, Tally, Unfinished, Wanted
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.kernel.clock import Clock
from interlock.kernel.scope import Scope
from interlock.rails import connections, inbox, meter, schedule
from interlock.rails.connections import SyncState, sync_state
from interlock.rails.facts import EDITION, Changes, Deletion, Fact, Page, Unread
from interlock.rails.inbox import Notice
from interlock.rails.mirror import page_root
from interlock.rails.mirror_ties import NAMES
from interlock.rails.ports import Comparison, Mirror, RowProblem, Ties
from interlock.rails.totals import LedgerTotals

Entry = tuple[str, dict[str, Any]]
_LOCATED_IN_LINE = 20


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
        self.ahead = timedelta(seconds=state.ahead_seconds or 0)
        """By how much the ledger's clock was ahead of ours when ``since`` was taken."""
        self.edition = state.edition
        self._last_full = state.last_full
        self._last_sync = state.last_sync
        self._unfinished = msgspec.json.decode(state.progress, type=Unfinished | None)
        self.lacking = {KIND_BY_NAME[name] for name in msgspec.json.decode(state.lacking, type=list[str])}
        """Kinds that the company's plan doesn't include. The rail adds to this very set; saved with each step."""
        self._unread = {
            (problem.entity, problem.id): problem
            for problem in msgspec.json.decode(state.unread, type=list[RowProblem])
        }

    @property
    def began(self) -> datetime | None:
        """The mark of a listing that was begun and is not ended; ``None`` when none is under way."""
        return None if self._unfinished is None else self._unfinished.since

    @property
    def unread(self) -> Wanted:
        """Rows that the ledger failed to show the last time they were asked for, where their ids are known."""
        found: Wanted = {}
        for entity, id_ in self._unread:
            if id_ is not None:
                found.setdefault(KIND_BY_NAME[entity], []).append(id_)
        return found

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        return tuple(self._unread.values())

    def notices(self) -> list[Notice]:
        """What the rail said since the last sync."""
        with self._db.reading(self._scope) as session:
            return inbox.unhandled(session, self._scope, RAIL)

    def lists(self, kinds: Sequence[type[Fact]]) -> bool:
        """Whether the listing under way is of all ``kinds``."""
        return self._unfinished is not None and {kind.entity for kind in kinds} <= self._unfinished.places.keys()

    def drop_listing(self) -> None:
        """Forget the listing under way; the next one begins anew. Saved with the next step."""
        self._unfinished = None

    def begin_listing(
        self, kinds: Collection[type[Fact]], since: datetime, ahead: timedelta, back: Iterable[type[Fact]] = ()
    ) -> None:
        """A new listing of ``kinds``; changes from ``since`` (the ledger's clock) on will complete it.

        ``back``: those of them that the plan lacked and now includes, so that they are followed again.
        """
        self.lacking.difference_update(back)
        self._listing += 1
        names = {kind.entity for kind in kinds}
        self._unfinished = Unfinished(since, {name: Place() for name in names}, int(ahead.total_seconds()))
        self._unread = {key: problem for key, problem in self._unread.items() if problem.entity not in names}
        with self._db.writing(self._scope) as session:
            self._save(session)

    def to_list(self) -> list[tuple[type[Fact], Place]]:
        """Kinds of the listing under way that are not listed whole, and their places."""
        assert self._unfinished is not None, "no listing is under way"
        places = self._unfinished.places
        return [(kind, place) for name, kind in KIND_BY_NAME.items() if (place := places.get(name)) is not None]

    def store_listed(self, listed: Listed, tally: Tally) -> None:
        """A page of the listing, and the kind's new place."""
        assert self._unfinished is not None, "no listing is under way"
        page = listed.page.settled()  # mapped here, before the transaction: the loop's thread only fetches
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

    def unseen(self) -> Wanted:
        """Standing rows that the listing under way did not show."""
        assert self._unfinished is not None, "no listing is under way"
        with self._db.reading(self._scope) as session:
            found = {
                KIND_BY_NAME[name]: self._mirror.unseen(session, self._scope, KIND_BY_NAME[name], self._listing)
                for name in self._unfinished.places
            }
        return {kind: ids for kind, ids in found.items() if ids}

    def end_listing(self, asked: Wanted, found: Sequence[Page], tally: Tally) -> None:
        """End the listing. ``asked``: rows asked for by id, those it did not show among them; not ``found``, they are gone."""
        assert self._unfinished is not None, "no listing is under way"
        named = [each for page in found for each in page.unread if (each.kind.entity, each.id) not in self._unread]
        with self._db.writing(self._scope) as session:
            entries = self._store(session, found, tally) + self._bury(session, self.missing(asked, found), tally)
            for unread in named:
                # The listing met a row it could not name; asked for by id, it has one.
                self._unread.pop((unread.kind.entity, None), None)
            self.since, self.ahead = self._unfinished.since, timedelta(seconds=self._unfinished.ahead_seconds)
            self._unfinished = None
            self._save(session)
            self._log(session, entries)

    def missing(self, asked: Wanted, found: Sequence[Page]) -> list[Deletion]:
        """What was asked for by id and is not there any more. A row that the ledger fails to show is there.

        Of a kind that the plan lacks, nothing can be said: what we hold of it stays.
        """
        there = {(page.kind, fact.id) for page in found for fact in page.facts}
        there |= {(each.kind, each.id) for page in found for each in page.unread if each.id is not None}
        known = {kind: ids for kind, ids in asked.items() if kind not in self.lacking}
        return [Deletion(kind, id_, None) for kind, ids in known.items() for id_ in ids if (kind, id_) not in there]

    def ties(self, kind: type[Fact], ids: Sequence[str]) -> Ties:
        """Links from and to the given documents, as the mirror still has them."""
        with self._db.reading(self._scope) as session:
            return self._mirror.ties(session, self._scope, kind, ids)

    def referring(self, gone: Iterable[tuple[type[Fact], Sequence[str]]]) -> Wanted:
        """Who in the mirror still names vendors, customers, accounts or terms that are gone."""
        found: Wanted = {}
        with self._db.reading(self._scope) as session:
            for kind, ids in gone:
                if kind not in NAMES or not ids:
                    continue
                standing = list(self._mirror.standing(session, self._scope, kind, ids))
                if standing:
                    for other, theirs in self._mirror.referring(session, self._scope, kind, standing).items():
                        found.setdefault(other, []).extend(theirs)
        return {kind: sorted(set(ids)) for kind, ids in found.items()}

    def of_parties(self, kind: type[Fact], ids: Sequence[str]) -> Wanted:
        """Everything that names these vendors or customers."""
        with self._db.reading(self._scope) as session:
            return dict(self._mirror.referring(session, self._scope, kind, ids))

    def distrust(self, wanted: Wanted) -> None:
        """Have these rows written anew when they are shown next: what we made of them doesn't add up."""
        with self._db.writing(self._scope) as session:
            for kind, ids in wanted.items():
                self._mirror.distrust(session, self._scope, kind, ids)

    def standing(self, kind: type[Fact], ids: Sequence[str]) -> dict[str, datetime | None]:
        with self._db.reading(self._scope) as session:
            return self._mirror.standing(session, self._scope, kind, ids)

    def store_changes(
        self,
        parts: Sequence[Changes],
        asked: Wanted,
        found: Sequence[Page],
        tally: Tally,
        *,
        mark: tuple[datetime, timedelta] | None = None,
    ) -> None:
        """Changes and rows ``asked`` for again, together: of those, what isn't ``found`` is gone.

        ``mark``: the ledger's time of the answer and how far its clock was ahead (``None`` leaves the mark where it is).
        """
        pages = [page for part in parts for page in part.pages] + list(found)
        deletions = [deletion for part in parts for deletion in part.deletions] + self.missing(asked, found)
        with self._db.writing(self._scope) as session:
            entries = self._store(session, pages, tally) + self._bury(session, deletions, tally)
            if mark is not None:
                self.since, self.ahead = mark
            self._save(session)
            self._log(session, entries)

    def compare(self, totals: LedgerTotals) -> Comparison:
        with self._db.reading(self._scope) as session:
            return self._mirror.compare(session, self._scope, totals)

    def latest_day(self) -> date | None:
        with self._db.reading(self._scope) as session:
            return self._mirror.latest_day(session, self._scope)

    def keep_proof(self, comparison: Comparison, rounds: int, mended: dict[str, int]) -> None:
        """The proof, and its line: what was held against what, and every place that differs (the first few by name)."""
        theirs, located = comparison.theirs, comparison.located
        body: dict[str, Any] = {
            "rail": RAIL,
            "as_of": theirs.as_of.astimezone(UTC).isoformat(timespec="seconds"),
            "report_date": theirs.report_date.isoformat(),
            "payables_minor": theirs.payables_minor,
            "receivables_minor": theirs.receivables_minor,
            "rows": sum(theirs.counts.values()),
            "accounts": len(comparison.ours.balances or {}),
            "tied": not located,
            "rounds": rounds,
            "mended": mended,
        }
        if located:
            body["differences"] = len(located)
            body["located"] = [[each.what, each.id, each.theirs, each.ours] for each in located[:_LOCATED_IN_LINE]]
        with self._db.writing(self._scope) as session:
            self._mirror.keep_proof(session, self._scope, comparison)
            self._log(session, [("ledger.not_tied" if located else "ledger.proved", body)])

    def finish(self, ended: Ended, *, next_due: datetime, after_notice: datetime | None) -> datetime:
        """Stamp the mirror as up to date, leave the sync's own line, count its reads and say when the next one is due.

        ``after_notice``: when notices that came after the ledger was asked are to be followed up.
        """
        now = self._clock.now()
        self._last_sync = now
        if ended.mode == "full":
            self._last_full, self.edition = now, EDITION
        with self._db.writing(self._scope) as session:
            self._save(session)
            connections.mark_read(session, self._scope, RAIL, now)
            meter.count(session, self._scope, RAIL, ended.metered, now)
            inbox.mark_handled(session, self._scope, RAIL, ended.notices, now)
            schedule.after_sync(session, self._scope, RAIL, now=now, next_due=next_due, began=ended.began)
            # Looked at after the due row is ours: a delivery that had moved it has committed its notice by now.
            if after_notice is not None and inbox.waiting(session, self._scope, RAIL):
                schedule.hasten(session, self._scope, RAIL, due_at=after_notice, reason=inbox.REASON)
            self._log(session, [("sync.finished", ended.line(RAIL, self.problems))])
        return now

    def spent(self, metered: int) -> None:
        """Reads that no finished sync counted."""
        if metered > 0:
            with self._db.writing(self._scope) as session:
                meter.count(session, self._scope, RAIL, metered, self._clock.now())

    def note(self, action: str, body: dict[str, Any]) -> None:
        """A line of its own."""
        with self._db.writing(self._scope) as session:
            self._log(session, [(action, {"rail": RAIL, **body})])

    def _store(self, session: Session, pages: Sequence[Page], tally: Tally) -> list[Entry]:
        entries: list[Entry] = []
        for page in pages:
            upserted = self._mirror.store(session, self._scope, page, self._listing, fresh=self.since is None)
            tally.add(page.kind, read=len(page.facts), upserted=upserted)
            for fact in page.facts if self._unread else ():
                self._unread.pop((page.kind.entity, fact.id), None)
            if upserted:
                body = {"rail": RAIL, "entity": page.kind.entity, "rows": len(page.facts), "changed": upserted}
                entries.append(("mirror.page", {**body, "root": page_root(page), "listing": self._listing}))
            entries += [entry for unread in page.unread if (entry := self._fails(unread)) is not None]
        return entries

    def _fails(self, unread: Unread) -> Entry | None:
        """Remember a row that can't be shown; its line, unless it is known already."""
        entity = unread.kind.entity
        if (entity, unread.id) in self._unread:
            return None
        self._unread[entity, unread.id] = RowProblem(entity, unread.id, unread.sentence)
        return "mirror.unread", {"rail": RAIL, "entity": entity, "id": unread.id, "why": unread.sentence}

    def _bury(self, session: Session, deletions: Sequence[Deletion], tally: Tally) -> list[Entry]:
        entries: list[Entry] = []
        for kind in {deletion.kind: None for deletion in deletions}:
            ids = [deletion.id for deletion in deletions if deletion.kind is kind]
            buried = self._mirror.bury(session, self._scope, kind, ids, self._clock.now())
            tally.add(kind, deleted=len(buried))
            for id_ in ids:
                self._unread.pop((kind.entity, id_), None)
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
                edition=self.edition,
                ahead_seconds=int(self.ahead.total_seconds()),
                unread=msgspec.json.encode(self.problems).decode(),
                lacking=msgspec.json.encode(sorted(kind.entity for kind in self.lacking)).decode(),
            )
        )

    def _log(self, session: Session, entries: list[Entry]) -> None:
        # Last in the transaction: it holds the chain until the commit.
        session.flush()
        translog.append_many(session, self._scope, now=self._clock.now(), actor="sync", entries=entries)
