"""Plaid's webhooks: bodies, the queue and its retries. Delivered ones are journaled, so a restart sends only the rest."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from interlock_sandbox.plaid.items import Item, Link
from interlock_sandbox.plaid.keys import Keys

ENVIRONMENT = "sandbox"
FIRST_WAIT_SECONDS = 30
WAIT_GROWS = 4
GIVEN_UP_AFTER = timedelta(hours=24)
DISTORTIONS = ("duplicate", "drop", "bad_signature")


@dataclass(slots=True)
class Notice:
    """One webhook on its way."""

    number: int
    url: str
    body: bytes
    at: datetime
    due_at: datetime
    attempts: int = 0

    def told(self) -> dict[str, Any]:
        return {
            "number": self.number, "url": self.url, "body": json.loads(self.body), "at": self.at.isoformat(),
            "due": self.due_at.isoformat(), "attempts": self.attempts,
        }  # fmt: skip


@dataclass(slots=True)
class Notices:
    """What waits to be sent. ``distortions``: so many of the next are sent twice, lost, or signed wrongly."""

    seed: int
    keys: Keys = field(init=False)
    queue: list[Notice] = field(default_factory=list)
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=10_000))
    distortions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DISTORTIONS, 0))
    wakes: list[Callable[[], None]] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.keys = Keys(self.seed)

    def add(self, url: str, body: dict[str, Any], at: datetime) -> None:
        """Queue a webhook; the bytes are final from here on."""
        self.count += 1
        raw = json.dumps(body, indent=2).encode()
        self.queue.append(Notice(self.count, url, raw, at, at))
        if self.distortions["duplicate"] > 0:
            self.distortions["duplicate"] -= 1
            self.count += 1
            self.queue.append(Notice(self.count, url, raw, at, at))
        for wake in self.wakes:
            wake()

    def due(self) -> datetime | None:
        return min((notice.due_at for notice in self.queue), default=None)

    def take(self, now: datetime, *, early: bool = False) -> Notice | None:
        """The next that is due (``early``: the next at all); settle it before taking another."""
        waiting = [notice for notice in self.queue if early or notice.due_at <= now]
        return min(waiting, key=lambda notice: (notice.due_at, notice.number)) if waiting else None

    def headers(self, notice: Notice, now: datetime) -> dict[str, str]:
        """What goes with it at this moment; the signature is younger than the retry."""
        body = notice.body
        if self.distortions["bad_signature"] > 0:
            self.distortions["bad_signature"] -= 1
            body += b"\n"
        return {
            "Content-Type": "application/json",
            "Plaid-Verification": self.keys.current.signature(body, now),
            "User-Agent": "Plaid Webhooks",
        }

    def lost(self) -> bool:
        """Whether the next one never arrives."""
        if self.distortions["drop"] < 1:
            return False
        self.distortions["drop"] -= 1
        return True

    def settle(self, notice: Notice, status: int | None, now: datetime, trouble: str = "") -> bool:
        """What came of an attempt; whether it is done with for good."""
        notice.attempts += 1
        line = {**notice.told(), "attempted_at": now.isoformat(), "status": status, "trouble": trouble}
        self.log.append(line)
        done = status == 200 or now - notice.at > GIVEN_UP_AFTER
        if done:
            self.queue = [each for each in self.queue if each.number != notice.number]
        else:
            notice.due_at = now + timedelta(seconds=FIRST_WAIT_SECONDS * WAIT_GROWS ** (notice.attempts - 1))
            line["retry_at"] = notice.due_at.isoformat()
        return done

    def restore(self, numbers: list[int]) -> None:
        """After a restart: these were delivered before."""
        known = set(numbers)
        self.queue = [notice for notice in self.queue if notice.number not in known]


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
    if code == "PENDING_DISCONNECT":
        body["reason"] = "INSTITUTION_TOKEN_EXPIRATION"
    return body


def item_added(link: Link) -> dict[str, Any]:
    """LINK/ITEM_ADD_RESULT."""
    return {
        "webhook_type": "LINK", "webhook_code": "ITEM_ADD_RESULT", "link_session_id": link.session,
        "link_token": link.token, "public_token": link.public_token, "environment": ENVIRONMENT,
    }  # fmt: skip


def session_finished(link: Link) -> dict[str, Any]:
    """LINK/SESSION_FINISHED: with a public token the person agreed, without one they left."""
    body = {
        "webhook_type": "LINK", "webhook_code": "SESSION_FINISHED", "link_session_id": link.session,
        "link_token": link.token, "status": "SUCCESS" if link.public_token else "EXITED", "environment": ENVIRONMENT,
    }  # fmt: skip
    if link.public_token:
        return {**body, "public_token": link.public_token, "public_tokens": [link.public_token]}
    return {**body, "public_tokens": []}
