"""Stripe's objects as JSON, with what a test says of them and nothing it doesn't need."""

import json
from typing import Any

NOON = 1_795_521_600  # 2026-11-24 12:00 UTC


def raw(object_: str, id_: str, **fields: Any) -> bytes:
    return json.dumps({"id": id_, "object": object_, "created": NOON, "livemode": False, **fields}).encode()


def invoice(id_: str = "in_1", **fields: Any) -> bytes:
    said: dict[str, Any] = {
        "status": "open",
        "number": "A-0001",
        "customer": "cus_1",
        "customer_name": "Larkspur Bakery",
        "currency": "usd",
        "total": 12_000,
        "amount_paid": 0,
        "amount_remaining": 12_000,
        "due_date": NOON + 86_400,
        "collection_method": "send_invoice",
        "metadata": {},
        "status_transitions": {"finalized_at": NOON, "paid_at": None},
    }
    return raw("invoice", id_, **(said | fields))


def receipt(id_: str, invoice_id: str, payment_id: str, paid: int, **fields: Any) -> bytes:
    said: dict[str, Any] = {
        "invoice": invoice_id,
        "payment": {"type": "payment_intent", "payment_intent": payment_id},
        "currency": "usd",
        "amount_requested": paid,
        "amount_paid": paid,
        "status": "paid",
        "status_transitions": {"paid_at": NOON},
    }
    return raw("invoice_payment", id_, **(said | fields))


def charge(id_: str, payment_id: str | None, amount: int, **fields: Any) -> bytes:
    said: dict[str, Any] = {
        "payment_intent": payment_id,
        "customer": "cus_1",
        "currency": "usd",
        "amount": amount,
        "amount_refunded": 0,
        "status": "succeeded",
        "disputed": False,
        "payment_method_details": {"type": "card"},
        "balance_transaction": f"txn_{id_}",
    }
    return raw("charge", id_, **(said | fields))


def movement(id_: str, amount: int, fee: int, source: Any, **fields: Any) -> bytes:
    said: dict[str, Any] = {
        "amount": amount,
        "fee": fee,
        "net": amount - fee,
        "currency": "usd",
        "type": "charge",
        "reporting_category": "charge",
        "source": source,
        "status": "available",
        "available_on": NOON,
    }
    body = json.loads(raw("balance_transaction", id_, **(said | fields)))
    del body["livemode"]  # none stands on it
    return json.dumps(body).encode()


def payout(id_: str, amount: int, **fields: Any) -> bytes:
    said: dict[str, Any] = {
        "amount": amount,
        "currency": "usd",
        "status": "paid",
        "automatic": True,
        "arrival_date": NOON,
        "destination": "ba_1",
        "trace_id": {"status": "supported", "value": "TRACE1"},
        "reconciliation_status": "completed",
    }
    return raw("payout", id_, **(said | fields))
