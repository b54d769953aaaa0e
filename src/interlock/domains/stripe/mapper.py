"""From Stripe's objects to facts, pure (fields and sources: ``MAPPINGS.md``).

What a fact can't do without and an object doesn't have is ``ContractBroken``; a status we don't know is ``unknown``.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar

import msgspec

from interlock.domains.stripe import wire
from interlock.rails import witnesses
from interlock.rails.errors import ContractBroken
from interlock.rails.facts import Fact
from interlock.rails.witnesses import UNKNOWN

RAIL = "stripe"
KEY, LEDGER_ID, LEDGER_NUMBER, SENT = "interlock_key", "qbo_invoice_id", "qbo_doc_number", "interlock_sent"
LEDGER_CUSTOMER = "qbo_customer_id"
"""Metadata that Interlock writes, and reads wherever somebody else wrote it."""

INVOICE_STATES = frozenset({"draft", "open", "paid", "void", "uncollectible"})
RECEIPT_STATES = frozenset({"open", "paid", "canceled"})
CHARGE_STATES = frozenset({"succeeded", "pending", "failed"})
REFUND_STATES = frozenset({"pending", "requires_action", "succeeded", "failed", "canceled"})
DISPUTE_STATES = frozenset(
    {
        "warning_needs_response",
        "warning_under_review",
        "warning_closed",
        "needs_response",
        "under_review",
        "appeal_needs_response",
        "appeal_under_review",
        "won",
        "lost",
        "prevented",
    }
)
PAYOUT_STATES = frozenset({"pending", "in_transit", "paid", "failed", "canceled"})
PART_STATES = frozenset({"pending", "available"})

# Where Stripe's minor unit isn't the currency's own: (times, divided by).
_SCALES = {"ISK": (1, 100), "UGX": (1, 100), "MGA": (100, 1)}
_OF_INVOICES = frozenset({"payment_intent", "charge"})
_LONGEST_ID = 40
_CUT = {"number": 60, "order_key": 120, "ledger_id": 40, "word": 40}

T = TypeVar("T")
Ref = str | wire.Named | wire.Source | None


def decoded(raw: bytes, shape: type[T]) -> T:
    """One object; ``ContractBroken`` says where it isn't what was promised."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as trouble:
        raise _broken(f"Stripe sent a {shape.__name__} we can't read: {trouble}.", shape.__name__) from trouble


def customer(raw: bytes) -> witnesses.RailCustomer:
    it = decoded(raw, wire.Customer)
    return witnesses.RailCustomer(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created),
        updated_at=None,
        name=_clean(it.name or it.email) or it.id,
        email=_clean(it.email),
        ledger_id=_cut(it.metadata.get(LEDGER_CUSTOMER), "ledger_id"),
        active=not it.deleted,
        raw=raw,
    )


def invoice(raw: bytes) -> witnesses.RailInvoice:
    """``paid_minor`` and ``open_minor`` are Stripe's: an invoice that was marked paid elsewhere has no money behind it."""
    it = decoded(raw, wire.Invoice)
    metadata = it.metadata or {}
    money = _Money(it.currency, "invoice")
    finalised = it.status_transitions.finalized_at
    asked_to_send = it.collection_method == "send_invoice" and finalised is not None
    return witnesses.RailInvoice(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created),
        updated_at=None,
        number=_cut(it.number, "number"),
        customer_id=_ref(it.customer),
        customer_name=_clean(it.customer_name),
        state=_known(it.status, INVOICE_STATES),
        dated=_day(it.created),
        due=_day(it.due_date),
        currency=money.currency,
        total_minor=money.needed(it.total, "total"),
        paid_minor=money.needed(it.amount_paid, "amount_paid"),
        open_minor=money.needed(it.amount_remaining, "amount_remaining"),
        ledger_id=_cut(metadata.get(LEDGER_ID), "ledger_id"),
        ledger_number=_cut(metadata.get(LEDGER_NUMBER), "number"),
        order_key=_cut(metadata.get(KEY), "order_key"),
        sent=bool(metadata.get(SENT)) if KEY in metadata else asked_to_send,
        paid_out_of_band=_out_of_band(it),
        finalised_at=_instant(finalised),
        paid_at=_instant(it.status_transitions.paid_at),
        url=_link(it.hosted_invoice_url),
        raw=raw,
    )


def receipt(raw: bytes) -> witnesses.InvoiceReceipt:
    it = decoded(raw, wire.InvoicePayment)
    money = _Money(it.currency, "invoice_payment")
    how = it.payment or wire.PaymentOfInvoice()
    return witnesses.InvoiceReceipt(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created),
        updated_at=None,
        invoice_id=_needed(_ref(it.invoice), "invoice_payment.invoice"),
        payment_id=_ref(how.payment_intent),
        charge_id=_ref(how.charge),
        currency=money.currency,
        requested_minor=money.needed(it.amount_requested, "amount_requested"),
        paid_minor=money.of(it.amount_paid),
        state=_known(it.status, RECEIPT_STATES),
        paid_at=_instant(it.status_transitions.paid_at),
        raw=raw,
    )


