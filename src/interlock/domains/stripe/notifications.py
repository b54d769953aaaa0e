"""Stripe's notices: are they Stripe's, and what do they say (stripe.md §5). Pure: told the time.

The signature is over the time and the raw body; a few may stand side by side while a secret is rolled. Which account a notice
is about stands on it only where it comes through a Connect platform; at an account's own address it is that account.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from interlock.domains.stripe import wire
from interlock.domains.stripe.following import CONCERNED
from interlock.rails.listens import Hint, ListensForEvents

TOLERANCE_SECONDS = 300
UNREADABLE = "unreadable"
_HEADER = "stripe-signature"
_LONGEST_HEADER = 4_096
_SCHEME = "v1"  # v0 is for test events only, and no proof


class Notifications(ListensForEvents):
    """Hears what comes to one address. ``account_id``: whose address it is, ``None`` for a Connect platform's; ``live``: of which

    mode it hears, ``None`` for either; ``now``: when a delivery is looked at.
    """

    def __init__(
        self, secret: str, now: Callable[[], datetime], *, account_id: str | None = None, live: bool | None = None
    ) -> None:
        self._secret = secret
        self._now = now
        self._account_id = account_id
        self._live = live

    async def genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        return bool(self._secret) and is_genuine(body, headers.get(_HEADER, ""), self._secret, self._now())

    def hints(self, body: bytes) -> Sequence[Hint]:
        return [read(body, account_id=self._account_id, live=self._live)]


def is_genuine(body: bytes, header: str, secret: str, now: datetime) -> bool:
    """Whether one of the header's ``v1`` signatures is ours over ``t.body``, and ``t`` is no more than five minutes away."""
    if len(header) > _LONGEST_HEADER:
        return False
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12):
        return False
    if abs(now.timestamp() - int(times[0])) > TOLERANCE_SECONDS:
        return False
    expected = hmac.new(secret.encode(), times[0].encode() + b"." + body, hashlib.sha256).hexdigest().encode()
    given = [value.encode() for name, _, value in parts if name == _SCHEME]
    return sum(hmac.compare_digest(expected, each) for each in given) > 0  # all are compared, whichever fits


def read(body: bytes, *, account_id: str | None = None, live: bool | None = None) -> Hint:
    """What a genuine body says. One that can't be read asks for a sync where its account is known."""
    try:
        event = msgspec.json.decode(body, type=wire.Event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Hint(hashlib.sha256(body).hexdigest(), account_id or "", UNREADABLE, "", UNREADABLE)
    about = event.data.object
    concerns = about.object in CONCERNED and (live is None or event.livemode is None or event.livemode == live)
    event_id = event.id if 0 < len(event.id) <= 100 else hashlib.sha256(body).hexdigest()
    return Hint(
        event_id,
        account_id or event.account or "",
        about.object or "event",
        about.id,
        event.type.removeprefix(f"{about.object}."),
        _instant(event.created),
        concerns,
    )


def _instant(seconds: int | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # a hint can do without
        return None
