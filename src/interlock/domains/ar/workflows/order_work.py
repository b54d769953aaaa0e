"""What is done at the collecting rail for approved orders: one short run for one thing of one order (send, look up).

A run is named by its order, what it does and the attempt (``order:<order>:<todo>:<attempt>``), so the queue runs each once. That an
order is about to be sent is committed before it is: whatever ends a run in between, the row says *look it up*, and nothing is sent
again before the rail has said that nothing stands there.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import CollectionOrder
from interlock.domains.ar.policy.orders import (
    LEAVES_WITHIN,
    Absent,
    Begun,
    Declined,
    Event,
    HeldBack,
    Lost,
    Made,
    Partly,
    Todo,
)
from interlock.domains.ar.services.order_content import OrderContent, content_of
from interlock.domains.ar.services.order_reader import OrderReader
from interlock.domains.ar.services.order_steps import OrderSteps
from interlock.domains.firm.deciding_lock import take_decision_lock
from interlock.domains.firm.models import Business
from interlock.infra.db import Database
from interlock.kernel.clock import Clock
from interlock.kernel.errors import BadInput, InterlockError
from interlock.kernel.scope import Scope
from interlock.rails.errors import Rejected, Unavailable
from interlock.rails.moves import CollectsInvoices, Instructed, InvoiceOrder, RefundOrder, RefundsPayments
from interlock.rails.registry import CapabilityMissing
from interlock.rails.witnesses import UNKNOWN

ORDER = "order"
ACTOR = "collecting"
CALL_SECONDS = 300.0
_RUNS_MOST = 1_000

C = TypeVar("C")
T = TypeVar("T")


class Opens(Protocol):
    """A business's rail that has a capability (``rails.registry.Registry.require``)."""

    def __call__(self, scope: Scope, capability: type[C], /) -> C: ...


class Runs(Protocol):
    """Waits for a rail's answer, at most so many seconds (``infra.transport.Transport.run``)."""

    def __call__(self, work: Coroutine[Any, Any, T], timeout: float, /) -> T: ...


class DueOrder(msgspec.Struct, frozen=True):
    """What is to be done for one order, and its run's id."""

    business_id: str
    order_id: str
    todo: Todo
    attempt: int

    @property
    def run_id(self) -> str:
        return f"{ORDER}:{self.order_id}:{self.todo}:{self.attempt}"

    @classmethod
    def of_run(cls, business_id: str, run_id: str) -> "DueOrder":
        _, order_id, todo, attempt = run_id.split(":")
        return cls(business_id, order_id, cast(Todo, todo), int(attempt))


class Committed(msgspec.Struct, frozen=True):
    """What an order sends: everything it says was committed before."""

    order_id: str
    content: OrderContent
    at: datetime


class Answer(msgspec.Struct, frozen=True):
    """What came of a call. ``why``: in words; ``rail_id``, ``url``: what stands there."""

    event: Event
    why: str | None = None
    rail_id: str | None = None
    url: str | None = None
    said: dict[str, Any] = {}
    fault: Exception | None = None


