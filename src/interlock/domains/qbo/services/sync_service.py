"""Bringing a company's books into the mirror, and answering from it.

A first sync lists every kind whole; later ones ask for changes. A page's rows, the place reached and the log line commit
together, so a crash at any point resumes where it stood. Only ``sync`` talks to the rail; the getters read the mirror.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from interlock.domains.qbo.mapper import BY_KIND, RAIL
from interlock.domains.qbo.rail import QBORail
from interlock.domains.qbo.services.ledger_writer import LedgerWriter, Tally
from interlock.domains.qbo.services.listing import list_kinds
from interlock.infra.db import Database
from interlock.infra.locks import held
from interlock.infra.transport import Transport
from interlock.kernel.clock import Clock, local_date
from interlock.kernel.scope import Scope
from interlock.rails import facts
from interlock.rails.connections import sync_state
from interlock.rails.facts import KINDS, Changes, Fact
from interlock.rails.ports import Freshness, LedgerAnswer, Mirror, Progress, SyncReport

_OVERLAP = timedelta(seconds=60)
# QBO answers for 30 days back; a longer gap may hide deletions, so list again before that (qbo.md §4).
_LONGEST_GAP = timedelta(days=25)
_ROUNDS = 3
_STALE_AFTER = timedelta(hours=4)
_CALM = timedelta(hours=4)
# Documents whose links change without their own time moving, when a deposit sweeps them up (qbo.md §12).
_SWEPT_BY_DEPOSITS = (facts.Payment, facts.SalesReceipt, facts.RefundReceipt)


class QBOSyncService:
    """The sync of one business, and the mirror's answers about it. ``opens`` makes the rail when a sync needs it.

    ``next_due`` is asked at a sync's end when the next one is due.
    """

    def __init__(
        self,
        business_id: str,
        db: Database,
        *,
        firm_id: str,
        home_currency: str,
        time_zone: str,
        opens: Callable[[], QBORail],
        mirror: Mirror,
        transport: Transport,
        clock: Clock,
        next_due: Callable[[], datetime] | None = None,
    ) -> None:
        self.business_id = business_id
        self.db = db
        self._scope = Scope(firm_id, business_id)
        self._home_currency = home_currency
        self._time_zone = time_zone
        self._opens = opens
        self._mirror = mirror
        self._transport = transport
        self._clock = clock
        self._next_due = next_due or (lambda: clock.now() + _CALM)

    def get_bills(self) -> LedgerAnswer:
        """The mirror's bills, and how fresh they are."""
        return self._answer(facts.Bill)

    def get_invoices(self) -> LedgerAnswer:
        """The mirror's invoices, and how fresh they are."""
        return self._answer(facts.Invoice)

    def freshness(self) -> Freshness:
        """When the mirror was last brought up to date, and whether that is too long ago to decide on (4 hours)."""
        with self.db.reading(self._scope) as session:
            last = sync_state(session, self._scope, RAIL).last_sync
        if last is None:
            return Freshness(None, None, stale=True, words="never synced")
        age = self._clock.now() - last
        return Freshness(last, int(age.total_seconds()), stale=age > _STALE_AFTER, words=_in_words(age))

    def sync(self, *, full: bool = False, progress: Progress | None = None) -> SyncReport:
        """Bring the mirror up to date: by changes where it can, by listing where it must or ``full`` asks for it.

        ``Busy`` when another sync of this business runs; the five rail errors leave what was committed and resume later.
        """
        began, began_at = time.perf_counter(), self._clock.now()
        with held(self.db, f"sync:{self.business_id}"):
            rail = self._opens()
            writer = LedgerWriter(self.db, self._scope, self._mirror, self._clock)
            tally = Tally()
            everything = self._lists_everything(writer, full)
            if everything or writer.began is not None:
                self._list(rail, writer, tally, KINDS, progress)
            for _ in range(_ROUNDS):
                cut, as_of = self._follow(rail, writer, tally)
                if not cut:
                    break
                # Marked when the changes were asked for: kinds asked one by one since then may have changed again.
                self._list(rail, writer, tally, cut, progress, since=as_of)
            if everything:
                self._prove(rail, writer)
            calls, received = rail.usage
            mode = "full" if everything else "changes"
            return writer.finish(
                tally,
                mode=mode,
                calls=calls,
                received=received,
                seconds=time.perf_counter() - began,
                began=began_at,
                next_due=self._next_due(),
            )

    def prove(self) -> None:
        """Hold the mirror against the ledger's own totals, now. ``Busy`` while a sync runs; the five rail errors."""
        with held(self.db, f"sync:{self.business_id}"):
            self._prove(self._opens(), LedgerWriter(self.db, self._scope, self._mirror, self._clock))

    def _prove(self, rail: QBORail, writer: LedgerWriter) -> None:
        today = local_date(self._clock.now(), self._time_zone)
        writer.prove(self._transport.run(rail.totals(today, self._home_currency)))

    def _lists_everything(self, writer: LedgerWriter, full: bool) -> bool:
        """Whether all kinds are to be listed. A listing under way goes on, unless its mark is too old or more is wanted."""
        everything = full or writer.since is None or self._too_old(writer.since)
        if writer.began is None:
            return everything
        if self._too_old(writer.began) or (everything and not writer.lists(KINDS)):
            writer.drop_listing()
            return True
        return writer.lists(KINDS)

    def _too_old(self, mark: datetime) -> bool:
        return self._clock.now() - mark > _LONGEST_GAP

    def _list(
        self,
        rail: QBORail,
        writer: LedgerWriter,
        tally: Tally,
        kinds: Sequence[type[Fact]],
        progress: Progress | None,
        since: datetime | None = None,
    ) -> None:
        """List ``kinds`` whole (or go on with an unfinished listing), then bury what is neither shown nor found by id."""
        counted = self._transport.run(rail.counts())
        counts: dict[type[Fact], int] = {facts.Preferences: 1, **counted.rows}
        if writer.began is None:
            writer.begin_listing(kinds, since or counted.as_of)
        todo = writer.to_list()
        writer.skip_empty(kind for kind, _ in todo if not counts[kind])
        places = [(kind, place) for kind, place in todo if counts[kind]]
        for listed in self._transport.stream(list_kinds(rail, places, counts)):
            writer.store_listed(listed, tally)
            if progress:
                progress(listed.page.kind.entity, tally.read[listed.page.kind], counts[listed.page.kind])
        unseen = writer.unseen()
        writer.end_listing(unseen, self._transport.run(rail.by_ids(unseen)), tally)

    def _follow(self, rail: QBORail, writer: LedgerWriter, tally: Tally) -> tuple[list[type[Fact]], datetime]:
        """Bring in what changed since the mark.

        Returns kinds whose changes are too many for one answer (list those), and when the ledger was first asked.
        """
        assert writer.since is not None, "changes are asked for after a first listing"
        since = writer.since - _OVERLAP
        whole = self._transport.run(rail.changes(since))
        parts, cut = [whole], []
        if whole.overflowed:
            by_kind = {kind: self._transport.run(rail.changes(since, [kind])) for kind in BY_KIND}
            parts = [part for part in by_kind.values() if not part.overflowed]
            cut = [kind for kind, part in by_kind.items() if part.overflowed]
            if facts.Deposit in cut:  # which payments they swept is then not known one by one
                cut += [kind for kind in _SWEPT_BY_DEPOSITS if kind not in cut]
        extra = self._transport.run(rail.by_ids(self._swept(writer, parts)))
        if whole.settings_changed or whole.overflowed:  # a cut answer may have cut them off
            extra.append(self._transport.run(rail.preferences(1)))
        writer.store_changes(parts, extra, None if cut else whole.as_of, tally)
        return cut, whole.as_of

    def _swept(self, writer: LedgerWriter, parts: Sequence[Changes]) -> dict[type[Fact], list[str]]:
        """Documents to read again because a deposit took them in or let them go, which moves no time of theirs."""
        pages = [page for part in parts for page in part.pages]
        deposits = [fact for page in pages if page.kind is facts.Deposit for fact in page.facts]
        gone = [deletion.id for part in parts for deletion in part.deletions if deletion.kind is facts.Deposit]
        if not deposits and not gone:
            return {}
        touched = writer.linked(facts.Deposit, [fact.id for fact in deposits] + gone, _SWEPT_BY_DEPOSITS)
        for deposit in deposits:
            assert isinstance(deposit, facts.Deposit)
            for link in deposit.links:
                for kind in _SWEPT_BY_DEPOSITS:
                    if link.linked_kind == kind.entity:
                        touched[kind].add(link.linked_id)
        known = {(page.kind, fact.id) for page in pages for fact in page.facts}
        left = {kind: sorted(id_ for id_ in ids if (kind, id_) not in known) for kind, ids in touched.items()}
        return {kind: ids for kind, ids in left.items() if ids}

    def _answer(self, kind: type[Fact]) -> LedgerAnswer:
        with self.db.reading(self._scope) as session:
            rows = self._mirror.rows(session, self._scope, kind)
        freshness = self.freshness()
        return {"rows": rows, "last_sync": freshness.last_sync, "freshness": freshness}


def _in_words(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} days ago"
