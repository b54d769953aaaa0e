"""What may be expanded, by kind of object: a path is checked before a call is carried out (stripe.md §1)."""

from __future__ import annotations

from typing import Any

from interlock_sandbox.stripe.call import Route
from interlock_sandbox.stripe.listing import PLURAL
from interlock_sandbox.stripe.refusal import StripeRefusal

DEEPEST = 4
ANY = "any"
LEAF = "nothing"

EXPANDABLE: dict[str, dict[str, str]] = {
    "customer": dict.fromkeys(("default_source", "sources", "subscriptions", "tax_ids", "test_clock"), LEAF)
    | {"invoice_settings": "invoice_settings"},
    "invoice_settings": {"default_payment_method": "payment_method"},
    "invoice": {
        "customer": "customer", "payments": "list invoice_payment", "default_payment_method": "payment_method",
        "confirmation_secret": LEAF, "default_source": LEAF, "latest_revision": "invoice", "on_behalf_of": LEAF, "discounts": LEAF,
        "lines": "list line_item",
    },
    "invoiceitem": {"customer": "customer", "invoice": "invoice"},
    "invoice_payment": {"invoice": "invoice", "payment": "payment of an invoice"},
    "payment of an invoice": {"payment_intent": "payment_intent", "charge": "charge", "payment_record": LEAF},
    "payment_intent": {
        "customer": "customer", "latest_charge": "charge", "payment_method": "payment_method", "on_behalf_of": LEAF,
        "application": LEAF, "review": LEAF,
    },
    "charge": {
        "customer": "customer", "payment_intent": "payment_intent", "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction", "refunds": "list refund", "on_behalf_of": LEAF,
        "application": LEAF, "application_fee": LEAF, "review": LEAF, "source_transfer": LEAF, "transfer": LEAF,
    },
    "refund": {
        "charge": "charge", "payment_intent": "payment_intent", "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction", "customer": "customer", "payment_method": "payment_method",
        "source_transfer_reversal": LEAF, "transfer_reversal": LEAF,
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payout": {
        "balance_transaction": "balance_transaction", "failure_balance_transaction": "balance_transaction",
        "destination": LEAF, "original_payout": "payout", "reversed_by": "payout", "application_fee": LEAF,
    },
    "balance_transaction": {"source": ANY},
    "payment_link": {"line_items": "list item", "on_behalf_of": LEAF, "application": LEAF},
    "item": {"price": "price"},
    "price": {"product": "product", "currency_options": LEAF, "tiers": LEAF},
    "product": {"default_price": "price", "tax_code": LEAF},
    "payment_method": {"customer": "customer"},
}  # fmt: skip
KINDS = {plural: kind for kind, plural in PLURAL.items()}
INNER = {"line_items": "item", "lines": "line_item"}


def check(route: Route, paths: list[Any]) -> None:
    """StripeRefusal for what cannot be expanded in this call's answer."""
    for path in paths:
        steps = str(path).split(".")
        if len(steps) > DEEPEST:
            raise StripeRefusal(
                f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}", param="expand"
            )
        kind = _answered(route)
        for step in steps:
            kind = _next(kind, step, path)


def _answered(route: Route) -> str:
    """What a call answers with: a kind, or a list of it."""
    first, inner = route.resource, route.path.rsplit("/", 1)[-1]
    kind = KINDS.get(first, first)
    if inner in INNER:
        return f"list {INNER[inner]}"
    return f"list {kind}" if route.method == "GET" and route.path == first and first in KINDS else kind


def _next(kind: str, step: str, path: object) -> str:
    if kind.startswith("list ") and step == "data":
        return kind.removeprefix("list ")
    if kind == ANY:
        found = {fields[step] for fields in EXPANDABLE.values() if step in fields}
        if found:
            return min(found)
    elif step in EXPANDABLE.get(kind, {}):
        return EXPANDABLE[kind][step]
    raise StripeRefusal(f"This property cannot be expanded ({path}).", param="expand")