def charge(raw: bytes) -> witnesses.Charge:
    it = decoded(raw, wire.Charge)
    money = _Money(it.currency, "charge")
    method = (it.payment_method_details or {}).get("type")
    return witnesses.Charge(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created),
        updated_at=None,
        payment_id=_ref(it.payment_intent),
        customer_id=_ref(it.customer),
        currency=money.currency,
        amount_minor=money.needed(it.amount, "amount"),
        refunded_minor=money.needed(it.amount_refunded, "amount_refunded"),
        state=_known(it.status, CHARGE_STATES),
        disputed=it.disputed,
        method=_cut(method, "word") if isinstance(method, str) else None,
        movement_id=_ref(it.balance_transaction),
        failure=_clean(it.failure_message or it.failure_code),
        raw=raw,
    )


def refund(raw: bytes) -> witnesses.Refund:
    it = decoded(raw, wire.Refund)
    money = _Money(it.currency, "refund")
    return witnesses.Refund(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created),
        updated_at=None,
        charge_id=_ref(it.charge),
        payment_id=_ref(it.payment_intent),
        currency=money.currency,
        amount_minor=money.needed(it.amount, "amount"),
        state=_known(it.status, REFUND_STATES),
        reason=_clean(it.failure_reason or it.reason),
        order_key=_cut((it.metadata or {}).get(KEY), "order_key"),
        raw=raw,
    )


def dispute(raw: bytes) -> witnesses.Dispute:
    it = decoded(raw, wire.Dispute)
    money = _Money(it.currency, "dispute")
    return witnesses.Dispute(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created),
        updated_at=None,
        charge_id=_ref(it.charge),
        payment_id=_ref(it.payment_intent),
        currency=money.currency,
        amount_minor=money.needed(it.amount, "amount"),
        state=_known(it.status, DISPUTE_STATES),
        reason=_clean(it.reason),
        answer_by=_instant(it.evidence_details.due_by),
        raw=raw,
    )


def part(raw: bytes, payout_id: str | None) -> witnesses.PayoutPart:
    """A movement of the balance. What it went out with stands nowhere on it: the payout it was listed under is kept around it."""
    it = decoded(raw, wire.BalanceTransaction)
    money = _Money(it.currency, "balance_transaction")
    gross, fee, net = (
        money.needed(it.amount, "amount"),
        money.needed(it.fee, "fee"),
        money.needed(it.net, "net"),
    )
    if net != gross - fee:
        raise _broken(f"Stripe's movement {it.id} nets {net}, and not {gross} less {fee}.", "balance_transaction.net")
    return witnesses.PayoutPart(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created),
        updated_at=None,
        payout_id=payout_id,
        kind=_cut(it.reporting_category or it.type, "word") or UNKNOWN,
        source_id=_ref(it.source),
        charge_id=_charge_of(it.source),
        currency=money.currency,
        gross_minor=gross,
        fee_minor=fee,
        net_minor=net,
        state=_known(it.status, PART_STATES),
        available_at=_instant(it.available_on),
        description=_clean(it.description),
        raw=raw if payout_id is None else msgspec.json.encode({"payout": payout_id, "row": msgspec.Raw(raw)}),
    )


def is_payout_itself(raw: bytes, payout_id: str | None) -> bool:
    """Whether a movement is a payout's own, which stands among those it was listed with (stripe.md §4).

    Among those that were listed with no payout (``None``) it is any payout's; one that came back (``payout_failure``) is money
    that waits again.
    """
    it = decoded(raw, wire.BalanceTransaction)
    if payout_id is None:
        return it.type in {"payout", "payout_cancel"}
    return _ref(it.source) == payout_id and it.type in {"payout", "payout_cancel", "payout_failure"}


def payout(raw: bytes, net_minor: int | None = None) -> witnesses.Payout:
    """``net_minor``: what its parts sum to, where all of them were read; without it the payout can't be attributed yet."""
    it = decoded(raw, wire.Payout)
    money = _Money(it.currency, "payout")
    amount = money.needed(it.amount, "amount")
    why_not = unattributed(it, amount, net_minor)
    if it.arrival_date is None:
        raise _broken("Stripe sent a payout that arrives on no day.", "payout.arrival_date")
    return witnesses.Payout(
        id=_id(it.id),
        version="",
        created_at=_instant(it.created),
        updated_at=None,
        currency=money.currency,
        amount_minor=amount,
        state=_known(it.status, PAYOUT_STATES),
        automatic=it.automatic is True,
        attributed=why_not is None,
        unattributed=why_not,
        arrives_on=datetime.fromtimestamp(it.arrival_date, UTC).date(),
        trace=_clean(it.trace_id.value) if it.trace_id else None,
        destination_id=_ref(it.destination),
        failure=_clean(it.failure_message or it.failure_code),
        raw=raw,
    )


