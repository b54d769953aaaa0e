"""Plaid's webhooks: bodies, signature, retries (plaid.md §8)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from interlock_sandbox.notices.notices import Manner
from interlock_sandbox.plaid.items import Item, Link, Session
from interlock_sandbox.plaid.keys import Keys

ENVIRONMENT = "sandbox"
WAITS_SECONDS = (30, 120, 480, 1_920, 7_680, 30_720)  # four times as long each time, within a day
ANSWER_SECONDS = 10.0


def manner(keys: Keys) -> Manner:
    """Each attempt is signed at its own moment, so a late one is not too old."""

    def headers(body: bytes, now: datetime) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Plaid-Verification": keys.current.signature(body, now),
            "User-Agent": "Plaid Webhooks",
        }

    return Manner(headers, WAITS_SECONDS, ANSWER_SECONDS)


def written(body: dict[str, Any]) -> bytes:
    """The bytes that are sent and signed."""
    return json.dumps(body, indent=2).encode()


def item_notice(code: str, item: Item, **more: Any) -> dict[str, Any]:
    """An ITEM webhook."""
    return {"webhook_type": "ITEM", "webhook_code": code, "item_id": item.id, "environment": ENVIRONMENT, **more}


def sync_updates(item: Item) -> dict[str, Any]:
    """TRANSACTIONS/SYNC_UPDATES_AVAILABLE."""
    return {
        "webhook_type": "TRANSACTIONS", "webhook_code": "SYNC_UPDATES_AVAILABLE", "item_id": item.id,
        "initial_update_complete": item.ready, "historical_update_complete": item.complete, "environment": ENVIRONMENT,
    }  # fmt: skip


def fired(kind: str, code: str, item: Item) -> dict[str, Any]:
    """What /sandbox/item/fire_webhook sends."""
    if (kind, code) == ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE"):
        return sync_updates(item)
    body = {"webhook_type": kind, "webhook_code": code, "item_id": item.id, "environment": ENVIRONMENT}
    if kind == "ITEM":
        body["error"] = None  # type: ignore[assignment]
    return {**body, **ending(item)} if code == "PENDING_DISCONNECT" else body


def ending(item: Item) -> dict[str, Any]:
    """What ITEM/PENDING_DISCONNECT tells besides."""
    when = None if item.ends_at is None else item.ends_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"reason": "INSTITUTION_TOKEN_EXPIRATION", **({} if when is None else {"disconnect_time": when})}


def item_added(link: Link, session: Session) -> dict[str, Any]:
    """LINK/ITEM_ADD_RESULT."""
    return {
        "webhook_type": "LINK", "webhook_code": "ITEM_ADD_RESULT", "link_session_id": session.id,
        "link_token": link.token, "public_token": session.public_token, "environment": ENVIRONMENT,
    }  # fmt: skip


def session_finished(link: Link, session: Session) -> dict[str, Any]:
    """LINK/SESSION_FINISHED: with a public token the person agreed, without one they left."""
    token = session.public_token
    body = {
        "webhook_type": "LINK", "webhook_code": "SESSION_FINISHED", "link_session_id": session.id,
        "link_token": link.token, "status": "SUCCESS" if token else "EXITED", "environment": ENVIRONMENT,
    }  # fmt: skip
    return {**body, "public_token": token, "public_tokens": [token]} if token else {**body, "public_tokens": []}
