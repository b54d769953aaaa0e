"""What a ledger says, in our words: immutable facts, amounts in minor units of ``currency``.

Field order is column order: a mirror writes a fact's fields as they stand here (``rails.mirror``), so a new field goes
before ``lines`` and into the slice's model and a migration. ``raw`` is the payload as received, kept for lineage.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from typing import ClassVar

from msgspec import Struct

EDITION = 3
"""Counted up when a mapper or a fact comes to say something else of the same payload: rows written before are written again."""


class Line(Struct, frozen=True, gc=False):
    """One line of a document. ``amount_minor`` is as shown; for journal lines ``posting`` says the side."""

    position: int
    line_id: str | None
    kind: str
    amount_minor: int
    description: str | None = None
    account_id: str | None = None
    item_id: str | None = None
    party_id: str | None = None
    party_kind: str | None = None
    posting: str | None = None


class Link(Struct, frozen=True, gc=False):
    """What a document is applied to. ``position`` is the line it stands on, -1 for the document as a whole.

    ``amount_minor`` is what the line applies, ``None`` where the ledger names the link without an amount.
    """

    position: int
    linked_kind: str
    linked_id: str
    amount_minor: int | None = None


class Fact(Struct, frozen=True, gc=False):
    """Base of all. ``version`` is the ledger's own counter (it does not count balance changes, so it proves no freshness)."""

    entity: ClassVar[str] = ""

    id: str
    version: str
    created_at: datetime | None
    updated_at: datetime | None


class Account(Fact, frozen=True, gc=False):
    entity: ClassVar[str] = "account"

    name: str
    full_name: str
    kind: str
    sub_kind: str | None
    classification: str | None
    active: bool
    parent_id: str | None
    number: str | None
    currency: str
    balance_minor: int
    raw: bytes = b""


class Vendor(Fact, frozen=True, gc=False):
    """``address``: where it is sent letters and checks, on one line."""

    entity: ClassVar[str] = "vendor"

    name: str
    active: bool
    email: str | None
    term_id: str | None
    account_number: str | None
    reportable: bool
    currency: str
    balance_minor: int
    address: str | None = None
    raw: bytes = b""


class Customer(Fact, frozen=True, gc=False):
    entity: ClassVar[str] = "customer"

    name: str
    full_name: str
    parent_id: str | None
    job: bool
    active: bool
    email: str | None
    term_id: str | None
    currency: str
    balance_minor: int
    balance_with_jobs_minor: int
    raw: bytes = b""


class Term(Fact, frozen=True, gc=False):
    """Payment terms: days from the document's date, or a day of the month. Discount in basis points."""

    entity: ClassVar[str] = "term"

    name: str
    active: bool
    due_days: int | None
    day_of_month: int | None
    discount_basis_points: int
    discount_days: int | None
    raw: bytes = b""


class Document(Fact, frozen=True, gc=False):
    """A dated document. ``exchange_rate`` as text, exact, only where the ledger keeps several currencies."""

    number: str | None
    dated: date
    currency: str
    exchange_rate: str | None
    total_minor: int
    voided: bool
    note: str | None


