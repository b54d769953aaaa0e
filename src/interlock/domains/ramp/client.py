"""HTTP to Ramp: the calls in ``READING`` and ``ACTING``, no other. None approves a bill, releases a payment, or takes the seat of

accounting. Reads are tried again after a pause. An act is sent again only while it certainly was not taken; what may have been is
``OutcomeUnknown``, never a second sending.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from interlock.domains.ramp import wire
from interlock.domains.ramp.grant import Tokens
from interlock.domains.ramp.mapper import RAIL, decoded
from interlock.domains.ramp.pacing import Pacer, Paused
from interlock.domains.ramp.refusals import (
    Throttled,
    TokenRefused,
    TooLate,
    trouble_with_instruction,
    trouble_with_question,
)
from interlock.infra.transport import Reply, Request, Transport, TransportError, Usage
from interlock.rails.errors import ContractBroken, OutcomeUnknown, RailError, Unauthorised, Unavailable

READING: Mapping[tuple[str, str], str] = {
    ("GET", "business"): "business:read",
    ("GET", "entities"): "entities:read",
    ("GET", "bank-accounts"): "bank_accounts:read",
    ("GET", "vendors"): "vendors:read",
    ("GET", "vendors/{id}/accounts"): "vendors:read",
    ("GET", "bills"): "bills:read",
    ("GET", "bills/{id}"): "bills:read",
    ("GET", "bills/drafts"): "bills:read",
    ("GET", "webhooks"): "any",
}
"""Every question this product asks of Ramp, as (method, resource), and the scope it needs."""

ACTING: Mapping[tuple[str, str], str] = {
    ("POST", "bills"): "bills:write",
    ("DELETE", "bills/{id}"): "bills:write",
    ("POST", "bills/drafts"): "bills:write",
    ("POST", "bills/drafts/{id}/submit"): "bills:write",
    ("POST", "webhooks"): "bills:read and vendors:read",
    ("POST", "webhooks/{id}/verify"): "any",
    ("DELETE", "webhooks/{id}"): "any",
}
"""Every act: a bill (with its payment, or a draft), a draft submitted to Ramp's own people, a bill archived; and a subscription to