@dataclass(frozen=True)
class OrderWork:
    """The works of all businesses' orders. ``business``: by its id, ``None`` when it is gone; ``soon``: have what the rail shows

    read soon (in the transaction that keeps the answer); ``fault``: told of what nobody expected.
    """

    database: Database
    clock: Clock
    opens: Opens
    run: Runs
    business: Callable[[str], Business | None]
    soon: Callable[[Session, Scope, type[Any]], None]
    fault: Callable[[str, Exception], None]

    def perform(self, business_id: str, run_id: str) -> None:
        """Do what a run is named after, if that is still to be done."""
        due, business = DueOrder.of_run(business_id, run_id), self.business(business_id)
        if business is None:
            return
        if due.todo == "send":
            order = self._begin(business, due)
            if order is not None:
                self._keep(business, due, self._answer(business, order, self._sent))
        else:
            order = self._order(business, due)
            if order is not None:
                self._keep(business, due, self._answer(business, order, self._looked_up), only_if_due=True)

    def run_due(self, business_id: str, most: int = _RUNS_MOST) -> int:
        """Do all that is due for one business here and now; how many runs that took."""
        business, runs = self.business(business_id), 0
        while business is not None and runs < most:
            with self.database.reading(Scope(business.firm_id, business_id)) as session:
                found = due_orders(session, self.clock.now(), 1, business_id)
            if not found:
                break
            self.perform(business_id, found[0].run_id)
            runs += 1
        return runs

    def _begin(self, business: Business, due: DueOrder) -> Committed | None:
        """Commit that it is about to be sent; what is to be sent, or ``None`` when it isn't to be any more."""
        scope, now = Scope(business.firm_id, business.business_id), self.clock.now()
        with self.database.writing(scope) as session:
            take_decision_lock(session, business.business_id)
            row = _still(session, due, now)
            if row is None:
                return None
            steps = OrderSteps(session, scope, now=now, actor=ACTOR)
            against = self._against(session, business, row, now)
            if against:
                left = (
                    f" {row.rail_id} stands at Stripe and may not have been sent: look at it there."
                    if row.rail_id
                    else ""
                )
                steps.happened(row, HeldBack(), why=f"{against} Nothing was sent.{left}")
                steps.close()
                return None
            steps.happened(row, Begun(), {"attempt": row.attempt + 1})
            steps.close()
            return _committed(row)

    def _against(self, session: Session, business: Business, row: CollectionOrder, now: datetime) -> str:
        """Why it must not go out after all, found under the lock in the transaction that would have it sent.

        Voiding and giving up that were begun may be done already: they read the rail first, and what stands there is no objection.
        """
        if row.act in {"void", "uncollectible"} and row.attempt:
            return ""
        return " ".join(dict.fromkeys(OrderReader(session, business, now).again(row).against))

    def _order(self, business: Business, due: DueOrder) -> Committed | None:
        with self.database.reading(Scope(business.firm_id, business.business_id)) as session:
            row = _still(session, due, self.clock.now())
            return None if row is None else _committed(row)

    def _answer(self, business: Business, order: Committed, call: Callable[[Scope, Committed], Answer]) -> Answer:
        """What came of it, whatever that was: an order is never left without one by what we can catch."""
        scope = Scope(business.firm_id, business.business_id)
        try:
            return call(scope, order)
        except Unavailable as waiting:
            return Answer(Lost(waiting.retry_after), waiting.sentence)
        except InterlockError as lost:
            return Answer(Lost(), lost.sentence)
        except Exception as trouble:  # noqa: BLE001 - it may stand there: it is looked up under the same key
            return Answer(
                Lost(), f"Interlock met something it did not expect ({type(trouble).__name__}).", fault=trouble
            )

    def _sent(self, scope: Scope, order: Committed) -> Answer:
        if self._held_up(scope, order):
            return Answer(Lost(), "It was held up on its way out; whether it stands there is looked up first.")
        try:
            return _stands(self._send(scope, order))
        except (Rejected, BadInput, CapabilityMissing) as refused:
            return Answer(Declined(), refused.sentence)

    def _held_up(self, scope: Scope, order: Committed) -> bool:
        """Whether this process was stopped between its commit and now so long that somebody may have looked and given up."""
        with self.database.reading(scope) as session:
            row = session.get(CollectionOrder, (scope.business_id, order.order_id))
            return row is None or row.state != "committed" or self.clock.now() - row.changed_at > LEAVES_WITHIN

    def _send(self, scope: Scope, order: Committed) -> Instructed:
        content, key = order.content, order.order_id
        if content.act == "refund":
            return self.run(self.opens(scope, RefundsPayments).refund_payment(_refund(order)), CALL_SECONDS)
        rail = self.opens(scope, CollectsInvoices)
        if content.act == "invoice":
            made = self.run(rail.create_invoice(_invoice(order)), CALL_SECONDS)
            return self.run(rail.send_invoice(made.rail_id, f"{key}:out"), CALL_SECONDS)
        does = rail.void_invoice if content.act == "void" else rail.mark_uncollectible
        return self.run(does(content.rail_invoice_id or "", key), CALL_SECONDS)

    def _looked_up(self, scope: Scope, order: Committed) -> Answer:
        """What stands there under the order's key. An invoice that wasn't sent yet is completed by the same order."""
        if order.content.act == "refund":
            given = self.run(self.opens(scope, RefundsPayments).find_refund(_refund(order)), CALL_SECONDS)
            return Answer(Absent()) if given is None else _stands(given)
        found = self.run(self.opens(scope, CollectsInvoices).find_invoice(_invoice(order)), CALL_SECONDS)
        if found is None:
            return Answer(Absent())
        if found.state in {"void", "paid", "uncollectible"}:
            return _stands(found)
        return Answer(Partly(), rail_id=found.rail_id, said={"state": found.state})

    def _keep(self, business: Business, due: DueOrder, answer: Answer, *, only_if_due: bool = False) -> None:
        """Keep what came of it. ``only_if_due``: without effect where the row has moved on meanwhile."""
        scope, now = Scope(business.firm_id, business.business_id), self.clock.now()
        with self.database.writing(scope) as session:
            take_decision_lock(session, business.business_id)
            row = session.get(CollectionOrder, (business.business_id, due.order_id), populate_existing=True)
            if row is None or (only_if_due and _still(session, due, now) is None):
                return
            if not only_if_due and row.attempt != due.attempt + 1 and not isinstance(answer.event, Made):
                return  # another run goes on with it
            if answer.rail_id is not None:
                row.rail_id, row.url = answer.rail_id, answer.url or row.url
            if only_if_due:
                row.attempt += 1
            steps = OrderSteps(session, scope, now=now, actor=ACTOR)
            steps.happened(row, answer.event, answer.said, why=answer.why)
            self.soon(session, scope, RefundsPayments if row.act == "refund" else CollectsInvoices)
            steps.close()
        if answer.fault is not None:
            self.fault(business.business_id, answer.fault)


