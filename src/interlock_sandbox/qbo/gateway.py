"""The gateway before the accounting API: it counts a company's requests and refuses those over the limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from interlock_sandbox.qbo.faults import GatewayFault, gateway_json, throttle_xml
from interlock_sandbox.qbo.throttle import Limits
from interlock_sandbox.sandbox import Sandbox

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SAYS = "The request limit was reached.  Try again later"


def gateway(sandbox: Sandbox) -> Callable[..., Awaitable[web.StreamResponse]]:
    """The middleware; what is slow on purpose behind it stays in flight meanwhile."""

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        realm = request.match_info.get("realm", "")
        if not request.path.startswith("/v3/company/") or realm not in sandbox.companies:
            return await handler(request)
        throttle, now = sandbox.throttle, sandbox.clock.now()
        resource = request.match_info.get("tail", "").strip("/").lower()
        month = f"{now:%Y-%m}"
        batch = resource == "batch"
        reading = request.method == "GET" or resource == "query" or (batch and b'"Query"' in await request.read())
        if throttle.enter(realm, month, batch=batch, reading=reading) is not None:
            return refused(throttle.limits, now)
        reads = 0
        try:
            response = await handler(request)
            reads = _reads(request.method, resource, response)
        finally:
            throttle.leave(realm, month, reads)
        return response

    return counted


def refused(limits: Limits, now: datetime) -> web.Response:
    """429 as XML whatever the client accepts; or as seen in 2016, with 403; or as JSON (a guess, qbo.md §7)."""
    if limits.form == "json":
        body = gateway_json(GatewayFault(429, "3001", "ThrottleExceeded", SAYS, "SERVICE"), now)
        response = web.Response(status=429, body=body, content_type="application/json")
    else:
        status = 403 if limits.form == "xml_403" else 429
        response = web.Response(status=status, body=throttle_xml(now, status), content_type="application/xml")
    if limits.retry_after is not None:
        response.headers["Retry-After"] = str(limits.retry_after)
    return response


def _reads(method: str, resource: str, response: web.StreamResponse) -> int:
    """Successful reads are metered, writes are not; a batch counts as its queries."""
    if response.status != 200 or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return 0
    if resource == "batch":
        return response.body.count(b'{"QueryResponse":')
    return 1 if method == "GET" or resource == "query" else 0
