"""Writing collected payments down in the ledger: one short run for one of them.

A run is named by its record and the attempt (``receipt:<record>:<attempt>``), so the queue runs each once. That it is about to be
written is committed before the ledger is called; the ledger's capability looks first, writes under our key and reads back, so a
run that was cut off is done again under the same key and ends with the one document.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import ReceiptRecord
from interlock.domains.ar.services.receipt_records import (
    FOUND,
    RECORD,
    RECORDED,
    RECORDING,
    REFUSED,
    UNKNOWN,
    against_record,
    tell,
)
from interlock.domains.firm.deciding_lock import take_decision_lock
from interlock.domains.firm.models import Business
from interlock.infra.db import Database
from interlock.kernel.clock import Clock
from interlock.kernel.errors import BadInput, InterlockError
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.rails.errors import OutcomeUnknown, Rejected, Unavailable
from interlock.rails.records import RecordedCustomerPayment, RecordingOff, RecordsCustomerPayments
from interlock.rails.registry import CapabilityMissing

RECEIPT = "receipt"
ACTOR = "recording"
CALL_SECONDS = 300.0
TRIES_MOST = 12
"""After so many a person is asked; with the pauses between them, most of two days."""

_RUNS_MOST = 1_000
_BEGUN_AGAIN = timedelta(minutes=10)
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=4)
_DOUBLINGS_MOST = 8

C = TypeVar("C")
T = TypeVar("T")


class Opens(Protocol):
    """A business's rail that has a capability (``rails.registry.Registry.require``)."""

    def __call__(self, scope: Scope, capability: type[C], /) -> C: ...


class Runs(Protocol):
    """Waits for a rail's answer, at most so many seconds (``infra.transport.Transport.run``)."""

    def __call__(self, work: Coroutine[Any, Any, T], timeout: float, /) -> T: ...


class DueReceipt(msgspec.Struct, frozen=True):
    """A payment that is to be written down, and its run's id."""

    business_id: str
    record_id: str
    attempt: int

    @property
    def run_id(self) -> str:
        return f"{RECEIPT}:{self.record_id}:{self.attempt}"

    @classmethod
    def of_run(cls, business_id: str, run_id: str) -> "DueReceipt":
        _, record_id, attempt = run_id.split(":")
        return cls(business_id, record_id, int(attempt))


class Answer(msgspec.Struct, frozen=True):
    """What came of a call. ``payment_id``: the ledger's payment; ``again_at``: asked again under the same key from then on."""

    state: str
    why: str | None = None
    payment_id: str | None = None
    again_at: datetime | None = None
    fault: Exception | None = None


