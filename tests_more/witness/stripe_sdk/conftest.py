"""Stripe's own SDK on our Stripe, and what its classes say of our objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args, get_origin

import pytest
import stripe
from stripe import StripeClient

Control = Callable[..., dict[str, Any]]


@pytest.fixture
def told(control: Control) -> list[dict[str, Any]]:
    """Each client's account and keys."""
    found = [each["stripe"] for each in control("GET", "/rails")["clients"] if each["stripe"]]
    assert found, "no client has Stripe: look at /control/rails"
    return found


@pytest.fixture
def stripes(url: str, told: list[dict[str, Any]]) -> Callable[..., StripeClient]:
    """``stripes(1)``: a client of the second account, by its own key or the one given."""

    def client(place: int = 0, key: str | None = None, **more: Any) -> StripeClient:
        chosen = key or told[place]["secret_key"]
        return StripeClient(chosen, base_addresses={"api": f"{url}/stripe"}, max_network_retries=0, **more)

    return client


@pytest.fixture
def api(stripes: Callable[..., StripeClient]) -> Any:
    """The v1 services of the first account."""
    return stripes().v1


@pytest.fixture
def lacking() -> Callable[..., list[str]]:
    """Where an object differs from the SDK's class of it."""
    return _lacking


@pytest.fixture
def drafted(api: Any) -> Callable[..., Any]:
    """Makes a customer with a draft invoice over one item."""

    def draft(amount: int = 12_345, **more: Any) -> Any:
        customer = api.customers.create({"name": "Thornapple Ltd", "email": "pay@thornapple.example"})
        terms = {"collection_method": "send_invoice", "days_until_due": 30} | more
        invoice = api.invoices.create({"customer": customer.id, "auto_advance": False, **terms})
        item = {
            "customer": customer.id,
            "invoice": invoice.id,
            "amount": amount,
            "currency": "usd",
            "description": "Oak",
        }
        api.invoice_items.create(item)
        return api.invoices.retrieve(invoice.id)

    return draft


def _lacking(made: Any, kind: type[Any], at: str = "") -> list[str]:
    """Where an object differs from the SDK's class of it: required fields that lack, fields it does not know."""
    found = []
    known = {name: hint for name, hint in kind.__annotations__.items() if "ClassVar" not in str(hint)}
    plain = made.to_dict() if hasattr(made, "to_dict") else made
    found += [f"{at}.{name} is not known" for name in plain if name not in known]
    for name, hint in known.items():
        optional = type(None) in get_args(hint)
        if not optional and plain.get(name) is None:
            found.append(f"{at}.{name} lacks")
        inner = (
            hint if isinstance(hint, type) else next((each for each in get_args(hint) if isinstance(each, type)), None)
        )
        nested = plain.get(name)
        typed = inner is not None and issubclass(inner, stripe.StripeObject) and bool(inner.__annotations__)
        if isinstance(nested, dict) and typed and get_origin(hint) is not stripe.ListObject:
            assert inner is not None
            found += _lacking(nested, inner, f"{at}.{name}")
    return found
