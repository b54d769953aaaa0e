"""Webhook subscriptions: registered, verified by a challenge, listed, deleted (ramp.md §7)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from interlock_sandbox.ramp.desk import Asked, Desk, answer
from interlock_sandbox.ramp.faults import invalid, not_found, refused
from interlock_sandbox.ramp.form import Wrong, list_of, read, text
from interlock_sandbox.ramp.model import EVENTS, Subscription
from interlock_sandbox.ramp.shapes import webhook_shape

MOST_HEADERS = 5


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise Wrong("Not a valid mapping type.")
    if len(value) > MOST_HEADERS:
        raise Wrong(f"Longer than maximum length {MOST_HEADERS}.")
    return {str(name): str(each) for name, each in value.items()}


FIELDS = {"endpoint_url": text(shortest=1), "event_types": list_of(text()), "additional_headers": _headers}


class WebhooksApi:
    """``/webhooks``; any token may register one, for events of the scopes it has."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            self.desk.route("GET", "/webhooks", None, self.listed),
            self.desk.route("POST", "/webhooks", None, self.register),
            self.desk.route("GET", "/webhooks/{id}", None, self.one),
            self.desk.route("DELETE", "/webhooks/{id}", None, self.delete),
            self.desk.route("POST", "/webhooks/{id}/verify", None, self.verify),
        ]

    async def listed(self, asked: Asked) -> web.Response:
        shown = [webhook_shape(each, secret=False) for each in asked.business.subscriptions.values()]
        return answer({"data": shown, "page": {"next": None}})

    async def one(self, asked: Asked) -> web.Response:
        return answer(webhook_shape(self._webhook(asked), secret=False))

    async def register(self, asked: Asked) -> web.Response:
        """The secret is shown here and never again; the challenge is on its way to the address."""
        wanted = read(await asked.body(), FIELDS, ("endpoint_url", "event_types"))
        if not wanted["endpoint_url"].startswith(("https://", "http://")):
            raise invalid("endpoint_url", "Not a valid URL.")
        unknown = [each for each in wanted["event_types"] if each not in EVENTS]
        if unknown or not wanted["event_types"]:
            raise invalid("event_types", f"Unknown event types: {', '.join(unknown) or 'none were given'}.")
        self.desk.require(asked.request, {EVENTS[each] for each in wanted["event_types"]})
        self.desk.act(
            asked.business, asked.now, "subscribe", url=wanted["endpoint_url"], events=wanted["event_types"],
            more_headers=wanted.get("additional_headers", {}),
        )  # fmt: skip
        return answer(webhook_shape(list(asked.business.subscriptions.values())[-1], secret=True), 201)

    async def verify(self, asked: Asked) -> web.Response:
        webhook = self._webhook(asked)
        wanted = read(await asked.body(), {"challenge": text()}, ("challenge",))
        if wanted["challenge"] != webhook.challenge:
            raise refused("The challenge is not the one that was sent.")
        if webhook.status != "active":
            self.desk.act(asked.business, asked.now, "verify", webhook=webhook.id)
        return answer(webhook_shape(webhook, secret=False))

    async def delete(self, asked: Asked) -> web.Response:
        self.desk.act(asked.business, asked.now, "unsubscribe", webhook=self._webhook(asked).id)
        return web.Response(status=204)

    def _webhook(self, asked: Asked) -> Subscription:
        webhook = asked.business.subscriptions.get(asked.key)
        if webhook is None:
            raise not_found("Webhook", asked.key)
        return webhook
