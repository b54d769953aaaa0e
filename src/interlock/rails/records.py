"""Capabilities that write down, in a client's ledger, a payment that has already been made elsewhere.

Nothing here moves money: no bank, card or processor hears of it. The ledger gains a document that says what happened, and the
bills or invoices it names show less open. A business allows it or doesn't; until a person switches it on, nothing is written.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

from msgspec import Struct

from interlock.kernel.errors import BadInput, InterlockError
from interlock.kernel.money import Money

Applications = tuple[tuple[str, Money], ...]
"""What a payment was for: ids of bills or invoices, each with the part that settles it."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class RecordedBillPayment(Struct, frozen=True, kw_only=True):
    """A payment of bills that has happened.

    ``key`` is ours, committed before the call: one key is one document, whatever happens on the way. ``applied`` names bills of
    ``vendor_id`` and sums to ``amount``. ``paid_from_account_id`` is the ledger's bank or card account. ``exchange_rate`` (home
    units for one of ``amount``'s currency) is needed in a foreign currency and unused at home.
    """

    key: str
    vendor_id: str
    paid_from_account_id: str
    method: Literal["check", "card"]
    dated: date
    amount: Money
    applied: Applications
    number: str | None = None
    note: str = ""
    exchange_rate: Decimal | None = None


class RecordedCustomerPayment(Struct, frozen=True, kw_only=True):
    """A payment from a customer that has arrived. ``applied`` names invoices; ``deposit_to_account_id`` says where it lies now.

    The rest as in ``RecordedBillPayment``.
    """

    key: str
    customer_id: str
    deposit_to_account_id: str
    dated: date
    amount: Money
    applied: Applications
    reference: str | None = None
    note: str = ""
    exchange_rate: Decimal | None = None


class Settled(Struct, frozen=True):
    """One bill or invoice as the ledger shows it afterwards: what this record applied to it, and what is still open."""

    document_id: str
    applied: Money
    left_open: Money


class LedgerRecord(Struct, frozen=True):
    """The document in the ledger, read back. ``found``: it stood there already, so nothing was written this time.

    ``as_of`` is the ledger's own clock at the reading.
    """

    key: str
    document_id: str
    version: str
    dated: date
    amount: Money
    settled: tuple[Settled, ...]
    found: bool
    as_of: datetime


class RecordsBillPayments(Protocol):
    """Writes down payments of bills. Moves no money: it can only state what a bank or card has already done.

    ``record_bill_payment`` looks the key up first and answers what stands there; else it writes one document and reads it back.
    Raises ``BadInput``, ``RecordingOff``, ``Busy`` (the same key is being recorded now), and the rail errors. ``OutcomeUnknown``:
    call again with the same facts and key, never with another key. ``find_bill_payment`` only reads, and needs no switch.
    """

    async def record_bill_payment(self, payment: RecordedBillPayment) -> LedgerRecord: ...
    async def find_bill_payment(self, payment: RecordedBillPayment) -> LedgerRecord | None: ...


class RecordsCustomerPayments(Protocol):
    """Writes down payments that customers have made. It collects nothing; the rest as in ``RecordsBillPayments``."""

    async def record_customer_payment(self, payment: RecordedCustomerPayment) -> LedgerRecord: ...
    async def find_customer_payment(self, payment: RecordedCustomerPayment) -> LedgerRecord | None: ...


class RecordingOff(InterlockError):
    """This business hasn't allowed recording, so nothing was written."""

    code = "recording_off"
    status = 409


def check_facts(payment: RecordedBillPayment | RecordedCustomerPayment, *, longest_key: int) -> None:
    """``BadInput`` for what can't be a payment, said in a sentence: key, amounts, sum, currency, the same document twice."""
    if not _KEY.fullmatch(payment.key) or len(payment.key) > longest_key:
        raise BadInput(f"A record's key has 1 to {longest_key} letters, digits, '-', '_' or '.', not {payment.key!r}.")
    if payment.amount.minor <= 0:
        raise BadInput(f"A payment has an amount above zero, not {payment.amount}.")
    if not payment.applied:
        raise BadInput("A record says which bills or invoices were paid; none are named.")
    for document_id, part in payment.applied:
        if part.currency != payment.amount.currency:
            raise BadInput(
                f"A record is in one currency: {payment.amount.currency} paid, {part.currency} applied to {document_id}."
            )
        if part.minor <= 0:
            raise BadInput(f"What is applied to {document_id} must be above zero, not {part}.")
    named = [document_id for document_id, _ in payment.applied]
    if len(set(named)) < len(named):
        raise BadInput("A record names each bill or invoice once.")
    applied = Money.total((part for _, part in payment.applied), payment.amount.currency)
    if applied != payment.amount:
        raise BadInput(f"The parts applied sum to {applied}, the payment is {payment.amount}; they must be equal.")
