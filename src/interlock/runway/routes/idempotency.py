"""``Idempotency-Key``: a request of the API that is sent twice is carried out once, and answered the same.

The key is claimed in the very transaction that carries the request out, so both stand or neither does; the answer is kept in one
of its own right after. Should the process end between the two, the same request is answered 409 and not carried out again.
Refusals change nothing and aren't kept: the same request may be sent again once what stood in its way is gone, and a copy that
arrives late is judged by what is true then, as a new request would be.
What reaches a rail instead of writing here (a sync, a link) keeps its answer afterwards: it makes nothing twice by itself.
"""

import hashlib
import logging
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from interlock.domains.firm.services.answered_service import KEY_CHARACTERS, Claim, KeyInUse
from interlock.kernel.errors import BadInput, InterlockError, SetupBroken
from interlock.runway.desk import Desk
from interlock.runway.routes import problems
from interlock.runway.routes.access import follow_clock, named, the_desk

log = logging.getLogger("interlock.web")

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SAYS = "Any text of yours, new for each new request: the same request again gets the first answer again, for 24 hours."

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class KeyMissing(BadInput):
    """An act that must not happen twice came without a key."""

    code = "idempotency_key_missing"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            f"Send the header {HEADER} with a text of your own, new for each new request, so that one sent twice "
            "is carried out once. Nothing was changed."
        )


class KeyReused(BadInput):
    """The key stands for another request."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            f"This {HEADER} was sent with another request already (or by another person): a new request needs a new one. "
            "Nothing was changed."
        )


def _optional(
    key: Annotated[str | None, Header(alias=HEADER, max_length=KEY_CHARACTERS, description=_SAYS)] = None,
) -> None:
    """Describes the header; ``KeyedRoute`` reads it."""


def _required(key: Annotated[str, Header(alias=HEADER, max_length=KEY_CHARACTERS, description=_SAYS)]) -> None:
    """Describes the header; ``KeyedRoute`` reads it, and says itself when it is missing."""


class KeyedRoute(APIRoute):
    """Takes a key on every request that writes. Which those are is read off ``follow_clock``, which all of them need."""

    key_required = False

    def __init__(self, path: str, endpoint: Callable[..., Any], **said: Any) -> None:
        asked = [each.dependency for each in said.get("dependencies") or ()]
        self.keyed = bool(_WRITING.intersection(said.get("methods") or ())) and follow_clock in asked
        self.must = self.keyed and self.key_required and "POST" in (said.get("methods") or ())
        if self.keyed:
            said["dependencies"] = [*said["dependencies"], Depends(_required if self.must else _optional)]
            busy = {
                "model": problems.Problem,
                "description": "The guardrail, somebody else, or this very key stands against it.",
            }
            said["responses"] = {409: busy, **(said.get("responses") or {})}
        super().__init__(path, endpoint, **said)

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        if not self.keyed:
            return handle

        async def keyed(request: Request) -> Response:
            key = request.headers.get(HEADER, "").strip()
            if self.must and not key:
                raise KeyMissing
            if not key or len(key) > KEY_CHARACTERS:  # the description of the header refuses the long one
                return await handle(request)
            return await _once(request, Claim(key, await _digest(request)), handle)

        return keyed


class KeyRequiredRoute(KeyedRoute):
    """The same for decisions: every POST that writes must have a key."""

    key_required = True


async def _once(request: Request, claim: Claim, handle: Handler) -> Response:
    desk = await run_in_threadpool(the_desk, request)
    if (kept := await run_in_threadpool(_kept, desk, claim)) is not None:
        return kept
    request.state.claim = claim
    try:
        answer = await handle(request)
    except KeyInUse:
        # Another one like it was faster. Its transaction has ended, or ours would still wait for it.
        if (kept := await run_in_threadpool(_kept, desk, claim)) is None:
            raise
        return kept
    except InterlockError as trouble:
        answer = await problems.on_our_error(request, trouble)
        if claim.made:  # nothing to keep unless a part of it was committed before it failed
            await run_in_threadpool(_keep, desk, claim, answer)
        raise
    if claim.made or answer.status_code < HTTPStatus.BAD_REQUEST:
        await run_in_threadpool(_keep, desk, claim, answer)
    return answer


def _kept(desk: Desk, claim: Claim) -> Response | None:
    with desk.answered() as (answers, now):
        found = answers.find(claim.key, now)
    if found is None:
        return None
    if found.request_digest != claim.request_digest:
        raise KeyReused
    if found.status is None:
        raise KeyInUse
    body = (found.body or "").encode()
    answer = Response(body, found.status, media_type="application/json" if body else None)
    answer.headers[REPLAYED] = "true"
    return answer


def _keep(desk: Desk, claim: Claim, answer: Response) -> None:
    try:
        with desk.answering() as (answers, now):
            if not claim.made:
                answers.claim(claim.key, claim.request_digest, now)
            answers.keep(claim.key, claim.request_digest, answer.status_code, bytes(answer.body).decode(), now)
            answers.purge(now)
    except SetupBroken as trouble:
        # The act stands and its claim with it: whoever sends it again is told so, and it is not done twice.
        log.warning("An answer could not be kept: %s", trouble.sentence)


async def _digest(request: Request) -> str:
    """Of everything that makes it this request: method, path with query, who asks, and what is sent."""
    body = hashlib.sha256(await request.body()).hexdigest()
    said = (request.method, request.url.path, request.url.query, named(request) or "", body)
    return hashlib.sha256("\n".join(said).encode(errors="surrogateescape")).hexdigest()
