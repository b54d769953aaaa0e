"""Steps of orders to the collecting rail as rows: each goes through the pure function, and leaves its step and its line in the log.

Whoever changes an order has taken the business's decision lock first and writes the log last (``OrderSteps.close``).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import CollectionOrder, CollectionStep
from interlock.domains.ar.policy.orders import Act, Event, Stand, State, Todo, step
from interlock.infra import translog
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope

_YES = "said_yes"


class OrderSteps:
    """The steps taken in one transaction of one business, by ``actor``. ``close`` writes their lines, last."""

    def __init__(self, db: Session, scope: Scope, *, now: datetime, actor: str) -> None:
        self.db = db
        self.scope = scope
        self.now = now
        self.actor = actor
        self._entries: list[tuple[str, dict[str, Any]]] = []

    def prepared(self, order: CollectionOrder, said: Mapping[str, Any]) -> None:
        """The first step: it is there."""
        self.db.add(order)
        self._write(order, "prepared", order.state, dict(said))

    def happened(
        self, order: CollectionOrder, event: Event, said: Mapping[str, Any] | None = None, *, why: str | None = None
    ) -> bool:
        """Take one step; ``False`` when the event changes nothing. ``said``: references for the step and the log, plain JSON;

        ``why``: the reason in words, kept on the order until a later step has one.
        """
        was = stand_of(order)
        after = step(was, event, self.now)
        if after == was:
            return False
        keep_stand(order, after)
        order.why = why or (order.why if after.state == was.state else None)
        told = {**msgspec.to_builtins(event), **(said or {})}
        name = _snake(str(told.pop("type")))
        self._write(order, name, was.state, {**told, **({"why": why} if why else {})})
        return True

    def close(self) -> None:
        """Write the log's lines. Once, at the transaction's end."""
        entries, self._entries = self._entries, []
        self.db.flush()
        if entries:
            translog.append_many(self.db, self.scope, now=self.now, actor=self.actor, entries=entries)

    def _write(self, order: CollectionOrder, name: str, was: str, said: dict[str, Any]) -> None:
        order.steps = (order.steps or 0) + 1
        order.changed_at = self.now
        self.db.add(
            CollectionStep(
                firm_id=order.firm_id,
                business_id=order.business_id,
                order_id=order.order_id,
                number=order.steps,
                at=self.now,
                event=name,
                was=was,
                state=order.state,
                said=json.dumps(said, separators=(",", ":"), sort_keys=True),
                actor=self.actor,
            )
        )
        self._entries.append((f"order.{name}", {**about(order), "step": order.steps, "was": was, **said}))


def about(order: CollectionOrder) -> dict[str, Any]:
    """An order as the log names it."""
    said = {
        "order_id": order.order_id,
        "act": order.act,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
        "state": order.state,
        "content": order.content_hash,
    }
    more = {
        "invoice_id": order.invoice_id,
        "rail_invoice_id": order.rail_invoice_id,
        "charge_id": order.charge_id,
        "rail_id": order.rail_id,
    }
    return {**said, **{name: value for name, value in more.items() if value is not None}}


def stand_of(order: CollectionOrder) -> Stand:
    """Where an order stands."""
    return Stand(
        act=cast(Act, order.act),
        state=cast(State, order.state),
        todo=cast(Todo | None, order.todo),
        due_at=order.due_at,
        attempt=order.attempt,
        undo_until=order.undo_until,
        committed_at=order.committed_at,
    )


def keep_stand(order: CollectionOrder, stand: Stand) -> None:
    """Put a stand into its row."""
    order.state, order.todo, order.due_at = stand.state, stand.todo, stand.due_at
    order.attempt, order.undo_until, order.committed_at = stand.attempt, stand.undo_until, stand.committed_at


def steps_of(db: Session, business_id: str, order_id: str) -> list[CollectionStep]:
    """All steps of an order, oldest first."""
    query = select(CollectionStep).where(CollectionStep.business_id == business_id, CollectionStep.order_id == order_id)
    return list(db.scalars(query.order_by(CollectionStep.number)))


def yeses_of(db: Session, business_id: str, order_ids: Sequence[str]) -> Mapping[str, list[tuple[str, str]]]:
    """Who said yes to orders, each with their side, as they said it; orders nobody said yes to are not there."""
    query = select(CollectionStep.order_id, CollectionStep.said).where(
        CollectionStep.business_id == business_id,
        among(db, CollectionStep.order_id, sorted(set(order_ids))),
        CollectionStep.event == _YES,
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for order_id, said in db.execute(query.order_by(CollectionStep.order_id, CollectionStep.number)):
        told = json.loads(said)
        found.setdefault(order_id, []).append((told["person"], told["side"]))
    return found


def _snake(name: str) -> str:
    """``SaidYes`` as the log calls it: ``said_yes``."""
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")
