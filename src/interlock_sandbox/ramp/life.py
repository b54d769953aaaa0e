"""A bill's way through Ramp: what its status says at each stop, and how long money is under way (ramp.md §3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from interlock_sandbox.ramp.model import Bill, Payment
from interlock_sandbox.world.workdays import ONE_DAY, is_business_day, on_or_after

LEAVES_AT_UTC = 15
ARRIVES_AT_UTC = 20
POSTS_AT_UTC = 11
BUSINESS_DAYS_UNDER_WAY = {"ACH": 3, "DOMESTIC_WIRE": 1, "INTERNATIONAL": 4, "SWIFT": 4, "CHECK": 6}
SETTLING = timedelta(minutes=10)


def at_hour(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def business_days_before(day: date, days: int) -> date:
    """The business day so many before ``day``."""
    while days > 0:
        day -= ONE_DAY
        days -= is_business_day(day)
    return day


def business_days_after(day: date, days: int) -> date:
    """The business day so many after ``day``."""
    while days > 0:
        day += ONE_DAY
        days -= is_business_day(day)
    return on_or_after(day)


def days_under_way(method: str, *, same_day: bool = False) -> int:
    """Business days from leaving to arriving."""
    return 0 if same_day and method == "ACH" else BUSINESS_DAYS_UNDER_WAY[method]


def earliest_arrival(method: str, now: datetime, *, same_day: bool = False) -> date:
    """The first day a payment instructed now can be there."""
    return business_days_after(on_or_after(now.date()), days_under_way(method, same_day=same_day))


def leaves(payment: Payment) -> datetime | None:
    """When a payment leaves by itself; ``None`` while something stands in its way."""
    if payment.progress != "scheduled" or not payment.by_bank or payment.provider_hold:
        return None
    if payment.release != "APPROVED" or payment.payment_date is None or payment.ready_at is None:
        return None
    return max(at_hour(payment.payment_date, LEAVES_AT_UTC), payment.ready_at + SETTLING)


def arrives(payment: Payment) -> datetime | None:
    """When a payment under way is there."""
    if payment.progress != "processing" or payment.arrival is None or payment.effective_at is None:
        return None
    return max(at_hour(payment.arrival, ARRIVES_AT_UTC), payment.effective_at + timedelta(hours=1))


def status_summary(bill: Bill) -> str:
    """The operational status, the strongest reason first."""
    if bill.archived_at is not None:
        return "ARCHIVED"
    if bill.paid_at is not None:
        return "PAYMENT_COMPLETED"
    payment = bill.payment
    if payment is not None and payment.progress in {"failed", "returned"}:
        return "PAYMENT_ERROR"
    if payment is not None and payment.progress == "processing":
        return "HELD_BY_PROVIDER" if payment.provider_hold else "PAYMENT_PROCESSING"
    if bill.approval in {"REJECTED", "TERMINATED"}:
        return "APPROVAL_REJECTED"
    if bill.on_hold:
        return "ON_HOLD"
    if bill.blocked:
        return "BLOCKED"
    if bill.approval in {"INITIALIZED", "PENDING"}:
        return "APPROVAL_PENDING"
    if payment is None:
        return "PAYMENT_NOT_INSTRUCTED" if bill.method == "UNSPECIFIED" else "PAYMENT_DETAILS_MISSING"
    return _waiting(payment)


def _waiting(payment: Payment) -> str:
    if payment.provider_hold:
        return "HELD_BY_PROVIDER"
    if not payment.by_bank:
        return "WAITING_FOR_TRANSACTION_MATCH" if payment.spend_limit_id else "WAITING_FOR_VENDOR"
    if payment.release != "APPROVED":
        return "AWAITING_RELEASE"
    return "PAYMENT_SCHEDULED" if payment.payment_date is not None else "PAYMENT_READY"


def cancellable(bill: Bill) -> str | None:
    """Why a bill cannot be archived; ``None`` when it can."""
    payment = bill.payment
    if bill.paid_at is not None or (payment is not None and payment.progress in {"completed", "returned"}):
        return "Paid bills cannot be archived."
    if payment is not None and payment.batch:
        return "Bills that belong to a batch payment cannot be archived."
    if payment is not None and payment.progress == "processing":
        return "The payment of this bill is in flight and cannot be cancelled."
    return None
