"""HTTP to Plaid: every call is a POST, and one outside ``ALLOWED`` can't be made. None of them moves money.

Decides what an answer means and what is worth trying again. Tokens travel in bodies only, and stand in no error, log or address.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec

from interlock.domains.plaid.mapper import RAIL
from interlock.domains.plaid.pacing import Pacer, Paused
from interlock.domains.plaid.refusals import Mutated, Throttled, trouble_of
from interlock.infra.transport import Reply, Request, Transport, TransportError, Usage
from interlock.rails.errors import ContractBroken, OutcomeUnknown, RailError, Unavailable

T = TypeVar("T")

ALLOWED: frozenset[tuple[str, str]] = frozenset(
    {
        ("POST", "link/token/create"),
        ("POST", "link/token/get"),
        ("POST", "item/public_token/exchange"),
        ("POST", "item/get"),
        ("POST", "item/remove"),
        ("POST", "item/access_token/invalidate"),
        ("POST", "accounts/get"),
        ("POST", "accounts/balance/get"),
        ("POST", "transactions/sync"),
        ("POST", "auth/get"),
        ("POST", "identity/match"),
        ("POST", "webhook_verification_key/get"),
    }
)
"""Every call this product can make to Plaid, as (method, resource): links, reads, ends. Nothing of Transfer."""

VERSION = "2020-09-14"

# The old token dies with the answer: sent twice, the new one of the first answer would be lost for certain.
_ONCE = {"item/access_token/invalidate"}
_TRIES = 4
_FIRST_PAUSE_SECONDS = 1.0


class PlaidClient:
    """Calls of one installation. ``usage`` counts calls and bytes; ``sleep`` waits between tries.

    A pause longer than ``patience`` seconds is raised instead of waited for.
    """

    def __init__(
        self,
        api_url: str,
        client_id: str,
        secret: str,
        transport: Transport,
        pacer: Pacer,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        patience: float = float("inf"),
    ) -> None:
        self._base = api_url.rstrip("/")
        self._headers = {
            "PLAID-CLIENT-ID": client_id,
            "PLAID-SECRET": secret,
            "Plaid-Version": VERSION,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        self._transport = transport
        self._pacer = pacer
        self._sleep = sleep
        self._patience = patience
        self.usage = Usage()

    async def ask(self, resource: str, body: Mapping[str, Any], shape: type[T], *, login: str | None = None) -> T:
        """One call, tried again while Plaid or the bank is only unavailable. ``login`` is whose minute it counts in.

        The five rail errors; ``OutcomeUnknown`` only from what is never sent twice.
        """
        if ("POST", resource) not in ALLOWED:
            raise PermissionError(f"POST {resource} is not among the calls Interlock makes to Plaid.")
        sent = msgspec.json.encode(body)
        for attempt in range(1, _TRIES + 1):
            trouble: RailError | None
            try:
                reply = await self._once(resource, sent, login)
                trouble = trouble_of(reply)
                if trouble is None:
                    return _decode(reply, shape)
                if isinstance(trouble, Throttled):
                    self._pacer.used_up(resource, login)
            except Paused as paused:
                trouble = Throttled(RAIL, "Plaid asks for a pause.", paused.seconds)
            except TransportError as broken:
                if broken.sent and resource in _ONCE:
                    raise OutcomeUnknown(
                        RAIL,
                        "Plaid's answer was lost, and with it perhaps the login's new token: re-link the bank.",
                        "",
                    ) from broken
                trouble = Unavailable(RAIL, f"Plaid can't be reached: {broken.sentence}")
            await self._pause(trouble, attempt, once=resource in _ONCE)
        raise AssertionError("the last try returns or raises")

    async def _pause(self, trouble: RailError, attempt: int, *, once: bool) -> None:
        """Wait before another try, or raise what no other try will mend."""
        again = isinstance(trouble, Unavailable) and not isinstance(trouble, Mutated)
        if not again or once or attempt >= _TRIES:
            raise trouble
        assert isinstance(trouble, Unavailable), "only what is unavailable is tried again"
        seconds = trouble.retry_after or _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
        if seconds > self._patience:
            raise trouble
        await self._sleep(seconds)

    async def _once(self, resource: str, body: bytes, login: str | None) -> Reply:
        async with self._pacer.slot(resource, login, self._patience):
            request = Request("POST", f"{self._base}/{resource}", (), self._headers, body)
            return await self._transport.send(request, self.usage)


def _decode(reply: Reply, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(reply.body, type=shape)
    except msgspec.DecodeError as trouble:
        raise ContractBroken(RAIL, f"Plaid sent an answer we can't read: {trouble}.", shape.__name__) from trouble
