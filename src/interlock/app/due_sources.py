"""Where workers find what is due: rails to be read, payments to be moved on, works of the calendar."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy.orm import Session

from interlock.app.build import RailBuild
from interlock.app.chasing import chase_work
from interlock.app.collecting import order_work
from interlock.app.house import House
from interlock.app.letters import letter_work
from interlock.app.paying import business_of, payment_work
from interlock.app.recording_receipts import receipt_work
from interlock.app.releasing import pay_run_work
from interlock.domains.ap.workflows.payment_work import PAY, due_payments, revive
from interlock.domains.ar.policy.chasing import CHASE
from interlock.domains.ar.workflows.order_work import ORDER, due_orders, revive_order
from interlock.domains.ar.workflows.receipt_work import RECEIPT, due_receipts, revive_receipt
from interlock.domains.firm.letter_times import DIGEST
from interlock.domains.firm.pay_run_times import PAY_RUN
from interlock.domains.firm.services.calendar_service import due_works, find_due, keep_trouble, revive_due
from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import Scope
from interlock.rails import schedule
from interlock.rails.due_work import Linked, RailWork, Work, work_name

_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=4)
_DOUBLINGS_MOST = 6

CALENDAR: dict[str, Callable[[House, str, str], None]] = {
    CHASE: chase_work,
    DIGEST: letter_work,
    PAY_RUN: pay_run_work,
}
"""Works of the calendar (``BusinessDue.work``): each moves its row to when it is due next. Given a business's id and the run's."""


@dataclass(frozen=True)
class Task:
    """One due thing: the work's name, its run's id, and its lane, where one thing is done at a time (``None``: in none)."""

    work: str
    business_id: str
    run_id: str
    lane: str | None
    due: Any


class DueSource(Protocol):
    """A kind of due work. ``revive``: a task's run has ended and its row stands all the same: let it be begun anew."""

    def works(self) -> Mapping[str, Work]: ...
    def due(self, session: Session, now: datetime, most: int) -> Sequence[Task]: ...
    def revive(self, session: Session, task: Task, now: datetime) -> None: ...


@dataclass(frozen=True)
class Rails:
    """Syncs and proofs."""

    house: House
    stopping: Callable[[], bool]
    fault: Callable[[str, Exception], None]

    def works(self) -> Mapping[str, Work]:
        house = self.house
        rails = [
            RailWork(each.name, house.database, house.clock, partial(self._linked, each), self.stopping, self.fault)
            for each in house.build
        ]
        return {name: work for rail in rails for name, work in rail.works().items()}

    def due(self, session: Session, now: datetime, most: int) -> Sequence[Task]:
        return [self._task(each) for each in schedule.due(session, now, most)]

    def revive(self, session: Session, task: Task, now: datetime) -> None:
        schedule.revive(session, task.due, now)

    def _task(self, due: schedule.Due) -> Task:
        work = work_name(due.work, due.rail)
        run_id = f"{work}:{due.business_id}:{due.due_at.isoformat()}"
        return Task(work, due.business_id, run_id, f"{due.rail}:{due.business_id}", due)

    def _linked(self, rail: RailBuild, business_id: str) -> Linked | None:
        business = business_of(self.house, business_id)
        if business is None:
            return None
        return Linked(Scope(business.firm_id, business_id), *rail.work(self.house, business))


@dataclass(frozen=True)
class Payments:
    """What is to be done for released payments. Many side by side: each waits for its own answer only."""

    house: House

    def works(self) -> Mapping[str, Work]:
        return {PAY: payment_work(self.house).perform}

    def due(self, session: Session, now: datetime, most: int) -> Sequence[Task]:
        return [Task(PAY, each.business_id, each.run_id, None, each) for each in due_payments(session, now, most)]

    def revive(self, session: Session, task: Task, now: datetime) -> None:
        del now
        revive(session, task.due)


@dataclass(frozen=True)
class Receipts:
    """Payments that the collecting rail took, to be written down in the ledger. Each waits for its own answer only."""

    house: House

    def works(self) -> Mapping[str, Work]:
        return {RECEIPT: receipt_work(self.house).perform}

    def due(self, session: Session, now: datetime, most: int) -> Sequence[Task]:
        return [Task(RECEIPT, each.business_id, each.run_id, None, each) for each in due_receipts(session, now, most)]

    def revive(self, session: Session, task: Task, now: datetime) -> None:
        del now
        revive_receipt(session, task.due)


@dataclass(frozen=True)
class Orders:
    """What is asked of the collecting rail. Each waits for its own answer only."""

    house: House

    def works(self) -> Mapping[str, Work]:
        return {ORDER: order_work(self.house).perform}

    def due(self, session: Session, now: datetime, most: int) -> Sequence[Task]:
        return [Task(ORDER, each.business_id, each.run_id, None, each) for each in due_orders(session, now, most)]

    def revive(self, session: Session, task: Task, now: datetime) -> None:
        del now
        revive_order(session, task.due)


@dataclass(frozen=True)
class Calendar:
    """Pay runs by the schedule, letters."""

    house: House
    fault: Callable[[str, Exception], None]
    calendar: Mapping[str, Callable[[House, str, str], None]] = field(default_factory=lambda: CALENDAR)

    def works(self) -> Mapping[str, Work]:
        return {name: partial(self._perform, name) for name in self.calendar}

    def due(self, session: Session, now: datetime, most: int) -> Sequence[Task]:
        return [
            Task(
                each.work,
                each.business_id,
                f"{each.work}:{each.business_id}:{each.due_at.isoformat()}",
                f"{each.work}:{each.business_id}",
                each,
            )
            for each in due_works(session, now, most, self.calendar)
        ]

    def revive(self, session: Session, task: Task, now: datetime) -> None:
        revive_due(session, task.due, now)

    def _perform(self, work: str, business_id: str, run_id: str) -> None:
        """Whatever ends it, the row says when the next one tries."""
        try:
            self.calendar[work](self.house, business_id, run_id)
        except Exception as trouble:  # noqa: BLE001 - whatever it was, the row must say when to try again
            self._failed(work, business_id, trouble)

    def _failed(self, work: str, business_id: str, trouble: Exception) -> None:
        business = business_of(self.house, business_id)
        if business is None:
            return
        scope, known = Scope(business.firm_id, business_id), isinstance(trouble, InterlockError)
        said = str(trouble) if known else f"Interlock met something it did not expect ({type(trouble).__name__})."
        with self.house.database.writing(scope) as session:
            row = find_due(session, scope, work)
            failures = row.failures if row else 0
            pause: timedelta = min(_FIRST_PAUSE * 2 ** min(failures, _DOUBLINGS_MOST), _LONGEST_PAUSE)
            keep_trouble(session, scope, work, trouble=said, retry_at=self.house.clock.now() + pause)
        if not known:
            self.fault(business_id, trouble)
