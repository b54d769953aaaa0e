"""What Ramp knows of a business: vendors, bills, drafts, payments, webhooks. Amounts are whole minor units."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

Approval = Literal["INITIALIZED", "PENDING", "APPROVED", "REJECTED", "TERMINATED"]
Progress = Literal["scheduled", "processing", "completed", "failed", "returned"]

BANK_METHODS = frozenset({"ACH", "DOMESTIC_WIRE", "INTERNATIONAL", "SWIFT", "CHECK"})
TO_AN_ACCOUNT = frozenset({"ACH", "DOMESTIC_WIRE", "INTERNATIONAL", "SWIFT"})
METHODS = BANK_METHODS | {
    "CARD", "ONE_TIME_CARD", "ONE_TIME_CARD_DELIVERY", "PAID_MANUALLY", "UNSPECIFIED", "VENDOR_CREDIT",
}  # fmt: skip

EVENTS = {
    "bills.created": "bills:read", "bills.approved": "bills:read", "bills.rejected": "bills:read",
    "bills.paid": "bills:read", "bills.archived": "bills:read", "bills.ready_to_sync": "bills:read",
    "payments.updated": "bills:read", "vendors.activated": "vendors:read", "vendors.updated": "vendors:read",
}  # fmt: skip


def uid(*words: object) -> str:
    """A UUID that depends on the words alone."""
    return str(uuid5(NAMESPACE_URL, "ramp/" + "/".join(map(str, words))))


@dataclass(slots=True)
class SourceAccount:
    """One of the business's own bank accounts; ``pays_bills``: it may be drawn on for bills."""

    id: str
    bank_account: str
    qbo_account_id: str
    institution: str
    name: str
    last_four: str
    pays_bills: bool


@dataclass(slots=True)
class PayeeAccount:
    """Where a vendor is paid; its numbers are nobody's to read."""

    id: str
    nickname: str
    payment_method: str
    is_default: bool
    currency: str = "USD"


@dataclass(slots=True)
class Vendor:
    """A Ramp vendor; ``accounting_remote_id`` links it to the accounting system's."""

    id: str
    name: str
    contact_id: str
    email: str
    country: str
    state: str | None
    created_at: datetime
    updated_at: datetime
    accounting_remote_id: str | None = None
    accounting_name: str | None = None
    address: dict[str, Any] | None = None
    accounts: list[PayeeAccount] = field(default_factory=list)
    is_active: bool = True
    external_vendor_id: str | None = None
    description: str | None = None
    owner_id: str | None = None

    def account(self, account_id: str) -> PayeeAccount | None:
        return next((each for each in self.accounts if each.id == account_id), None)


@dataclass(slots=True)
class Line:
    """One line of a bill, with its coding as (field, option) external ids."""

    amount_minor: int
    memo: str | None = None
    selections: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Payment:
    """How and when a bill is paid.

    ``payment_date`` is when it is to leave, ``arrival`` when it is to be there, ``ready_at`` when nothing stood in its
    way any more. Bills of one batch share ``id`` and ``friendly_id``.
    """

    id: str
    friendly_id: str
    method: str
    amount_minor: int
    source_id: str | None = None
    vendor_account_id: str | None = None
    payment_date: date | None = None
    arrival: date | None = None
    is_same_day: bool = False
    release: Approval = "APPROVED"
    progress: Progress = "scheduled"
    ready_at: datetime | None = None
    effective_at: datetime | None = None
    completed_at: datetime | None = None
    returns_at: datetime | None = None
    trace: str | None = None
    batch: bool = False
    provider_hold: bool = False
    manual: str | None = None
    spend_limit_id: str | None = None
    transaction_id: str | None = None
    synced_as: str | None = None
    trouble: str = ""

    @property
    def by_bank(self) -> bool:
        return self.method in BANK_METHODS


