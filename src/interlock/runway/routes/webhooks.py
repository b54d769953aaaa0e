"""What rails tell us unasked. Nothing here is believed before its signature is; the work is left to the sync it hastens."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from interlock.runway.routes.problems import problem

pages = APIRouter(include_in_schema=False)

LARGEST_BODY_BYTES = 1_048_576


class TakesNotices(Protocol):
    """Given a delivery as it came, headers by lower-case name; raises what is wrong with it."""

    def __call__(
        self, rail: str, body: bytes, headers: Mapping[str, str], business_id: str | None = None
    ) -> object: ...


@pages.post("/webhooks/qbo")
async def from_quickbooks(request: Request) -> Response:
    """Intuit waits three seconds, and holds back all that follows a delivery nobody acknowledged."""
    return await _taken(request, "qbo")


@pages.post("/webhooks/plaid")
async def from_plaid(request: Request) -> Response:
    """Plaid names a login; whose it is, the inbox finds."""
    return await _taken(request, "plaid")


@pages.post("/webhooks/ramp/{business_id}")
async def from_ramp(request: Request, business_id: str) -> Response:
    """Each business's Ramp signs with a secret of its own."""
    return await _taken(request, "ramp", business_id)


@pages.post("/webhooks/stripe/{business_id}")
async def from_stripe(request: Request, business_id: str) -> Response:
    """A business that brought keys of its own."""
    return await _taken(request, "stripe", business_id)


@pages.post("/webhooks/stripe")
async def from_stripe_platform(request: Request) -> Response:
    """The platform's deliveries, for all accounts linked through it."""
    return await _taken(request, "stripe")


async def _taken(request: Request, rail: str, business_id: str | None = None) -> Response:
    try:
        body = await _bounded(request)
    except ClientDisconnect:  # nobody hears the answer, and what broke off is no notice
        return Response(status_code=HTTPStatus.BAD_REQUEST)
    if body is None:
        sentence = f"A notification may hold {LARGEST_BODY_BYTES:,} bytes at most."
        return problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", sentence)
    take: TakesNotices = request.app.state.take_notices
    await run_in_threadpool(take, rail, body, dict(request.headers), business_id)
    return Response(status_code=HTTPStatus.OK)


async def _bounded(request: Request) -> bytes | None:
    """The body as it was sent (the signature is over these bytes); ``None`` when it is too large to be read."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > LARGEST_BODY_BYTES:
        return None
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > LARGEST_BODY_BYTES:
            return None
    return bytes(read)
