"""The OAuth 2 grant of one realm: a fresh access token when the old one ends, the new refresh token kept before it is used.

Intuit rotates refresh tokens and kills the old one at once (qbo.md §1), so only one refresh may run and none may be lost.
"""

import asyncio
import base64
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from interlock.domains.qbo.mapper import RAIL
from interlock.infra.transport import Request, Transport, TransportError, Usage
from interlock.rails.connections import Grant
from interlock.rails.errors import ContractBroken, Unauthorised, Unavailable

_EARLY = timedelta(seconds=60)
_RETRY_SECONDS = 5.0


class GrantStore(Protocol):
    """Where the grant is kept; ``refreshing`` is held by one refresher at a time, across processes."""

    def load(self) -> Grant: ...
    def keep(self, grant: Grant) -> None: ...
    def lost(self, sentence: str) -> None: ...
    def refreshing(self) -> AbstractContextManager[None]: ...


class App(msgspec.Struct, frozen=True):
    """The installation's own Intuit app and the servers it talks to."""

    client_id: str
    client_secret: str
    token_url: str
    api_url: str


class TokenAnswer(msgspec.Struct, frozen=True):
    access_token: str
    refresh_token: str
    expires_in: int
    x_refresh_token_expires_in: int | None = None


class Tokens:
    """Access tokens for one realm."""

    def __init__(self, app: App, transport: Transport, store: GrantStore, now: Callable[[], datetime]) -> None:
        self._app = app
        self._transport = transport
        self._store = store
        self._now = now
        self._client = WebApplicationClient(app.client_id)
        self._alone = asyncio.Lock()
        self._grant: Grant | None = None
        self._gone: Unauthorised | None = None

    async def access(self, usage: Usage, *, refused: str | None = None) -> str:
        """A token that should work. ``refused`` is one that just didn't, so that it isn't given out again."""
        async with self._alone:
            if self._gone is not None:
                raise self._gone  # refused once is refused: callers that waited don't ask again
            if self._grant is None:
                self._grant = await asyncio.to_thread(self._store.load)
            if not self._good(self._grant, refused):
                try:
                    self._grant = await asyncio.to_thread(self._refresh_alone, refused, usage)
                except Unauthorised as refusal:
                    self._gone = refusal
                    raise
            return self._grant.access_token

    def _good(self, grant: Grant, refused: str | None) -> bool:
        ends = grant.access_expires_at
        return (
            bool(grant.access_token)
            and grant.access_token != refused
            and ends is not None
            and ends - _EARLY > self._now()
        )

    def _refresh_alone(self, refused: str | None, usage: Usage) -> Grant:
        with self._store.refreshing():
            grant = self._store.load()
            if self._good(grant, refused):
                return grant  # another worker was faster
            fresh = self._transport.run(self._ask(grant.refresh_token, usage))
            self._store.keep(fresh)
            return fresh

    async def _ask(self, refresh_token: str, usage: Usage) -> Grant:
        secret = base64.b64encode(f"{self._app.client_id}:{self._app.client_secret}".encode()).decode()
        request = Request(
            "POST",
            self._app.token_url,
            headers={
                "Authorization": f"Basic {secret}",
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=self._client.prepare_refresh_body(refresh_token=refresh_token).encode(),
        )
        try:
            reply = await self._transport.send(request, usage)
        except TransportError as trouble:
            raise Unavailable(RAIL, f"Intuit's sign-in can't be reached: {trouble.sentence}") from trouble
        if reply.status >= 500 or reply.status == 429:
            raise Unavailable(RAIL, f"Intuit's sign-in answered {reply.status}; try again.", _RETRY_SECONDS)
        try:
            self._client.parse_request_body_response(reply.body.decode(errors="replace"))
            answer = msgspec.json.decode(reply.body, type=TokenAnswer)
        except OAuth2Error as refusal:
            sentence = _refusal(refusal.error)
            if refusal.error == "invalid_grant":
                await asyncio.to_thread(self._store.lost, sentence)
            raise Unauthorised(RAIL, sentence) from refusal
        except msgspec.DecodeError as trouble:
            raise ContractBroken(
                RAIL, f"Intuit's sign-in sent tokens we can't read: {trouble}", "access_token"
            ) from trouble
        return self._granted(answer)

    def _granted(self, answer: TokenAnswer) -> Grant:
        now = self._now()
        lasting = answer.x_refresh_token_expires_in
        return Grant(
            refresh_token=answer.refresh_token,
            access_token=answer.access_token,
            access_expires_at=now + timedelta(seconds=answer.expires_in),
            refresh_expires_at=None if lasting is None else now + timedelta(seconds=lasting),
        )


def _refusal(error: str) -> str:
    if error == "invalid_grant":
        return "QuickBooks no longer accepts this connection; reconnect the company with `interlock connect qbo`."
    if error in {"invalid_client", "unauthorized_client"}:
        return "Intuit doesn't know this app; check INTERLOCK_QBO_CLIENT_ID and INTERLOCK_QBO_CLIENT_SECRET."
    return f"Intuit's sign-in refused: {error}."
