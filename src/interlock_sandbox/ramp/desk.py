"""The door of the API: whose token, which scope, how often; errors in Ramp's words with a trace id on every answer."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple

from aiohttp import web

from interlock_sandbox.books import Books
from interlock_sandbox.journal import DECODER
from interlock_sandbox.parties import Step
from interlock_sandbox.qbo.throttle import Window
from interlock_sandbox.ramp.faults import SCOPES, UNAUTHORIZED, VALIDATION, RampFault
from interlock_sandbox.ramp.model import Business, Token, uid
from interlock_sandbox.ramp.party import Ramp
from interlock_sandbox.sandbox import Sandbox

PREFIX = "/ramp/developer/v1"
MOST_REQUESTS = 200
WITHIN_SECONDS = 10.0


class Asked(NamedTuple):
    """A request let in: whose business it is about, and when."""

    request: web.Request
    business: Business
    books: Books
    now: datetime

    @property
    def key(self) -> str:
        """The id in the path."""
        return self.request.match_info["id"]

    async def body(self) -> dict[str, Any]:
        return await object_of(self.request)

    def flag(self, name: str) -> bool | None:
        """A query parameter that is true or false; ``None`` when it was not sent."""
        sent = self.request.query.get(name)
        if sent is None:
            return None
        if sent.lower() not in {"true", "false", "1", "0"}:
            raise RampFault(422, VALIDATION, "Not a valid boolean.", {name: ["Not a valid boolean."]})
        return sent.lower() in {"true", "1"}


Handler = Callable[[Asked], Awaitable[web.Response]]
Bare = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Desk:
    """Wraps handlers. ``timer``: seconds that only move forward, for the rate limit."""

    def __init__(self, sandbox: Sandbox, ramp: Ramp, timer: Callable[[], float] = time.monotonic) -> None:
        self.sandbox = sandbox
        self.ramp = ramp
        self.timer = timer
        self.limit = MOST_REQUESTS
        self.served = 0
        self._traffic: dict[str, Window] = {}

    def act(self, business: Business, at: datetime, name: str, **more: Any) -> None:
        """Let an act happen to this business, journaled first."""
        self.sandbox.act("ramp", Step(at, {"act": name, "realm": business.realm, **more}))

    def route(self, method: str, path: str, scope: str | None, handler: Handler) -> web.RouteDef:
        """``scope``: what the token must have been minted with; ``None``: any token will do."""

        async def asked(request: web.Request) -> web.StreamResponse:
            business = self._let_in(request, scope)
            books = self.ramp.books[business.realm]
            return await handler(Asked(request, business, books, self.sandbox.clock.now()))

        return web.route(method, PREFIX + path, self.guarded(asked))

    def guarded(self, handler: Bare) -> Bare:
        """Refusals become Ramp's answers; every answer has a trace id."""

        async def guard(request: web.Request) -> web.StreamResponse:
            self.served += 1
            try:
                response = await handler(request)
            except RampFault as fault:
                response = fault.response()
            response.headers["x-trace-id"] = uid(self.ramp.seed, "trace", self.served).replace("-", "")
            return response

        return guard

    def _let_in(self, request: web.Request, scope: str | None) -> Business:
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        token = self.ramp.tokens.get(value.strip()) if kind.lower() == "bearer" else None
        if token is None or token.revoked or self.sandbox.clock.now() >= token.until:
            raise RampFault(401, UNAUTHORIZED, "The access token is missing, expired or revoked.")
        business = self.ramp.businesses[token.realm]
        window = self._traffic.setdefault(business.client_id, Window(WITHIN_SECONDS))
        now = self.timer()
        if window.count(now) >= self.limit:
            raise RampFault(429, "DEVELOPER_7010", "Too many requests.")
        window.add(now)
        self._require(business, token, set() if scope is None else {scope})
        return business

    def require(self, request: web.Request, scopes: set[str]) -> None:
        """More scopes a request that was let in turns out to need."""
        token = self.ramp.tokens[request.headers["Authorization"].partition(" ")[2].strip()]
        self._require(self.ramp.businesses[token.realm], token, scopes)

    def _require(self, business: Business, token: Token, scopes: set[str]) -> None:
        allowed = business.settings.allowed_scopes
        lacking = {each for each in scopes if each not in token.scopes or (allowed is not None and each not in allowed)}
        if lacking:
            raise RampFault(403, SCOPES, f"These scopes are not allowed for this client: {' '.join(sorted(lacking))}")


async def object_of(request: web.Request) -> dict[str, Any]:
    """The JSON object in a request's body; nothing counts as an empty one."""
    try:
        return DECODER.decode(await request.read() or b"{}")
    except ValueError:
        raise RampFault(400, VALIDATION, "The body is not a valid JSON object.") from None


def answer(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(status=status, body=json.dumps(body).encode(), content_type="application/json")


async def nowhere(request: web.Request) -> web.StreamResponse:
    """Whatever else is under Ramp's prefix, approving and releasing among it."""
    raise RampFault(404, "DEVELOPER_7003", f"There is no {request.method} {request.path.removeprefix('/ramp')}.")
