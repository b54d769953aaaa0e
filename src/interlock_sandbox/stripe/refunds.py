"""Refunds: part or whole of a charge, up to what was charged; by card at once, by bank some days later."""

from __future__ import annotations

from datetime import datetime

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.balance import business_days_after, entered
from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import merged
from interlock_sandbox.stripe.refusal import StripeRefusal, missing, wrong_state
from interlock_sandbox.stripe.store import Account, Object

REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})
BANK_DAYS = 5


def create(call: Call) -> Object:
    charge = _charge(call)
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        raise wrong_state(f"This charge is {charge['status']} and can't be refunded.", "charge_not_refundable")
    if charge["disputed"]:
        raise wrong_state("This charge has been charged back.", "charge_disputed")
    if left == 0:
        raise wrong_state(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    amount = call.get("amount", left)
    if amount <= 0:
        raise StripeRefusal("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise StripeRefusal(
            f"Refund amount ({_dollars(amount)}) is greater than unrefunded amount on charge ({_dollars(left)})",
            param="amount",
        )
    if call.get("reason") not in (None, *REASONS):
        raise StripeRefusal(f"Invalid reason: must be one of {', '.join(sorted(REASONS))}", param="reason")
    return refunded(call.account, charge, amount, call.at, call.get("reason"), merged({}, call.get("metadata", {})))


def refunded(
    account: Account, charge: Object, amount: int, at: datetime, reason: str | None, metadata: dict[str, str]
) -> Object:
    """Give so many cents of a charge back."""
    refund = account.add(shapes.refund(account, at, charge, amount, reason=reason, metadata=metadata))
    kind = "refund" if charge["payment_method_details"]["type"] == "card" else "payment_refund"
    row = shapes.balance_transaction(
        account, at, kind, -amount, refund["id"], at, description=f"REFUND FOR {charge['id']}"
    )
    refund["balance_transaction"] = entered(account, row)["id"]
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    account.emit("refund.created", refund, at)
    account.emit("charge.refunded", charge, at, before)
    if refund["status"] == "pending":
        account.expect(business_days_after(at, BANK_DAYS, hour=14), {"act": "refund arrives", "refund": refund["id"]})
    return refund


def arrived(account: Account, refund: Object, at: datetime) -> None:
    refund["status"] = "succeeded"
    account.emit("refund.updated", refund, at, {"status": "pending"})


def failed(account: Account, refund: Object, at: datetime, reason: str) -> None:
    """The refund came back: its money is on the balance again, the charge counts as not refunded by it."""
    charge = account.get("charge", refund["charge"])
    row = shapes.balance_transaction(account, at, "refund_failure", refund["amount"], refund["id"], at)
    refund |= {"status": "failed", "failure_reason": reason, "failure_balance_transaction": entered(account, row)["id"]}
    account.forget(refund=refund["id"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    account.emit("refund.updated", refund, at)
    account.emit("refund.failed", refund, at)


def _charge(call: Call) -> Object:
    if call.get("charge"):
        return call.account.get("charge", call.sent["charge"], "charge")
    if not call.get("payment_intent"):
        raise missing("charge")
    intent = call.account.get("payment_intent", call.sent["payment_intent"], "payment_intent")
    if not intent["latest_charge"] or intent["status"] != "succeeded":
        raise wrong_state(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.", "charge_not_refundable"
        )
    return call.account.get("charge", intent["latest_charge"])


def update(call: Call) -> Object:
    refund = call.account.get("refund", call.id)
    refund["metadata"] = merged(refund["metadata"], call.get("metadata", {}))
    return refund


def retrieve(call: Call) -> Object:
    return call.account.get("refund", call.id)


ROUTES = [
    Route("POST", "refunds", create, "charge payment_intent amount:int reason metadata:map"),
    Route("GET", "refunds/{}", retrieve),
    Route("POST", "refunds/{}", update, "metadata:map"),
]


def _dollars(cents: int) -> str:
    return f"${cents // 100}.{cents % 100:02d}"