@dataclass(slots=True)
class Bill:
    """A bill, or a draft of one. ``qbo_id`` is its document in the books, ``by_api`` whether an app created it.

    ``never_syncs`` and ``unaware`` are planted: Ramp never writes its payment in the books, or never learns of theirs.
    """

    id: str
    vendor_id: str
    entity_id: str
    invoice_number: str | None
    currency: str
    issued: date | None
    due: date | None
    created_at: datetime
    updated_at: datetime
    lines: list[Line] = field(default_factory=list)
    posting: date | None = None
    memo: str | None = None
    vendor_memo: str | None = None
    remote_id: str | None = None
    selections: list[tuple[str, str]] = field(default_factory=list)
    vendor_contact_id: str | None = None
    sync_enabled: bool = True
    approval: Approval = "APPROVED"
    approved_at: datetime | None = None
    on_hold: bool = False
    blocked: bool = False
    archived_at: datetime | None = None
    paid_at: datetime | None = None
    payment: Payment | None = None
    method: str = "UNSPECIFIED"
    draft_id: str | None = None
    draft_created_at: datetime | None = None
    submitted_as: str | None = None
    by_api: bool = False
    qbo_id: str | None = None
    sync_trouble: str = ""
    never_syncs: bool = False
    unaware: bool = False
    purchase_order_ids: list[str] = field(default_factory=list)

    @property
    def amount_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def sync_status(self) -> str:
        if self.payment is not None and self.payment.synced_as is not None:
            return "BILL_AND_PAYMENT_SYNCED"
        return "BILL_SYNCED" if self.qbo_id is not None else "NOT_SYNCED"


@dataclass(slots=True)
class Subscription:
    """A webhook: nothing but its verification is sent before the challenge came back."""

    id: str
    url: str
    events: tuple[str, ...]
    secret: str
    challenge: str
    created_at: datetime
    more_headers: dict[str, str] = field(default_factory=dict)
    status: Literal["pending_verification", "active"] = "pending_verification"


@dataclass(slots=True)
class Token:
    """An access token: whose, for what, until when."""

    realm: str
    scopes: frozenset[str]
    until: datetime
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Planted:
    """Something wrong between Ramp and the books on purpose; ``rule`` is the check that must find it."""

    rule: str
    bill: str | None
    vendor: str | None
    qbo: tuple[str, str] | None
    amount_minor: int
    note: str


@dataclass(slots=True)
class Settings:
    """Switches of one business.

    ``payment_release``: a person must release each payment. ``accounting_sync``: whether Ramp writes in QuickBooks, each
    time ``sync_delay`` after there is something to write. ``second_bill``: bills an app created are exported even though
    the books have them. ``imports_payments``: a payment entered in QuickBooks closes the bill in Ramp.
    """

    payment_release: bool = False
    accounting_sync: bool = True
    sync_delay: timedelta = timedelta(hours=4)
    second_bill: bool = False
    imports_payments: bool = True
    knows_payment_method: bool = True
    refuses_scopes_at_token: bool = False
    signature_header: str = "X-Ramp-Signature"
    allowed_scopes: frozenset[str] | None = None


@dataclass(slots=True)
class Business:
    """One client's Ramp account. ``elsewhere`` are payments seen in the books of bills Ramp has as open.

    ``since`` is its first act, such as the first token: before, nothing falls due, so that clients who use the books
    alone meet nothing of Ramp there.
    """

    realm: str
    id: str
    name: str
    client_id: str
    client_secret: str
    entity_id: str
    owner_id: str
    created_at: datetime
    sources: list[SourceAccount] = field(default_factory=list)
    vendors: dict[str, Vendor] = field(default_factory=dict)
    bills: dict[str, Bill] = field(default_factory=dict)
    drafts: dict[str, Bill] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    planted: list[Planted] = field(default_factory=list)
    elsewhere: list[tuple[datetime, str]] = field(default_factory=list)
    since: datetime | None = None
    acts: int = 0
    events: int = 0

    def source(self, source_id: str | None) -> SourceAccount | None:
        return next((each for each in self.sources if each.id == source_id), None)
