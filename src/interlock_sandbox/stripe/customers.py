"""Customers."""

from __future__ import annotations

from typing import Any

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import merged
from interlock_sandbox.stripe.refusal import StripeRefusal, wrong_state
from interlock_sandbox.stripe.store import Object, nulls

PLAIN = ("address", "description", "email", "name", "phone", "shipping")


def create(call: Call) -> Object:
    said = _said(call)
    usual = _usual_method(call)
    customer = shapes.customer(call.account, call.at, metadata=merged({}, call.get("metadata", {})), **said)
    call.account.add(customer)
    customer["invoice_settings"]["default_payment_method"] = usual
    call.account.emit("customer.created", customer, call.at)
    return customer


def update(call: Call) -> Object:
    customer = _alive(call)
    said = _said(call)
    usual = _usual_method(call)
    before: Object = {name: customer[name] for name in said} | (
        {"metadata": customer["metadata"]} if "metadata" in call.sent else {}
    )
    customer |= said
    customer["metadata"] = merged(customer["metadata"], call.get("metadata", {}))
    if usual is not None:
        customer["invoice_settings"]["default_payment_method"] = usual
    call.account.emit("customer.updated", customer, call.at, before)
    return customer


def delete(call: Call) -> Object:
    customer = _alive(call)
    call.account.emit("customer.deleted", customer, call.at)
    stub = {"id": customer["id"], "object": "customer", "deleted": True}
    call.account.objects["customer"][customer["id"]] = stub | {"created": customer["created"]}
    return stub


def retrieve(call: Call) -> Object:
    return call.account.get("customer", call.id)


def _alive(call: Call) -> Object:
    customer = call.account.get("customer", call.id)
    if customer.get("deleted"):
        raise wrong_state(f"Customer {call.id} has been deleted.", "resource_missing")
    return customer


def _said(call: Call) -> dict[str, Any]:
    email = call.get("email")
    if email is not None and "@" not in email:
        raise StripeRefusal(f"Invalid email address: {email}", code="email_invalid", param="email")
    said = {name: call.get(name) for name in PLAIN if name in call.sent}
    if said.get("address"):
        said["address"] = nulls("city country line1 line2 postal_code state") | said["address"]
    return said


def _usual_method(call: Call) -> str | None:
    usual = call.get("invoice_settings", {}).get("default_payment_method")
    if not usual:
        return None
    return str(call.account.get("payment_method", str(usual), "invoice_settings[default_payment_method]")["id"])


FIELDS = "address:map description email metadata:map name phone shipping:map invoice_settings:map"
ROUTES = [
    Route("POST", "customers", create, FIELDS),
    Route("GET", "customers/{}", retrieve),
    Route("POST", "customers/{}", update, FIELDS),
    Route("DELETE", "customers/{}", delete),
]
