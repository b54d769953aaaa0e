"""Steps of released payments as rows: each happening goes through the pure loop, and leaves its step and its line in the log.

Whoever changes a disbursement has taken the business's decision lock first and writes the log last (``Steps.close``), so that two
who hear of the same thing come one after the other, and a bill is never both under way and open to be decided on.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.payment_models import Disbursement, DisbursementStep
from interlock.domains.ap.policy.course import REOPENED, SETTLED, Course
from interlock.domains.ap.policy.happenings import Event
from interlock.domains.ap.policy.loop import may_leave, step
from interlock.infra import translog
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope

RELEASED, REOPENED_STATE = "released", "reopened"


class Steps:
    """The steps taken in one transaction of one business, by ``actor``. ``close`` writes their lines, last."""

    def __init__(self, db: Session, scope: Scope, *, now: datetime, actor: str) -> None:
        self.db = db
        self.scope = scope
        self.now = now
        self.actor = actor
        self._entries: list[tuple[str, dict[str, Any]]] = []

    def happened(
        self, row: Disbursement, event: Event, said: Mapping[str, Any] | None = None, *, why: str | None = None
    ) -> bool:
        """Take one step; ``False`` when the event changes nothing. ``said``: references for the step and the log, plain JSON;

        ``why``: the reason in words, kept on the row until a later step has one.
        """
        was = course_of(row)
        after, commands = step(was, event, self.now)
        if after == was:
            return False
        self._write(row, was, after, event, dict(said or {}), why)
        if "reopen_bill" in commands:
            self._intent(row, REOPENED_STATE, why or row.why)
        if "hold_bill" in commands:
            self._intent(row, RELEASED, None)
        return True

    def close(self) -> int:
        """Write the log's lines; how many. Once, at the transaction's end."""
        entries, self._entries = self._entries, []
        self.db.flush()
        if entries:
            translog.append_many(self.db, self.scope, now=self.now, actor=self.actor, entries=entries)
        return len(entries)

    def _write(
        self, row: Disbursement, was: Course, after: Course, event: Event, said: dict[str, Any], why: str | None
    ) -> None:
        keep_course(row, after)
        row.steps += 1
        row.changed_at = self.now
        row.why = why or (row.why if after.stage == was.stage else None)
        if why:
            said = {**said, "why": why}
        told = {**msgspec.to_builtins(event), **said}
        name = str(told.pop("type"))
        self.db.add(
            DisbursementStep(
                firm_id=row.firm_id,
                business_id=row.business_id,
                intent_id=row.intent_id,
                number=row.steps,
                at=self.now,
                event=name,
                was=was.stage,
                stage=after.stage,
                said=json.dumps(told, separators=(",", ":"), sort_keys=True),
                actor=self.actor,
            )
        )
        about = {"intent_id": row.intent_id, "bill_id": row.bill_id, "amount_minor": row.amount_minor}
        body = {**about, "currency": row.currency, "step": row.steps, "was": was.stage, "stage": after.stage, **told}
        self._entries.append((f"payment.{snake(name)}", body))

    def _intent(self, row: Disbursement, state: str, why: str | None) -> None:
        intent = self.db.get_one(PaymentIntent, (row.business_id, row.intent_id))
        intent.state, intent.ended_why = state, why
        intent.ended_at = self.now if state == REOPENED_STATE else None


def course_of(row: Disbursement) -> Course:
    """Where a payment stands."""
    return msgspec.json.decode(row.course, type=Course)


def keep_course(row: Disbursement, course: Course) -> None:
    """Put a course into its row, with the columns that are read by themselves."""
    row.course = msgspec.json.encode(course).decode()
    row.stage, row.todo, row.due_at = course.stage, course.todo, course.due_at
    row.needs_person = course.needs_person


def disbursement(db: Session, business_id: str, intent_id: str) -> Disbursement | None:
    """One released payment as it stands now."""
    return db.get(Disbursement, (business_id, intent_id), populate_existing=True)


def may_still_leave(db: Session, business_id: str, intent_id: str, now: datetime) -> bool:
    """Whether what was begun to be sent under this key may go out now, looked at by its sender right before it does.

    A key that is no released payment's is nobody's to give up.
    """
    row = disbursement(db, business_id, intent_id)
    return row is None or may_leave(course_of(row), now)


def under_way(db: Session, business_id: str, bill_ids: Sequence[str] | None = None) -> list[Disbursement]:
    """Released payments whose money may leave and that the ledger doesn't show yet: that much of their bills is spoken for."""
    query = select(Disbursement).where(
        Disbursement.business_id == business_id,
        Disbursement.stage.not_in(sorted({*REOPENED, "closed", "unproven", "recorded"})),
        Disbursement.ledger_payment_id.is_(None),
    )
    if bill_ids is not None:
        query = query.where(among(db, Disbursement.bill_id, sorted(set(bill_ids))))
    return list(db.scalars(query.order_by(Disbursement.pay_on, Disbursement.intent_id)))


def intents_under_way(db: Session, business_id: str, bill_ids: Sequence[str] | None = None) -> list[PaymentIntent]:
    """The decided payments behind ``under_way``: they take of their bills, and of vendor credits, what they would if live."""
    ids = [each.intent_id for each in under_way(db, business_id, bill_ids)]
    query = select(PaymentIntent).where(
        PaymentIntent.business_id == business_id, among(db, PaymentIntent.intent_id, ids)
    )
    return list(db.scalars(query.order_by(PaymentIntent.pay_on, PaymentIntent.intent_id))) if ids else []


def unsettled(db: Session, business_id: str) -> list[Disbursement]:
    """Released payments that something is still waited for."""
    query = select(Disbursement).where(
        Disbursement.business_id == business_id, Disbursement.stage.not_in(sorted(SETTLED))
    )
    return list(db.scalars(query.order_by(Disbursement.pay_on, Disbursement.intent_id)))


def snake(name: str) -> str:
    """``BankShowed`` as the log calls it: ``bank_showed``."""
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")
