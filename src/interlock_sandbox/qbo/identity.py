"""Who the signed-in user is, for apps that ask with OpenID scopes: ID tokens, their key, and userinfo (qbo.md §1)."""

from __future__ import annotations

import base64
import hashlib
from functools import cached_property
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.clock import wall
from interlock_sandbox.grants import ACCESS_SECONDS, Grant
from interlock_sandbox.sandbox import Sandbox

JWKS_PATH = "/op/v1/jwks"
USERINFO_PATH = "/v1/openid_connect/userinfo"
KEY_BITS = 2048
PROFILE: dict[str, dict[str, Any]] = {
    "profile": {"givenName": "Ottilie", "familyName": "Larkhurst"},
    "email": {"email": "ottilie.larkhurst@example.com", "emailVerified": True},
    "phone": {"phoneNumber": "+1 5555550142", "phoneNumberVerified": False},
    "address": {
        "address": {
            "streetAddress": "4 Quillmoor Lane", "locality": "Dunmere", "region": "CA", "postalCode": "94000",
            "country": "US",
        }
    },
}  # fmt: skip
"""What each scope shows of the one user there is; she does not exist."""


class Identity:
    """The one user, and the key her ID tokens are signed with: a new one each time the sandbox starts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.subject = hashlib.sha256(f"user of {sandbox.client_id}".encode()).hexdigest()[:32]

    def routes(self) -> list[web.RouteDef]:
        return [web.get(JWKS_PATH, self.keys), web.get(USERINFO_PATH, self.userinfo)]

    async def keys(self, request: web.Request) -> web.Response:
        """The public key, as a JSON Web Key set."""
        del request
        numbers = self._key.public_key().public_numbers()
        key = {
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self._key_id, "e": _number(numbers.e),
            "n": _number(numbers.n),
        }  # fmt: skip
        return _json({"keys": [key]})

    async def userinfo(self, request: web.Request) -> web.Response:
        """What the access token's scopes show; 401 without ``openid`` among them."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        grant = self.sandbox.grants.allowed(token, self.sandbox.clock.now()) if scheme.lower() == "bearer" else None
        if grant is None or grant.disconnected or "openid" not in grant.scopes:
            return _json({"error": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        shown: dict[str, Any] = {"sub": self.subject}
        for scope in grant.scopes:
            shown |= PROFILE.get(scope, {})
        return _json(shown)

    def token(self, grant: Grant, issuer: str) -> str:
        """An ID token of a grant. Its times are the machine's: libraries hold them against their own clock."""
        now = int(wall().timestamp())
        claims = {
            "sub": self.subject, "aud": [self.sandbox.client_id], "realmid": grant.realm_id, "iss": issuer,
            "auth_time": now, "iat": now, "exp": now + ACCESS_SECONDS,
        }  # fmt: skip
        signed = ".".join(_text(ENCODER.encode(part)) for part in ({"kid": self._key_id, "alg": "RS256"}, claims))
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_text(signature)}"

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)

    @property
    def _key_id(self) -> str:
        return f"sandbox-{self._key.public_key().public_numbers().n % 0xFFFFFFFF:08x}"


def _number(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, body=ENCODER.encode(body), content_type="application/json", headers=headers)
