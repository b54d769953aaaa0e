"""Webhook signatures: a JWT signed with ES256 over the hash of the exact bytes sent (plaid.md §8)."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from interlock_sandbox.bank.model import hashed

CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
FIRST_KEY_SECONDS = 1_767_225_600


class Key:
    """One signing key; ``expired_at`` (seconds) is set when another took over."""

    def __init__(self, seed: int, generation: int, created_at: int) -> None:
        self.kid = hashed("plaid kid", seed, generation, length=32)
        number = int(hashed("plaid key", seed, generation, length=64), 16) % (CURVE_ORDER - 1) + 1
        self.private = ec.derive_private_key(number, ec.SECP256R1())
        self.created_at = created_at
        self.expired_at: int | None = None

    def public(self) -> dict[str, Any]:
        """As /webhook_verification_key/get shows it."""
        numbers = self.private.public_key().public_numbers()
        return {
            "alg": "ES256", "created_at": self.created_at, "crv": "P-256", "expired_at": self.expired_at,
            "kid": self.kid, "kty": "EC", "use": "sig", "x": _text(numbers.x.to_bytes(32)),
            "y": _text(numbers.y.to_bytes(32)),
        }  # fmt: skip

    def signature(self, body: bytes, now: datetime) -> str:
        """The ``Plaid-Verification`` header for these bytes."""
        header = {"alg": "ES256", "kid": self.kid, "typ": "JWT"}
        claims = {"iat": int(now.timestamp()), "request_body_sha256": hashlib.sha256(body).hexdigest()}
        signed = f"{_text(json.dumps(header).encode())}.{_text(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self.private.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{_text(r.to_bytes(32) + s.to_bytes(32))}"


class Keys:
    """The keys so far; the last one signs."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._all: list[Key] = []

    @property
    def current(self) -> Key:
        if not self._all:
            self._all.append(Key(self._seed, 0, FIRST_KEY_SECONDS))
        return self._all[-1]

    def find(self, kid: str) -> Key | None:
        current = self.current
        return current if current.kid == kid else next((key for key in self._all if key.kid == kid), None)

    def rotate(self, at: datetime) -> None:
        """A new key signs from now on; the one before is marked expired and still served."""
        seconds = int(at.timestamp())
        self.current.expired_at = seconds
        self._all.append(Key(self._seed, len(self._all), seconds))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
