"""What is done outside for released payments: one short run for one thing of one payment (send, look up, cancel, record, watch).

A run is named by its payment, what it does and the attempt (``pay:<intent>:<todo>:<attempt>``), so the queue runs each once; one
whose row has moved on ends quietly. That an instruction is about to be sent is committed before it is: whatever ends a run in
between, the row says *look it up*, and nothing is sent a second time.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar, cast

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import Todo
from interlock.domains.ap.policy.happenings import Event, RecordBegun, SendBegun, SendRefused, TimePassed
from interlock.domains.ap.policy.loop import step
from interlock.domains.ap.services.bill_content import against_sending
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.services.payment_steps import RELEASED, Steps, course_of, disbursement, keep_course
from interlock.domains.ap.workflows.payment_calls import Answer, Order, cancelled, looked_up, recorded, sent
from interlock.domains.firm.models import Business
from interlock.infra.db import Database
from interlock.kernel.clock import Clock
from interlock.kernel.scope import Scope

PAY = "pay"
ACTOR = "payment loop"

_RUNS_MOST = 1_000
_LONGEST_WAIT = timedelta(hours=1)
_FIRST_WAIT = timedelta(minutes=2)

C = TypeVar("C")
T = TypeVar("T")


class Opens(Protocol):
    """A business's rail that has a capability (``rails.registry.Registry.require``)."""

    def __call__(self, scope: Scope, capability: type[C], /) -> C: ...


class Runs(Protocol):
    """Waits for a rail's answer, at most so many seconds (``infra.transport.Transport.run``)."""

    def __call__(self, work: Coroutine[Any, Any, T], timeout: float, /) -> T: ...


class DuePayment(msgspec.Struct, frozen=True):
    """What is to be done for one payment, and its run's id."""

    business_id: str
    intent_id: str
    todo: Todo
    attempt: int

    @property
    def run_id(self) -> str:
        return f"{PAY}:{self.intent_id}:{self.todo}:{self.attempt}"

    @classmethod
    def of_run(cls, business_id: str, run_id: str) -> "DuePayment":
        _, intent_id, todo, attempt = run_id.split(":")
        return cls(business_id, intent_id, cast(Todo, todo), int(attempt))


@dataclass(frozen=True)
class PaymentWork:
    """The works of all businesses' payments. ``business``: by its id, ``None`` when it is gone; ``against_create``: why nothing

    may be made at the paying rail for a business any more; ``soon``: have what knows of an answer read soon (in the transaction
    that keeps it; the capability that was used); ``fault``: told of what nobody expected.
    """

    database: Database
    clock: Clock
    opens: Opens
    run: Runs
    business: Callable[[str], Business | None]
    against_create: Callable[[Session, Business], Sequence[str]]
    soon: Callable[[Session, Scope, type[Any]], None]
    fault: Callable[[str, Exception], None]

    def perform(self, business_id: str, run_id: str) -> None:
        """Do what a run is named after, if that is still to be done."""
        due, business = DuePayment.of_run(business_id, run_id), self.business(business_id)
        if business is not None:
            _DOES[due.todo](self, business, due)

    def run_due(self, business_id: str, most: int = _RUNS_MOST) -> int:
        """Do all that is due for one business here and now; how many runs that took."""
        business, runs = self.business(business_id), 0
        while business is not None and runs < most:
            with self.database.reading(Scope(business.firm_id, business_id)) as session:
                found = due_payments(session, self.clock.now(), 1, business_id)
            if not found:
                break
            self.perform(business_id, found[0].run_id)
            runs += 1
        return runs

    def _send(self, business: Business, due: DuePayment) -> None:
        order = self._begin(business, due, SendBegun(), self._against)
        if order is not None:
            self._keep(business, due, sent(self, business, order, self.clock))

    def _look_up(self, business: Business, due: DuePayment) -> None:
        order = self._order(business, due)
        if order is not None:
            self._keep(business, due, looked_up(self, business, order), only_if_due=True)

    def _cancel(self, business: Business, due: DuePayment) -> None:
        order = self._order(business, due)
        if order is not None:
            self._keep(business, due, cancelled(self, business, order), only_if_due=True)

    def _record(self, business: Business, due: DuePayment) -> None:
        order = self._begin(business, due, RecordBegun(), lambda _db, _business, _row: ())
        if order is not None:
            self._keep(business, due, recorded(self, business, order, self.clock))

    def _watch(self, business: Business, due: DuePayment) -> None:
        self._keep(business, due, Answer(TimePassed()), only_if_due=True)

    def _against(self, db: Session, business: Business, row: Disbursement) -> Sequence[str]:
        """Why this must not be sent after all, found under the lock in the transaction that would have it sent."""
        intent = db.get_one(PaymentIntent, (row.business_id, row.intent_id))
        reasons = [] if intent.state == RELEASED else ["Its approval no longer stands."]
        changed = against_sending(db, row.business_id, intent)
        reasons += [] if changed is None else [changed]
        return reasons + list(self.against_create(db, business) if row.way == "create" else ())

    def _begin(
        self,
        business: Business,
        due: DuePayment,
        begun: Event,
        against: Callable[[Session, Business, Disbursement], Sequence[str]],
    ) -> Order | None:
        """Commit that it is about to be done; what is to be done, or ``None`` when it isn't to be any more."""
        scope, now = Scope(business.firm_id, business.business_id), self.clock.now()
        with self.database.writing(scope) as session:
            take_decision_lock(session, business.business_id)
            row = _still(session, due, now)
            if row is None:
                return None
            steps = Steps(session, scope, now=now, actor=ACTOR)
            reasons = against(session, business, row)
            steps.happened(row, begun, {"attempt": row.attempt + 1})
            row.attempt += 1
            order = Order.of(row)
            if reasons:
                steps.happened(row, SendRefused(), why=" ".join(reasons) + " Nothing was sent.")
            steps.close()
            return None if reasons else order

    def _order(self, business: Business, due: DuePayment) -> Order | None:
        with self.database.reading(Scope(business.firm_id, business.business_id)) as session:
            row = _still(session, due, self.clock.now())
            return None if row is None else Order.of(row)

    def _keep(self, business: Business, due: DuePayment, answer: Answer, *, only_if_due: bool = False) -> None:
        """Keep what came of it. ``only_if_due``: without effect where the row has moved on meanwhile."""
        scope, now = Scope(business.firm_id, business.business_id), self.clock.now()
        with self.database.writing(scope) as session:
            take_decision_lock(session, business.business_id)
            row = disbursement(session, business.business_id, due.intent_id)
            if row is None or (only_if_due and _still(session, due, now) is None):
                return
            steps = Steps(session, scope, now=now, actor=ACTOR)
            if answer.again and _no_news(row, answer.event, now):
                _put_off(row, now)
            else:
                for name, value in answer.columns.items():
                    setattr(row, name, value)
                steps.happened(row, answer.event, answer.said, why=answer.why)
            if only_if_due:
                row.attempt += 1
            if answer.tell is not None:
                self.soon(session, scope, answer.tell)
            steps.close()
        if answer.fault is not None:
            self.fault(business.business_id, answer.fault)


