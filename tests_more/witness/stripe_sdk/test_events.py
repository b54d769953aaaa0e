"""Webhooks pass the SDK's own check of their signature; events can be listed and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest
import stripe
from stripe import StripeClient

VERSION = "2026-10-28.endive"

Control = Callable[..., dict[str, Any]]
Lacking = Callable[..., list[str]]
Drafted = Callable[..., Any]


@pytest.fixture
def inbox() -> Iterator[tuple[str, SimpleQueue[tuple[bytes, str]]]]:
    """An address that takes webhooks, and what came with its signature."""
    came: SimpleQueue[tuple[bytes, str]] = SimpleQueue()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.put((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = HTTPServer(("127.0.0.1", 0), Taker)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", came
    server.shutdown()
    thread.join()
    server.server_close()


def test_webhooks_pass_the_sdks_own_check(
    api: Any, stripes: Callable[..., StripeClient], told: list[dict[str, Any]], control: Control,
    inbox: tuple[str, SimpleQueue[tuple[bytes, str]]], lacking: Lacking) -> None:  # fmt: skip
    """An account's own endpoint, and the platform's for all accounts it reaches."""
    url, came = inbox
    own = api.webhook_endpoints.create({"url": url, "enabled_events": ["customer.created"], "api_version": VERSION})
    assert lacking(own, stripe.WebhookEndpoint) == []
    platform = stripes(key=told[0]["platform_key"]).v1
    ours = platform.webhook_endpoints.create({"url": url, "enabled_events": ["*"], "connect": True})
    secrets = {own.secret, ours.secret}
    customer = api.customers.create({"name": "Heard of"})
    accounts: list[str | None] = []
    now = control("GET", "/clock")
    for _ in range(2):
        body, signature = came.get(timeout=20)
        signed = False
        for secret in secrets:
            try:
                event = stripe.Webhook.construct_event(body, signature, secret, tolerance=None)  # type: ignore[arg-type]
            except stripe.SignatureVerificationError:
                continue
            signed = True
            assert (event.type, event.data.object["id"], event.api_version) == (
                "customer.created",
                customer.id,
                VERSION,
            )
            assert lacking(event, stripe.Event) == []
            accounts.append(getattr(event, "account", None))
        assert signed, f"no secret verifies {signature} (sandbox clock {now})"
        stamp = int(signature.split(",")[0].removeprefix("t="))
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header((body + b" ").decode(), signature, own.secret, tolerance=None)
        assert abs(stamp - event.created) < 300
    assert set(accounts) == {None, told[0]["account"]}
    for endpoint, where in ((own, api), (ours, platform)):
        assert where.webhook_endpoints.delete(endpoint.id).deleted


def test_events_are_listed_and_read(api: Any, drafted: Drafted) -> None:
    invoice = api.invoices.finalize_invoice(drafted().id)
    api.invoices.void_invoice(invoice.id)
    events = [
        each for each in api.events.list({"limit": 100}).data if each.data.object.to_dict().get("id") == invoice.id
    ]
    assert [each.type for each in reversed(events)] == ["invoice.created", "invoice.finalized", "invoice.voided"]
    only = api.events.list({"type": "invoice.voided", "limit": 1}).data[0]
    assert api.events.retrieve(only.id).data.object["status"] == "void"
