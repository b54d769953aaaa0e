"""What the witnesses beside the ledger say: banks, the rail that pays, the rail that collects. Facts as in ``rails.facts``.

Amounts are in minor units of ``currency``. On a bank account, positive is money into it, whatever the rail's own sign. A status
we don't know is ``unknown``, never success or failure. ``ledger_id``: what the rail itself says is the ledger's id of the same
thing; a claim, not yet a link.
"""

from datetime import date, datetime
from typing import ClassVar

from interlock.rails.facts import Fact

UNKNOWN = "unknown"


class BankAccount(Fact, frozen=True, gc=False):
    """An account at a bank. ``item_id``: the login it came by; ``observed_at``: when we were told the balances, since banks

    rarely say; ``live``: asked of the bank itself then, not of the rail's cache. Of a card, ``current_minor`` is what is owed,
    below zero. ``lasting_id``: the same over re-linking, where the institution has one.
    """

    entity: ClassVar[str] = "bank_account"

    item_id: str
    institution_id: str | None
    institution: str
    name: str
    mask: str | None
    kind: str
    sub_kind: str | None
    lasting_id: str | None
    currency: str
    available_minor: int | None
    current_minor: int | None
    limit_minor: int | None
    observed_at: datetime
    live: bool
    raw: bytes = b""


class BankLine(Fact, frozen=True, gc=False):
    """A line of a bank's account. ``pending_id``: the pending line this one was posted from."""

    entity: ClassVar[str] = "bank_line"

    account_id: str
    dated: date
    authorised: date | None
    amount_minor: int
    currency: str
    name: str
    counterparty: str | None
    check_number: str | None
    reference: str | None
    channel: str | None
    pending: bool
    pending_id: str | None
    raw: bytes = b""


class FundingAccount(Fact, frozen=True, gc=False):
    """A bank account the paying rail may draw on; no number, no balance. ``pays_bills``: enabled for it."""

    entity: ClassVar[str] = "funding_account"

    name: str
    mask: str | None
    entity_id: str | None
    entity_name: str | None
    currency: str
    pays_bills: bool
    raw: bytes = b""


class RailVendor(Fact, frozen=True, gc=False):
    """A vendor as the paying rail knows it. ``payable``: it has an account of its own there; ``None`` where nobody asked.

    ``accounts``: those accounts, each its id, method and whether it is the default, in a fixed order; no numbers.
    """

    entity: ClassVar[str] = "rail_vendor"

    name: str
    active: bool
    email: str | None
    ledger_id: str | None
    payable: bool | None
    accounts: str | None = None
    address: str | None = None
    raw: bytes = b""


class RailBill(Fact, frozen=True, gc=False):
    """A bill as the paying rail has it. ``remote_id`` is the tag its maker put on it (ours: an instruction's id).

    ``state``: the rail's own summary, in lower case; ``approval`` and ``payment_state`` likewise; ``synced``: what its accounting
    sync says it wrote. ``starts_on``: when the payment is (to be) initiated, ``arrives_on``: when it is to arrive.
    """

    entity: ClassVar[str] = "rail_bill"

    number: str | None
    remote_id: str | None
    vendor_id: str | None
    vendor_name: str | None
    dated: date | None
    due: date | None
    currency: str
    total_minor: int
    ledger_id: str | None
    draft: bool
    state: str
    approval: str
    payment_state: str
    synced: str
    method: str | None
    payment_id: str | None
    batch_id: str | None
    funding_account_id: str | None
    payment_minor: int | None
    starts_on: date | None
    arrives_on: date | None
    paid_at: datetime | None
    trace: str | None
    archived_at: datetime | None
    url: str | None
    raw: bytes = b""


class RailCustomer(Fact, frozen=True, gc=False):
    entity: ClassVar[str] = "rail_customer"

    name: str
    email: str | None
    ledger_id: str | None
    active: bool
    raw: bytes = b""


class RailInvoice(Fact, frozen=True, gc=False):
    """An invoice there: draft, open, paid, void or uncollectible. ``order_key``: our id, where we made it."""

    entity: ClassVar[str] = "rail_invoice"

    number: str | None
    customer_id: str | None
    customer_name: str | None
    state: str
    dated: date | None
    due: date | None
    currency: str
    total_minor: int
    paid_minor: int
    open_minor: int
    ledger_id: str | None
    ledger_number: str | None
    order_key: str | None
    sent: bool
    paid_out_of_band: bool
    finalised_at: datetime | None
    paid_at: datetime | None
    url: str | None
    raw: bytes = b""


class InvoiceReceipt(Fact, frozen=True, gc=False):
    """What one payment did to one invoice there. One payment may serve several."""

    entity: ClassVar[str] = "invoice_receipt"

    invoice_id: str
    payment_id: str | None
    charge_id: str | None
    currency: str
    requested_minor: int
    paid_minor: int | None
    state: str
    paid_at: datetime | None
    raw: bytes = b""


class Charge(Fact, frozen=True, gc=False):
    """Money taken from a customer. ``succeeded`` is not irrevocable: it may be refunded, disputed, or fail late."""

    entity: ClassVar[str] = "charge"

    payment_id: str | None
    customer_id: str | None
    currency: str
    amount_minor: int
    refunded_minor: int
    state: str
    disputed: bool
    method: str | None
    movement_id: str | None
    failure: str | None
    raw: bytes = b""


class Refund(Fact, frozen=True, gc=False):
    entity: ClassVar[str] = "refund"

    charge_id: str | None
    payment_id: str | None
    currency: str
    amount_minor: int
    state: str
    reason: str | None
    order_key: str | None
    raw: bytes = b""


class Dispute(Fact, frozen=True, gc=False):
    entity: ClassVar[str] = "dispute"

    charge_id: str | None
    payment_id: str | None
    currency: str
    amount_minor: int
    state: str
    reason: str | None
    answer_by: datetime | None
    raw: bytes = b""


class Payout(Fact, frozen=True, gc=False):
    """What the collecting rail sends to the bank; below zero it takes. ``attributed``: its parts are known, final, and sum to it;

    ``unattributed``: otherwise why not, in words.
    """

    entity: ClassVar[str] = "payout"

    currency: str
    amount_minor: int
    state: str
    automatic: bool
    attributed: bool
    unattributed: str | None
    arrives_on: date
    trace: str | None
    destination_id: str | None
    failure: str | None
    raw: bytes = b""


class PayoutPart(Fact, frozen=True, gc=False):
    """A movement of the rail's own balance: gross, fee, net = gross - fee. ``kind`` is its category for accounting.

    ``payout_id``: the payout it went out with; ``None`` while it waits. The payout's own row is not among them.
    """

    entity: ClassVar[str] = "payout_part"

    payout_id: str | None
    kind: str
    source_id: str | None
    charge_id: str | None
    currency: str
    gross_minor: int
    fee_minor: int
    net_minor: int
    state: str
    available_at: datetime | None
    description: str | None
    raw: bytes = b""


BANK_KINDS: tuple[type[Fact], ...] = (BankAccount, BankLine)
PAYING_KINDS: tuple[type[Fact], ...] = (FundingAccount, RailVendor, RailBill)
COLLECTING_KINDS: tuple[type[Fact], ...] = (
    RailCustomer,
    RailInvoice,
    InvoiceReceipt,
    Charge,
    Refund,
    Dispute,
    Payout,
    PayoutPart,
)
KINDS: tuple[type[Fact], ...] = (*BANK_KINDS, *PAYING_KINDS, *COLLECTING_KINDS)
"""Every kind of fact that something other than the ledger states."""
