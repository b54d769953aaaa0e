"""Payment intents and charges: card payments at once, bank debits days later, and what either does to invoices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.balance import DEBIT_DAYS, business_days_after, charged
from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import merged
from interlock_sandbox.stripe.methods import method_of
from interlock_sandbox.stripe.refusal import StripeRefusal, wrong_state
from interlock_sandbox.stripe.settling import intent_settled
from interlock_sandbox.stripe.store import Account, Object, stamp

LEAST = 50
WITHOUT_METHOD = "You cannot confirm this PaymentIntent because it's missing a payment method."
SAID = {"cancel": "canceled", "confirm": "confirmed", "capture": "captured"}
CANCELLABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"})
CONFIRMABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
DECLINES = {
    "card_declined": ("card_declined", "generic_decline", "Your card was declined."),
    "insufficient_funds": ("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "expired_card": ("expired_card", "expired_card", "Your card has expired."),
}  # fmt: skip


def attempt(account: Account, intent: Object, method: Object, at: datetime) -> StripeRefusal | None:
    """Try to collect an intent by a payment method; a decline is returned, for whoever asked to be told."""
    intent["payment_method"] = method["id"]
    odd = account.odd.get(method["id"])
    if method["type"] == "card" and odd in DECLINES:
        return _declined(account, intent, method, str(odd), at)
    if odd == "authentication":
        intent["status"] = "requires_action"
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
        account.emit("payment_intent.requires_action", intent, at)
        return None
    intent["next_action"] = intent["last_payment_error"] = None
    charge = account.add(shapes.charge(account, at, intent, method))
    intent["latest_charge"] = charge["id"]
    if method["type"] == "card" and intent["capture_method"] == "manual":
        charge |= {"captured": False, "amount_captured": 0}
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        account.emit("charge.succeeded", charge, at)
        account.emit("payment_intent.amount_capturable_updated", intent, at)
        return None
    if method["type"] == "card":
        succeed(account, charge, at)
        return None
    intent["status"] = "processing"
    account.emit("charge.pending", charge, at)
    account.emit("payment_intent.processing", intent, at)
    days = DEBIT_DAYS - 1 if odd else DEBIT_DAYS
    act: Object = {"act": "debit fails" if odd else "debit clears", "charge": charge["id"]}
    account.expect(business_days_after(at, days, hour=14), act | ({"code": odd} if odd else {}))
    return None


def succeed(account: Account, charge: Object, at: datetime) -> None:
    """The money of a charge is there: on the balance, and on the invoices its intent pays."""
    charge["status"], charge["paid"] = "succeeded", True
    charged(account, charge, at)
    account.emit("charge.succeeded", charge, at)
    intent = account.find("payment_intent", str(charge["payment_intent"]))
    if intent is not None:
        intent["status"], intent["amount_received"] = "succeeded", charge["amount"]
        account.emit("payment_intent.succeeded", intent, at)
        intent_settled(account, intent, at)


def fail(account: Account, charge: Object, at: datetime, code: str = "insufficient_funds") -> None:
    """A pending debit came back before it was paid."""
    message = f"The customer's bank did not pay: {code.replace('_', ' ')}."
    charge |= {"status": "failed", "failure_code": code, "failure_message": message, "paid": False}
    account.emit("charge.failed", charge, at)
    intent = account.get("payment_intent", charge["payment_intent"])
    intent["status"] = "requires_payment_method"
    intent["last_payment_error"] = {
        "type": "invalid_request_error",
        "code": code,
        "message": message,
        "charge": charge["id"],
    }
    account.emit("payment_intent.payment_failed", intent, at)
    _tell_invoices(account, intent, at)


def _declined(account: Account, intent: Object, method: Object, odd: str, at: datetime) -> StripeRefusal:
    code, decline, message = DECLINES[odd]
    charge = shapes.charge(account, at, intent, method, failure_code=code, failure_message=message)
    charge |= {"status": "failed", "paid": False, "captured": False, "amount_captured": 0}
    charge["outcome"] |= {"network_status": "declined_by_network", "reason": decline, "type": "issuer_declined",
                          "seller_message": "The bank did not return any further details with this decline."}  # fmt: skip
    account.add(charge)
    error = {"type": "card_error", "code": code, "decline_code": decline, "message": message, "charge": charge["id"]}
    intent |= {"status": "requires_payment_method", "latest_charge": charge["id"], "last_payment_error": error}
    account.emit("charge.failed", charge, at)
    account.emit("payment_intent.payment_failed", intent, at)
    _tell_invoices(account, intent, at)
    more = {"charge": charge["id"], "decline_code": decline, "payment_intent": dict(intent)}
    return StripeRefusal(message, status=402, kind="card_error", code=code, more=more)


def _tell_invoices(account: Account, intent: Object, at: datetime) -> None:
    for paid in account.all("invoice_payment"):
        if paid["payment"].get("payment_intent") == intent["id"] and paid["status"] == "open":
            invoice = account.get("invoice", paid["invoice"])
            invoice["attempted"], invoice["attempt_count"] = True, invoice["attempt_count"] + 1
            account.emit("invoice.payment_failed", invoice, at)


# --- calls ------------------------------------------------------------------------------------------------------


def create(call: Call) -> Object:
    amount = call.sent["amount"]
    if amount < LEAST:
        raise StripeRefusal("Amount must be at least $0.50 usd", code="amount_too_small", param="amount")
    if call.sent["currency"].lower() != "usd":
        raise StripeRefusal(f"Invalid currency: {call.sent['currency']}", param="currency")
    if call.get("customer"):
        call.account.get("customer", call.sent["customer"], "customer")
    if call.get("confirm") and not call.get("payment_method"):
        raise StripeRefusal(WITHOUT_METHOD, code="payment_intent_unexpected_state")
    method = method_of(call, call.sent["payment_method"]) if call.get("payment_method") else None
    intent = shapes.payment_intent(
        call.account, call.at, amount, customer=call.get("customer"), description=call.get("description"),
        metadata=merged({}, call.get("metadata", {})), receipt_email=call.get("receipt_email"),
        statement_descriptor=call.get("statement_descriptor"), capture_method=call.get("capture_method", "automatic_async"),
    )  # fmt: skip
    if call.get("payment_method_types"):
        intent["payment_method_types"] = list(call.sent["payment_method_types"])
    elif method is not None:
        intent["payment_method_types"] = sorted({"card", method["type"]})
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    call.account.add(intent)
    call.account.emit("payment_intent.created", intent, call.at)
    return confirmed(call, intent) if call.get("confirm") else intent


def confirm(call: Call) -> Object:
    intent = call.account.get("payment_intent", call.id)
    if intent["status"] not in CONFIRMABLE:
        raise unexpected(intent, "confirm", CONFIRMABLE)
    if call.get("payment_method"):
        intent["payment_method"] = method_of(call, call.sent["payment_method"])["id"]
    return confirmed(call, intent)


def confirmed(call: Call, intent: Object) -> Object:
    if not intent["payment_method"]:
        raise StripeRefusal(WITHOUT_METHOD, code="payment_intent_unexpected_state")
    method = call.account.get("payment_method", intent["payment_method"], "payment_method")
    refusal = attempt(call.account, intent, method, call.at)
    if refusal is not None:
        raise refusal
    return intent


def cancel(call: Call) -> Object:
    intent = call.account.get("payment_intent", call.id)
    if any(each["payment"].get("payment_intent") == intent["id"] for each in call.account.all("invoice_payment")):
        raise wrong_state(
            "You cannot cancel this PaymentIntent because it belongs to an invoice; void the invoice instead.",
            "payment_intent_unexpected_state",
        )
    if intent["status"] not in CANCELLABLE:
        raise unexpected(intent, "cancel", CANCELLABLE)
    return cancelled(call.account, intent, call.at, call.get("cancellation_reason"))


def cancelled(account: Account, intent: Object, at: datetime, reason: str | None = None) -> Object:
    if intent["status"] == "requires_capture":
        charge = account.get("charge", intent["latest_charge"])
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}
        intent["amount_capturable"] = 0
    intent |= {"status": "canceled", "canceled_at": stamp(at), "cancellation_reason": reason}
    account.emit("payment_intent.canceled", intent, at)
    return intent


def capture(call: Call) -> Object:
    """Take (a part of) what was only reserved; the rest of it is let go."""
    account, intent = call.account, call.account.get("payment_intent", call.id)
    if intent["status"] != "requires_capture":
        raise unexpected(intent, "capture", frozenset({"requires_capture"}))
    amount = call.get("amount_to_capture", intent["amount"])
    if not 0 < amount <= intent["amount"]:
        raise StripeRefusal(
            "The amount to capture is more than was authorized.", code="amount_too_large", param="amount_to_capture"
        )
    charge = account.get("charge", intent["latest_charge"])
    charge |= {"captured": True, "amount_captured": amount, "amount": amount}
    intent["amount_capturable"] = 0
    account.emit("charge.captured", charge, call.at)
    succeed(account, charge, call.at)
    return intent


def update(call: Call) -> Object:
    intent = call.account.get("payment_intent", call.id)
    intent["metadata"] = merged(intent["metadata"], call.get("metadata", {}))
    if "description" in call.sent:
        intent["description"] = call.get("description")
    return intent


def unexpected(intent: Object, verb: str, states: frozenset[str]) -> StripeRefusal:
    return StripeRefusal(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent with "
        f"one of the following statuses may be {SAID[verb]}: {', '.join(sorted(states))}.",
        code="payment_intent_unexpected_state", more={"payment_intent": dict(intent)},
    )  # fmt: skip


def retrieve(kind: str) -> Any:
    return lambda call: call.account.get(kind, call.id)


ROUTES = [
    Route(
        "POST", "payment_intents", create,
        "amount!:int currency! customer description metadata:map payment_method payment_method_types:list confirm:bool "
        "receipt_email statement_descriptor capture_method off_session:bool automatic_payment_methods:map "
        "payment_method_options:map return_url",
    ),
    Route("GET", "payment_intents/{}", retrieve("payment_intent"), "client_secret"),
    Route("POST", "payment_intents/{}", update, "metadata:map description"),
    Route("POST", "payment_intents/{}/confirm", confirm, "payment_method off_session:bool return_url"),
    Route("POST", "payment_intents/{}/capture", capture, "amount_to_capture:int"),
    Route("POST", "payment_intents/{}/cancel", cancel, "cancellation_reason"),
    Route("GET", "charges/{}", retrieve("charge")),
]  # fmt: skip
