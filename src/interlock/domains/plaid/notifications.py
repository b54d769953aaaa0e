"""Plaid's notices, pure: is the signature theirs over these very bytes, and what do they say (plaid.md §8)."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from interlock.domains.plaid import wire
from interlock.domains.plaid.mapper import utc
from interlock.rails.listens import Hint

HEADER = "plaid-verification"
ALGORITHM = "ES256"
GOOD_FOR = timedelta(minutes=5)
UNREADABLE = "unreadable"
SESSION_FINISHED = "SESSION_FINISHED"

_AHEAD = timedelta(minutes=1)  # their clock beside ours
_COORDINATE_BYTES = 32
_LONGEST_TOKEN = 4_096
_LONGEST_KEY_ID = 200
_LATEST_SECOND = 10**11  # anybody can send a number, and one of any length
_LINK = "LINK"
# What we keep nothing of, and what only concerns the page that links.
_UNCONCERNED = {_LINK, "ASSETS", "INVESTMENTS_TRANSACTIONS", "HOLDINGS", "LIABILITIES", "TRANSFER", "INCOME"}
_ENDS = {"PENDING_DISCONNECT", "PENDING_EXPIRATION"}
_WARNED_AHEAD = timedelta(days=7)


class Token(Struct, frozen=True):
    """A verification token taken apart, not yet believed."""

    key_id: str
    signed: bytes
    signature: bytes
    issued_at: int
    body_digest: str


class _Header(Struct):
    alg: str
    kid: str


class _Claims(Struct):
    iat: int
    request_body_sha256: str


class Notice(Struct, frozen=True):
    """What a body says. ``item_id`` of a login, or ``link_token`` of a session at the hosted page."""

    kind: str
    code: str
    item_id: str = ""
    link_token: str = ""
    public_tokens: tuple[str, ...] = ()
    ends_at: datetime | None = None


def take_apart(header: str) -> Token | None:
    """The token of a ``Plaid-Verification`` header; ``None`` for anything but ES256 (no other way of signing is theirs)."""
    parts = header.strip().split(".")
    if len(header) > _LONGEST_TOKEN or len(parts) != 3:
        return None
    try:
        head = msgspec.json.decode(_unpacked(parts[0]), type=_Header)
        claims = msgspec.json.decode(_unpacked(parts[1]), type=_Claims)
        signature = _unpacked(parts[2])
        signed = f"{parts[0]}.{parts[1]}".encode("ascii")
    except (msgspec.DecodeError, ValueError, RecursionError):  # ValueError: no base64, no UTF-8, not ASCII
        return None
    if not 0 <= claims.iat < _LATEST_SECOND:
        return None
    if head.alg != ALGORITHM or not head.kid or len(head.kid) > _LONGEST_KEY_ID:
        return None
    return Token(head.kid, signed, signature, claims.iat, claims.request_body_sha256)


def is_genuine(token: Token, key: wire.PublicKey, body: bytes, now: datetime) -> bool:
    """Whether ``key`` signed the token, within the last five minutes, over exactly these bytes."""
    age = now.timestamp() - token.issued_at
    if age > GOOD_FOR.total_seconds() or age < -_AHEAD.total_seconds() or not _signed(token, key):
        return False
    digest = hashlib.sha256(body).hexdigest()
    return hmac.compare_digest(digest.encode(), token.body_digest.encode("utf-8", "replace"))


def read(body: bytes) -> Notice | None:
    """What a genuine body says; ``None`` where it can't be made out."""
    try:
        said: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if not isinstance(said, dict):
        return None
    kind, code = _text(said.get("webhook_type")), _text(said.get("webhook_code"))
    if not kind or not code:
        return None
    several = said.get("public_tokens")
    tokens = [_text(each) for each in several] if isinstance(several, list) else [_text(said.get("public_token"))]
    return Notice(
        kind,
        code,
        _text(said.get("item_id")),
        _text(said.get("link_token")),
        tuple(each for each in tokens if each),
        _instant(said.get("disconnect_time") or said.get("consent_expiration_time")) if code in _ENDS else None,
    )


def hints(body: bytes, now: datetime) -> list[Hint]:
    """A body as hints for the inbox. Plaid numbers nothing, and what it says of new lines is the same bytes every time, so each

    delivery counts as a notice of its own: a repetition costs one more look, a notice taken for one costs hours.
    """
    event_id = hashlib.sha256(f"{now.isoformat()}\n".encode() + body).hexdigest()
    notice = read(body)
    if notice is None:
        return [Hint(event_id, "", UNREADABLE, "", UNREADABLE)]
    if notice.kind == _LINK:  # a link token is no name to keep
        return [Hint(event_id, "", notice.kind, "", notice.code.lower(), concerns=False)]
    return [
        Hint(
            event_id,
            notice.item_id,
            notice.kind,
            notice.item_id,
            notice.code.lower(),
            concerns=notice.kind not in _UNCONCERNED,
        )
    ]


def ends_at(notice: Notice, now: datetime) -> datetime | None:
    """When the login will end by what a notice says; ``None`` for other notices. Without a time, as far ahead as Plaid warns."""
    return (notice.ends_at or now + _WARNED_AHEAD) if notice.code in _ENDS else None


def _signed(token: Token, key: wire.PublicKey) -> bool:
    if (key.alg, key.crv, key.kty) != (ALGORITHM, "P-256", "EC") or len(token.signature) != 2 * _COORDINATE_BYTES:
        return False
    r, s = (int.from_bytes(part) for part in _halves(token.signature))
    try:
        x, y = (int.from_bytes(_unpacked(each)) for each in (key.x, key.y))
        public = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
        public.verify(encode_dss_signature(r, s), token.signed, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):  # ValueError: no point of the curve, or no base64
        return False
    return True


def _halves(signature: bytes) -> tuple[bytes, bytes]:
    return signature[:_COORDINATE_BYTES], signature[_COORDINATE_BYTES:]


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as trouble:
        raise ValueError("not base64") from trouble


def _text(value: Any) -> str:
    return value.replace("\0", "") if isinstance(value, str) else ""


def _instant(value: Any) -> datetime | None:
    try:
        return utc(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
