"""Intuit's token endpoint, revocation and discovery (qbo.md §1)."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

from aiohttp import web

from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.grants import ACCESS_SECONDS, REFRESH_SECONDS, Event
from interlock_sandbox.journal import DECODER
from interlock_sandbox.sandbox import Sandbox

HARD_LIMIT_SECONDS = 5 * 365 * 86_400
TOKEN_PATH = "/oauth2/v1/tokens/bearer"
REVOKE_PATH = "/v2/oauth2/tokens/revoke"


class OAuth:
    """Handlers over the sandbox's grants."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def token(self, request: web.Request) -> web.Response:
        """Exchange a code or a refresh token; every refresh rotates, the old token is dead at once."""
        form = await request.post()
        if not self._client_known(request, form):
            return _error("invalid_client", "Client authentication failed", status=401)
        now = self.sandbox.clock.now()
        kind = str(form.get("grant_type", ""))
        events: list[Event] | None
        if kind == "refresh_token":
            rotation = self.sandbox.grants.refresh(str(form.get("refresh_token", "")), now)
            events = [rotation] if rotation is not None else None
        elif kind == "authorization_code":
            events = self.sandbox.grants.redeem(str(form.get("code", "")), now)
        elif not kind:
            return _error("invalid_request", "grant_type is missing")
        else:
            return _error("unsupported_grant_type", f"grant_type {kind} is not supported")
        if events is None:
            what = "refresh token" if kind == "refresh_token" else "authorization code"
            return _error("invalid_grant", f"Incorrect or invalid {what}")
        self.sandbox.record(*events)
        body: dict[str, Any] = {
            "token_type": "bearer",
            "access_token": events[-1]["access"],
            "expires_in": ACCESS_SECONDS,
            "refresh_token": events[-1]["refresh"],
            "x_refresh_token_expires_in": REFRESH_SECONDS,
        }
        if request.headers.get("x-include-refresh-token-hard-expires-in", "").lower() == "true":
            body["x_refresh_token_hard_expires_in"] = HARD_LIMIT_SECONDS
        return web.Response(body=ENCODER.encode(body), content_type="application/json", charset="utf-8")

    async def revoke(self, request: web.Request) -> web.Response:
        """End the grant behind a token; the body is JSON ``{"token": …}``."""
        if not self._client_known(request, {}):
            return _error("invalid_client", "Client authentication failed", status=401)
        try:
            sent = DECODER.decode(await request.read())
        except ValueError:
            return _error("invalid_request", "The body must be a JSON object with a token")
        event = self.sandbox.grants.revoke(str(sent.get("token", "")))
        if event is None:
            return _error("invalid_request", "Token invalid")
        self.sandbox.record(event)
        return web.Response(body=b'{"statuscode":"200"}', content_type="application/json", charset="utf-8")

    async def discovery(self, request: web.Request) -> web.Response:
        """The OpenID configuration, with this server's own addresses."""
        root = str(request.url.origin())
        document = {
            "issuer": f"{root}/op/v1",
            "authorization_endpoint": f"{root}/connect/oauth2",
            "token_endpoint": root + TOKEN_PATH,
            "userinfo_endpoint": f"{root}/v1/openid_connect/userinfo",
            "revocation_endpoint": root + REVOKE_PATH,
            "jwks_uri": f"{root}/op/v1/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["com.intuit.quickbooks.accounting"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
        return web.Response(body=ENCODER.encode(document), content_type="application/json", charset="utf-8")

    def _client_known(self, request: web.Request, form: Any) -> bool:
        wanted = f"{self.sandbox.client_id}:{self.sandbox.client_secret}"
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                sent = base64.b64decode(encoded, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return False
        else:
            sent = f"{form.get('client_id', '')}:{form.get('client_secret', '')}"
        return hmac.compare_digest(sent.encode(), wanted.encode())


def _error(code: str, description: str, status: int = 400) -> web.Response:
    body = ENCODER.encode({"error_description": description, "error": code})
    return web.Response(status=status, body=body, content_type="application/json", charset="utf-8")
