"""Intuit's token endpoint, revocation and discovery (qbo.md §1)."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

from aiohttp import web

from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.grants import ACCESS_SECONDS, SCOPES
from interlock_sandbox.journal import DECODER
from interlock_sandbox.qbo.consent import AUTHORIZE_PATH
from interlock_sandbox.qbo.identity import JWKS_PATH, USERINFO_PATH, Identity
from interlock_sandbox.sandbox import Sandbox

TOKEN_PATH = "/oauth2/v1/tokens/bearer"
REVOKE_PATH = "/v2/oauth2/tokens/revoke"


class OAuth:
    """Handlers over the sandbox's grants."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.identity = Identity(sandbox)

    def routes(self) -> list[web.RouteDef]:
        named = [
            f"/.well-known/{name}{end}"
            for name in ("openid_configuration", "openid_sandbox_configuration")
            for end in ("", "/")
        ]
        return [
            web.post(TOKEN_PATH, self.token),
            web.post(REVOKE_PATH, self.revoke),
            *(web.get(path, self.discovery) for path in named),
            *self.identity.routes(),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """Exchange a code or a refresh token; when the refresh token's value changes, the old one is dead at once."""
        form = await request.post()
        if not self._client_known(request, form):
            return _error("invalid_client", "Client authentication failed", status=401)
        now = self.sandbox.clock.now()
        grants = self.sandbox.grants
        kind = str(form.get("grant_type", ""))
        if kind == "refresh_token":
            events = grants.refresh(str(form.get("refresh_token", "")), now)
        elif kind == "authorization_code":
            events = grants.redeem(str(form.get("code", "")), str(form.get("redirect_uri", "")), now)
        elif not kind:
            return _error("invalid_request", "grant_type is missing")
        else:
            return _error("unsupported_grant_type", f"grant_type {kind} is not supported")
        self.sandbox.record(*events)
        if events[-1]["kind"] != "rotate":
            what = "refresh token" if kind == "refresh_token" else "authorization code"
            return _error("invalid_grant", f"Incorrect or invalid {what}")
        grant = grants.grants[events[-1]["grant"]]
        body: dict[str, Any] = {
            "token_type": "bearer",
            "access_token": events[-1]["access"],
            "expires_in": ACCESS_SECONDS,
            "refresh_token": events[-1]["refresh"],
            "x_refresh_token_expires_in": int((grant.refresh_until - now).total_seconds()),
        }
        if request.headers.get("x-include-refresh-token-hard-expires-in", "").lower() == "true":
            body["x_refresh_token_hard_expires_in"] = int((grant.hard_until - now).total_seconds())
        if "openid" in grant.scopes and kind == "authorization_code":
            body["id_token"] = self.identity.token(grant, _issuer(request))
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
            "issuer": _issuer(request),
            "authorization_endpoint": root + AUTHORIZE_PATH,
            "token_endpoint": root + TOKEN_PATH,
            "userinfo_endpoint": root + USERINFO_PATH,
            "revocation_endpoint": root + REVOKE_PATH,
            "jwks_uri": root + JWKS_PATH,
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "scopes_supported": sorted(SCOPES),
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


def _issuer(request: web.Request) -> str:
    return f"{request.url.origin()}/op/v1"


def _error(code: str, description: str, status: int = 400) -> web.Response:
    body = ENCODER.encode({"error_description": description, "error": code})
    return web.Response(status=status, body=body, content_type="application/json", charset="utf-8")
