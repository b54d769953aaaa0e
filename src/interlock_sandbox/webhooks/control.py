"""The control API's part about webhooks: where they go, what is queued, what came of it, and what goes wrong."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from interlock_sandbox.control_form import Refused, body_of, json_answer
from interlock_sandbox.sandbox import Sandbox
from interlock_sandbox.webhooks.courier import Courier, endpoint_of
from interlock_sandbox.webhooks.outbox import UNKNOWN_REALM, Distortions, spoken

MOST_AT_ONCE = 10_000


class WebhookControl:
    """Handlers under ``/control/webhooks``."""

    def __init__(self, sandbox: Sandbox, courier: Courier) -> None:
        self.sandbox = sandbox
        self.courier = courier

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/webhooks", self.show),
            web.post("/control/webhooks", self.register),
            web.delete("/control/webhooks", self.unregister),
            web.post("/control/webhooks/deliver", self.deliver),
            web.post("/control/webhooks/distort", self.distort),
            web.post("/control/webhooks/test", self.test),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """The address, the batch that is being retried, the queue behind it, the log, and the distortions in force."""
        del request
        box = self.sandbox.outbox
        due = box.due()
        return json_answer(
            {
                "endpoint": None if box.endpoint is None else {"url": box.endpoint.url, "shape": box.endpoint.shape},
                "due": None if due is None else due.isoformat(),
                "failing": [spoken(event) for event in box.failing],
                "attempts": box.attempts,
                "queue": [spoken(event) for event in box.queue],
                "log": list(box.log),
                "distortions": asdict(box.distortions),
            }
        )

    async def register(self, request: web.Request) -> web.Response:
        """``url``, ``verifier_token`` and ``shape`` (cloudevents unless told); earlier events are not sent."""
        sent = await body_of(request)
        try:
            endpoint = endpoint_of(
                str(sent.get("url", "")), str(sent.get("verifier_token", "")), str(sent.get("shape", "cloudevents"))
            )
        except ValueError as wrong:
            raise Refused(400, str(wrong)) from wrong
        self.sandbox.register_webhook(endpoint)
        return await self.show(request)

    async def unregister(self, request: web.Request) -> web.Response:
        """Send no more; the queue is emptied."""
        self.sandbox.register_webhook(None)
        return await self.show(request)

    async def deliver(self, request: web.Request) -> web.Response:
        """Attempts now, due or not, until the queue is empty or one fails."""
        del request
        if self.sandbox.outbox.endpoint is None:
            raise Refused(409, "No webhook address is registered; POST /control/webhooks first.")
        made: list[dict[str, Any]] = []
        while len(made) < MOST_AT_ONCE:
            line = await self.courier.deliver()
            if line is None:
                break
            made.append(line)
            if line.get("retry_at") is not None:
                break
        return json_answer({"deliveries": made})

    async def distort(self, request: web.Request) -> web.Response:
        """Set what goes wrong: counts ``duplicate``, ``drop``, ``bad_signature``, ``unknown_realm``; ``reorder`` (a
        seed or null), ``mix_realms``, ``delay_seconds``. What is not named stays as it is."""
        sent = await body_of(request)
        wrong = self.sandbox.outbox.distortions
        for name, value in sent.items():
            if name in {"duplicate", "drop", "bad_signature", "unknown_realm"}:
                _set_count(self.sandbox, name, value)
            elif name == "reorder" and (value is None or _whole(value)):
                wrong.reorder = value
            elif name == "mix_realms" and isinstance(value, bool):
                wrong.mix_realms = value
            elif name == "delay_seconds" and _whole(value):
                wrong.delay_seconds = float(value)
            else:
                raise Refused(
                    400, f"{name} cannot be {value}; known: {', '.join(asdict(Distortions()))}, unknown_realm."
                )
        self.sandbox.outbox.wake()
        return await self.show(request)

    async def test(self, request: web.Request) -> web.Response:
        """The portal's test event: a Customer of ``realm`` (a company nobody connected unless told) was created."""
        sent = await body_of(request)
        if self.sandbox.outbox.endpoint is None:
            raise Refused(409, "No webhook address is registered; POST /control/webhooks first.")
        realm = str(sent.get("realm", UNKNOWN_REALM))
        self.sandbox.outbox.invent(realm, "Customer", "1", "Create", self.sandbox.clock.served())
        return await self.show(request)


def _set_count(sandbox: Sandbox, name: str, value: Any) -> None:
    if not _whole(value) or value > MOST_AT_ONCE:
        raise Refused(400, f"{name} must be a whole number up to {MOST_AT_ONCE}.")
    if name == "unknown_realm":
        for number in range(value):
            sandbox.outbox.invent(UNKNOWN_REALM, "Bill", str(number + 1), "Update", sandbox.clock.served())
    else:
        setattr(sandbox.outbox.distortions, name, value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
