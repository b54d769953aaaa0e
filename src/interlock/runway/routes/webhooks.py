"""What rails tell us unasked. Nothing here is believed before its signature is; the work is left to the sync it hastens."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from interlock.runway.routes.problems import problem

pages = APIRouter(include_in_schema=False)

LARGEST_BODY_BYTES = 1_048_576
_SIGNATURE = "intuit-signature"

TakesNotices = Callable[[bytes, str], None]
"""Given a delivery's raw body and its signature; raises what is wrong with it."""


@pages.post("/webhooks/qbo")
async def from_quickbooks(request: Request) -> Response:
    """Intuit waits three seconds, and holds back all that follows a delivery nobody acknowledged."""
    try:
        body = await _bounded(request)
    except ClientDisconnect:  # nobody hears the answer, and what broke off is no notice
        return Response(status_code=HTTPStatus.BAD_REQUEST)
    if body is None:
        sentence = f"A notification may hold {LARGEST_BODY_BYTES:,} bytes at most."
        return problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", sentence)
    take: TakesNotices = request.app.state.take_notices
    await run_in_threadpool(take, body, request.headers.get(_SIGNATURE, ""))
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
