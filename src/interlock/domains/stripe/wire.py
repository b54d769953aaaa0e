"""What we need of Stripe's objects, as they come (API version 2026-10-28.endive, stripe.md §1 to §4). Anything else is ignored.

Amounts are whole numbers in Stripe's own minor units, currencies in lower case, times seconds since 1970. Since basil an invoice
names no charge and a charge no invoice: invoice payments join them. What may be expanded comes as an id or as the object.
"""

from typing import Any

from msgspec import Raw, Struct, field


class Listing(Struct):
    """One page. ``data``: the objects as received."""

    data: list[Raw]
    has_more: bool


class Named(Struct):
    """What an expanded reference is asked for."""

    id: str


class Account(Struct):
    id: str
    country: str | None = None
    default_currency: str | None = None
    charges_enabled: bool = False
    payouts_enabled: bool = False
    business_profile: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None


class Object(Struct):
    """What every object says of itself. ``deleted`` stands on the stub of what is gone."""

    id: str
    object: str = ""
    created: int | None = None
    livemode: bool | None = None
    deleted: bool = False


class Customer(Object):
    name: str | None = None
    email: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


class StatusTransitions(Struct):
    finalized_at: int | None = None
    paid_at: int | None = None


class Invoice(Object):
    status: str | None = None
    number: str | None = None
    customer: str | Named | None = None
    customer_name: str | None = None
    currency: str = ""
    total: int | None = None
    amount_paid: int | None = None
    amount_remaining: int | None = None
    due_date: int | None = None
    collection_method: str | None = None
    payments: Listing | None = None
    hosted_invoice_url: str | None = None
    metadata: dict[str, str] | None = None
    status_transitions: StatusTransitions = field(default_factory=StatusTransitions)


class PaymentOfInvoice(Struct):
    type: str = ""
    payment_intent: str | Named | None = None
    charge: str | Named | None = None
    payment_record: str | Named | None = None


class PaymentTransitions(Struct):
    paid_at: int | None = None


class InvoicePayment(Object):
    invoice: str | Named | None = None
    payment: PaymentOfInvoice | None = None
    currency: str = ""
    amount_requested: int | None = None
    amount_paid: int | None = None
    status: str | None = None
    status_transitions: PaymentTransitions = field(default_factory=PaymentTransitions)


class Charge(Object):
    payment_intent: str | Named | None = None
    customer: str | Named | None = None
    currency: str = ""
    amount: int | None = None
    amount_refunded: int = 0
    status: str | None = None
    disputed: bool = False
    payment_method_details: dict[str, Any] | None = None
    balance_transaction: str | Named | None = None
    failure_code: str | None = None
    failure_message: str | None = None


class Refund(Object):
    charge: str | Named | None = None
    payment_intent: str | Named | None = None
    currency: str = ""
    amount: int | None = None
    status: str | None = None
    reason: str | None = None
    failure_reason: str | None = None
    metadata: dict[str, str] | None = None


class EvidenceDetails(Struct):
    due_by: int | None = None


class Dispute(Object):
    charge: str | Named | None = None
    payment_intent: str | Named | None = None
    currency: str = ""
    amount: int | None = None
    status: str | None = None
    reason: str | None = None
    evidence_details: EvidenceDetails = field(default_factory=EvidenceDetails)


class Trace(Struct):
    status: str = ""
    value: str | None = None


class Payout(Object):
    amount: int | None = None
    currency: str = ""
    status: str | None = None
    automatic: bool | None = None
    arrival_date: int | None = None
    destination: str | Named | None = None
    trace_id: Trace | None = None
    reconciliation_status: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None


class Source(Struct):
    """What a movement of the balance comes from, expanded."""

    id: str
    object: str = ""
    charge: str | Named | None = None


class BalanceTransaction(Object):
    """No ``livemode`` stands on it."""

    amount: int | None = None
    fee: int | None = None
    net: int | None = None
    currency: str = ""
    type: str = ""
    reporting_category: str | None = None
    source: str | Source | None = None
    status: str | None = None
    available_on: int | None = None
    description: str | None = None


class EventRequest(Struct):
    id: str | None = None
    idempotency_key: str | None = None


class EventObject(Struct):
    """What an event is about; of the snapshot only what finds the thing again is read."""

    id: str = ""
    object: str = ""
    created: int | None = None
    deleted: bool = False
    invoice: str | Named | None = None
    charge: str | Named | None = None
    latest_charge: str | Named | None = None


class EventData(Struct):
    object: EventObject = field(default_factory=EventObject)


class Event(Object):
    type: str = ""
    account: str | None = None
    data: EventData = field(default_factory=EventData)
    request: EventRequest | None = None


class Trouble(Struct):
    type: str = ""
    code: str | None = None
    message: str | None = None
    param: str | None = None
    decline_code: str | None = None


class TroubleAnswer(Struct):
    error: Trouble
