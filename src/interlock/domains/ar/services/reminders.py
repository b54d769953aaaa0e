"""Messages to customers as rows: begun before the mail server is spoken to, ended by what it said; one a stage, ever.

Everything that speaks against a message is read again under the decision lock, in the transaction that begins it: what a sync
brought a moment before stops it. After that only its end is written.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.chasing_models import ChasePromise, ChasingSetup, Reminder
from interlock.domains.ar.models import Invoice
from interlock.domains.ar.policy.chase_words import Words, filled
from interlock.domains.ar.policy.chasing import Ask, Stage, next_message
from interlock.domains.ar.services.chase_cases import ChaseCases, Chased, manner_of
from interlock.domains.firm.deciding_lock import take_decision_lock
from interlock.domains.firm.models import Business
from interlock.infra import translog
from interlock.kernel.clock import local_date
from interlock.kernel.ids import new_id
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope

ACTOR = "Interlock (chase)"
End = Literal["sent", "not_taken", "unknown", "bounced"]


class Begun(Struct, frozen=True):
    """A message as it is about to be sent."""

    reminder_id: str
    invoice_id: str
    stage: Stage
    recipient: str
    subject: str
    body: str
    message_id: str


class Reminders:
    """The messages of one business. ``words``: of a stage, ``None`` where nobody has accepted them yet."""

    def __init__(self, db: Session, business: Business, now: datetime) -> None:
        self._db = db
        self._business = business
        self._scope = Scope(business.firm_id, business.business_id)
        self._now = now

    @property
    def today(self) -> date:
        return local_date(self._now, self._business.time_zone)

    def begin(
        self,
        invoice_id: str,
        *,
        words: Callable[[Stage], tuple[Words, bool]],
        blocked: Callable[[], Mapping[str, str]],
        host: str,
    ) -> Begun | None:
        """Commit a message to being sent, if one is due for this invoice at this moment; ``None`` when none is.

        ``blocked``: findings that stop a chase, by invoice, read here under the lock; ``host``: for the mail's own id.
        """
        take_decision_lock(self._db, self._business.business_id)
        setup = self._db.get(ChasingSetup, self._business.business_id)
        manner = manner_of(setup)
        if setup is None or not manner.on:
            return None
        chased = ChaseCases(self._db, self._business, today=self.today, blocked=blocked()).one(invoice_id)
        if chased is None or chased.invoice.voided or chased.case.due >= self.today:
            return None
        said = next_message(chased.case, manner)
        if not isinstance(said, Ask):
            return None
        text, accepted = words(said.stage)
        if not accepted:
            return None
        return self._write(chased, said.stage, text, setup, host)

    def end(self, reminder_id: str, how: End, trouble: str | None = None) -> None:
        """Write what became of it. An address that the server refuses for good isn't written to again."""
        take_decision_lock(self._db, self._business.business_id)
        row = self._db.get_one(Reminder, (self._business.business_id, reminder_id))
        if row.state != "begun":
            return
        row.state, row.trouble, row.ended_at = how, trouble, self._now
        self._tell(f"reminder.{how}", row, {"why": trouble} if trouble else {})

    def cut_off(self) -> int:
        """Messages that a process began and never ended: nobody knows whether they went, and none is sent again by itself."""
        take_decision_lock(self._db, self._business.business_id)
        query = select(Reminder).where(Reminder.business_id == self._business.business_id, Reminder.state == "begun")
        rows = self._db.scalars(query.order_by(Reminder.reminder_id)).all()
        for row in rows:
            row.state, row.ended_at = "unknown", self._now
            row.trouble = "Interlock was stopped while it was being sent; nobody knows whether it went."
            self._tell("reminder.unknown", row, {"why": row.trouble})
        return len(rows)

    def settle_promises(self) -> int:
        """Promises whose end is known: kept once that much was paid, broken once the day has passed."""
        take_decision_lock(self._db, self._business.business_id)
        query = select(ChasePromise).where(
            ChasePromise.business_id == self._business.business_id, ChasePromise.outcome == "open"
        )
        ended = 0
        for each in self._db.scalars(query.order_by(ChasePromise.promise_id)).all():
            invoice = self._db.get(Invoice, (self._business.business_id, each.invoice_id))
            open_minor = 0 if invoice is None or invoice.voided else invoice.balance_minor
            if open_minor <= each.balance_minor - each.amount_minor:
                each.outcome = "kept"
            elif each.promised_for < self.today:
                each.outcome = "broken"
            else:
                continue
            ended += 1
            body = {
                "promise_id": each.promise_id,
                "invoice_id": each.invoice_id,
                "promised_for": each.promised_for.isoformat(),
            }
            self._line(f"promise.{each.outcome}", body)
        return ended

    def _write(self, chased: Chased, stage: Stage, words: Words, setup: ChasingSetup, host: str) -> Begun:
        address = chased.case.address
        assert address is not None, "next_message asks for an address first"
        subject, body = filled(words, places_of(chased, self._business, setup.sender_name))
        reminder_id = new_id("rem", self._now)
        row = Reminder(
            firm_id=self._business.firm_id,
            business_id=self._business.business_id,
            reminder_id=reminder_id,
            invoice_id=chased.invoice.id,
            customer_id=chased.invoice.customer_id,
            round=chased.round,
            stage=stage,
            amount_minor=chased.case.ask_minor,
            currency=chased.invoice.currency,
            recipient=address,
            subject=subject,
            body=body,
            message_id=f"<{reminder_id}@{host}>",
            state="begun",
            begun_by=ACTOR,
            begun_at=self._now,
        )
        self._db.add(row)
        self._tell("reminder.begun", row, {"recipient": address, "words": words.digest, "round": row.round})
        return Begun(reminder_id, row.invoice_id, stage, address, subject, body, row.message_id)

    def _tell(self, action: str, row: Reminder, more: dict[str, Any]) -> None:
        told = {
            "reminder_id": row.reminder_id,
            "invoice_id": row.invoice_id,
            "stage": row.stage,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
        }
        self._line(action, {**told, **more})

    def _line(self, action: str, body: dict[str, Any]) -> None:
        self._db.flush()
        translog.append(self._db, self._scope, now=self._now, actor=ACTOR, action=action, body=body)


def places_of(chased: Chased, business: Business, sender: str) -> dict[str, str]:
    """What stands in the places of a message about this invoice."""
    late = (chased.case.today - chased.case.due).days
    due = chased.case.due
    return {
        "customer": chased.customer_name,
        "invoice": chased.invoice.number or chased.invoice.id,
        "amount": f"{chased.invoice.currency} {Money(chased.case.ask_minor, chased.invoice.currency)}",
        "due": f"{due.day} {due:%B %Y}",
        "days_late": "1 day" if late == 1 else f"{late} days",
        "business": business.name,
        "sender": sender,
        "pay": f"Pay online: {chased.balance.url}" if chased.balance.url else "",
    }
