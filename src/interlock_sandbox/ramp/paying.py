"""What happens to a bill's approval and payment: by people at Ramp's own screens, and by the days that pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from interlock_sandbox.bank.bank import movement
from interlock_sandbox.bank.model import digits
from interlock_sandbox.ramp.life import (
    POSTS_AT_UTC,
    at_hour,
    business_days_after,
    days_under_way,
)  # fmt: skip
from interlock_sandbox.ramp.model import Bill, Business, Payment, uid
from interlock_sandbox.ramp.opening import friendly
from interlock_sandbox.ramp.planted import debit, debit_name

if TYPE_CHECKING:
    from interlock_sandbox.ramp.party import Ramp

TRACES = {"CHECK": 6, "ACH": 15}


def _approve(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    bill = _touched(business, act, at)
    bill.approval, bill.approved_at = "APPROVED", at
    _free(bill, at)
    ramp.tell(business, "bills.approved", bill.id, at)
    ramp.tell(business, "bills.ready_to_sync", bill.id, at)


def _reject(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    bill = _touched(business, act, at)
    bill.approval = "REJECTED"
    ramp.tell(business, "bills.rejected", bill.id, at)


def _release(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """A person released the payment."""
    bill = _touched(business, act, at)
    payment = _payment(bill)
    payment.release = "APPROVED"
    payment.ready_at = at
    ramp.tell(business, "payments.updated", payment.id, at)


def _hold(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """``by``: the business (the bill is on hold), or the provider (the payment is)."""
    del ramp
    bill = _touched(business, act, at)
    if act["by"] == "provider":
        _payment(bill).provider_hold = bool(act["on"])
    else:
        bill.on_hold = bool(act["on"])
    if not act["on"]:
        _free(bill, at)


def _instruct(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """A person at Ramp's screen chose how and when to pay."""
    bill = _touched(business, act, at)
    bill.payment = payment_of(ramp, business, bill, act["details"], str(act["method"]), at)
    bill.method = bill.payment.method
    ramp.tell(business, "payments.updated", bill.payment.id, at)