_DOES: dict[Todo, Callable[[PaymentWork, Business, DuePayment], None]] = {
    "send": PaymentWork._send,
    "look_up": PaymentWork._look_up,
    "cancel": PaymentWork._cancel,
    "record": PaymentWork._record,
    "watch": PaymentWork._watch,
}


def due_payments(session: Session, now: datetime, most: int, business_id: str | None = None) -> list[DuePayment]:
    """What is due, longest waiting first: across all firms (system scope), or of one business."""
    columns = (Disbursement.business_id, Disbursement.intent_id, Disbursement.todo, Disbursement.attempt)
    query = select(*columns).where(Disbursement.todo.is_not(None), Disbursement.due_at <= now)
    if business_id is not None:
        query = query.where(Disbursement.business_id == business_id)
    found = session.execute(query.order_by(Disbursement.due_at, Disbursement.intent_id).limit(most))
    return [DuePayment(id_, intent_id, cast(Todo, todo), attempt) for id_, intent_id, todo, attempt in found]


def revive(session: Session, ended: DuePayment) -> None:
    """A run for ``ended`` is over and yet its row stands unmoved: give it another number, and so a run of its own. System scope."""
    session.execute(
        update(Disbursement)
        .where(
            Disbursement.business_id == ended.business_id,
            Disbursement.intent_id == ended.intent_id,
            Disbursement.todo == ended.todo,
            Disbursement.attempt == ended.attempt,
        )
        .values(attempt=Disbursement.attempt + 1)
        .execution_options(synchronize_session=False)
    )


def _still(session: Session, due: DuePayment, now: datetime) -> Disbursement | None:
    """The row, if what is due is still to be done."""
    row = disbursement(session, due.business_id, due.intent_id)
    if row is None or (row.todo, row.attempt) != (due.todo, due.attempt) or row.due_at is None or row.due_at > now:
        return None
    return row


def _no_news(row: Disbursement, event: Event, now: datetime) -> bool:
    """Whether a step would change nothing but when the next one tries."""
    was = course_of(row)
    after, _ = step(was, event, now)
    return msgspec.structs.replace(after, due_at=was.due_at) == was


def _put_off(row: Disbursement, now: datetime) -> None:
    """As long again as since its last step, within bounds."""
    pause = max(_FIRST_WAIT, min(now - row.changed_at, _LONGEST_WAIT))
    keep_course(row, msgspec.structs.replace(course_of(row), due_at=now + pause))