notices.
"""

Still = Callable[[], bool]
"""Whether an act may be sent even now. Called in a thread of its own, right before each sending."""

PAGE_ROWS = 100
_TRIES = 5
_TRIES_AGAIN = 60  # in a client's life, which is a sync's: a bad day ends it instead of doubling its calls
_FIRST_PAUSE_SECONDS = 0.5
_THROTTLED = "Ramp is throttling this client's app; we wait and go on."
_TOO_LATE = (
    "Between its beginning and its sending so much time went by that it may have been given up. Nothing was sent."
)
_AGAIN_REFUSED = (
    "Ramp refuses every access token it gives this client's app; connect the app again with `interlock connect ramp`."
)


class RampClient:
    """Calls to one business's Ramp. ``usage`` counts calls and bytes; ``sleep`` waits between tries.

    A pause longer than ``patience`` seconds is raised instead of waited for.
    """

    def __init__(
        self,
        api_url: str,
        transport: Transport,
        tokens: Tokens,
        pacer: Pacer,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        patience: float = float("inf"),
    ) -> None:
        self._base = f"{api_url.rstrip('/')}/developer/v1"
        self._transport = transport
        self._tokens = tokens
        self._pacer = pacer
        self._sleep = sleep
        self._patience = patience
        self._tries_again = _TRIES_AGAIN
        self.usage = Usage()

    async def listing(
        self,
        resource: str,
        params: Mapping[str, str],
        following: str | None = None,
        *,
        id_: str | None = None,
        rows: int = PAGE_ROWS,
    ) -> wire.Listing:
        """One page: the first for ``params``, or the one at ``following``, the address that the page before named."""
        scope = READING[self._allowed("GET", resource, READING)]
        if following is None:
            query = (("page_size", str(rows)), *params.items())
            request = Request("GET", self._address(resource, id_), query)
        else:
            request = Request("GET", self._own(following, resource, id_))
        answer = decoded(await self._read(request, scope), wire.Listing)
        if answer.page.next is not None:
            self._own(answer.page.next, resource, id_)
        return answer

    async def one(self, resource: str, id_: str | None = None) -> bytes:
        """One object, as received. ``Rejected`` with ``refusals.GONE`` when there is none."""
        scope = READING[self._allowed("GET", resource, READING)]
        return await self._read(Request("GET", self._address(resource, id_)), scope)

    async def act(
        self,
        method: str,
        resource: str,
        body: Mapping[str, Any] | None,
        key: str,
        id_: str | None = None,
        *,
        still: Still | None = None,
    ) -> bytes:
        """One act; what it answered. ``key``: by which its fate can be looked up; ``still``: ``TooLate`` once it says no.

        ``Rejected``, ``Unauthorised`` and ``Unavailable``: certainly nothing was done. ``OutcomeUnknown``: it may have been.
        """
        scope = ACTING[self._allowed(method, resource, ACTING)]
        sent = None if body is None else msgspec.json.encode(body)
        request = Request(method, self._address(resource, id_), (), {}, sent)

        async def once() -> tuple[bytes, RailError | None]:
            try:
                reply = await self._authorised(request, still)
            except TransportError as broken:
                if broken.sent:
                    return b"", OutcomeUnknown(RAIL, f"It was sent to Ramp and no answer came: {broken.sentence}", key)
                return b"", Unavailable(RAIL, f"Ramp can't be reached: {broken.sentence}")
            return reply.body, trouble_with_instruction(reply, scope, key)

        return await self._tried(once)

    async def end(self) -> None:
        """Revoke the token we hold: nothing more is called with it."""
        await self._tokens.end(self.usage)

    async def _read(self, request: Request, scope: str) -> bytes:
        async def once() -> tuple[bytes, RailError | None]:
            try:
                reply = await self._authorised(request)
            except TransportError as broken:
                return b"", Unavailable(RAIL, f"Ramp can't be reached: {broken.sentence}")
            return reply.body, trouble_with_question(reply, scope)

        return await self._tried(once)

    async def _tried(self, once: Callable[[], Awaitable[tuple[bytes, RailError | None]]]) -> bytes:
        for attempt in range(1, _TRIES + 1):
            try:
                body, trouble = await once()
            except TooLate:
                raise
            except Unavailable as waiting:  # before anything was sent
                body, trouble = b"", waiting
            if trouble is None:
                return body
            if isinstance(trouble, TokenRefused):
                raise Unauthorised(RAIL, _AGAIN_REFUSED) from trouble
            await self._pause(trouble, attempt)
        raise AssertionError("the last try returns or raises")

    async def _authorised(self, request: Request, still: Still | None = None) -> Reply:
        """Send with a token; one that is refused is replaced once. A request that is refused for its token did nothing."""
        token = await self._tokens.access(self.usage)
        reply = await self._send(request, token, still)
        if reply.status == 401:
            reply = await self._send(request, await self._tokens.access(self.usage, refused=token), still)
        return reply

    async def _send(self, request: Request, token: str, still: Still | None) -> Reply:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self._pacer.slot(patience=self._patience):
                if still is not None and not await asyncio.to_thread(still):
                    raise TooLate(RAIL, _TOO_LATE)
                return await self._transport.send(msgspec.structs.replace(request, headers=headers), self.usage)
        except Paused as paused:
            raise Unavailable(RAIL, _THROTTLED, paused.seconds) from None

    async def _pause(self, trouble: RailError, attempt: int) -> None:
        """Wait before another try, or raise what no other try will mend. Throttled, every worker waits."""
        if isinstance(trouble, Throttled) and trouble.retry_after is not None:
            await self._pacer.pause(trouble.retry_after)
        if not isinstance(trouble, Unavailable) or attempt >= _TRIES or not self._tries_again:
            raise trouble
        seconds = trouble.retry_after or _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
        if seconds > self._patience:
            raise trouble
        self._tries_again -= 1
        await self._sleep(seconds)

    def _allowed(self, method: str, resource: str, table: Mapping[tuple[str, str], str]) -> tuple[str, str]:
        if (method, resource) not in table:
            raise PermissionError(f"{method} {resource} is not among the calls Interlock makes to Ramp.")
        return method, resource

    def _address(self, resource: str, id_: str | None) -> str:
        if ("{id}" in resource) != (id_ is not None) or (id_ is not None and not _is_id(id_)):
            raise ValueError(f"{resource} can't be asked for {id_!r}.")
        return f"{self._base}/{resource.format(id=id_ or '')}"

    def _own(self, address: str, resource: str, id_: str | None) -> str:
        """The next page's address, as it is; our token goes to no other host, and to no other resource of this one."""
        ours = urlsplit(self._address(resource, id_))
        try:
            theirs = urlsplit(address)
            same = (theirs.scheme, theirs.hostname, theirs.port) == (ours.scheme, ours.hostname, ours.port)
        except ValueError:
            same = False
        if not same or theirs.path != ours.path or theirs.username is not None or theirs.fragment:
            raise ContractBroken(RAIL, f"Ramp names a next page that isn't one of {resource}.", "page.next")
        return address


def _is_id(text: str) -> bool:
    return text.isascii() and 0 < len(text) <= 64 and text.replace("-", "").isalnum()
