"""Due work on a business's rail, as the queue runs it: a business's id goes in, everything else is found out anew.

A run never loses what it was to do: whatever ends it, the due row is moved to when the next one should try. Only a process that
dies leaves it where it was taken, and then the run is begun again under its own id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from interlock.infra.db import Database
from interlock.kernel.clock import Clock
from interlock.kernel.errors import Busy, InterlockError
from interlock.kernel.scope import Scope
from interlock.rails import schedule
from interlock.rails.errors import Unauthorised, Unavailable
from interlock.rails.ports import Progress, SyncReport

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=4)
_DOUBLINGS_MOST = 8
_BUSY_PAUSE = timedelta(seconds=20)
_PROOF_PAUSE = timedelta(hours=1)


Work = Callable[[str, str], None]
"""Given whose work it is (a business's id) and the id it was queued under."""


class Syncs(Protocol):
    """What a run needs of a business's sync."""

    def sync(self, *, full: bool = False, progress: Progress | None = None) -> SyncReport: ...


@dataclass(frozen=True)
class Proving:
    """How completeness is proved, where a rail can: the proof, and when the next one is due."""

    prove: Callable[[], object]
    next_proof: Callable[[], datetime]


@dataclass(frozen=True)
class Linked:
    """One business's rail, as a run finds it from the business's id alone."""

    scope: Scope
    sync: Syncs
    proving: Proving | None = None


class Stopping(Exception):
    """This process ends: the sync under way stops where it stands, between two pages."""


@dataclass(frozen=True)
class RailWork:
    """The works of one rail. ``linked`` is ``None`` for a business that is gone; ``stopping`` says that we should end."""

    rail: str
    database: Database
    clock: Clock
    linked: Callable[[str], Linked | None]
    stopping: Callable[[], bool]
    fault: Callable[[str, Exception], None]

    def works(self) -> Mapping[str, Work]:
        return {
            work_name(schedule.SYNC, self.rail): self.sync_business,
            work_name(schedule.PROOF, self.rail): self.prove_business,
        }

    def sync_business(self, business_id: str, run_id: str) -> None:
        """Bring a business's mirror up to date, if that is still due. A success moves the due row in the sync's own end."""
        found = self.linked(business_id)
        if found is None:
            return
        with self.database.writing(found.scope) as session:
            if not schedule.take(session, found.scope, self.rail, holder=run_id, now=self.clock.now()):
                return
        try:
            found.sync.sync(progress=self._at_a_page)
        except Busy:
            self._put_off(found.scope, _BUSY_PAUSE)
        except Stopping:
            self._put_off(found.scope, timedelta())
        except Exception as trouble:  # noqa: BLE001 - whatever it was, the row must say when to try again
            if self.stopping():  # cut off by our own end
                self._put_off(found.scope, timedelta())
            else:
                self._failed(found.scope, business_id, run_id, trouble)

    def prove_business(self, business_id: str, _run_id: str) -> None:
        """Hold a business's mirror against the ledger's own totals. A proof that fails is tried again in an hour."""
        found = self.linked(business_id)
        if found is None:
            return
        if found.proving is None:  # nothing to prove here, now or later
            with self.database.writing(found.scope) as session:
                schedule.proof_after(session, found.scope, self.rail, next_proof=schedule.NEVER)
            return
        try:
            found.proving.prove()
            next_proof = found.proving.next_proof()
        except Busy:
            next_proof = self.clock.now() + _BUSY_PAUSE
        except Exception as trouble:  # noqa: BLE001 - whatever it was, the row must say when to try again
            next_proof = self.clock.now() + (timedelta() if self.stopping() else _PROOF_PAUSE)
            if not self.stopping() and not isinstance(trouble, InterlockError):
                self.fault(business_id, trouble)
        with self.database.writing(found.scope) as session:
            schedule.proof_after(session, found.scope, self.rail, next_proof=next_proof)

    def _at_a_page(self, _entity: str, _rows: int, _whole: int | None) -> None:
        if self.stopping():
            raise Stopping

    def _put_off(self, scope: Scope, pause: timedelta) -> None:
        with self.database.writing(scope) as session:
            schedule.put_off(session, scope, self.rail, until=self.clock.now() + pause)

    def _failed(self, scope: Scope, business_id: str, run_id: str, trouble: Exception) -> None:
        now = self.clock.now()
        with self.database.writing(scope) as session:
            row = schedule.find(session, scope, self.rail)
            schedule.after_failure(
                session,
                scope,
                self.rail,
                now=now,
                trouble=_in_words(trouble),
                retry_at=_retry_at(trouble, row.failures if row else 0, now),
                holder=run_id,
            )
        if not isinstance(trouble, InterlockError):
            self.fault(business_id, trouble)


def work_name(work: str, rail: str) -> str:
    """What the queue calls it: ``sync ramp``."""
    return f"{work} {rail}"


def _retry_at(trouble: Exception, failures: int, now: datetime) -> datetime | None:
    """Later with each failure in a row, and never before the rail said; ``None`` when a person has to act first."""
    if isinstance(trouble, Unauthorised):
        return None
    pause: timedelta = min(_FIRST_PAUSE * 2 ** min(failures, _DOUBLINGS_MOST), _LONGEST_PAUSE)
    if isinstance(trouble, Unavailable) and trouble.retry_after is not None:
        pause = max(pause, timedelta(seconds=trouble.retry_after))
    return now + pause


def _in_words(trouble: Exception) -> str:
    if isinstance(trouble, InterlockError):
        return trouble.sentence
    return f"Interlock met something it did not expect ({type(trouble).__name__}); it tries again by itself."
