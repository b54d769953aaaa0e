"""Workers: this process's part in reading what is due. Embedded in ``serve``, or alone as ``interlock worker``.

A tick looks for due rows and queues them; the queue runs them, here or in another worker; a heartbeat keeps this worker's
lease, and the one worker that leads gives back to the queue what the dead had begun. Whatever is forgotten by any of these is
found again by the next tick, because the due rows stand until work on them has ended.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from interlock.app.due_sources import Calendar, DueSource, Orders, Payments, Rails, Receipts
from interlock.app.house import House
from interlock.app.opening import refresh_clock
from interlock.infra.durable import workers
from interlock.infra.durable.queue import WORK_VERSION, Durable
from interlock.infra.durable.workers import LEASES
from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import SystemScope
from interlock.rails import schedule

log = logging.getLogger("interlock.worker")

LEASE = timedelta(seconds=6)
"""How long a worker that gives no sign counts as living."""

SIDE_BY_SIDE = 8
_DUE = SystemScope("what is due for all firms")
_BEATS_A_LEASE = 3
_TICK_SECONDS = 1.0
_BETWEEN_TICKS_SECONDS = 0.1  # runs that end one after the other wake it once
_EMBEDDED_STOP_SECONDS = 0.5
_CUT_OFF_SECONDS = 1.0
_PATIENCE_SECONDS = 10.0
_A_TICK_MOST = 200
_ASKED_AGAIN_SECONDS = 30.0
_ADOPTED_EVERY_SECONDS = 60.0
_CLOCK_EVERY_SECONDS = 5.0
_SWEPT_EVERY_SECONDS = 3_600.0


class Workers:
    """The threads that do due work in this process.

    ``ended`` is told of each business a run ended for, ``unable`` why there will be no work here at all.
    """

    def __init__(
        self,
        house: House,
        *,
        side_by_side: int = SIDE_BY_SIDE,
        lease: timedelta = LEASE,
        ended: Callable[[str], None] = lambda _business_id: None,
        unable: Callable[[Exception], None] = lambda _trouble: None,
    ) -> None:
        self.executor_id = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.working = threading.Event()
        self.settled = threading.Event()
        """Set when it is known whether this worker works; ``failed`` says why it does not."""
        self.failed: Exception | None = None
        self._trouble = ""
        self._house = house
        # A run that waits for a throttled company keeps a place that another client's could have; its row waits for nothing.
        house.patience = min(house.patience, _PATIENCE_SECONDS)
        self._lease = lease
        self._ended = ended
        self._unable = unable
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._sources: tuple[DueSource, ...] = (
            Payments(house),
            Receipts(house),
            Orders(house),
            Rails(house, self._stop.is_set, _tell_fault),
            Calendar(house, _tell_fault),
        )
        works = {name: self._telling(work) for each in self._sources for name, work in each.works().items()}
        self._queue = Durable(house.database, self.executor_id, works, side_by_side=side_by_side)
        self._asked: dict[str, float] = {}
        self._every = _Every()
        self._threads = [
            threading.Thread(target=self._run, name="interlock-work", daemon=True),
            threading.Thread(target=self._beat, name="interlock-lease", daemon=True),
        ]

    def start(self) -> None:
        """Begin in the background: loading the queue takes a second or two, and nobody has to wait for it."""
        self._threads[0].start()

    def wake(self) -> None:
        """Look for due work now."""
        self._wake.set()

    def stop(self, seconds: float) -> bool:
        """End, and give the lease back. ``False`` when a run was left to end with the process.

        Syncs under way stop at their next page; those that still wait for an answer after ``seconds`` are cut off from it, and
        with them every other call of this house. What was stopped is due again at once.
        """
        self._stop.set()
        self._wake.set()
        if self._threads[0].ident is None:
            return True
        deadline = time.monotonic() + seconds
        idle = self._queue.wait_idle(seconds)
        if not idle:
            self._house.end_calls()
            idle = self._queue.wait_idle(_CUT_OFF_SECONDS)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(deadline - time.monotonic(), 0.1))
        if self.working.is_set():
            self._queue.close()
        with self._house.database.writing(LEASES) as session:
            workers.give_back(session, self.executor_id)
        return idle

    def tick(self) -> int:
        """Queue what is due; how many were not queued before. Asking twice for the same is harmless."""
        now = self._house.clock.now()
        with self._house.database.reading(_DUE) as session:
            found = [(each, task) for each in self._sources for task in each.due(session, now, _A_TICK_MOST)]
        queued = 0
        for source, task in found:
            if time.monotonic() - self._asked.get(task.run_id, -_ASKED_AGAIN_SECONDS) < _ASKED_AGAIN_SECONDS:
                continue
            if self._queue.enqueue(task.work, task.business_id, task.run_id, lane=task.lane):
                self._asked[task.run_id] = time.monotonic()
                queued += 1
            else:  # it ran and ended, and its row still stands there: give it a new time, and so a new id
                with self._house.database.writing(_DUE) as session:
                    source.revive(session, task, now)
        return queued

    def _run(self) -> None:
        try:
            self._renew()
            self._threads[1].start()
            self._queue.launch()
            self.working.set()
        except Exception as trouble:  # noqa: BLE001 - the thread's edge: pages go on without workers, and say why
            self._cannot(trouble)
            return
        finally:
            self.settled.set()
        while not self._stop.wait(_BETWEEN_TICKS_SECONDS):
            self._attempt("look for due work", self._round)
            self._wake.wait(_TICK_SECONDS)
            self._wake.clear()

    def _round(self) -> None:
        if self._every(_CLOCK_EVERY_SECONDS, "clock"):
            refresh_clock(self._house)
        if self._every(_ADOPTED_EVERY_SECONDS, "adopt"):
            with self._house.database.reading(_DUE) as session:
                orphans = schedule.without_row(session)
            if orphans:
                with self._house.database.writing(_DUE) as session:
                    schedule.adopt(session, self._house.clock.now())
        if self._every(_ASKED_AGAIN_SECONDS, "forget"):
            for run_id, at in list(self._asked.items()):
                if time.monotonic() - at > _ASKED_AGAIN_SECONDS:
                    self._asked.pop(run_id, None)
        self.tick()

    def _beat(self) -> None:
        pause = self._lease.total_seconds() / _BEATS_A_LEASE
        while not self._stop.wait(pause):
            self._attempt("keep this worker's lease", self._renew_and_lead)

    def _renew(self) -> bool:
        with self._house.database.writing(LEASES) as session:
            return workers.renew(session, self.executor_id, lease=self._lease, version=WORK_VERSION)

    def _renew_and_lead(self) -> None:
        if not self._renew() or not self.working.is_set():
            return
        with self._house.database.reading(LEASES) as session:
            living = {worker.executor_id for worker in workers.living(session)}
        if self._queue.recover(living):
            log.info("what a worker left behind is taken up again")
        if self._every(_SWEPT_EVERY_SECONDS, "sweep"):
            self._queue.sweep()
            with self._house.database.writing(LEASES) as session:
                workers.forget_dead(session)

    def _attempt(self, what: str, work: Callable[[], None]) -> None:
        try:
            work()
            self._trouble = ""
        except Exception as trouble:  # noqa: BLE001 - the thread's edge: the next round tries again
            said = str(trouble) if isinstance(trouble, InterlockError) else f"{type(trouble).__name__}: {trouble}"
            if not self._stop.is_set() and said != self._trouble:
                log.warning("This worker can't %s: %s", what, said)
            self._trouble = said

    def _cannot(self, trouble: Exception) -> None:
        self.failed = trouble
        if not self._stop.is_set():
            self._unable(trouble)

    def _telling(self, work: Callable[[str, str], None]) -> Callable[[str, str], None]:
        def run(business_id: str, run_id: str) -> None:
            if self._stop.is_set():
                return  # taken from the queue while we end: its row still stands, so another worker finds it
            work(business_id, run_id)
            self._asked.pop(run_id, None)
            self._ended(business_id)
            self._wake.set()

        return run


@contextmanager
def embedded(house: House, ended: Callable[[str], None]) -> Iterator[Workers]:
    """Workers beside whatever else this process does: they end with the block, within a second or so."""
    workers_here = Workers(house, ended=ended, unable=_say_unable)
    workers_here.start()
    try:
        yield workers_here
    finally:
        workers_here.stop(_EMBEDDED_STOP_SECONDS)


class _Every:
    """Says of something named whether its time has come again."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def __call__(self, seconds: float, what: str) -> bool:
        now = time.monotonic()
        if now - self._last.get(what, -seconds) < seconds:
            return False
        self._last[what] = now
        return True


def _say_unable(trouble: Exception) -> None:
    log.error("Workers can't start, so nothing is synced by itself: %s", trouble)


def _tell_fault(business_id: str, trouble: Exception) -> None:
    log.error("A run for %s met something unexpected.", business_id, exc_info=trouble)
