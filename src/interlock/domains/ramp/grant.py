"""Access tokens for one Ramp app (client credentials, ramp.md §1): one is asked for, over all processes, and kept sealed.

A token lives ten days and mints for any scope; what the app may really do, Ramp says at each call.
"""

import asyncio
import base64
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode

from interlock.domains.ramp import wire
from interlock.domains.ramp.mapper import RAIL, decoded
from interlock.domains.ramp.refusals import trouble_with_token
from interlock.infra.transport import Request, Transport, TransportError, Usage
from interlock.kernel.errors import BadInput
from interlock.rails.connections import Keys
from interlock.rails.errors import Unavailable

READING = ("bank_accounts:read", "bills:read", "business:read", "entities:read", "vendors:read")
WRITING = ("bills:write",)
"""To make a bill with its payment, to hand one off, to archive one. ``payments:…`` is no scope of Ramp's."""

_EARLY = timedelta(minutes=10)
_LONGEST_LIFE_SECONDS = 366 * 86_400
_LONGEST_SECRET = 400


class KeysStore(Protocol):
    """Where an app's keys are kept; ``refreshing`` is held by one who asks for a token at a time, across processes.

    ``keep`` replaces ``was`` and answers what stands then: other keys where somebody connected anew meanwhile.
    """

    def load(self) -> Keys: ...
    def keep(self, fresh: Keys, was: Keys) -> Keys: ...
    def refreshing(self) -> AbstractContextManager[None]: ...


def checked(client_id: str, client_secret: str) -> tuple[str, str]:
    """Id and secret as they can be sent; ``BadInput`` says what is wrong with them, never what they are."""
    for name, text in (("id", client_id), ("secret", client_secret)):
        if not text or len(text) > _LONGEST_SECRET or not text.isascii() or not text.isprintable() or " " in text:
            raise BadInput(
                f"That is no client {name} of a Ramp app: it is one word, copied from Ramp's Developer page."
            )
    if ":" in client_id:  # Basic authorisation couldn't tell where the secret begins
        raise BadInput("A Ramp app's client id holds no colon.")
    return client_id, client_secret


class Tokens:
    """Access tokens of one app. ``scopes``: what is asked for, separated by spaces."""

    def __init__(
        self, api_url: str, transport: Transport, store: KeysStore, now: Callable[[], datetime], scopes: str
    ) -> None:
        self._base = f"{api_url.rstrip('/')}/developer/v1"
        self._transport = transport
        self._store = store
        self._now = now
        self._scopes = scopes
        self._alone = asyncio.Lock()
        self._keys: Keys | None = None

    async def access(self, usage: Usage, *, refused: str | None = None) -> str:
        """A token that should work. ``refused`` is one that just didn't, so that it isn't given out again."""
        async with self._alone:
            if self._keys is None:
                self._keys = await asyncio.to_thread(self._store.load)
            if not self._good(self._keys, refused):
                self._keys = await asyncio.to_thread(self._ask_alone, refused, usage)
            return self._keys.access_token

    async def end(self, usage: Usage) -> None:
        """Revoke the token we hold, if any; the app itself is ended at Ramp by a person."""
        keys = await asyncio.to_thread(self._store.load)
        if keys.access_token:
            form = {"token": keys.access_token, "token_type_hint": "access_token"}
            await self._post("token/revoke", form, keys, usage)

    def _good(self, keys: Keys, refused: str | None) -> bool:
        ends = keys.access_expires_at
        return (
            bool(keys.access_token)
            and keys.access_token != refused
            and ends is not None
            and ends - _EARLY > self._now()
        )

    def _ask_alone(self, refused: str | None, usage: Usage) -> Keys:
        """On a thread of its own, which waits while another process asks."""
        with self._store.refreshing():
            keys = self._store.load()
            if self._good(keys, refused):
                return keys  # somebody else was faster
            fresh = self._transport.run(self._ask(keys, usage))
            return self._store.keep(fresh, keys)

    async def _ask(self, keys: Keys, usage: Usage) -> Keys:
        asked_at = self._now()  # its life counts from here: the answer may be slow, and Ramp's clock is not ours
        form = {"grant_type": "client_credentials", "scope": self._scopes}
        token = decoded(await self._post("token", form, keys, usage), wire.Token)
        life = timedelta(seconds=min(max(token.expires_in, 0), _LONGEST_LIFE_SECONDS))
        return Keys(keys.name, keys.secret, keys.hook_secret, token.access_token, asked_at + life)

    async def _post(self, resource: str, form: dict[str, str], keys: Keys, usage: Usage) -> bytes:
        basic = base64.b64encode(f"{keys.name}:{keys.secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {basic}",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        request = Request("POST", f"{self._base}/{resource}", (), headers, urlencode(form).encode())
        try:
            reply = await self._transport.send(request, usage)
        except TransportError as broken:
            raise Unavailable(RAIL, f"Ramp's sign-in can't be reached: {broken.sentence}") from broken
        trouble = trouble_with_token(reply, self._scopes)
        if trouble is not None:
            raise trouble
        return reply.body
