"""What every mapping needs: amounts, references, lines and links.

Amounts become minor units of the document's currency; an amount with more decimals than the currency has is refused, never
rounded.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from interlock.domains.qbo import wire
from interlock.kernel.money import to_minor
from interlock.rails import facts

RAIL = "qbo"
_PACIFIC = ZoneInfo("America/Los_Angeles")

# What QBO calls a linked document, as the kinds of our facts. Others keep QBO's name, so that nothing is lost.
LINKED_KINDS = {
    "Bill": "bill",
    "BillPayment": "bill_payment",
    "BillPaymentCheck": "bill_payment",
    "BillPaymentCreditCard": "bill_payment",
    "VendorCredit": "vendor_credit",
    "PurchaseOrder": "purchase_order",
    "Invoice": "invoice",
    "Payment": "payment",
    "ReceivePayment": "payment",
    "CreditMemo": "credit_memo",
    "SalesReceipt": "sales_receipt",
    "RefundReceipt": "refund_receipt",
    "Deposit": "deposit",
    "Purchase": "purchase",
    "Check": "purchase",
    "Expense": "purchase",
    "JournalEntry": "journal_entry",
    "Transfer": "transfer",
}


Head = tuple[str, str, datetime | None, datetime | None]
DocumentHead = tuple[
    str, str, datetime | None, datetime | None, str | None, date, str, str | None, int, bool, str | None
]


class Company(msgspec.Struct, frozen=True):
    """What mapping needs to know of the company: its home currency, which documents without a currency are in."""

    home_currency: str


def minor(amount: Decimal | None, currency: str) -> int:
    return to_minor(amount, currency) if amount else 0


def utc(instant: datetime | None) -> datetime | None:
    """One without a zone is Pacific, as all of QBO's times are whatever the company's zone (qbo.md §4); never this machine's."""
    if instant is None:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=_PACIFIC)
    return instant.astimezone(UTC)


def ref_id(ref: wire.Ref | None) -> str | None:
    return None if ref is None else ref.value


def ref_name(ref: wire.Ref | None) -> str | None:
    return None if ref is None else ref.name


def head(entity: wire.Entity) -> Head:
    """The first fields of every fact, in their order."""
    meta = entity.meta_data
    return entity.id, entity.sync_token, utc(meta.create_time), utc(meta.last_updated_time)


def document_head(txn: wire.Transaction, total: Decimal | None, company: Company) -> DocumentHead:
    """The first fields of every document, in their order."""
    meta = txn.meta_data
    currency = currency_of(txn, company)
    total_minor = minor(total, currency)
    note = txn.private_note
    return (
        txn.id,
        txn.sync_token,
        utc(meta.create_time),
        utc(meta.last_updated_time),
        txn.doc_number,
        txn.txn_date,
        currency,
        None if txn.exchange_rate is None else str(txn.exchange_rate),
        total_minor,
        # QBO has no field for it. A void is a zero total, a note that begins so, and not a line with an amount: a journal
        # entry never has a total, and lines that undo each other are a document of nothing (qbo.md §9, §12).
        total_minor == 0
        and note is not None
        and note.startswith("Voided")
        and not any(line.amount for line in txn.line),
        note,
    )


def currency_of(txn: wire.Transaction, company: Company) -> str:
    return txn.currency_ref.value if txn.currency_ref else company.home_currency


def lines_and_links(txn: wire.Transaction, currency: str) -> tuple[tuple[facts.Line, ...], tuple[facts.Link, ...]]:
    """A document's lines, and what it and they are applied to; a link said twice is one."""
    lines: list[facts.Line] = []
    links: list[facts.Link] = []
    for linked in txn.linked_txn:
        links.append(facts.Link(-1, LINKED_KINDS.get(linked.txn_type, linked.txn_type), linked.txn_id))
    for position, line in enumerate(txn.line):
        amount = minor(line.amount, currency)
        lines.append(_line(position, line, amount))
        if line.linked_txn:
            applied = amount if len(line.linked_txn) == 1 else None
            for linked in line.linked_txn:
                kind = LINKED_KINDS.get(linked.txn_type, linked.txn_type)
                links.append(facts.Link(position, kind, linked.txn_id, applied))
    if len(links) > 1:
        links = list({(link.position, link.linked_kind, link.linked_id): link for link in links}.values())
    return tuple(lines), tuple(links)


def _line(position: int, line: wire.Line, amount: int) -> facts.Line:
    detail = (
        line.account_based_expense_line_detail
        or line.sales_item_line_detail
        or line.item_based_expense_line_detail
        or line.journal_entry_line_detail
        or line.deposit_line_detail
        or line.purchase_order_item_line_detail
    )
    # A line that only applies something has no detail type of its own.
    kind = line.detail_type or "LinkedTxn"
    if detail is None:
        return facts.Line(position, line.id, kind, amount, line.description)
    party_id, party_kind = _party(detail)
    return facts.Line(
        position,
        line.id,
        kind,
        amount,
        line.description,
        ref_id(detail.account_ref),
        ref_id(detail.item_ref),
        party_id,
        party_kind,
        detail.posting_type,
    )


def _party(detail: wire.Detail) -> tuple[str | None, str | None]:
    entity = detail.entity
    if entity is not None:
        if entity.EntityRef is not None:
            return entity.EntityRef.value, (entity.Type or "").lower() or None
        return entity.value, (entity.type or "").lower() or None
    if detail.customer_ref is not None:
        return detail.customer_ref.value, "customer"
    return None, None
