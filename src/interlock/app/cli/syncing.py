"""Several syncs side by side: of clients, and of each client's rails. One that fails doesn't stop the others."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from interlock.app.build import RailBuild
from interlock.app.house import House
from interlock.domains.firm.models import Business
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.kernel.errors import BadInput, InterlockError
from interlock.kernel.scope import Scope
from interlock.rails.connections import DISCONNECTED, Connection
from interlock.rails.errors import spoken
from interlock.rails.ports import SyncReport

SIDE_BY_SIDE = 4


@dataclass(frozen=True)
class Job:
    """One rail of one client."""

    business: Business
    rail: RailBuild

    @property
    def name(self) -> str:
        """``Quill Legal`` for its books, ``Quill Legal, Ramp`` beside them."""
        name = self.business.name
        return name if self.rail.name == QBO else f"{name}, {spoken(self.rail.name)}"


Told = Callable[[Job, str, int, int | None], None]
"""Told of progress: which sync, entity, rows so far, rows in all where known."""


@dataclass(frozen=True)
class Outcome:
    """How one sync ended: with a report, or with the error that stopped it."""

    job: Job
    report: SyncReport | None
    trouble: Exception | None

    @property
    def business(self) -> Business:
        return self.job.business


def jobs_of(house: House, clients: Sequence[Business], rail: str | None = None) -> list[Job]:
    """What there is to sync: every rail a client is linked to, its books first (also unlinked: that says what is missing).

    ``rail``: that one only, of every client.
    """
    known = {each.name: each for each in house.build}
    if rail is not None and rail not in known:
        raise BadInput(f"There is no rail {rail!r}; there are {', '.join(known)}.")
    jobs: list[Job] = []
    for client in clients:
        if rail is not None:
            jobs.append(Job(client, known[rail]))
            continue
        with house.database.reading(Scope(client.firm_id, client.business_id)) as session:
            linked = set(
                session.scalars(
                    select(Connection.rail).where(
                        Connection.business_id == client.business_id, Connection.state != DISCONNECTED
                    )
                )
            )
        jobs += [Job(client, each) for each in house.build if each.name in linked | {QBO}]
    return jobs


def sync_side_by_side(
    house: House, jobs: Sequence[Job], *, full: bool = False, told: Told | None = None
) -> Iterator[Outcome]:
    """Do ``jobs``, a few at a time, and yield each outcome as it ends.

    An error outside the house's own is raised once the others have ended. The threads are daemons: an interrupted
    command leaves at once, and what was committed is where the next sync goes on.
    """
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    ended: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)

    def work() -> None:
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                sync, _ = job.rail.work(house, job.business)
                ended.put(Outcome(job, sync.sync(full=full, progress=_for(job, told)), None))
            except Exception as trouble:  # noqa: BLE001 - carried to the caller's thread, which tells or raises it
                ended.put(Outcome(job, None, trouble))

    for number in range(min(SIDE_BY_SIDE, len(jobs))):
        threading.Thread(target=work, name=f"sync-{number}", daemon=True).start()
    faults: list[Exception] = []
    for _ in jobs:
        outcome = ended.get()
        if outcome.trouble is not None and not isinstance(outcome.trouble, InterlockError):
            faults.append(outcome.trouble)
        yield outcome
    if faults:
        raise faults[0]


def _for(job: Job, told: Told | None) -> Callable[[str, int, int | None], None] | None:
    if told is None:
        return None
    tell = told
    return lambda entity, rows, whole: tell(job, entity, rows, whole)
