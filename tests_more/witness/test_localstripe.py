"""A second implementation of Stripe, in a process of its own, beside ours: the same steps by the SDK, the same outcome.

localstripe knows customers, payment methods, payment intents, charges, refunds and events; of invoicing, payouts and
idempotency keys it knows nothing or something else (witnesses.md §1), so those are compared with the SDK alone. So is what
it does against Stripe's documentation: it keeps metadata sent empty, and refunds more than was charged.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import stripe
from stripe import StripeClient

START = """
import sys
from aiohttp import web
from localstripe.server import app
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
Control = Callable[..., dict[str, Any]]
CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "123"}


@pytest.fixture(scope="session")
def other() -> Iterator[str]:
    """The address of localstripe, on loopback only."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        command = [sys.executable, "-W", "ignore", "-c", START, str(port)]
        with subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=said, env={"HOME": folder, "PATH": ""}
        ) as process:
            end = time.monotonic() + 30
            while True:
                try:
                    requests.get(f"{url}/v1/customers", timeout=5)
                    break
                except requests.ConnectionError:
                    if process.poll() is not None or time.monotonic() > end:
                        said.seek(0)
                        pytest.fail(f"localstripe did not start: {said.read().decode()[-2000:]}")
            yield url
            process.terminate()


@pytest.fixture
def both(url: str, other: str, control: Control) -> list[Any]:
    """The v1 services of ours and of theirs."""
    keys = [each["stripe"]["secret_key"] for each in control("GET", "/rails")["clients"] if each["stripe"]]
    ours = StripeClient(keys[1], base_addresses={"api": f"{url}/stripe"}, max_network_retries=0)
    theirs = StripeClient("sk_test_12345", base_addresses={"api": other}, max_network_retries=0)
    return [ours.v1, theirs.v1]


def outcomes(story: Callable[[Any], Any], both: list[Any]) -> tuple[Any, Any]:
    """What a story comes to with each of the two; a refusal is its class, status and code."""

    def told(api: Any) -> Any:
        try:
            return story(api)
        except stripe.StripeError as refused:
            return type(refused).__name__, refused.http_status

    return told(both[0]), told(both[1])


def customers(api: Any) -> Any:
    made = api.customers.create({"name": "Wren", "email": "wren@fen.example", "metadata": {"a": "1", "b": "2"}})
    changed = api.customers.update(made.id, {"name": "Wren & Sons", "metadata": {"a": "4", "c": "3"}})
    read = api.customers.retrieve(made.id)
    found = [each.id for each in api.customers.list({"email": "wren@fen.example"}).data]
    return changed.name, read.metadata.to_dict(), read.email, read.livemode, made.id in found, made.id[:4]


def a_strange_customer(api: Any) -> Any:
    return api.customers.retrieve("cus_nobody")


def an_unknown_parameter(api: Any) -> Any:
    return api.customers.create({"surname": "Wren"})


def paid(api: Any, **more: Any) -> Any:
    customer = api.customers.create({"name": "Wren"})
    method = api.payment_methods.create({"type": "card", "card": CARD})
    api.payment_methods.attach(method.id, {"customer": customer.id})
    intent = {"amount": 4_200, "currency": "usd", "customer": customer.id, "payment_method": method.id, "confirm": True}
    return api.payment_intents.create(intent | more)


def a_payment(api: Any) -> Any:
    intent = api.payment_intents.retrieve(paid(api).id)
    charge = api.charges.list({"customer": intent.customer}).data[0]
    return intent.status, intent.amount, charge.amount, charge.status, charge.paid, charge.refunded, charge.captured


def confirmed_later(api: Any) -> Any:
    first = paid(api, confirm=False)
    return first.status, api.payment_intents.confirm(first.id).status


def taken_later(api: Any) -> Any:
    first = paid(api, capture_method="manual")
    return first.status, api.payment_intents.capture(first.id).status


def called_off(api: Any) -> Any:
    intent = paid(api, confirm=False)
    return api.payment_intents.cancel(intent.id).status


def called_off_too_late(api: Any) -> Any:
    return api.payment_intents.cancel(paid(api).id).status


def given_back(api: Any) -> Any:
    intent = paid(api)
    part = api.refunds.create({"payment_intent": intent.id, "amount": 1_200})
    charge = api.charges.list({"customer": intent.customer}).data[0]
    before = charge.amount_refunded, charge.refunded
    rest = api.refunds.create({"charge": charge.id, "amount": 3_000})
    after = api.charges.retrieve(charge.id)
    return part.amount, part.status, before, rest.amount, after.amount_refunded, after.refunded


def on_the_balance(api: Any) -> Any:
    intent = paid(api)
    charge = api.charges.list({"customer": intent.customer}).data[0]
    row = api.balance_transactions.retrieve(charge.balance_transaction)
    return row.type, row.amount, row.currency, row.source == charge.id, row.net == row.amount - row.fee


def told_of(api: Any) -> Any:
    customer = api.customers.create({"name": "Heard of"})
    types = [
        each.type
        for each in api.events.list({"limit": 100}).data
        if each.data.object.to_dict().get("id") == customer.id
    ]
    return sorted(types)


STORIES = [
    customers, a_strange_customer, an_unknown_parameter, a_payment, confirmed_later, taken_later, called_off,
    called_off_too_late, given_back, on_the_balance, told_of,
]  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_the_two_agree(story: Callable[[Any], Any], both: list[Any]) -> None:
    ours, theirs = outcomes(story, both)
    assert ours == theirs, "the two Stripes differ: see Stripe's documentation for who is right"


def test_neither_takes_a_strangers_key(url: str, other: str) -> None:
    for base in (f"{url}/stripe", other):
        client = StripeClient("nobodys key", base_addresses={"api": base}, max_network_retries=0)
        with pytest.raises(stripe.AuthenticationError):
            client.v1.customers.list()
