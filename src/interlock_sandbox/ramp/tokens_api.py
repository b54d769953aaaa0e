"""Tokens for client credentials: form-encoded, HTTP Basic (ramp.md §1). Scopes are enforced where they are used."""

from __future__ import annotations

import base64
import binascii
import hmac

from aiohttp import web

from interlock_sandbox.ramp.desk import PREFIX, Desk, answer
from interlock_sandbox.ramp.events import TOKEN_SECONDS, token_value
from interlock_sandbox.ramp.model import Business


class TokensApi:
    """``/token`` and ``/token/revoke``."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{PREFIX}/token", self.desk.guarded(self.mint)),
            web.post(f"{PREFIX}/token/revoke", self.desk.guarded(self.revoke)),
        ]

    async def mint(self, request: web.Request) -> web.StreamResponse:
        """A token for any scope that is asked for, unless the business refuses them here already."""
        business = self._client(request)
        if business is None:
            return _refusal("invalid_client", 401)
        form = await _form(request)
        kind = form.get("grant_type", "")
        if kind != "client_credentials":
            return _refusal("unsupported_grant_type" if kind else "invalid_request")
        scopes = form.get("scope", "").split()
        if not scopes:
            return _refusal("invalid_scope")
        allowed = business.settings.allowed_scopes
        if business.settings.refuses_scopes_at_token and allowed is not None and not set(scopes) <= allowed:
            return _refusal("invalid_scope")
        self.desk.act(business, self.desk.sandbox.clock.now(), "token", scopes=sorted(set(scopes)))
        return answer(
            {
                "access_token": token_value(self.desk.ramp, business), "token_type": "Bearer",
                "expires_in": TOKEN_SECONDS, "scope": " ".join(scopes),
            }
        )  # fmt: skip

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        """A token that isn't the client's is none of its business: 200 either way."""
        business = self._client(request)
        if business is None:
            return _refusal("invalid_client", 401)
        value = (await _form(request)).get("token", "")
        token = self.desk.ramp.tokens.get(value)
        if token is not None and token.realm == business.realm and not token.revoked:
            self.desk.act(business, self.desk.sandbox.clock.now(), "revoke", token=value)
        return answer({})

    def _client(self, request: web.Request) -> Business | None:
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        business = self.desk.ramp.of_client(client_id)
        if business is None or not hmac.compare_digest(business.client_secret.encode(), secret.encode()):
            return None
        return business


async def _form(request: web.Request) -> dict[str, str]:
    """The fields of a form; a body that isn't one has none."""
    try:
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except (ValueError, LookupError):  # not in its character set, or in none that there is
        return {}


def _refusal(code: str, status: int = 400) -> web.Response:
    return answer({"error": code, "error_description": code.replace("_", " ")}, status)
