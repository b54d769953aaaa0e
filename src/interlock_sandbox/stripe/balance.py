"""The balance: what is earned, what it cost, what can be paid out. Amounts are cents."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.store import Account, Object, stamp
from interlock_sandbox.world.workdays import ONE_DAY, on_or_after

CARD_PER_THOUSAND = 29
CARD_FIXED = 30
DEBIT_PER_THOUSAND = 8
DEBIT_AT_MOST = 500
CARD_DAYS = 2
DEBIT_DAYS = 4
DISPUTE_FEE = 1500


def fee_of(kind: str, amount: int) -> int:
    """2.9 % and 30 cents by card, 0.8 % and at most five dollars by bank debit; half a cent rounds up."""
    if kind == "card":
        return (amount * CARD_PER_THOUSAND + 500) // 1000 + CARD_FIXED
    return min(DEBIT_AT_MOST, (amount * DEBIT_PER_THOUSAND + 500) // 1000)


def business_days_after(moment: datetime, days: int, hour: int = 0) -> datetime:
    """The business day so many after a moment, at this hour (UTC)."""
    day = moment.date()
    for _ in range(days):
        day = on_or_after(day + ONE_DAY)
    return datetime.combine(on_or_after(day), time(hour), UTC)


def entered(account: Account, row: Object) -> Object:
    """Put a row on the balance; it waits for a payout."""
    account.add(row)
    account.waiting[row["id"]] = row["available_on"]
    return row


def charged(account: Account, charge: Object, at: datetime) -> Object:
    """What a charge that succeeded brings, less its fee."""
    kind = charge["payment_method_details"]["type"]
    by_card = kind == "card"
    available = business_days_after(at, CARD_DAYS)
    row = shapes.balance_transaction(
        account, at, "charge" if by_card else "payment", charge["amount"], charge["id"], available,
        fee_of(kind, charge["amount"]), description=charge["description"],
    )  # fmt: skip
    charge["balance_transaction"] = row["id"]
    return entered(account, row)


def available(account: Account, at: datetime) -> tuple[int, int]:
    """Cents that are available and that are pending."""
    now = stamp(at)
    free = pending = 0
    for row in account.all("balance_transaction"):
        if row["available_on"] <= now:
            free += row["net"]
        else:
            pending += row["net"]
    return free, pending


def balance_of(account: Account, at: datetime) -> Object:
    """As ``GET /v1/balance`` shows it."""
    free, pending = available(account, at)
    return {
        "object": "balance", "available": _dollars(free), "livemode": False, "pending": _dollars(pending),
        "refund_and_dispute_prefunding": {"available": _dollars(0), "pending": _dollars(0)},
    }  # fmt: skip


def _dollars(cents: int) -> list[Object]:
    return [{"amount": cents, "currency": "usd", "source_types": {"card": cents}}]


def next_run(account: Account) -> datetime | None:
    """When the next automatic payout is made: at noon UTC, each business day or each Friday."""
    if account.schedule == "manual" or not account.waiting:
        return None
    first = datetime.fromtimestamp(min(account.waiting.values()), UTC)
    return slot(account.schedule, max(first, account.tried + timedelta(seconds=1)))


def slot(schedule: str, moment: datetime) -> datetime:
    day = moment.date() if moment.time() <= time(12) else moment.date() + ONE_DAY
    if schedule == "weekly":
        day += timedelta(days=(4 - day.weekday()) % 7)
    return datetime.combine(on_or_after(day), time(12), UTC)
