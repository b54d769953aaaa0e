"""Deliveries as Ramp, Stripe and Plaid make them, each signed its own way."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

RAMP_SECRET = "a secret of one Ramp subscription"
STRIPE_SECRET = "whsec_of_one_account"
PLATFORM_SECRET = "whsec_of_the_platform"
KEY_ID = "key-of-the-tests"
_PLAID_KEY = ec.generate_private_key(ec.SECP256R1())


def ramp(event_id: str, business_id: str, object_id: str = "bill-1", kind: str = "bills.paid") -> bytes:
    said = {"id": event_id, "type": kind, "business_id": business_id, "object": {"id": object_id}}
    return json.dumps({**said, "created_at": "2026-11-24T09:00:00Z"}).encode()


def ramp_signed(body: bytes, secret: str = RAMP_SECRET) -> dict[str, str]:
    return {"X-Ramp-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def stripe(event_id: str, account: str | None = None, kind: str = "invoice.paid") -> bytes:
    about = {"object": kind.split(".")[0], "id": "in_1"}
    said: dict[str, Any] = {
        "id": event_id,
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "livemode": False,
    }
    return json.dumps({**said, "account": account, "data": {"object": about}}).encode()


def stripe_signed(body: bytes, secret: str = STRIPE_SECRET) -> dict[str, str]:
    at = str(int(time.time()))
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={signature}"}


def plaid(item_id: str, code: str = "SYNC_UPDATES_AVAILABLE") -> bytes:
    said = {"webhook_type": "TRANSACTIONS", "webhook_code": code, "item_id": item_id, "environment": "sandbox"}
    return json.dumps(said, indent=2).encode()


def plaid_signed(body: bytes, *, over: bytes | None = None) -> dict[str, str]:
    """``over``: the bytes really signed, where they are others."""
    digest = hashlib.sha256(body if over is None else over).hexdigest()
    head = _packed(json.dumps({"alg": "ES256", "kid": KEY_ID, "typ": "JWT"}).encode())
    claims = _packed(json.dumps({"iat": int(time.time()), "request_body_sha256": digest}).encode())
    r, s = decode_dss_signature(_PLAID_KEY.sign(f"{head}.{claims}".encode(), ec.ECDSA(SHA256())))
    return {"Plaid-Verification": f"{head}.{claims}.{_packed(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"}


def plaid_key_answer() -> bytes:
    """Plaid's answer to who asks for the key, head and body."""
    public = _PLAID_KEY.public_key().public_numbers()
    key = {
        "alg": "ES256", "crv": "P-256", "kid": KEY_ID, "kty": "EC", "use": "sig", "created_at": 1, "expired_at": None,
        "x": _packed(public.x.to_bytes(32, "big")), "y": _packed(public.y.to_bytes(32, "big")),
    }  # fmt: skip
    body = json.dumps({"key": key, "request_id": "r"}).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
