"""What Plaid keeps: link tokens and their sessions, public tokens, Items."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, uuid5

from interlock_sandbox.bank.model import hashed
from interlock_sandbox.plaid.feed import Feed

LINK_TOKEN_LIFE = timedelta(hours=4)
UPDATE_LINK_LIFE = timedelta(minutes=30)
PUBLIC_TOKEN_LIFE = timedelta(minutes=30)
SESSION_KEPT = timedelta(hours=6)
DAYS_UNLESS_TOLD = 90
MOST_DAYS = 730
LOOKS_EVERY = timedelta(hours=6)
LOGIN_LAPSES_AFTER = timedelta(hours=24)


def token(kind: str, *key: object) -> str:
    """``access-sandbox-<uuid>`` and its like, the same for the same key."""
    return f"{kind}-sandbox-{uuid5(NAMESPACE_OID, '|'.join(map(str, ('plaid', kind, *key))))}"


def identifier(*key: object) -> str:
    """An id as Plaid makes them; case counts."""
    return hashed("plaid", *key, length=37)


@dataclass(slots=True)
class Session:
    """One visit to a link's page; with a public token the person agreed, ended without one they left."""

    id: str
    started_at: datetime
    finished_at: datetime | None = None
    public_token: str | None = None
    accounts: tuple[str, ...] = ()


@dataclass(slots=True)
class Link:
    """A link token and the visits to its page, until one of them agreed. ``wanted`` is what /link/token/create was sent,
    credentials left out."""

    token: str
    page: str
    wanted: dict[str, Any]
    created_at: datetime
    expires_at: datetime
    item: str | None = None
    sessions: list[Session] = field(default_factory=list)

    @property
    def open(self) -> Session | None:
        """The visit that has not ended."""
        last = self.sessions[-1] if self.sessions else None
        return last if last is not None and last.finished_at is None else None

    @property
    def done(self) -> bool:
        return any(session.public_token is not None for session in self.sessions)

    @property
    def update(self) -> bool:
        """Update mode: an Item there is already is logged in to again."""
        return "access_token" in self.wanted

    def hosted(self) -> dict[str, Any]:
        made = self.wanted.get("hosted_link")
        return made if isinstance(made, dict) else {}


class PublicToken(NamedTuple):
    """Good for one exchange within its life."""

    item: str
    until: datetime


@dataclass(slots=True)
class Item:
    """A login at a bank. ``accounts`` are the bank's own ids. ``error`` is an ITEM_ERROR code.

    The login breaks at ``lapses_at`` without a word before, at ``ends_at`` as was announced.
    """

    id: str
    realm: str
    institution: str
    accounts: tuple[str, ...]
    webhook: str | None
    products: tuple[str, ...]
    consented: tuple[str, ...]
    days: int
    created_at: datetime
    feed: Feed
    access_token: str | None = None
    error: str | None = None
    removed: bool = False
    looked_at: datetime | None = None
    failed_at: datetime | None = None
    complete: bool = False
    balances_at: datetime | None = None
    lapses_at: datetime | None = None
    ends_at: datetime | None = None
    last_webhook: tuple[datetime, str] | None = None
    rotations: int = 0

    def shown_as(self, account: str) -> str:
        """The id by which this Item shows one of the bank's accounts; another Item shows it by another."""
        return identifier("account", self.id, account)

    def held_as(self, account_id: str) -> str | None:
        """The bank's id of an account this Item shows."""
        return next((account for account in self.accounts if self.shown_as(account) == account_id), None)

    @property
    def ready(self) -> bool:
        """Whether transactions have been pulled once."""
        return self.looked_at is not None

    def can(self, product: str) -> bool:
        return product in self.products or product in self.consented