class Bill(Document, frozen=True, gc=False):
    entity: ClassVar[str] = "bill"

    vendor_id: str | None
    vendor_name: str | None
    due: date | None
    balance_minor: int
    tax_minor: int
    term_id: str | None
    control_account_id: str | None
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class BillPayment(Document, frozen=True, gc=False):
    """A record that a bill was paid: ``method`` is check or card, ``account_id`` what it was paid from."""

    entity: ClassVar[str] = "bill_payment"

    vendor_id: str | None
    vendor_name: str | None
    method: str
    account_id: str | None
    control_account_id: str | None
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class VendorCredit(Document, frozen=True, gc=False):
    entity: ClassVar[str] = "vendor_credit"

    vendor_id: str | None
    vendor_name: str | None
    balance_minor: int
    control_account_id: str | None
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class PurchaseOrder(Document, frozen=True, gc=False):
    entity: ClassVar[str] = "purchase_order"

    vendor_id: str | None
    vendor_name: str | None
    due: date | None
    open: bool
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class Invoice(Document, frozen=True, gc=False):
    entity: ClassVar[str] = "invoice"

    customer_id: str | None
    customer_name: str | None
    due: date | None
    balance_minor: int
    tax_minor: int
    term_id: str | None
    email: str | None
    email_status: str | None
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class Payment(Document, frozen=True, gc=False):
    """A customer's payment. ``unapplied_minor`` sits on the account; it names no invoice."""

    entity: ClassVar[str] = "payment"

    customer_id: str | None
    customer_name: str | None
    unapplied_minor: int
    deposit_account_id: str | None
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class CreditMemo(Document, frozen=True, gc=False):
    entity: ClassVar[str] = "credit_memo"

    customer_id: str | None
    customer_name: str | None
    balance_minor: int
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class SalesReceipt(Document, frozen=True, gc=False):
    entity: ClassVar[str] = "sales_receipt"

    customer_id: str | None
    customer_name: str | None
    deposit_account_id: str | None
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class RefundReceipt(Document, frozen=True, gc=False):
    """Money given back to a customer, from ``account_id``."""

    entity: ClassVar[str] = "refund_receipt"

    customer_id: str | None
    customer_name: str | None
    account_id: str | None
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class Deposit(Document, frozen=True, gc=False):
    """Money into ``account_id``; its links name the payments and receipts it swept out of Undeposited Funds."""

    entity: ClassVar[str] = "deposit"

    account_id: str | None
    cash_back_minor: int
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class Purchase(Document, frozen=True, gc=False):
    """Money out without a bill (check, expense, card charge); ``refund`` marks a card credit."""

    entity: ClassVar[str] = "purchase"

    account_id: str | None
    method: str
    party_id: str | None
    party_kind: str | None
    party_name: str | None
    refund: bool
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class Transfer(Document, frozen=True, gc=False):
    entity: ClassVar[str] = "transfer"

    from_account_id: str | None
    to_account_id: str | None
    raw: bytes = b""


class JournalEntry(Document, frozen=True, gc=False):
    entity: ClassVar[str] = "journal_entry"

    adjustment: bool
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    raw: bytes = b""


class Preferences(Fact, frozen=True, gc=False):
    """How the company keeps its books; one row. ``closed_through`` is the last day of the closed period."""

    entity: ClassVar[str] = "preferences"

    company_name: str | None
    home_currency: str
    multicurrency: bool
    closed_through: date | None
    time_zone: str | None
    raw: bytes = b""


KINDS: tuple[type[Fact], ...] = (
    Preferences,
    Term,
    Account,
    Vendor,
    Customer,
    Bill,
    BillPayment,
    VendorCredit,
    PurchaseOrder,
    Invoice,
    Payment,
    CreditMemo,
    SalesReceipt,
    RefundReceipt,
    Deposit,
    Purchase,
    Transfer,
    JournalEntry,
)
"""Every kind of fact a ledger may state, names before the documents that refer to them."""


class Unread(Struct, frozen=True):
    """A row the ledger has and fails to show, however it is asked for, or shows in a form that can't be kept.

    ``id`` is ``None`` where it can't be told.
    """

    kind: type[Fact]
    id: str | None
    sentence: str


class Unmapped(Sequence[Fact]):
    """A page's rows that become facts when they are first walked. Its length is that of the rows.

    ``unread``: those of them that turned out not to be facts; known only after walking.
    """

    unread: tuple[Unread, ...] = ()


class Page(Struct, frozen=True, dict=True):
    """Facts of one kind as one answer gave them; ``as_of`` is the ledger's own clock. ``unread``: rows left out of it.

    A rail may map its facts only when they are first walked (``Unmapped``): ``settled`` is the page once they are.
    """

    kind: type[Fact]
    facts: Sequence[Fact]
    as_of: datetime
    unread: tuple[Unread, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows of the ledger the page stands for."""
        return len(self.facts) + len(self.unread)

    @cached_property
    def digests(self) -> tuple[bytes, ...]:
        """SHA-256 of each payload, in order."""
        return tuple([hashlib.sha256(fact.raw).digest() for fact in self.facts])  # type: ignore[attr-defined]

    def settled(self) -> "Page":
        if isinstance(self.facts, tuple):
            return self
        mapped = tuple(iter(self.facts))
        more = self.facts.unread if isinstance(self.facts, Unmapped) else ()
        return Page(self.kind, mapped, self.as_of, (*self.unread, *more))


class Deletion(Struct, frozen=True):
    """A document the ledger says is gone, and when it went."""

    kind: type[Fact]
    id: str
    at: datetime | None


class Changes(Struct, frozen=True):
    """What changed since an instant. ``overflowed``: the answer may be cut, so ask kind by kind or list again.

    ``settings_changed``: the company's preferences moved, and have to be read again.
    """

    pages: tuple[Page, ...]
    deletions: tuple[Deletion, ...]
    as_of: datetime
    overflowed: bool
    settings_changed: bool
