"""Events on their way to webhook endpoints, signed as Stripe signs: ``t=…,v1=HMAC-SHA256(secret, "{t}.{body}")``."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime

from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.notices.notices import Headers, Manner, Notices
from interlock_sandbox.stripe.store import Account, Object, stamp

WAITS = (300.0, 1800.0, 7200.0)  # a sandbox account's three more attempts, over hours


def signature(secret: str, body: bytes, at: int) -> str:
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"


def _headers(secret: str) -> Headers:
    def signed(body: bytes, now: datetime) -> Mapping[str, str]:
        return {
            "Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(secret, body, stamp(now)),
        }  # fmt: skip

    return signed


def send_events(notices: Notices, account: Account, platform: Account, at: datetime) -> None:
    """Hand what an account has told to the courier, for each endpoint that wants it."""
    while account.told:
        event = account.told.popleft()
        bodies = list(_wanted(account, platform, event))
        event["pending_webhooks"] = len(bodies)
        for url, secret, body in bodies:
            notices.post(
                "stripe",
                url,
                ENCODER.encode(body | {"pending_webhooks": len(bodies)}),
                Manner(_headers(secret), WAITS),
                at=at,
            )


def _wanted(account: Account, platform: Account, event: Object) -> Iterator[tuple[str, str, Object]]:
    for owner in (account,) if account is platform else (account, platform):
        for endpoint in owner.all("webhook_endpoint"):
            connected = endpoint["id"] in owner.connect
            if endpoint["status"] != "enabled" or connected != (owner is platform and account is not platform):
                continue
            if "*" in endpoint["enabled_events"] or event["type"] in endpoint["enabled_events"]:
                body = event | {"account": account.id} if connected else event
                yield endpoint["url"], owner.secrets[endpoint["id"]], body
