"""The form of the control API: JSON objects in and out, and a sentence when something cannot be done."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.journal import DECODER


class Refused(Exception):
    """A control request that cannot be done: a status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


async def body_of(request: web.Request) -> dict[str, Any]:
    """What was sent; nothing counts as ``{}``."""
    try:
        return DECODER.decode(await request.read() or b"{}")
    except ValueError as broken:
        raise Refused(400, f"The body must be a JSON object: {broken}") from broken


def json_answer(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(status=status, body=ENCODER.encode(body), content_type="application/json")


def refusal(refused: Refused) -> web.Response:
    """A refused control request as JSON."""
    return json_answer({"error": str(refused)}, refused.status)