def due_orders(session: Session, now: datetime, most: int, business_id: str | None = None) -> list[DueOrder]:
    """What is due, longest waiting first: across all firms (system scope), or of one business."""
    columns = (
        CollectionOrder.business_id, CollectionOrder.order_id, CollectionOrder.todo, CollectionOrder.attempt
    )  # fmt: skip
    query = select(*columns).where(CollectionOrder.todo.is_not(None), CollectionOrder.due_at <= now)
    if business_id is not None:
        query = query.where(CollectionOrder.business_id == business_id)
    found = session.execute(query.order_by(CollectionOrder.due_at, CollectionOrder.order_id).limit(most))
    return [DueOrder(id_, order_id, cast(Todo, todo), attempt) for id_, order_id, todo, attempt in found]


def revive_order(session: Session, ended: DueOrder) -> None:
    """A run for ``ended`` is over and yet its row stands unmoved: give it another number, and so a run of its own. System scope."""
    session.execute(
        update(CollectionOrder)
        .where(
            CollectionOrder.business_id == ended.business_id,
            CollectionOrder.order_id == ended.order_id,
            CollectionOrder.todo == ended.todo,
            CollectionOrder.attempt == ended.attempt,
        )
        .values(attempt=CollectionOrder.attempt + 1)
        .execution_options(synchronize_session=False)
    )


def _still(session: Session, due: DueOrder, now: datetime) -> CollectionOrder | None:
    """The row, if what is due is still to be done."""
    row = session.get(CollectionOrder, (due.business_id, due.order_id), populate_existing=True)
    if row is None or (row.todo, row.attempt) != (due.todo, due.attempt) or row.due_at is None or row.due_at > now:
        return None
    return row


def _committed(row: CollectionOrder) -> Committed:
    return Committed(row.order_id, content_of(row), row.committed_at or row.changed_at)


def _invoice(order: Committed) -> InvoiceOrder:
    content = order.content
    number = content.number or content.invoice_id
    return InvoiceOrder(
        key=order.order_id,
        committed_at=order.at,
        customer_id=content.rail_customer_id or "",
        ledger_id=content.invoice_id or "",
        ledger_number=content.number,
        amount=content.amount,
        due=content.due or order.at.date(),
        description=f"Invoice {number}",
    )


def _refund(order: Committed) -> RefundOrder:
    content = order.content
    return RefundOrder(
        key=order.order_id,
        committed_at=order.at,
        charge_id=content.charge_id or "",
        amount=content.amount,
        reason=content.reason or "",
    )


def _stands(found: Instructed) -> Answer:
    """``unknown``: it stands there in a state that nobody can use; it is looked at again."""
    if found.state == UNKNOWN:
        return Answer(Lost(), "Stripe shows it in a state that Interlock doesn’t know.", found.rail_id, found.url)
    return Answer(Made(), None, found.rail_id, found.url, {"rail_id": found.rail_id, "state": found.state})
