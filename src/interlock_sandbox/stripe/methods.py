"""Payment methods: Stripe's test tokens (``pm_card_visa``, ``pm_usBankAccount`` and those that go wrong) and made ones."""

from __future__ import annotations

from datetime import datetime

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import merged
from interlock_sandbox.stripe.refusal import StripeRefusal, gone
from interlock_sandbox.stripe.store import Account, Object

TOKENS: dict[str, tuple[str, str]] = {
    "pm_card_visa": ("card", ""),
    "pm_card_chargeDeclined": ("card", "card_declined"),
    "pm_card_visa_chargeDeclined": ("card", "card_declined"),
    "pm_card_chargeDeclinedInsufficientFunds": ("card", "insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": ("card", "expired_card"),
    "pm_card_authenticationRequired": ("card", "authentication"),
    "pm_usBankAccount": ("us_bank_account", ""),
    "pm_usBankAccount_success": ("us_bank_account", ""),
    "pm_usBankAccount_insufficientFunds": ("us_bank_account", "insufficient_funds"),
    "pm_usBankAccount_accountClosed": ("us_bank_account", "account_closed"),
}
DECLINED = frozenset({"card_declined", "insufficient_funds", "expired_card"})
DEBIT_ODDS = frozenset({"insufficient_funds", "account_closed"})
NUMBERS = {
    "4000000000000002": "card_declined",
    "4000000000009995": "insufficient_funds",
    "4000000000000069": "expired_card",
}


def made(account: Account, at: datetime, kind: str, odd: str = "", customer: str | None = None) -> Object:
    method = account.add(shapes.payment_method(account, at, kind, customer=customer))
    if odd:
        account.odd[method["id"]] = odd
    return method


def method_of(call: Call, id_: str, param: str = "payment_method") -> Object:
    """A stored payment method, or a new one for a test token."""
    if id_ in TOKENS:
        kind, odd = TOKENS[id_]
        return made(call.account, call.at, kind, odd)
    found = call.account.find("payment_method", id_)
    if found is None:
        raise gone("PaymentMethod", id_, param)
    return found


def create(call: Call) -> Object:
    kind = call.sent["type"]
    if kind not in ("card", "us_bank_account"):
        raise StripeRefusal(f"Invalid type: {kind}", param="type")
    number = str(call.get(kind, {}).get("number", "4242424242424242"))
    method = made(call.account, call.at, kind, NUMBERS.get(number, ""))
    if kind == "card":
        method["card"]["last4"] = number[-4:]
        for name in ("exp_month", "exp_year"):
            if str(call.get("card", {}).get(name, "")).isdigit():
                method["card"][name] = int(call.sent["card"][name])
    method["metadata"] = merged({}, call.get("metadata", {}))
    method["billing_details"] |= {key: value for key, value in call.get("billing_details", {}).items() if value}
    return method


def attach(call: Call) -> Object:
    customer = call.account.get("customer", call.sent["customer"], "customer")
    method = method_of(call, call.id, "id")
    if method["customer"] not in (None, customer["id"]):
        raise StripeRefusal("This payment method belongs to another customer; detach it first.")
    method["customer"] = customer["id"]
    call.account.emit("payment_method.attached", method, call.at)
    return method


def detach(call: Call) -> Object:
    method = call.account.get("payment_method", call.id)
    method["customer"] = None
    call.account.emit("payment_method.detached", method, call.at)
    return method


def retrieve(call: Call) -> Object:
    return call.account.get("payment_method", call.id)


ROUTES = [
    Route("POST", "payment_methods", create, "type! card:map us_bank_account:map metadata:map billing_details:map"),
    Route("GET", "payment_methods/{}", retrieve),
    Route("POST", "payment_methods/{}/attach", attach, "customer!"),
    Route("POST", "payment_methods/{}/detach", detach),
]
