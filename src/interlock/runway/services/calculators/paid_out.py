"""What the collecting rail paid out or holds, as checks see it: payouts and where each stands, the clearing account, what waits."""

from datetime import date

from msgspec import Struct

from interlock.kernel.money import Money

_WORDS = {
    "charge": "charges",
    "refund": "refunds",
    "dispute": "disputes",
    "dispute_reversal": "disputes won",
    "fee": "fees",
}


def deposit_words(kind: str) -> str:
    """What a line of a payout's deposit is of."""
    return _WORDS.get(kind, kind.replace("_", " "))


class EntryLine(Struct, frozen=True, gc=False):
    """A line of a deposit to be entered. ``account``: its name, ``None`` where a person has to say which; ``words``: of what."""

    words: str
    account: str | None
    minor: int


class PayoutEntry(Struct, frozen=True):
    """A payout of the last months. ``stage``: see ``payout_standing.Stage``; ``why_not``: why its parts aren't known, in words;

    ``loose_minor``: what customers paid in it that no invoice explains, above zero, in ``loose`` parts; ``final``: the rail won't
    say more of what it holds; ``deposit``: the lines to enter; ``line_on`` and ``account``: the bank's line.
    """

    id: str
    currency: str
    minor: int
    stage: str
    arrives_on: date
    trace: str | None = None
    why_not: str | None = None
    final: bool = True
    loose: int = 0
    loose_minor: int = 0
    deposit: tuple[EntryLine, ...] = ()
    line_on: date | None = None
    account: str | None = None
    in_ledger: bool = False

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class ClearingEntry(Struct, frozen=True, gc=False):
    """An account that should run empty. ``balance_minor``: the ledger's; ``recent_minor``: what moved on it in the same direction

    within the last workdays, above zero.
    """

    account_id: str
    name: str
    currency: str
    balance_minor: int
    recent_minor: int


class WaitingRecord(Struct, frozen=True, gc=False):
    """A collected payment that isn't in the ledger by itself. ``unknown``: nobody knows whether it stands there."""

    record_id: str
    invoice_id: str
    number: str | None
    customer_name: str | None
    currency: str
    minor: int
    dated: date
    account: str | None
    unknown: bool
    why: str | None

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class BankPaid(Struct, frozen=True):
    """Open invoices that a posted bank line pays, and the books don't show it. ``invoices``: their ids."""

    line_id: str
    text: str
    dated: date
    account: str
    currency: str
    minor: int
    invoices: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class PaidOut(Struct, frozen=True):
    """All of one business."""

    payouts: tuple[PayoutEntry, ...] = ()
    clearing: tuple[ClearingEntry, ...] = ()
    waiting: tuple[WaitingRecord, ...] = ()
    at_bank: tuple[BankPaid, ...] = ()
