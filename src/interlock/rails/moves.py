"""The only types that move money or have it asked for. QBO and Plaid can't reach this module: what they can't name, they can't do.

Every instruction carries ``key``, ours, committed before the call: the idempotency key on the wire, or the tag to search by
where the rail has none. ``OutcomeUnknown(key)`` is never answered by sending again; ``find_…`` by key comes first.
"""

from datetime import date, datetime
from typing import Literal, Protocol

from msgspec import Struct

from interlock.kernel.money import Money

Method = Literal["ach", "check", "wire"]


class PaymentInstruction(Struct, frozen=True, kw_only=True):
    """Pay one bill: ``vendor_id``, ``vendor_account_id`` and ``funding_account_id`` are the rail's. A check needs no account."""

    key: str
    vendor_id: str
    vendor_account_id: str | None
    funding_account_id: str
    entity_id: str
    method: Method
    amount: Money
    number: str
    dated: date
    due: date
    arrives_on: date
    memo: str = ""


class BillHandOff(Struct, frozen=True, kw_only=True):
    """A bill for people to approve and pay at the rail itself."""

    key: str
    vendor_id: str
    entity_id: str
    amount: Money
    number: str
    dated: date
    due: date
    memo: str = ""


class Instructed(Struct, frozen=True):
    """What stands at the rail under a key. ``state``: its own word, or ``unknown``; ``found``: it stood there already."""

    key: str
    rail_id: str
    state: str
    url: str | None
    found: bool


class PaysBills(Protocol):
    """Makes the bill there with its payment. ``find_payment`` only reads. ``Rejected``: certainly nothing was made."""

    async def pay_bill(self, instruction: PaymentInstruction) -> Instructed: ...
    async def find_payment(self, key: str) -> Instructed | None: ...


class HandsOffBills(Protocol):
    """Makes a draft there and submits it: the rail's own people decide. ``find_hand_off`` only reads; a draft that nobody has

    submitted is found too, its state ``draft``.
    """

    async def hand_off_bill(self, bill: BillHandOff) -> Instructed: ...
    async def find_hand_off(self, key: str) -> Instructed | None: ...


class CancelsPayments(Protocol):
    """Best effort, before the payment is under way; ``Rejected`` when it is too late. Cancelled is what is read back, not this."""

    async def cancel_payment(self, rail_id: str) -> None: ...


class InvoiceOrder(Struct, frozen=True, kw_only=True):
    """Ask one customer of the rail for money: one open invoice of the ledger, its open balance.

    ``committed_at``: when the order was committed here. A rail forgets keys after a time; an order older than that is looked
    up and never sent again. ``due``: one that is past becomes the next day, where the rail refuses past ones.
    """

    key: str
    committed_at: datetime
    customer_id: str
    ledger_id: str
    ledger_number: str | None
    amount: Money
    due: date
    description: str


class CollectsInvoices(Protocol):
    """Draft → finalised → sent; void and uncollectible. Each call has a key of its own, made of the order's.

    ``find_invoice`` only reads; an invoice that was begun and isn't whole is found as ``unknown``, and creating it again with the
    same order completes it. The others read first: what stands as wished is ``found``.
    """

    async def create_invoice(self, order: InvoiceOrder) -> Instructed: ...
    async def send_invoice(self, invoice_id: str, key: str) -> Instructed: ...
    async def void_invoice(self, invoice_id: str, key: str) -> Instructed: ...
    async def mark_uncollectible(self, invoice_id: str, key: str) -> Instructed: ...
    async def find_invoice(self, order: InvoiceOrder) -> Instructed | None: ...


class RefundOrder(Struct, frozen=True, kw_only=True):
    """Give back ``amount`` of one charge. ``committed_at`` as in ``InvoiceOrder``."""

    key: str
    committed_at: datetime
    charge_id: str
    amount: Money
    reason: str = ""


class RefundsPayments(Protocol):
    """A refund that is under way may still fail: the rail's later word counts, not this answer. ``find_refund`` only reads."""

    async def refund_payment(self, order: RefundOrder) -> Instructed: ...
    async def find_refund(self, order: RefundOrder) -> Instructed | None: ...
