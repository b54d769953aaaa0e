"""The OAuth 2 grant of one realm: a fresh access token when the old one ends, the new refresh token kept before it is used.

Intuit rotates refresh tokens and kills the old one at once (qbo.md §1), so only one refresh may run and none may be lost. One
loss can't be helped: a process that ends between Intuit's answer and our commit takes the new token with it; the connection
then says so and asks for a person.
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
from interlock.infra.db.database import DatabaseBroken
from interlock.infra.transport import Request, Transport, TransportError, Usage
from interlock.rails.connections import Grant
from interlock.rails.errors import ContractBroken, Unauthorised, Unavailable

_EARLY = timedelta(seconds=60)
_RETRY_SECONDS = 5.0
_TOKENS_TRIED = 3
_SAVES_TRIED = 3
_LONGEST_LIFE_SECONDS = 100 * 366 * 86_400


class GrantStore(Protocol):
    """Where the grant is kept; ``refreshing`` is held by one refresher at a time, across processes.

    ``keep`` replaces ``was`` and answers what stands then, durably: another grant than ``fresh`` where somebody put one in
    place meanwhile. ``lost`` marks the connection unless another grant than ``was`` stands.
    """

    def load(self) -> Grant: ...
    def keep(self, fresh: Grant, was: Grant) -> Grant: ...
    def lost(self, sentence: str, was: Grant) -> None: ...
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
    x_refresh_token_hard_expires_in: int | None = None


class _Spent(Unauthorised):
    """Intuit takes this refresh token no more."""


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
        self._unsaved: tuple[Grant, Grant] | None = None
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
        """On a thread of its own, which waits while another worker refreshes."""
        with self._store.refreshing():
            if self._unsaved is not None:
                self._save(*self._unsaved)
            grant = self._store.load()
            for _ in range(_TOKENS_TRIED):
                if self._good(grant, refused):
                    return grant  # another worker was faster
                try:
                    fresh = self._transport.run(self._ask(grant.refresh_token, usage))
                except _Spent as spent:
                    stands = self._store.load()
                    if stands.refresh_token == grant.refresh_token:
                        self._store.lost(spent.sentence, grant)
                        raise
                    grant = stands  # connected anew meanwhile, or renewed by one whom we didn't see
                else:
                    return self._save(fresh, grant)
        raise Unavailable(RAIL, "This connection is being renewed elsewhere; try again.", _RETRY_SECONDS)

    def _save(self, fresh: Grant, was: Grant) -> Grant:
        """Save what Intuit just gave: until then nobody else can know it, and the old refresh token may be dead."""
        self._unsaved = (fresh, was)
        for attempt in range(1, _SAVES_TRIED + 1):
            try:
                stands = self._store.keep(fresh, was)
            except DatabaseBroken:
                if attempt == _SAVES_TRIED:
                    raise  # kept in memory: whoever asks this object next begins by saving it
            else:
                self._unsaved = None
                return stands
        raise AssertionError("the last try returns or raises")

    async def _ask(self, refresh_token: str, usage: Usage) -> Grant:
        secret = base64.b64encode(f"{self._app.client_id}:{self._app.client_secret}".encode()).decode()
        request = Request(
            "POST",
            self._app.token_url,
            headers={
                "Authorization": f"Basic {secret}",
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
                "x-include-refresh-token-hard-expires-in": "true",
            },
            body=self._client.prepare_refresh_body(refresh_token=refresh_token).encode(),
        )
        asked_at = self._now()  # lifetimes count from here: the answer may be slow, and Intuit's clock is not ours
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
            kind = _Spent if refusal.error == "invalid_grant" else Unauthorised
            raise kind(RAIL, _refusal(refusal.error)) from refusal
        except msgspec.DecodeError as trouble:
            raise ContractBroken(
                RAIL, f"Intuit's sign-in sent tokens we can't read: {trouble}.", "access_token"
            ) from trouble
        return granted(answer, asked_at)


def granted(answer: TokenAnswer, asked_at: datetime) -> Grant:
    """What is kept of a token answer. Lifetimes are Intuit's, in seconds; absurd ones are cut to a hundred years."""

    def after(seconds: int | None) -> datetime | None:
        return None if seconds is None else asked_at + timedelta(seconds=min(max(seconds, 0), _LONGEST_LIFE_SECONDS))

    return Grant(
        refresh_token=answer.refresh_token,
        access_token=answer.access_token,
        access_expires_at=after(answer.expires_in),
        refresh_expires_at=after(answer.x_refresh_token_expires_in),
        hard_expires_at=after(answer.x_refresh_token_hard_expires_in),
    )


def _refusal(error: str) -> str:
    if error == "invalid_grant":
        return (
            "QuickBooks no longer accepts this connection: it was ended or renewed elsewhere, or our last renewal was cut off"
            " before its answer could be saved. Reconnect the company with `interlock connect qbo`."
        )
    if error in {"invalid_client", "unauthorized_client"}:
        return "Intuit doesn't know this app; check INTERLOCK_QBO_CLIENT_ID and INTERLOCK_QBO_CLIENT_SECRET."
    return f"Intuit's sign-in refused: {error}."
