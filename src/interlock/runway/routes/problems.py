"""What a refused or failed request answers: ``{code, message}`` to programs, a page to people."""

import logging
from http import HTTPStatus

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from interlock.kernel.errors import InterlockError
from interlock.rails.errors import RailError, spoken
from interlock.runway.routes.rendering import page

log = logging.getLogger("interlock.web")

_TITLES = {
    403: "Not allowed",
    404: "Not found",
    405: "Not like this",
    409: "Not now",
    421: "Wrong address",
    422: "This can’t be used",
    500: "Something broke here",
    502: "{} refused",
    503: "{} didn’t answer",
}
_CODES = {404: "not_found", 405: "method_not_allowed", 415: "unsupported_media_type"}
_KEPT = "Nothing was changed; everything synced before is kept."


class Problem(BaseModel):
    """The body of every answer that isn't what was asked for."""

    code: str = Field(description="Stable; programs may rely on it.", examples=["not_found"])
    message: str = Field(description="A sentence for a person.")


RESPONSES: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "description": description}
    for status, description in (
        (400, "The request can't be read."),
        (403, "Refused."),
        (404, "Nothing by that name."),
        (422, "What was given can't be used."),
        (500, "Something broke here; the log on this machine says what."),
    )
}


def problem(request: Request, status: int, code: str, message: str, *, rail: str = "qbo") -> Response:
    """In the form the caller understands: JSON under ``/api/`` and for programs, a row or a page in a browser.

    ``rail``: whose trouble it is, where it is a rail's.
    """
    message = message.encode(errors="replace").decode()  # half a character is valid JSON, and nothing can say it back
    if request.url.path.startswith("/api/") or not _reads_pages(request):
        return JSONResponse(Problem(code=code, message=message).model_dump(), status)
    title = _TITLES.get(status, "This didn’t work").format(spoken(rail))
    kept = _KEPT if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
    return page(request, "error.html", status, title=title, code=code, message=message, kept=kept, status_code=status)


async def on_our_error(request: Request, error: Exception) -> Response:
    """An error with a code of its own."""
    assert isinstance(error, InterlockError), "registered for these only"
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("%s %s: %s (%s)", request.method, request.url.path, error.sentence, error.code)
    rail = error.rail if isinstance(error, RailError) else "qbo"
    return problem(request, error.status, error.code, error.sentence, rail=rail)


async def on_http_error(request: Request, error: Exception) -> Response:
    """The framework's own: no such page, wrong method."""
    assert isinstance(error, HTTPException), "registered for these only"
    sentence = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.url.path} doesn’t take {request.method}.",
    }.get(error.status_code, str(error.detail))
    answer = problem(request, error.status_code, _CODES.get(error.status_code, "refused"), sentence)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


async def on_bad_request(request: Request, error: Exception) -> Response:
    """A parameter or body that doesn't fit, said by name."""
    assert isinstance(error, RequestValidationError), "registered for these only"
    said = "; ".join(f"{'.'.join(map(str, each['loc'][1:])) or 'body'}: {each['msg']}" for each in error.errors()[:5])
    return problem(request, 422, "bad_input", f"{said}.")


async def on_anything_else(request: Request, error: Exception) -> Response:
    """A fault of ours: the person gets a sentence, the log gets the fault."""
    log.error("%s %s broke", request.method, request.url.path, exc_info=error)
    return problem(
        request,
        500,
        "internal",
        "Interlock met a fault of its own on this page. Nothing was changed. The log where it is served says more;"
        " try again, and report it if it stays.",
    )


def _reads_pages(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") or request.headers.get("hx-request") == "true"


__all__ = [
    "RESPONSES",
    "HTMLResponse",
    "Problem",
    "on_anything_else",
    "on_bad_request",
    "on_http_error",
    "on_our_error",
    "problem",
]
