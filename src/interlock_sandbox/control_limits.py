"""The control API's part about limits: whether they are enforced, how a refusal looks, and what has been counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from interlock_sandbox.control_form import Refused, body_of, json_answer
from interlock_sandbox.qbo.throttle import FORMS
from interlock_sandbox.sandbox import Sandbox

NUMBERS = ("per_second", "per_minute", "in_flight", "batches_per_minute")
OPTIONAL_NUMBERS = ("monthly_reads", "retry_after")


class LimitsControl:
    """Handlers of ``/control/limits``."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/limits", self.told),
            web.post("/control/limits", self.change),
            web.delete("/control/limits", self.forget),
        ]

    async def told(self, request: web.Request) -> web.Response:
        """Settings, the month's metered reads, and every company's counts so far."""
        del request
        return json_answer(self.sandbox.throttle.told(f"{self.sandbox.clock.now():%Y-%m}"))

    async def change(self, request: web.Request) -> web.Response:
        """Any of the settings; those not sent stay."""
        throttle = self.sandbox.throttle
        throttle.limits = replace(throttle.limits, **_checked(await body_of(request)))
        return await self.told(request)

    async def forget(self, request: web.Request) -> web.Response:
        """Begin counting anew; settings stay."""
        self.sandbox.throttle.forget()
        return await self.told(request)


def _checked(sent: dict[str, Any]) -> dict[str, Any]:
    for name, value in sent.items():
        if name == "enforced" and not isinstance(value, bool):
            raise Refused(400, "enforced must be true or false.")
        if name == "form" and value not in FORMS:
            raise Refused(400, f"form must be one of {', '.join(FORMS)}.")
        if name in NUMBERS and not _whole(value):
            raise Refused(400, f"{name} must be a whole number of 0 or more.")
        if name in OPTIONAL_NUMBERS and value is not None and not _whole(value):
            raise Refused(400, f"{name} must be a whole number of 0 or more, or null.")
        if name not in {"enforced", "form", *NUMBERS, *OPTIONAL_NUMBERS}:
            raise Refused(400, f"There is no setting {name}.")
    return sent


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
