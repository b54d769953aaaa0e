"""Capabilities that link a bank to a business and say what is known of an account and its owner."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from interlock.kernel.unspoken import Unspoken

Found = Literal["verified", "tokenised", "pending", "failed", "unknown"]


class HostedLink(Unspoken, Struct, frozen=True):
    """A page of the rail's own to send a person to; ``token`` names the session it is part of."""

    token: str
    url: str
    expires_at: datetime


class LinkedBank(Unspoken, Struct, frozen=True):
    """A login at a bank that a person just gave us. ``secret`` is what reads it: sealed at once, shown to nobody."""

    item_id: str
    secret: str
    institution_id: str | None
    institution: str
    consent_expires_at: datetime | None


class LinkOutcome(Struct, frozen=True):
    """How a session at the rail's page stands. ``left``: they went without linking, and may come back while it is open.

    ``banks``: what it brought; a re-link brings the login it was for.
    """

    state: Literal["waiting", "left", "finished"]
    banks: tuple[LinkedBank, ...] = ()
    said: str | None = None


class AccountEvidence(Struct, frozen=True):
    """What the bank says of an account. ``digest``: of routing and account number, so that two can be told equal without

    keeping either; ``tokenised`` numbers are the rail's substitutes and equal nothing. ``said``: the rail's own word.
    """

    account_id: str
    found: Found
    said: str
    mask: str | None
    digest: bytes | None
    tokenised: bool


class PostalAddress(Struct, frozen=True):
    """``country``: two letters."""

    street: str
    city: str
    region: str
    postal_code: str
    country: str = "US"


class OwnerClaim(Struct, frozen=True):
    """Who is said to own an account; what is ``None`` is not compared. ``phone``: with its country, ``+14155550123``."""

    name: str
    email: str | None = None
    phone: str | None = None
    address: PostalAddress | None = None


class OwnerEvidence(Struct, frozen=True):
    """How well the bank's file agrees with a claim: 0 to 100 a part, ``None`` where the bank has nothing to compare."""

    account_id: str
    name_score: int | None
    email_score: int | None
    phone_score: int | None
    address_score: int | None
    business_name: bool | None


class LinksBanks(Protocol):
    """Gets a person's consent at the rail's own page; we never see a bank's password. ``item_id`` re-links one that broke.

    ``finish_link`` may be asked again and again; ``brought``: what the rail told us of the session unasked. ``take_bank`` takes
    what a person brings from a page elsewhere. ``unlink`` of what the rail no longer knows is done already.
    """

    async def begin_link(self, *, return_to: str | None, item_id: str | None = None) -> HostedLink: ...
    async def finish_link(
        self, token: str, *, item_id: str | None = None, brought: Sequence[str] = ()
    ) -> LinkOutcome: ...
    async def take_bank(self, brought: str) -> LinkedBank: ...
    async def unlink(self, item_id: str) -> None: ...


class VerifiesAccounts(Protocol):
    """Whether accounts of a linked login exist and take payments. Says nothing of accounts nobody logged in to."""

    async def accounts_evidence(self, item_id: str) -> list[AccountEvidence]: ...


class VerifiesOwners(Protocol):
    """How far the bank's file of a linked account agrees with who is said to own it. A likelihood, not a proof."""

    async def owners_evidence(self, item_id: str, claim: OwnerClaim) -> list[OwnerEvidence]: ...


def account_digest(routing: str, account: str, pepper: str) -> bytes:
    """Of a bank account's numbers, so that two can be told equal without keeping either. ``pepper``: the firm's id.

    Account numbers are short enough to be tried one by one, so each try is made to cost.
    """
    numbers = f"{_digits(routing)}/{_digits(account)}".encode()
    return hashlib.scrypt(numbers, salt=f"interlock bank account/{pepper}".encode(), n=2**14, r=8, p=1, dklen=32)


def _digits(text: str) -> str:
    return "".join(text.split()).replace("-", "")
