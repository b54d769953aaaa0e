"""Tokens, settings and webhooks of a business: thin events, signed over the raw body (ramp.md §1, §7)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from interlock_sandbox.bank.model import hashed
from interlock_sandbox.notices.notices import Manner
from interlock_sandbox.ramp.model import Business, Settings, Subscription, Token, uid

if TYPE_CHECKING:
    from interlock_sandbox.ramp.party import Ramp

TOKEN_SECONDS = 864_000
TRIES = 10
FIRST_WAIT_SECONDS = 60
ANSWER_SECONDS = 10.0
VERIFICATION = "webhooks.verification"


def tell(ramp: Ramp, business: Business, kind: str, object_id: str, at: datetime) -> None:
    """Post an event to every verified subscription that wants it."""
    business.events += 1
    event_id = uid(ramp.seed, business.realm, "event", business.events)
    body = {
        "id": event_id, "type": kind, "created_at": _stamp(at), "business_id": business.id, "object": {"id": object_id},
    }  # fmt: skip
    for each in business.subscriptions.values():
        if each.status == "active" and kind in each.events:
            _post(ramp, business, each, body, at)


def signature(body: bytes, secret: str) -> str:
    """Lower-case hexadecimal HMAC-SHA256 of the raw body; no moment is part of it."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def waits(event_id: str) -> Sequence[float]:
    """Up to a minute after the first failure, then about twice as long each time; the same for the same event."""
    jitter = int(hashed("ramp jitter", event_id, length=8), 16)
    first = 1 + jitter % FIRST_WAIT_SECONDS
    return [first * 2**tries * (1 + (jitter >> tries) % 25 / 100) for tries in range(TRIES - 1)]


def retries(status: int | None) -> bool:
    """A slow answer, 429 and 5xx are worth another attempt; anything else is final."""
    return status is None or status == 429 or status >= 500


def _post(ramp: Ramp, business: Business, subscription: Subscription, body: dict[str, Any], at: datetime) -> None:
    def headers(signed: bytes, now: datetime) -> dict[str, str]:
        del now
        return {
            **subscription.more_headers, "Content-Type": "application/json", "User-Agent": "Ramp-Webhooks/1.0",
            "X-Ramp-Webhook-ID": str(body["id"]),
            business.settings.signature_header: signature(signed, subscription.secret),
        }  # fmt: skip

    manner = Manner(headers, waits(str(body["id"])), ANSWER_SECONDS, retries)
    ramp.notices.post("ramp", subscription.url, json.dumps(body).encode(), manner, at=at)


def _stamp(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat().replace("+00:00", "Z")


# --- acts -------------------------------------------------------------------------------------------------------


def token_value(ramp: Ramp, business: Business) -> str:
    """The access token that the ``token`` act just applied made."""
    return f"ramp_business_tok_{hashed('ramp token', ramp.seed, business.realm, business.acts, length=44)}"


def _token(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    made = token_value(ramp, business)
    ramp.tokens[made] = Token(business.realm, frozenset(act["scopes"]), at + timedelta(seconds=TOKEN_SECONDS))


def _revoke(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """One token, or with ``None`` every token of the business."""
    del at
    for value, token in ramp.tokens.items():
        if token.realm == business.realm and act["token"] in (None, value):
            token.revoked = True


def _set(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    del ramp, at
    apply_settings(business.settings, act["settings"])


def _begin_anew(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    """As an account just opened for paying alone: no bills yet, and nothing connects it to the books.

    What left the bank through it and is in no books never happened.
    """
    del act
    ramp.bank.accounts(business.realm)
    sent = {bill.payment.friendly_id for bill in business.bills.values() if bill.payment is not None}
    for line in [each for each in ramp.bank.vaults[business.realm].lines.values() if each.reference in sent]:
        ramp.bank.apply({"act": "remove", "realm": business.realm, "line": line.id}, at)
    business.bills.clear()
    business.drafts.clear()
    business.planted.clear()
    business.settings.accounting_sync = business.settings.imports_payments = False


def apply_settings(settings: Settings, wanted: dict[str, Any]) -> None:
    """Switches in the control API's words."""
    for name, value in wanted.items():
        if name == "sync_delay_seconds":
            settings.sync_delay = timedelta(seconds=float(value))
        elif name == "allowed_scopes":
            settings.allowed_scopes = None if value is None else frozenset(value)
        else:
            setattr(settings, name, value)


def _subscribe(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    key = (ramp.seed, business.realm, "webhook", business.acts)
    made = Subscription(
        uid(*key), str(act["url"]), tuple(act["events"]), hashed("ramp webhook secret", *key, length=48),
        hashed("ramp challenge", *key, length=32), at, dict(act["more_headers"]),
    )  # fmt: skip
    business.subscriptions[made.id] = made
    business.events += 1
    body = {
        "id": uid(ramp.seed, business.realm, "event", business.events), "type": VERIFICATION, "created_at": _stamp(at),
        "business_id": business.id, "object": {"id": made.id}, "challenge": made.challenge,
    }  # fmt: skip
    _post(ramp, business, made, body, at)


def _verify(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    del ramp, at
    business.subscriptions[act["webhook"]].status = "active"


def _unsubscribe(ramp: Ramp, business: Business, act: dict[str, Any], at: datetime) -> None:
    del at
    gone = business.subscriptions.pop(act["webhook"])
    ramp.notices.forget("ramp", gone.url)


ACTS: dict[str, Callable[[Ramp, Business, dict[str, Any], datetime], None]] = {
    "token": _token, "revoke": _revoke, "set": _set, "begin_anew": _begin_anew, "subscribe": _subscribe, "verify": _verify,
    "unsubscribe": _unsubscribe,
}  # fmt: skip
