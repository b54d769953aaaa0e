"""What one Stripe account holds: its objects as they go over the wire, its events, its answers under idempotency keys."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from interlock_sandbox.stripe.refusal import gone

API_VERSION = "2026-10-28.endive"
KEY_LIFE = timedelta(hours=24)
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

Object = dict[str, Any]

PREFIXES = {
    "customer": "cus", "invoice": "in", "invoiceitem": "ii", "line_item": "il", "invoice_payment": "inpay",
    "payment_intent": "pi", "charge": "ch", "payment": "py", "refund": "re", "dispute": "du", "payout": "po",
    "balance_transaction": "txn", "payment_link": "plink", "product": "prod", "price": "price", "event": "evt",
    "webhook_endpoint": "we", "payment_method": "pm", "payment_record": "pr", "item": "li", "bank_account": "ba",
}  # fmt: skip
KINDS = {prefix: kind for kind, prefix in PREFIXES.items()} | {"py": "charge"}
SPOKEN = {
    "invoiceitem": "invoiceitem", "payment_intent": "payment_intent", "webhook_endpoint": "webhook endpoint",
    "balance_transaction": "balance transaction", "payment_link": "payment link", "invoice_payment": "invoice payment",
    "payment_method": "PaymentMethod",
}  # fmt: skip


def stamp(moment: datetime) -> int:
    """Seconds since 1970."""
    return int(moment.timestamp())


def scrambled(*words: object, length: int) -> str:
    """Letters and digits that depend on the words alone."""
    drawn = hashlib.sha512("|".join(map(str, words)).encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in drawn[:length])


class Saved(NamedTuple):
    """The first answer to a key; ``asked`` tells whether another request under it is the same one."""

    status: int
    body: bytes
    asked: str
    at: datetime
    request: str


class Cause(NamedTuple):
    """The request that an event comes from; both ``None`` for what happened by itself."""

    request: str | None = None
    key: str | None = None


NOBODY = Cause()
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Account:
    """One connected account. ``qbo_account`` is where its payouts arrive; ``schedule`` is daily, weekly or manual."""

    id: str
    seed: int
    realm: str
    name: str
    keys: dict[str, str]
    qbo_account: str | None
    external: Object
    schedule: str = "daily"
    arrival_days: int = 1
    objects: dict[str, dict[str, Object]] = field(default_factory=dict)
    answers: dict[str, Saved] = field(default_factory=dict)
    cause: Cause = NOBODY
    secrets: dict[str, str] = field(default_factory=dict)
    """What signs the events of each webhook endpoint."""
    connect: set[str] = field(default_factory=set)
    """The platform's endpoints that are told of the connected accounts' events."""
    numbers: set[str] = field(default_factory=set)
    """The numbers its invoices have."""
    arrived: list[tuple[str, datetime]] = field(default_factory=list)
    """The past's payouts, with when the bank had them."""
    quiet: bool = False
    """While its past is lived through, an account tells nothing."""
    revoked: set[str] = field(default_factory=set)
    payout_of: dict[str, str] = field(default_factory=dict)
    """By balance transaction: the automatic payout that took it along."""
    waiting: dict[str, int] = field(default_factory=dict)
    """Balance transactions no payout has taken along, with when they become available."""
    tried: datetime = LONG_AGO
    """When the last payout run was."""
    odd: dict[str, str] = field(default_factory=dict)
    """By payment method: what goes wrong with it."""
    agenda: list[tuple[datetime, int, Object]] = field(default_factory=list)
    """What falls due by itself: moment, order of entry, act."""
    told: deque[Object] = field(default_factory=deque)
    """Events nobody has taken to the webhook endpoints yet."""
    count: int = 0
    deauthorized: bool = False

    def new_id(self, kind: str) -> str:
        self.count += 1
        return f"{PREFIXES[kind]}_{self.named(kind, self.count)}"

    def named(self, *words: object, length: int = 24) -> str:
        """What stands for these words in this account."""
        return scrambled(self.seed, self.id, *words, length=length)

    def add(self, made: Object) -> Object:
        self.objects.setdefault(str(made["object"]), {})[str(made["id"])] = made
        return made

    def all(self, kind: str) -> Iterator[Object]:
        return iter(list(self.objects.get(kind, {}).values()))

    def find(self, kind: str, id_: str) -> Object | None:
        return self.objects.get(kind, {}).get(id_)

    def get(self, kind: str, id_: str, param: str = "id") -> Object:
        """The object; refused as Stripe refuses when there is none."""
        found = self.find(kind, id_)
        if found is None or (found.get("deleted") and param != "id"):
            raise gone(SPOKEN.get(kind, kind), id_, param)
        return found

    def sorted(self, kind: str) -> list[Object]:
        """Newest first."""
        return sorted(self.all(kind), key=lambda each: int(each["created"] if "created" in each else each["date"]))[
            ::-1
        ]

    def emit(self, kind: str, about: Object, at: datetime, before: Object | None = None) -> None:
        """An event about an object as it is now; ``before`` holds what changed, as it was."""
        if self.quiet:
            return
        data: Object = {"object": deepcopy(about)}
        if before is not None:
            data["previous_attributes"] = before
        event: Object = {
            "id": self.new_id("event"), "object": "event", "api_version": API_VERSION, "created": stamp(at),
            "data": data, "livemode": False, "pending_webhooks": 0,
            "request": {"id": self.cause.request, "idempotency_key": self.cause.key}, "type": kind,
        }  # fmt: skip
        self.add(event)
        self.told.append(event)

    def expect(self, at: datetime, act: Object) -> None:
        """Let an act fall due."""
        self.count += 1
        self.agenda.append((at, self.count, act))

    def first_due(self) -> tuple[datetime, int, Object] | None:
        return min(self.agenda, key=lambda each: each[:2], default=None)

    def done(self, entry: int) -> None:
        """What fell due under this number has happened."""
        self.agenda = [each for each in self.agenda if each[1] != entry]

    def forget(self, **wanted: str) -> None:
        """Take off the agenda what was to happen to something that is over."""
        self.agenda = [each for each in self.agenda if not wanted.items() <= each[2].items()]

    def saved(self, key: str, now: datetime) -> Saved | None:
        """What was answered to this key within the last 24 hours."""
        found = self.answers.get(key)
        if found is not None and now - found.at >= KEY_LIFE:
            del self.answers[key]
            return None
        return found


def nulls(names: str) -> Object:
    """Fields that are there and say nothing."""
    return dict.fromkeys(names.split())


def page(url: str, data: list[Object], has_more: bool = False) -> Object:
    return {"object": "list", "url": url, "has_more": has_more, "data": data}
