"""The calls to rails that a payment's runs make, and what each answer means for the loop.

Only what certainly did nothing is *refused* or *not sent*; whatever else a call ends with leaves its fate unknown, and that is
looked up.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import Way
from interlock.domains.ap.policy.happenings import (
    CancelMade,
    CancelRefused,
    Event,
    Found,
    NotFound,
    NotSent,
    RecordLost,
    RecordMade,
    RecordRefused,
    SendLost,
    SendMade,
    SendRefused,
)
from interlock.domains.ap.policy.loop import SENDS_MOST
from interlock.domains.ap.services.payment_steps import course_of
from interlock.domains.ap.services.rail_words import word_of_state
from interlock.domains.firm.models import Business
from interlock.infra.transport import TransportError
from interlock.kernel.clock import Clock
from interlock.kernel.errors import BadInput, InterlockError
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.rails.errors import OutcomeUnknown, Rejected, Unauthorised, Unavailable
from interlock.rails.moves import (
    BillHandOff,
    CancelsPayments,
    HandsOffBills,
    Instructed,
    PaymentInstruction,
    PaysBills,
)
from interlock.rails.records import RecordedBillPayment, RecordingOff, RecordsBillPayments
from interlock.rails.registry import CapabilityMissing

if TYPE_CHECKING:
    from interlock.domains.ap.workflows.payment_work import PaymentWork

CALL_SECONDS = 300.0
"""For one call with all its looks; shorter than a business's patience, longer than any request lives at a rail."""

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=4)
_DOUBLINGS_MOST = 8


Told = TypeVar("Told", PaymentInstruction, BillHandOff)


class Order(msgspec.Struct, frozen=True):
    """What a run needs of its row, read before the call."""

    intent_id: str
    bill_id: str
    vendor_id: str | None
    amount: Money
    way: Way
    instruction: str | None
    rail_id: str | None
    account_id: str | None
    paid_on: date | None
    tried: int
    attempt: int

    @classmethod
    def of(cls, row: Disbursement) -> "Order":
        course = course_of(row)
        return cls(
            row.intent_id,
            row.bill_id,
            row.vendor_id,
            Money(row.amount_minor, row.currency),
            course.way,
            row.instruction,
            row.rail_id,
            row.account_id,
            row.cleared_on or row.executed_on,
            course.tried,
            row.attempt,
        )


class Answer(msgspec.Struct, frozen=True):
    """What came of a call. ``columns``: for the row; ``tell``: the capability whose rail knows more now; ``again``: the call told

    nothing, and is made again; ``fault``: what nobody expected, for the process's own log.
    """

    event: Event
    said: Mapping[str, Any] = {}
    why: str | None = None
    columns: Mapping[str, Any] = {}
    tell: type[Any] | None = None
    again: bool = False
    fault: Exception | None = None


def sent(work: "PaymentWork", business: Business, order: Order, clock: Clock) -> Answer:
    """Make it at the paying rail, or hand it to that rail's people."""
    scope = Scope(business.firm_id, business.business_id)
    try:
        if order.way == "create":
            made = work.run(work.opens(scope, PaysBills).pay_bill(_payment(order)), CALL_SECONDS)
        else:
            made = work.run(work.opens(scope, HandsOffBills).hand_off_bill(_hand_off(order)), CALL_SECONDS)
    except (CapabilityMissing, Unavailable, Unauthorised) as waiting:
        if order.tried + 1 >= SENDS_MOST:
            return _refused(work, scope, order, waiting)
        return Answer(NotSent(_retry_at(waiting, order.tried, clock.now())), why=waiting.sentence)
    except TransportError as broken:
        if broken.sent:
            return Answer(SendLost(), why=broken.sentence, tell=_of(order.way))
        return Answer(NotSent(clock.now() + _FIRST_PAUSE), why=broken.sentence)
    except (Rejected, BadInput) as refused:
        return _refused(work, scope, order, refused)
    except InterlockError as lost:  # Busy too: whoever sends it now may have made it
        return Answer(SendLost(), why=lost.sentence, tell=_of(order.way))
    except Exception as trouble:  # noqa: BLE001 - it was about to be sent, and nobody knows how far it came
        return Answer(SendLost(), why=_unexpected(trouble), fault=trouble, tell=_of(order.way))
    return _stands(SendMade(word_of_state(made.state)), made, order)


def looked_up(work: "PaymentWork", business: Business, order: Order) -> Answer:
    """Ask the rail by our key. Reads only."""
    scope = Scope(business.firm_id, business.business_id)
    try:
        found = _find(work, scope, order)
    except OutcomeUnknown as several:  # it is there more than once, or can't be told: looking again won't help
        return Answer(NotFound(), why=several.sentence)
    except InterlockError as waiting:
        return Answer(NotFound(answered=False), why=waiting.sentence, again=True)
    except Exception as trouble:  # noqa: BLE001 - whatever it was, it is looked up again
        return Answer(NotFound(answered=False), why=_unexpected(trouble), again=True, fault=trouble)
    if found is None:
        return Answer(NotFound(), why="Nothing is there under our key.")
    return _stands(Found(word_of_state(found.state)), found, order)


