"""What stands beside the books, as checks see it: banks' word, the paying rail's, and how fresh each rail is."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct, field

from interlock.kernel.money import Money


class Feed(Struct, frozen=True, gc=False):
    """A login at a bank. ``lines_at``: when it last gave lines; ``ends_at``: when its consent ends."""

    item_id: str
    institution: str
    trouble: str | None
    lines_at: datetime | None
    ends_at: datetime | None


class BankAccountEntry(Struct, frozen=True, gc=False):
    """An account at a bank. ``ledger_ids``: the ledger's accounts it is linked to, which should be one.

    ``observed_at``: when its balance was told; ``live``: by the bank itself, not from a cache.
    """

    id: str
    item_id: str
    institution: str
    name: str
    mask: str | None
    kind: str
    currency: str
    current_minor: int | None
    ledger_ids: tuple[str, ...] = ()
    observed_at: datetime | None = None
    live: bool = False

    @property
    def spoken(self) -> str:
        """``Checking ··4821 at Harbor Bank``."""
        ending = f" ··{self.mask}" if self.mask else ""
        return f"{self.name}{ending} at {self.institution}"


class LineEntry(Struct, frozen=True, gc=False):
    """A bank line of the time that is looked at; positive is money in."""

    id: str
    account_id: str
    dated: date
    amount_minor: int
    currency: str
    name: str
    pending: bool
    pending_id: str | None
    matched: bool

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class Uncleared(Struct, frozen=True, gc=False):
    """A payment the books show on a bank's account and no posted line does; ``minor`` is above zero. ``check``: paper."""

    kind: str
    id: str
    number: str | None
    party_name: str | None
    dated: date
    currency: str
    minor: int
    check: bool
    account_id: str

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class AccountDrift(Struct, frozen=True, gc=False):
    """How far a bank's word is from the book's, after everything that explains it (product-map §2.1)."""

    account_id: str
    ledger_id: str
    spoken: str
    currency: str
    bank_minor: int
    book_minor: int
    explained_minor: int
    outflow_30_days_minor: int

    @property
    def residual_minor(self) -> int:
        return self.bank_minor - self.book_minor - self.explained_minor


class RailVendorEntry(Struct, frozen=True, gc=False):
    """A vendor at the paying rail, and the ledger's vendors it is linked to."""

    id: str
    name: str
    payable: bool | None
    ledger_ids: tuple[str, ...]


class RailBillEntry(Struct, frozen=True, gc=False):
    """A bill at the paying rail beside the ledger's that it is linked to. ``scheduled``: a payment is instructed; ``ours``: made

    there under a decision's key; ``made_at``: when it was entered there.
    """

    id: str
    number: str | None
    vendor_name: str | None
    currency: str
    total_minor: int
    paid: bool
    paid_at: datetime | None
    payment_synced: bool
    scheduled: bool
    made_by_program: bool
    approved: bool
    ledger_id: str | None = None
    ledger_number: str | None = None
    ledger_vendor: str | None = None
    ledger_currency: str | None = None
    ledger_total_minor: int | None = None
    ledger_balance_minor: int | None = None
    vendor_agrees: bool = True
    ours: bool = False
    made_at: datetime | None = None

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class Witnessed(Struct, frozen=True):
    """Everything beside the books of one business at ``now``. ``linked``: rails that are; ``synced``: when each was last read."""

    now: datetime
    linked: frozenset[str] = frozenset()
    synced: Mapping[str, datetime | None] = field(default_factory=dict)
    feeds: tuple[Feed, ...] = ()
    accounts: tuple[BankAccountEntry, ...] = ()
    lines: tuple[LineEntry, ...] = ()
    uncleared: tuple[Uncleared, ...] = ()
    opposed: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By bank account: lines that a movement of the books equals, and lines that one equals with the other sign."""
    drifts: tuple[AccountDrift, ...] = ()
    rail_vendors: tuple[RailVendorEntry, ...] = ()
    rail_bills: tuple[RailBillEntry, ...] = ()
    control_start: date = date.min
