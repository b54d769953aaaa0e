"""The gateway before the accounting API: it counts a company's requests and refuses those over the limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from interlock_sandbox.qbo.throttle import refusal
from interlock_sandbox.sandbox import Sandbox

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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
            return refusal(throttle.limits.form, throttle.limits.retry_after, now)
        reads = 0
        try:
            response = await handler(request)
            reads = _reads(request.method, resource, response)
        finally:
            throttle.leave(realm, month, reads)
        return response

    return counted


def _reads(method: str, resource: str, response: web.StreamResponse) -> int:
    """Successful reads are metered, writes are not; a batch counts as its queries."""
    if response.status != 200 or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return 0
    if resource == "batch":
        return response.body.count(b'{"QueryResponse":')
    return 1 if method == "GET" or resource == "query" else 0
