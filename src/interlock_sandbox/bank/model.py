"""What a bank knows: institutions, accounts, lines. Amounts are whole cents; a line above 0 is money into the account."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

AccountKind = Literal["checking", "savings", "credit card"]


def hashed(*words: object, length: int = 12) -> str:
    """Hexadecimal that depends on the words alone."""
    return hashlib.sha256("|".join(map(str, words)).encode()).hexdigest()[:length]


def digits(*words: object, length: int) -> str:
    """Decimal digits that depend on the words alone."""
    return str(int(hashed(*words, length=30), 16))[-length:].rjust(length, "7")


@dataclass(frozen=True, slots=True)
class Institution:
    """A bank. ``tokenised``: others get stand-in account numbers. ``tells_available``: it computes such a balance."""

    id: str
    name: str
    routing: str
    url: str
    tokenised: bool = False
    tells_available: bool = True


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account as its bank has it; ``qbo_account_id`` is ``None`` when the books don't know it."""

    id: str
    realm: str
    qbo_account_id: str | None
    institution: Institution
    kind: AccountKind
    name: str
    mask: str
    number: str
    owners: tuple[str, ...]
    currency: str = "USD"
    limit_minor: int | None = None

    @property
    def credit(self) -> bool:
        return self.kind == "credit card"

    @property
    def routing(self) -> str:
        return self.institution.routing


@dataclass(frozen=True, slots=True)
class BankLine:
    """One movement. ``pending_at`` is when the bank first showed it (``None``: it was never pending), ``posted_at`` when
    it was final, ``removed_at`` when the bank took it back without a trace. ``source`` is where it came from."""

    id: str
    account: str
    amount_minor: int
    currency: str
    name: str
    pending_at: datetime | None
    posted_at: datetime | None
    dated: date
    check_number: str | None = None
    reference: str | None = None
    counterparty: str | None = None
    removed_at: datetime | None = None
    source: str = field(default="", compare=False)

    def shown(self, now: datetime) -> bool:
        """Whether the bank shows it at this moment."""
        if self.removed_at is not None and self.removed_at <= now:
            return False
        return any(moment is not None and moment <= now for moment in (self.pending_at, self.posted_at))

    def posted(self, now: datetime) -> bool:
        return self.posted_at is not None and self.posted_at <= now


class Balance(NamedTuple):
    """Cents. A deposit account: ``current`` is posted money, ``available`` with what is pending. A card: ``current`` is
    owed, ``available`` what can still be spent. ``available`` is ``None`` where the bank tells none."""

    available: int | None
    current: int


class Truth(NamedTuple):
    """Something planted at the bank on purpose; ``rule`` is the check that must find it."""

    rule: str
    account: str
    line: str | None
    qbo: tuple[str, str] | None
    amount_minor: int
    note: str
