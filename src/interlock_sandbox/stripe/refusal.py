"""How Stripe says no: a status and ``{"error": {type, code, message, param, …}}`` (stripe.md §1)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from interlock_sandbox.books.wire import ENCODER

DOCS = "https://docs.stripe.com/error-codes"


class StripeRefusal(Exception):
    """A request Stripe refuses. ``more`` joins the error object (``decline_code``, ``payment_intent``, …)."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.more = more or {}

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": str(self), "type": self.kind}
        if self.code is not None:
            error |= {"code": self.code, "doc_url": f"{DOCS}/{self.code.replace('_', '-')}"}
        if self.param is not None:
            error["param"] = self.param
        return {"error": error | self.more}


def gone(what: str, id_: str, param: str = "id") -> StripeRefusal:
    """No such object in this account: 404 when it is the path's, 400 when a parameter names it."""
    status = 404 if param == "id" else 400
    return StripeRefusal(f"No such {what}: '{id_}'", status=status, code="resource_missing", param=param)


def wrong_state(message: str, code: str | None = None) -> StripeRefusal:
    """What the object's state does not allow."""
    return StripeRefusal(message, code=code)


def missing(param: str) -> StripeRefusal:
    return StripeRefusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def response(status: int, body: dict[str, Any] | bytes, headers: dict[str, str] | None = None) -> web.Response:
    raw = body if isinstance(body, bytes) else ENCODER.encode(body)
    return web.Response(status=status, body=raw, content_type="application/json", headers=headers)


def too_many() -> StripeRefusal:
    return StripeRefusal("Request rate limit exceeded.", status=429, code="rate_limit")


def trouble(status: int, retry_after: int | None = None) -> web.Response:
    """What Stripe answers when it throttles (429) or breaks (5xx)."""
    if status == 429:
        refusal = too_many()
        headers = {"Stripe-Rate-Limited-Reason": "endpoint-rate"}
        return response(
            429, refusal.body(), headers | ({} if retry_after is None else {"Retry-After": str(retry_after)})
        )
    sentence = "An unknown error occurred on Stripe's side. It has been logged and is being looked at."
    return response(status, StripeRefusal(sentence, status=status, kind="api_error").body())
