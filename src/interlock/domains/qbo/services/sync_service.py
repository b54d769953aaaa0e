"""Bringing a company's books into the mirror, proving that they are all there, and answering from it.

A first sync lists every kind whole; later ones ask for changes. A page's rows, the place reached and the log line commit
together, so a crash at any point resumes where it stood. Only ``sync`` and ``prove`` talk to the rail; the getters read the
mirror.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from interlock.domains.qbo.mapper import RAIL
from interlock.domains.qbo.rail import QBORail
from interlock.domains.qbo.services.ledger_writer import LedgerWriter
from interlock.domains.qbo.services.proving import Proof, prove
from interlock.domains.qbo.services.reading import LONGEST_GAP, Reading
from interlock.domains.qbo.services.tally import Ended
from interlock.infra.db import Database
from interlock.infra.locks import held
from interlock.infra.transport import Transport
from interlock.kernel.clock import Clock, local_date
from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import Scope
from interlock.rails import cadence, facts
from interlock.rails.connections import sync_state
from interlock.rails.errors import ContractBroken, Rejected, Unavailable
from interlock.rails.facts import EDITION, KINDS, Fact
from interlock.rails.freshness import freshness
from interlock.rails.ports import (
    Freshness,
    LedgerAnswer,
    Mirror,
    Progress,
    ProofReport,
    SyncReport,
    Timetable,
)

_CALM = timedelta(hours=4)


class QBOSyncService:
    """The sync of one business, and the mirror's answers about it. ``opens`` makes the rail when a sync needs it.

    ``timetable`` says at a sync's end when the next one is due.
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
        timetable: Timetable | None = None,
        ended: Callable[[], None] = lambda: None,
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
        self._timetable = timetable or _Calm(clock)
        self._ended = ended

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
        return freshness(last, self._clock.now(), cadence.LEDGER_STALE)

    def sync(self, *, full: bool = False, progress: Progress | None = None) -> SyncReport:
        """Bring the mirror up to date: by changes where it can, by listing where it must or ``full`` asks for it.

        A listing of everything is followed by a proof of completeness. ``Busy`` when another sync of this business runs; the
        five rail errors leave what was committed and resume later.
        """
        with self._reading(progress) as run:
            report = self._sync(run, full)
            if report.mode == "full":
                self._prove_afterwards(run)
            return report

    def prove(self, *, progress: Progress | None = None) -> ProofReport:
        """Bring the mirror up to date and hold it against the ledger's own totals, mending what it can. As ``sync`` fails."""
        with self._reading(progress) as run:
            self._sync(run, full=False)
            return self._prove(run)

    @contextmanager
    def _reading(self, progress: Progress | None) -> Iterator["_Run"]:
        """Alone with the business's books. Reads are counted whatever ends the work."""
        with held(self.db, f"sync:{self.business_id}"):
            rail = self._opens()
            writer = LedgerWriter(self.db, self._scope, self._mirror, self._clock)
            rail.lacking = writer.lacking
            run = _Run(Reading(rail, writer, self._transport, self._clock, progress), self._clock.now())
            try:
                yield run
            except BaseException:  # whatever ended it, Intuit has counted the reads
                with suppress(InterlockError):
                    writer.spent(run.uncounted())
                raise
            writer.spent(run.uncounted())

    def _sync(self, run: "_Run", full: bool) -> SyncReport:
        reading = run.reading
        writer = reading.writer
        notices = writer.notices()
        everything = self._lists_everything(writer, full)
        if everything or writer.began is not None:
            reading.list_whole(KINDS)
        if reading.bring_up_to_date(notices):
            everything = True
            reading.list_whole(KINDS)
            reading.bring_up_to_date()
        calls, received = reading.rail.usage
        ended = Ended(
            mode="full" if everything else "changes",
            entities=reading.tally.reports(),
            calls=calls,
            received=received,
            metered=run.uncounted(),
            seconds=run.seconds,
            began=run.began,
            notices=[notice.event_id for notice in notices],
        )
        next_due, after_notice = self._timetable.next_sync(), self._timetable.after_notice()
        last = writer.finish(ended, next_due=next_due, after_notice=after_notice)
        run.count(ended.metered)
        self._ended()
        return SyncReport(
            business_id=self.business_id,
            mode=ended.mode,
            entities=ended.entities,
            calls=calls,
            bytes=received,
            seconds=ended.seconds,
            last_sync=last,
            metered=ended.metered,
            notices=len(notices),
            problems=writer.problems,
        )

    def _prove_afterwards(self, run: "_Run") -> None:
        """What was read stands whether or not it can be proved now; the timetable's own proof tries again."""
        try:
            self._prove(run)
        except (Unavailable, Rejected, ContractBroken) as trouble:
            run.reading.writer.note("ledger.proof_failed", {"why": trouble.sentence})

    def _prove(self, run: "_Run") -> ProofReport:
        today = local_date(self._clock.now(), self._time_zone)
        proof: Proof = prove(run.reading, today, self._home_currency)
        calls, received = run.reading.rail.usage
        compared = proof.comparison
        return ProofReport(
            business_id=self.business_id,
            tied=None if compared is None else not compared.located,
            taken_at=None if compared is None else compared.theirs.as_of,
            located=() if compared is None else compared.located,
            left_out=() if compared is None else compared.left_out,
            mended=proof.mended,
            rounds=proof.rounds,
            calls=calls,
            bytes=received,
            metered=run.reading.rail.metered,
            seconds=run.seconds,
        )

    def _lists_everything(self, writer: LedgerWriter, full: bool) -> bool:
        """Whether all kinds are to be listed. A listing under way goes on, unless its mark is too old or more is wanted.

        Rows that an older mapper wrote are written anew, whatever changed since.
        """
        everything = full or writer.since is None or self._too_old(writer, writer.since) or writer.edition != EDITION
        if writer.began is None:
            return everything
        if self._too_old(writer, writer.began) or (everything and not writer.lists(KINDS)):
            writer.drop_listing()
            return True
        return writer.lists(KINDS)

    def _too_old(self, writer: LedgerWriter, mark: datetime) -> bool:
        return self._clock.now() + writer.ahead - mark > LONGEST_GAP

    def _answer(self, kind: type[Fact]) -> LedgerAnswer:
        with self.db.reading(self._scope) as session:
            rows = self._mirror.rows(session, self._scope, kind)
        freshness = self.freshness()
        return {"rows": rows, "last_sync": freshness.last_sync, "freshness": freshness}


class _Run:
    """One piece of work under the business's lock: its reading, when it began, and the reads counted so far."""

    def __init__(self, reading: Reading, began: datetime) -> None:
        self.reading = reading
        self.began = began
        self._started = time.perf_counter()
        self._counted = 0

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._started

    def uncounted(self) -> int:
        return self.reading.rail.metered - self._counted

    def count(self, reads: int) -> None:
        self._counted += reads


class _Calm:
    """Where nobody keeps a timetable."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def next_sync(self) -> datetime:
        return self._clock.now() + _CALM

    def after_notice(self) -> datetime | None:
        return self._clock.now()
