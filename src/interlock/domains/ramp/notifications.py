"""Ramp's notices: are they Ramp's, and what do they say (ramp.md §7). Pure.

The signature is HMAC-SHA256 over the raw body with the subscription's own secret. Its header was renamed, and sources differ on how
it is written: both names are heard, hex first, then base64. No time is signed, so a delivery sent again can't be told by its age:
its event id is, once it is in the inbox.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from interlock.domains.ramp import wire
from interlock.rails.listens import Hint

HEADERS = ("x-ramp-signature", "x-ramp-webhook-signature")
CONCERNED = frozenset({"bills", "payments", "vendors", "entities"})
VERIFICATION = "webhooks.verification"
UNREADABLE = "unreadable"
BEING_SUBSCRIBED = "being subscribed"
"""Stands in a secret's place while Ramp is asked for one; it signs nothing."""
_LONGEST_SIGNATURE = 256
_LONGEST_EVENT_ID = 100


def is_genuine(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Whether a signature under either name is ours over these bytes. Without a secret nothing is genuine."""
    if secret in {"", BEING_SUBSCRIBED}:
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    given = [headers[name].strip() for name in HEADERS if name in headers]
    return sum(_fits(expected, each) for each in given) > 0  # all are compared, whichever fits


def read(body: bytes, business_id: str) -> Hint:
    """What a genuine body says. One that can't be read asks for a sync of the business whose address it came to."""
    event = event_of(body)
    if event is None:
        return Hint(hashlib.sha256(body).hexdigest(), business_id, UNREADABLE, "", UNREADABLE)
    entity, _, operation = event.type.partition(".")
    event_id = event.id if 0 < len(event.id) <= _LONGEST_EVENT_ID else hashlib.sha256(body).hexdigest()
    return Hint(
        event_id,
        event.business_id or business_id,
        entity,
        event.object.id,
        operation,
        _instant(event.created_at),
        concerns=entity in CONCERNED,
    )


def hints(body: bytes, business_id: str) -> Sequence[Hint]:
    return [read(body, business_id)]


def event_of(body: bytes) -> wire.Event | None:
    try:
        return msgspec.json.decode(body, type=wire.Event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _fits(expected: bytes, given: str) -> bool:
    if not given.isascii() or len(given) > _LONGEST_SIGNATURE:
        return False
    as_hex = hmac.compare_digest(expected.hex(), given.lower())
    try:
        as_base64 = hmac.compare_digest(expected, base64.b64decode(given, validate=True))
    except (binascii.Error, ValueError):
        as_base64 = False
    return as_hex or as_base64


def _instant(text: str | None) -> datetime | None:
    try:
        said = datetime.fromisoformat(text or "")
    except ValueError:  # a hint can do without
        return None
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