@dataclass(frozen=True)
class ReceiptWork:
    """The works of all businesses' collected payments. ``business``: by its id, ``None`` when it is gone; ``soon``: have what the

    ledger shows read soon (in the transaction that keeps the answer); ``fault``: told of what nobody expected.
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
        due, business = DueReceipt.of_run(business_id, run_id), self.business(business_id)
        if business is None:
            return
        asked = self._begin(business, due)
        if asked is not None:
            self._keep(business, due, self._recorded(business, asked, due.attempt))

    def run_due(self, business_id: str, most: int = _RUNS_MOST) -> int:
        """Do all that is due for one business here and now; how many runs that took."""
        business, runs = self.business(business_id), 0
        while business is not None and runs < most:
            with self.database.reading(Scope(business.firm_id, business_id)) as session:
                found = due_receipts(session, self.clock.now(), 1, business_id)
            if not found:
                break
            self.perform(business_id, found[0].run_id)
            runs += 1
        return runs

    def _begin(self, business: Business, due: DueReceipt) -> RecordedCustomerPayment | None:
        """Commit that it is about to be written; what is to be written, or ``None`` when it isn't to be any more."""
        scope, now = Scope(business.firm_id, business.business_id), self.clock.now()
        with self.database.writing(scope) as session:
            take_decision_lock(session, business.business_id)
            row = _still(session, due, now)
            if row is None:
                return None
            against = against_record(session, business, row)
            row.attempt += 1
            row.changed_at = now
            if against is not None:
                row.state, row.why, row.todo, row.due_at = against.state, against.why, None, None
                row.ledger_payment_id = against.payment_id
                tell(session, row, f"receipt.{against.state}", now=now, actor=ACTOR)
                return None
            row.state, row.why, row.due_at = RECORDING, None, now + _BEGUN_AGAIN
            tell(session, row, "receipt.recording", now=now, actor=ACTOR)
            return _asked(row)

    def _recorded(self, business: Business, asked: RecordedCustomerPayment, tried: int) -> Answer:
        """Write it down. It looks first, so the same facts under the same key are one document."""
        scope = Scope(business.firm_id, business.business_id)
        try:
            made = self.run(self.opens(scope, RecordsCustomerPayments).record_customer_payment(asked), CALL_SECONDS)
        except (RecordingOff, Rejected, BadInput, CapabilityMissing) as refused:
            return Answer(REFUSED, refused.sentence)
        except OutcomeUnknown as lost:
            return Answer(UNKNOWN, lost.sentence, again_at=self._again(lost, tried))
        except InterlockError as waiting:  # nobody answered, or somebody records now: the same key asks again
            return Answer(RECORDING, waiting.sentence, again_at=self._again(waiting, tried))
        except Exception as trouble:  # noqa: BLE001 - it may stand there: it is asked again under the same key
            why = f"Interlock met something it did not expect ({type(trouble).__name__})."
            return Answer(UNKNOWN, why, again_at=self._again(trouble, tried), fault=trouble)
        return Answer(RECORDED, payment_id=made.document_id)

    def _again(self, trouble: Exception, tried: int) -> datetime:
        pause: timedelta = min(_FIRST_PAUSE * 2 ** min(tried, _DOUBLINGS_MOST), _LONGEST_PAUSE)
        if isinstance(trouble, Unavailable) and trouble.retry_after is not None:
            pause = max(pause, timedelta(seconds=trouble.retry_after))
        return self.clock.now() + pause

    def _keep(self, business: Business, due: DueReceipt, answer: Answer) -> None:
        """Keep what came of it. An answer that names the ledger's payment is kept whoever asks meanwhile: it is the same one."""
        scope, now = Scope(business.firm_id, business.business_id), self.clock.now()
        with self.database.writing(scope) as session:
            take_decision_lock(session, business.business_id)
            row = session.get(ReceiptRecord, (business.business_id, due.record_id))
            if row is None or row.state in (RECORDED, FOUND):
                return
            if answer.payment_id is None and row.attempt != due.attempt + 1:
                return  # another run goes on with it
            spent = answer.again_at is not None and row.attempt >= TRIES_MOST
            row.state, row.why, row.changed_at = UNKNOWN if spent else answer.state, answer.why, now
            row.ledger_payment_id = answer.payment_id
            waits = answer.again_at is not None and not spent
            row.todo, row.due_at = (RECORD, answer.again_at) if waits else (None, None)
            tell(session, row, f"receipt.{'waiting' if waits else row.state}", now=now, actor=ACTOR)
            self.soon(session, scope, RecordsCustomerPayments)
        if answer.fault is not None:
            self.fault(business.business_id, answer.fault)


def due_receipts(session: Session, now: datetime, most: int, business_id: str | None = None) -> list[DueReceipt]:
    """What is due, longest waiting first: across all firms (system scope), or of one business."""
    columns = (ReceiptRecord.business_id, ReceiptRecord.record_id, ReceiptRecord.attempt)
    query = select(*columns).where(ReceiptRecord.todo.is_not(None), ReceiptRecord.due_at <= now)
    if business_id is not None:
        query = query.where(ReceiptRecord.business_id == business_id)
    found = session.execute(query.order_by(ReceiptRecord.due_at, ReceiptRecord.record_id).limit(most))
    return [DueReceipt(*row) for row in found]


def revive_receipt(session: Session, ended: DueReceipt) -> None:
    """A run for ``ended`` is over and yet its row stands unmoved: give it another number, and so a run of its own. System scope."""
    session.execute(
        update(ReceiptRecord)
        .where(
            ReceiptRecord.business_id == ended.business_id,
            ReceiptRecord.record_id == ended.record_id,
            ReceiptRecord.attempt == ended.attempt,
        )
        .values(attempt=ReceiptRecord.attempt + 1)
        .execution_options(synchronize_session=False)
    )


def _still(session: Session, due: DueReceipt, now: datetime) -> ReceiptRecord | None:
    """The row, if what is due is still to be done."""
    row = session.get(ReceiptRecord, (due.business_id, due.record_id))
    if row is None or row.todo is None or row.attempt != due.attempt or row.due_at is None or row.due_at > now:
        return None
    return row


def _asked(row: ReceiptRecord) -> RecordedCustomerPayment:
    amount = Money(row.amount_minor, row.currency)
    return RecordedCustomerPayment(
        key=row.record_id,
        customer_id=row.customer_id,
        deposit_to_account_id=row.account_id,
        dated=row.dated,
        amount=amount,
        applied=((row.invoice_id, amount),),
        note=f"Paid through Stripe ({row.receipt_id}).",
    )