def cancelled(work: "PaymentWork", business: Business, order: Order) -> Answer:
    """Have it called back, where that can be. Whether it was is read back with the rail's next reading."""
    scope = Scope(business.firm_id, business.business_id)
    if order.rail_id is None:
        return Answer(CancelRefused(), why="Where it stands at the paying rail isn't known.", tell=CancelsPayments)
    try:
        work.run(work.opens(scope, CancelsPayments).cancel_payment(order.rail_id), CALL_SECONDS)
    except InterlockError as refused:
        return Answer(CancelRefused(), why=refused.sentence, tell=CancelsPayments)
    except Exception as trouble:  # noqa: BLE001 - it goes on as it was until the rail says otherwise
        return Answer(CancelRefused(), why=_unexpected(trouble), tell=CancelsPayments, fault=trouble)
    return Answer(CancelMade(), tell=CancelsPayments)


def recorded(work: "PaymentWork", business: Business, order: Order, clock: Clock) -> Answer:
    """Write the payment down in the ledger. It looks first, so the same facts under the same key are one document."""
    scope = Scope(business.firm_id, business.business_id)
    payment = _record(order, business)
    if isinstance(payment, str):
        return Answer(RecordRefused(), why=payment)
    try:
        made = work.run(work.opens(scope, RecordsBillPayments).record_bill_payment(payment), CALL_SECONDS)
    except (RecordingOff, Rejected, BadInput, CapabilityMissing) as refused:
        return Answer(RecordRefused(), why=refused.sentence)
    except InterlockError as lost:
        return Answer(RecordLost(_retry_at(lost, order.attempt, clock.now())), why=lost.sentence)
    except Exception as trouble:  # noqa: BLE001 - it may stand there: it is asked again under the same key
        again_at = _retry_at(trouble, order.attempt, clock.now())
        return Answer(RecordLost(again_at), why=_unexpected(trouble), fault=trouble)
    columns = {"ledger_payment_id": made.document_id, "recorded_on": made.dated}
    return Answer(RecordMade(), {"ledger_payment_id": made.document_id}, columns=columns, tell=RecordsBillPayments)


def _find(work: "PaymentWork", scope: Scope, order: Order) -> Instructed | None:
    if order.way == "create":
        return work.run(work.opens(scope, PaysBills).find_payment(order.intent_id), CALL_SECONDS)
    return work.run(work.opens(scope, HandsOffBills).find_hand_off(order.intent_id), CALL_SECONDS)


def _refused(work: "PaymentWork", scope: Scope, order: Order, refused: InterlockError) -> Answer:
    """The rail took nothing. A draft that it keeps all the same may yet be completed and paid there, so it isn't *refused*."""
    if order.way != "hand_off" or isinstance(refused, BadInput):
        return Answer(SendRefused(), why=refused.sentence)
    try:
        kept = _find(work, scope, order)
    except Exception as trouble:  # noqa: BLE001 - whether a draft stands there is looked up later
        return Answer(SendLost(), why=f"{refused.sentence} {_unexpected(trouble)}", tell=HandsOffBills)
    if kept is None:
        return Answer(SendRefused(), why=refused.sentence)
    return msgspec.structs.replace(_stands(SendMade(word_of_state(kept.state)), kept, order), why=refused.sentence)


def _stands(event: Event, at: Instructed, order: Order) -> Answer:
    draft = "It stands there as a draft: complete and submit it there." if at.state == "draft" else None
    said = {"rail_id": at.rail_id, "state": at.state}
    return Answer(event, said, draft, {"rail_id": at.rail_id, "rail_url": at.url}, _of(order.way))


def _payment(order: Order) -> PaymentInstruction:
    return _read(order, PaymentInstruction)


def _hand_off(order: Order) -> BillHandOff:
    return _read(order, BillHandOff)


def _read(order: Order, kind: type[Told]) -> Told:
    """What was committed, if it is what was approved: the same key, the same money."""
    try:
        told = msgspec.json.decode(order.instruction or "", type=kind)
    except msgspec.DecodeError as trouble:
        raise BadInput(f"The instruction can't be read: {trouble}. Nothing was sent.") from trouble
    if (told.key, told.amount) != (order.intent_id, order.amount):
        raise BadInput("The instruction isn't this payment's: its key or its amount differs. Nothing was sent.")
    return told


def _record(order: Order, business: Business) -> RecordedBillPayment | str:
    """What is written down, or why a person has to."""
    if order.vendor_id is None or order.account_id is None:
        return "Which of the ledger's accounts it was paid from isn't known; enter it in the ledger."
    if order.paid_on is None:
        return "No witness says on which day it was paid; enter it in the ledger."
    if order.amount.currency != business.home_currency:
        return f"A payment in {order.amount.currency} is entered in the ledger by a person, who knows its rate."
    return RecordedBillPayment(
        key=order.intent_id,
        vendor_id=order.vendor_id,
        paid_from_account_id=order.account_id,
        method="check",
        dated=order.paid_on,
        amount=order.amount,
        applied=((order.bill_id, order.amount),),
    )


def _retry_at(trouble: Exception, tried: int, now: datetime) -> datetime:
    """Later with each time it did nothing, and never before the rail said."""
    pause: timedelta = min(_FIRST_PAUSE * 2 ** min(tried, _DOUBLINGS_MOST), _LONGEST_PAUSE)
    if isinstance(trouble, Unavailable) and trouble.retry_after is not None:
        pause = max(pause, timedelta(seconds=trouble.retry_after))
    return now + pause


def _unexpected(trouble: Exception) -> str:
    if isinstance(trouble, InterlockError):
        return trouble.sentence
    return f"Interlock met something it did not expect ({type(trouble).__name__})."


def _of(way: Way) -> type[Any]:
    """The capability that a way's instructions are sent by, and whose rail knows what became of them."""
    return PaysBills if way == "create" else HandsOffBills
