"""The bodies of documents in the shape QuickBooks takes them for writing (qbo.md §9, §10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from .chart import currency_ref
from .desk import Body, money


def ref(id: str) -> dict[str, str]:
    return {"value": id}


def expense_line(account: str, cents: int, text: str = "") -> Body:
    line: Body = {
        "Amount": money(cents),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": ref(account)},
    }
    if text:
        line["Description"] = text
    return line


def sales_line(item: str, cents: int, text: str = "") -> Body:
    line: Body = {
        "Amount": money(cents),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": ref(item), "Qty": 1, "UnitPrice": money(cents)},
    }
    if text:
        line["Description"] = text
    return line


def link_line(cents: int, txn_type: str, txn_id: str) -> Body:
    """A line of a payment: so much of it goes to that document."""
    return {"Amount": money(cents), "LinkedTxn": [{"TxnId": txn_id, "TxnType": txn_type}]}


def bill(vendor: str, dated: date, due: date | None, number: str, lines: Sequence[Body]) -> Body:
    body: Body = {"VendorRef": ref(vendor), "TxnDate": dated.isoformat(), "Line": list(lines)}
    if due:
        body["DueDate"] = due.isoformat()
    if number:
        body["DocNumber"] = number
    return body


def foreign(body: Body, currency: str, rate: Decimal) -> Body:
    """The same document in a foreign currency."""
    return body | {"CurrencyRef": currency_ref(currency), "ExchangeRate": rate}


def vendor_credit(vendor: str, dated: date, number: str, account: str, cents: int) -> Body:
    return {
        "VendorRef": ref(vendor),
        "TxnDate": dated.isoformat(),
        "DocNumber": number,
        "Line": [expense_line(account, cents, "Returned goods")],
    }


def bill_payment(
    vendor: str, dated: date, source: str, by_card: bool, number: str, links: Sequence[Body], total_cents: int
) -> Body:
    """Payment of one or several bills of a vendor from a bank account or a card; credits used are links as well."""
    body: Body = {
        "VendorRef": ref(vendor),
        "TxnDate": dated.isoformat(),
        "TotalAmt": money(total_cents),
        "Line": list(links),
    }
    if by_card:
        return body | {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": ref(source)}}
    return body | {
        "PayType": "Check",
        "DocNumber": number,
        "CheckPayment": {"BankAccountRef": ref(source), "PrintStatus": "PrintComplete"},
    }


def invoice(customer: str, dated: date, due: date | None, number: str, email: str, lines: Sequence[Body]) -> Body:
    """An invoice already sent when it has an e-mail address; else one that was never sent."""
    body: Body = {
        "CustomerRef": ref(customer),
        "TxnDate": dated.isoformat(),
        "DocNumber": number,
        "EmailStatus": "EmailSent" if email else "NotSet",
        "Line": list(lines),
    }
    if due:
        body["DueDate"] = due.isoformat()
    if email:
        body["BillEmail"] = {"Address": email}
    return body


def taxed(body: Body, cents: int) -> Body:
    """The same sale with sales tax on top."""
    return body | {"TxnTaxDetail": {"TotalTax": money(cents)}}


def payment(
    customer: str, dated: date, account: str, method: str, number: str, cents: int, links: Sequence[Body]
) -> Body:
    """Money received from a customer; without links it stays unapplied."""
    body: Body = {
        "CustomerRef": ref(customer),
        "TxnDate": dated.isoformat(),
        "TotalAmt": money(cents),
        "DepositToAccountRef": ref(account),
        "PaymentMethodRef": ref(method),
        "Line": list(links),
    }
    if number:
        body["PaymentRefNum"] = number
    return body


def credit_memo(customer: str, dated: date, number: str, item: str, cents: int, email: str) -> Body:
    body: Body = {
        "CustomerRef": ref(customer),
        "TxnDate": dated.isoformat(),
        "DocNumber": number,
        "Line": [sales_line(item, cents, "Allowance")],
    }
    return body | {"BillEmail": {"Address": email}} if email else body


def counter_sale(customer: str, dated: date, account: str, method: str, item: str, cents: int) -> Body:
    """A sales receipt, or (from the same account) a refund receipt."""
    return {
        "CustomerRef": ref(customer),
        "TxnDate": dated.isoformat(),
        "DepositToAccountRef": ref(account),
        "PaymentMethodRef": ref(method),
        "Line": [sales_line(item, cents)],
    }


def deposit(
    dated: date, bank: str, receipts: Sequence[tuple[int, str, str]], direct: Sequence[tuple[int, str, str]]
) -> Body:
    """A paying-in slip: receipts as (cents, entity, id) out of Undeposited Funds, direct lines as (cents, account, text)."""
    lines: list[Body] = [
        {"Amount": money(cents), "LinkedTxn": [{"TxnId": id, "TxnType": entity, "TxnLineId": "0"}]}
        for cents, entity, id in receipts
    ]
    lines += [
        {
            "Amount": money(cents),
            "Description": text,
            "DetailType": "DepositLineDetail",
            "DepositLineDetail": {"AccountRef": ref(account)},
        }
        for cents, account, text in direct
    ]
    return {"TxnDate": dated.isoformat(), "DepositToAccountRef": ref(bank), "Line": lines}


def purchase(dated: date, account: str, kind: str, vendor: str, lines: Sequence[Body], number: str = "") -> Body:
    """Money spent without a bill: `kind` is "Check", "Cash" (shown as Expense) or "CreditCard"."""
    body: Body = {
        "TxnDate": dated.isoformat(),
        "AccountRef": ref(account),
        "PaymentType": kind,
        "Line": list(lines),
    }
    if vendor:
        body["EntityRef"] = {"value": vendor, "type": "Vendor"}
    if number:
        body["DocNumber"] = number
    return body


def transfer(dated: date, source: str, target: str, cents: int, note: str) -> Body:
    return {
        "TxnDate": dated.isoformat(),
        "FromAccountRef": ref(source),
        "ToAccountRef": ref(target),
        "Amount": money(cents),
        "PrivateNote": note,
    }


def journal_line(account: str, cents: int, text: str, entity: tuple[str, str] | None = None) -> Body:
    """Debit when `cents` is positive, credit when negative; `entity` is (type, id) on a control account."""
    detail: Body = {"PostingType": "Debit" if cents > 0 else "Credit", "AccountRef": ref(account)}
    if entity:
        detail["Entity"] = {"Type": entity[0], "EntityRef": ref(entity[1])}
    return {
        "Amount": money(abs(cents)),
        "Description": text,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }


def journal(dated: date, number: str, lines: Sequence[Body], note: str) -> Body:
    return {"TxnDate": dated.isoformat(), "DocNumber": number, "PrivateNote": note, "Line": list(lines)}


def purchase_order(vendor: str, dated: date, number: str, item: str, cents: int, payable: str) -> Body:
    return {
        "VendorRef": ref(vendor),
        "TxnDate": dated.isoformat(),
        "DocNumber": number,
        "POStatus": "Open",
        "APAccountRef": ref(payable),
        "Line": [
            {
                "Amount": money(cents),
                "DetailType": "ItemBasedExpenseLineDetail",
                "ItemBasedExpenseLineDetail": {"ItemRef": ref(item), "Qty": 1, "UnitPrice": money(cents)},
            }
        ],
    }