def _leave(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """The payment leaves by itself."""
    bill = _touched(business, act, at)
    _send(ramp, business, [bill], _payment(bill), at)


def _arrive(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    _complete(ramp, business, _touched(business, act, at), at)


def _pay(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """Pay now, whatever was scheduled: one bill, or several as one payment; ``complete``: it is there at once."""
    bills = [business.bills[each] for each in act["bills"]]
    first = _payment(bills[0])
    for bill in bills:
        bill.updated_at = at
        payment = _payment(bill)
        payment.release, payment.provider_hold = "APPROVED", False
        if len(bills) > 1:
            payment.batch = True
            payment.id, payment.friendly_id = first.id, first.friendly_id
    _send(ramp, business, bills, first, at)
    if act["complete"]:
        for bill in bills:
            _complete(ramp, business, bill, at)


def _fail(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """The payment came to nothing; what had left comes back the same day."""
    bill = _touched(business, act, at)
    payment = _payment(bill)
    gone = payment.progress == "processing"
    payment.progress, payment.trouble = "failed", str(act["reason"])
    if gone:
        _credit(ramp, business, bill, payment, at)
    ramp.tell(business, "payments.updated", payment.id, at)


def _return(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """The payee's bank sends it back: after ``days`` business days the money is here again."""
    del ramp
    payment = _payment(_touched(business, act, at))
    payment.trouble = str(act["reason"])
    days = int(act["days"])
    payment.returns_at = at_hour(business_days_after(at.date(), days), POSTS_AT_UTC) if days else at


def _come_back(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """A completed payment was returned: the bill is open again; what the books hold of it stays."""
    bill = _touched(business, act, at)
    payment = _payment(bill)
    payment.progress = "returned"
    bill.paid_at = None
    _credit(ramp, business, bill, payment, at)
    ramp.tell(business, "payments.updated", payment.id, at)


# --- how --------------------------------------------------------------------------------------------------------


def payment_of(
    ramp: Ramp, business: Business, bill: Bill, details: dict[str, Any], method: str, at: datetime
) -> Payment:
    """A payment as its checked details say; what was paid elsewhere already is complete."""
    key = (ramp.seed, business.realm, "payment", business.acts)
    payment = Payment(
        uid(*key), friendly(ramp.seed, business.realm, business.acts), method, bill.amount_minor,
        source_id=details.get("source_bank_account_id"), vendor_account_id=details.get("vendor_account_id"),
        is_same_day=details.get("is_same_day") is True, spend_limit_id=details.get("spend_limit_id"),
        transaction_id=details.get("transaction_id"), manual=details.get("manual_payment_method"),
    )  # fmt: skip
    if payment.by_bank:
        payment.arrival = date.fromisoformat(details["payment_arrival_date"])
        payment.payment_date = date.fromisoformat(details["leaves_on"])
        payment.release = "PENDING" if business.settings.payment_release else "APPROVED"
        payment.ready_at = at if bill.approval == "APPROVED" else None
    if method == "PAID_MANUALLY":
        payment.payment_date = date.fromisoformat(details["payment_date"])
        payment.progress, payment.completed_at = "completed", at
        bill.paid_at = at
    return payment


def _touched(business: Business, act: dict[str, Any], at: datetime) -> Bill:
    bill = business.bills[act["bill"]]
    bill.updated_at = at
    return bill


def _payment(bill: Bill) -> Payment:
    assert bill.payment is not None, "checked before the act was journaled"
    return bill.payment


def _free(bill: Bill, at: datetime) -> None:
    """One obstacle less: what was to leave earlier leaves now."""
    if bill.payment is not None:
        bill.payment.ready_at = at


def _send(ramp: Ramp, business: Business, bills: list[Bill], payment: Payment, at: datetime) -> None:
    """Money leaves the bank: one debit, for a batch as well."""
    vendor = business.vendors[bills[0].vendor_id].name
    for bill in bills:
        each = _payment(bill)
        if each.payment_date != at.date():
            each.payment_date = at.date()
            under_way = business_days_after(at.date(), days_under_way(each.method, same_day=each.is_same_day))
            each.arrival = under_way
        each.progress, each.effective_at = "processing", at
        length = TRACES.get(each.method, 12)
        if bill.qbo_id is not None:
            ramp.pays(business.realm, bill.qbo_id)
        each.trace = digits("ramp trace", ramp.seed, business.realm, each.id, length=length)
    whole = Payment(
        payment.id, payment.friendly_id, payment.method, sum(bill.amount_minor for bill in bills),
        source_id=payment.source_id, effective_at=at,
    )  # fmt: skip
    name = debit_name(payment, vendor if len(bills) == 1 else f"{len(bills)} bills")
    ramp.bank.apply(debit(business, whole, name), at)
    ramp.tell(business, "payments.updated", payment.id, at)


def _complete(ramp: Ramp, business: Business, bill: Bill, at: datetime) -> None:
    payment = _payment(bill)
    payment.progress, payment.completed_at = "completed", at
    bill.paid_at = bill.updated_at = at
    ramp.tell(business, "bills.paid", bill.id, at)
    ramp.tell(business, "payments.updated", payment.id, at)


def _credit(ramp: Ramp, business: Business, bill: Bill, payment: Payment, at: datetime) -> None:
    source = business.source(payment.source_id)
    assert source is not None
    ramp.bank.apply(
        movement(
            business.realm, source.qbo_account_id, bill.amount_minor, f"RAMP BILL PAY RETURN {payment.friendly_id}",
            posted_at=at, reference=payment.friendly_id, counterparty="Ramp",
        ),
        at,
    )  # fmt: skip


ACTS: dict[str, Callable[[Ramp, Business, dict[str, Any], datetime], None]] = {
    "approve": _approve, "reject": _reject, "release": _release, "hold": _hold, "instruct": _instruct,
    "leave": _leave, "arrive": _arrive, "pay": _pay, "fail": _fail, "return": _return, "come_back": _come_back,
}  # fmt: skip
