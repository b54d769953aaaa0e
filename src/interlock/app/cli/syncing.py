"""Several clients' syncs side by side. One that fails doesn't stop the others."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from interlock.app.house import House
from interlock.domains.firm.models import Business
from interlock.kernel.errors import InterlockError
from interlock.rails.ports import SyncReport

SIDE_BY_SIDE = 4

Told = Callable[[Business, str, int, int | None], None]
"""Told of progress: client, entity, rows so far, rows in all where known."""


@dataclass(frozen=True)
class Outcome:
    """How one client's sync ended: with a report, or with the error that stopped it."""

    business: Business
    report: SyncReport | None
    trouble: Exception | None


def sync_side_by_side(
    house: House, clients: Sequence[Business], *, full: bool = False, told: Told | None = None
) -> Iterator[Outcome]:
    """Sync ``clients``, a few at a time, and yield each outcome as it ends.

    An error outside the house's own is raised once the others have ended. The threads are daemons: an interrupted
    command leaves at once, and what was committed is where the next sync goes on.
    """
    waiting: queue.SimpleQueue[Business] = queue.SimpleQueue()
    ended: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    for client in clients:
        waiting.put(client)

    def work() -> None:
        while True:
            try:
                client = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                progress = _for(client, told)
                ended.put(Outcome(client, house.sync_of(client).sync(full=full, progress=progress), None))
            except Exception as trouble:  # noqa: BLE001 - carried to the caller's thread, which tells or raises it
                ended.put(Outcome(client, None, trouble))

    for number in range(min(SIDE_BY_SIDE, len(clients))):
        threading.Thread(target=work, name=f"sync-{number}", daemon=True).start()
    faults: list[Exception] = []
    for _ in clients:
        outcome = ended.get()
        if outcome.trouble is not None and not isinstance(outcome.trouble, InterlockError):
            faults.append(outcome.trouble)
        yield outcome
    if faults:
        raise faults[0]


def _for(client: Business, told: Told | None) -> Callable[[str, int, int | None], None] | None:
    if told is None:
        return None
    tell = told
    return lambda entity, rows, whole: tell(client, entity, rows, whole)
