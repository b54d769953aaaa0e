"""Plaid's API under ``/plaid``: every call is a POST of JSON, every answer carries a request_id (plaid.md §1)."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec
from aiohttp import web

from interlock_sandbox.bank.model import hashed
from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.plaid import faults
from interlock_sandbox.plaid.data_calls import DataCalls
from interlock_sandbox.plaid.desk import Asked, Call
from interlock_sandbox.plaid.faults import PlaidFault
from interlock_sandbox.plaid.item_calls import ItemCalls
from interlock_sandbox.plaid.limits import Limits
from interlock_sandbox.plaid.link_calls import LinkCalls
from interlock_sandbox.plaid.party import Plaid
from interlock_sandbox.plaid.sandbox_calls import SandboxCalls
from interlock_sandbox.sandbox import Sandbox

PREFIX = "/plaid"


class PlaidApi:
    """The one handler of all calls."""

    def __init__(self, sandbox: Sandbox, plaid: Plaid, limits: Limits) -> None:
        self.sandbox = sandbox
        self.plaid = plaid
        self.limits = limits
        self.calls: dict[str, Call] = {}
        for desk in (LinkCalls, ItemCalls, DataCalls, SandboxCalls):
            self.calls |= desk(sandbox, plaid).calls()
        self._requests = 0

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", PREFIX + "/{tail:.*}", self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        """Credentials, limits, the call itself; whatever is refused comes in Plaid's envelope."""
        self._requests += 1
        request_id = hashed("plaid request", self.plaid.seed, self._requests, length=15)
        try:
            answer = await self._answer(request)
        except PlaidFault as fault:
            return says(fault, request_id)
        return web.Response(body=ENCODER.encode({**answer, "request_id": request_id}), content_type="application/json")

    async def _answer(self, request: web.Request) -> dict[str, Any]:
        path = "/" + request.match_info["tail"]
        call = self.calls.get(path)
        if call is None or request.method != "POST":
            raise faults.not_found()
        body = _body(await request.read())
        self._admit(request, body)
        over = self.limits.over(path, self.plaid.by_access.get(str(body.get("access_token")), ""))
        if over is not None:
            raise faults.too_many(over)
        return await call(Asked(body, self.sandbox.clock.now(), str(request.url.origin())))

    def _admit(self, request: web.Request, body: dict[str, Any]) -> None:
        client_id = request.headers.get("PLAID-CLIENT-ID") or body.get("client_id")
        secret = request.headers.get("PLAID-SECRET") or body.get("secret")
        lacking = [name for name, value in (("client_id", client_id), ("secret", secret)) if not value]
        if lacking:
            raise faults.missing(*lacking)
        known = hmac.compare_digest(str(client_id).encode(), self.plaid.client_id.encode())
        if not (known and hmac.compare_digest(str(secret).encode(), self.plaid.secret.encode())):
            raise faults.invalid_api_keys()


def says(fault: PlaidFault, request_id: str) -> web.Response:
    return web.Response(
        status=fault.status, body=ENCODER.encode(fault.body(request_id)), content_type="application/json"
    )  # fmt: skip


def trouble(status: int) -> web.Response:
    """What Plaid answers when it is in trouble itself, or has had enough."""
    fault = faults.too_many("RATE_LIMIT") if status == 429 else faults.internal(status)
    return says(fault, hashed("plaid trouble", status, length=15))


def _body(raw: bytes) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(raw or b"{}")
    except msgspec.DecodeError:
        raise faults.invalid_body() from None
    if not isinstance(body, dict):
        raise faults.invalid_body("body must be a JSON object")
    return body