def can_be_unbundled(raw: bytes) -> bool:
    """Whether Stripe says what this payout is made of, and is done saying it."""
    it = decoded(raw, wire.Payout)
    return it.automatic is True and it.reconciliation_status == "completed"


def unattributed(it: wire.Payout, amount: int, net_minor: int | None) -> str | None:
    """Why a payout's parts aren't known, in words; ``None`` when they are, to the cent."""
    if it.automatic is not True:
        return "Paid out by hand: Stripe doesn't say what such a payout is made of."
    if it.reconciliation_status == "not_applicable":
        return "Stripe doesn't say what this payout is made of."
    if it.reconciliation_status != "completed":
        return "Stripe hasn't finished saying what it is made of."
    if net_minor is None:
        return "Its parts have not been read yet."
    if net_minor != amount:
        return f"Its parts sum to {net_minor} and not to {amount} minor units."
    return None


READERS: dict[type[Fact], Callable[[bytes], Fact]] = {
    witnesses.RailCustomer: customer,
    witnesses.RailInvoice: invoice,
    witnesses.InvoiceReceipt: receipt,
    witnesses.Charge: charge,
    witnesses.Refund: refund,
    witnesses.Dispute: dispute,
}
"""Those that need nothing but the object itself."""


class _Money:
    """Whole minor units of one currency, as ISO 4217 has them."""

    def __init__(self, currency: str, where: str) -> None:
        if len(currency) != 3 or not currency.isascii():
            raise _broken(f"Stripe sent a {where} in no currency.", f"{where}.currency")
        self.currency = currency.upper()
        self._where = where

    def of(self, amount: int | None) -> int | None:
        if amount is None or self.currency not in _SCALES:
            return amount
        times, by = _SCALES[self.currency]
        whole, rest = divmod(amount * times, by)
        if rest:
            raise _broken(f"Stripe sent {amount} in {self.currency}, which has no such fraction.", self._where)
        return whole

    def needed(self, amount: int | None, field: str) -> int:
        minor = self.of(amount)
        if minor is None:
            raise _broken(f"Stripe sent a {self._where} without {field}.", f"{self._where}.{field}")
        return minor


def stripes_own(minor: int, currency: str) -> int:
    """Minor units of a currency as Stripe writes them: the way back."""
    times, by = _SCALES.get(currency, (1, 1))
    whole, rest = divmod(minor * by, times)
    if rest:
        raise ValueError(f"{minor} minor units of {currency} can't be written in Stripe's.")
    return whole


def _out_of_band(it: wire.Invoice) -> bool:
    """Paid by a person's word: no payment of Stripe's stands behind it. Told only where its payments came along, all of them."""
    if it.status != "paid" or not it.amount_paid or it.payments is None or it.payments.has_more:
        return False
    payments = [decoded(bytes(each), wire.InvoicePayment) for each in it.payments.data]
    return not any(each.status == "paid" and each.payment and each.payment.type in _OF_INVOICES for each in payments)


def _charge_of(source: Ref) -> str | None:
    if isinstance(source, str):
        return source if source.startswith(("ch_", "py_")) else None
    if isinstance(source, wire.Source):
        return source.id if source.object == "charge" else _ref(source.charge)
    return None


def _ref(value: Ref) -> str | None:
    if value is None:
        return None
    return _id(value if isinstance(value, str) else value.id)


def _id(value: str) -> str:
    if not value or len(value) > _LONGEST_ID or "\0" in value:
        raise _broken("Stripe sent an id that can't be kept.", "id")
    return value


def _needed(value: str | None, field: str) -> str:
    if value is None:
        raise _broken(f"Stripe left out {field}.", field)
    return value


def _known(status: str | None, states: frozenset[str]) -> str:
    return status if status in states else UNKNOWN


def _instant(seconds: int | None) -> datetime | None:
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as trouble:
        raise _broken(f"Stripe sent {seconds} as a time.", "time") from trouble


def _day(seconds: int | None) -> date | None:
    instant = _instant(seconds)
    return None if instant is None else instant.date()


def _clean(text: str | None) -> str | None:
    # PostgreSQL keeps no NUL.
    return None if text is None else text.replace("\0", "")


def _link(text: str | None) -> str | None:
    """It becomes a link in a page of ours."""
    return text if text and text.startswith(("https://", "http://")) else None


def _cut(text: str | None, what: str) -> str | None:
    clean = _clean(text)
    return None if clean is None else clean[: _CUT[what]] or None


def _broken(sentence: str, field: str) -> ContractBroken:
    return ContractBroken(RAIL, sentence, field)
