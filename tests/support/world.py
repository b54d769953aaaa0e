"""The world as a third party reads it (``python-quickbooks``), said again in the mirror's columns, mapped a second time.

Nothing here uses the product's wire structs or mapper: a misreading there shows as a difference.
"""

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from intuitlib.client import AuthClient
from quickbooks import QuickBooks

from tests.support.sandbox import Sandbox

Row = dict[str, Any]
_LISTS = {"Account", "Vendor", "Customer", "Term"}
_PAGE_ROWS = 1000
# The sandbox speaks plain HTTP on loopback, which the witness's OAuth library refuses unless told.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


def witness(sandbox: Sandbox, realm_id: str) -> QuickBooks:
    """Somebody else's client, signed in to one company."""
    client_id, client_secret = sandbox.app()
    grant = next(client.refresh_token for client in sandbox.clients() if client.realm_id == realm_id)
    auth = AuthClient(client_id, client_secret, "http://localhost/", f"{sandbox.url}/.well-known/openid_configuration")
    # The witness closes no connection of its own; the server then does, after each answer.
    auth.close()
    auth.headers["Connection"] = "close"
    auth.refresh(refresh_token=grant)
    books = QuickBooks(
        auth_client=auth, refresh_token=auth.refresh_token, company_id=realm_id, minorversion=75, use_decimal=True
    )
    books.api_url_v3 = f"{sandbox.url}/v3"
    books.session.headers["Connection"] = "close"
    return books


def read_all(books: QuickBooks, entity: str) -> list[Row]:
    """Every object of an entity, inactive ones included, as the witness decoded it."""
    where = " WHERE Active IN (true, false)" if entity in _LISTS else ""
    rows: list[Row] = []
    while True:
        page = books.query(
            f"SELECT * FROM {entity}{where} ORDERBY Id STARTPOSITION {len(rows) + 1} MAXRESULTS {_PAGE_ROWS}"
        )
        found = page["QueryResponse"].get(entity, [])
        rows += found
        if len(found) < _PAGE_ROWS:
            return rows


def read_world(books: QuickBooks, home: str = "USD") -> dict[str, dict[str, Row]]:
    """Entity to id to the columns the mirror should hold, with ``lines`` and ``links``."""
    return world_of(lambda wire_name: read_all(books, wire_name), home)


def world_of(rows: Callable[[str], Iterable[Row]], home: str = "USD") -> dict[str, dict[str, Row]]:
    """The same from anything that gives an entity's objects with exact numbers."""
    return {
        name: {row["Id"]: columns(row, home) for row in rows(wire_name)}
        for name, (wire_name, columns) in _ENTITIES.items()
    }


def columns_of(wire_name: str, row: Row, home: str) -> Row:
    """One object as the mirror's columns."""
    by_name = dict(_ENTITIES.values())
    return by_name[wire_name](row, home)


def cents(amount: Decimal | int | None) -> int:
    value = Decimal(amount or 0) * 100
    assert value == int(value), f"the world has an amount of {amount}"
    return int(value)


def _ref(row: Row, name: str) -> str | None:
    return row[name]["value"] if name in row else None


def _name(row: Row, name: str) -> str | None:
    return row[name].get("name") if name in row else None


def _head(row: Row, home: str) -> Row:
    meta = row["MetaData"]
    return {
        "version": row["SyncToken"],
        "created_at": datetime.fromisoformat(meta["CreateTime"]),
        "updated_at": datetime.fromisoformat(meta["LastUpdatedTime"]),
        **({"currency": _ref(row, "CurrencyRef") or home} if "AccountType" in row or "DisplayName" in row else {}),
    }


_KIND = {
    "Bill": "bill",
    "BillPaymentCheck": "bill_payment",
    "BillPaymentCreditCard": "bill_payment",
    "BillPayment": "bill_payment",
    "VendorCredit": "vendor_credit",
    "PurchaseOrder": "purchase_order",
    "Invoice": "invoice",
    "Payment": "payment",
    "CreditMemo": "credit_memo",
    "SalesReceipt": "sales_receipt",
    "RefundReceipt": "refund_receipt",
    "Deposit": "deposit",
    "JournalEntry": "journal_entry",
}


def _document(row: Row, home: str, total: Decimal | None = None) -> Row:
    note = row.get("PrivateNote")
    total_minor = cents(row.get("TotalAmt") if total is None else total)
    lines = row.get("Line", [])
    return {
        **_head(row, home),
        "currency": _ref(row, "CurrencyRef") or home,
        "number": row.get("DocNumber"),
        "dated": row["TxnDate"],
        "exchange_rate": Decimal(row["ExchangeRate"]) if "ExchangeRate" in row else None,
        "total_minor": total_minor,
        "note": note,
        "voided": total_minor == 0 and (note or "").startswith("Voided"),
        "lines": sorted((_line(at, line) for at, line in enumerate(lines)), key=repr),
        "links": sorted(set(_links(row, lines)), key=repr),
    }


def _line(position: int, line: Row) -> tuple[Any, ...]:
    detail = line.get(line.get("DetailType", ""), {})
    entity = detail.get("Entity", {})
    if "EntityRef" in entity:
        party, kind = entity["EntityRef"]["value"], entity.get("Type")
    elif entity:
        party, kind = entity["value"], entity.get("type")
    else:
        party, kind = _ref(detail, "CustomerRef"), "customer" if "CustomerRef" in detail else None
    return (
        position,
        line.get("Id"),
        line.get("DetailType", "LinkedTxn"),
        cents(line.get("Amount")),
        line.get("Description"),
        _ref(detail, "AccountRef"),
        _ref(detail, "ItemRef"),
        party,
        kind.lower() if kind else None,
        detail.get("PostingType"),
    )


def _links(row: Row, lines: list[Row]) -> Iterable[tuple[Any, ...]]:
    for link in row.get("LinkedTxn", []):
        yield (-1, _KIND.get(link["TxnType"], link["TxnType"]), link["TxnId"], None)
    for at, line in enumerate(lines):
        for link in line.get("LinkedTxn", []):
            amount = cents(line.get("Amount")) if len(line["LinkedTxn"]) == 1 else None
            yield (at, _KIND.get(link["TxnType"], link["TxnType"]), link["TxnId"], amount)


def _account(row: Row, home: str) -> Row:
    return {
        **_head(row, home),
        "name": row["Name"],
        "full_name": row["FullyQualifiedName"],
        "kind": row["AccountType"],
        "sub_kind": row.get("AccountSubType"),
        "classification": row.get("Classification"),
        "active": row["Active"],
        "parent_id": _ref(row, "ParentRef"),
        "number": row.get("AcctNum"),
        "balance_minor": cents(row.get("CurrentBalance")),
    }


def _vendor(row: Row, home: str) -> Row:
    return {
        **_head(row, home),
        "name": row["DisplayName"],
        "active": row["Active"],
        "address": _address(row.get("BillAddr", {})),
        "email": row.get("PrimaryEmailAddr", {}).get("Address"),
        "term_id": _ref(row, "TermRef"),
        "account_number": row.get("AcctNum"),
        "reportable": row.get("Vendor1099", False),
        "balance_minor": cents(row.get("Balance")),
    }


def _customer(row: Row, home: str) -> Row:
    return {
        **_head(row, home),
        "name": row["DisplayName"],
        "full_name": row["FullyQualifiedName"],
        "parent_id": _ref(row, "ParentRef"),
        "job": row.get("Job", False),
        "active": row["Active"],
        "email": row.get("PrimaryEmailAddr", {}).get("Address"),
        "term_id": _ref(row, "SalesTermRef"),
        "balance_minor": cents(row.get("Balance")),
        "balance_with_jobs_minor": cents(row.get("BalanceWithJobs")),
    }


def _term(row: Row, home: str) -> Row:
    return {
        **_head(row, home),
        "name": row["Name"],
        "active": row["Active"],
        "due_days": row.get("DueDays"),
        "day_of_month": row.get("DayOfMonthDue"),
        "discount_basis_points": cents(row.get("DiscountPercent")),
        "discount_days": row.get("DiscountDays"),
    }


def _payable(row: Row, home: str) -> Row:
    return {**_document(row, home), "vendor_id": _ref(row, "VendorRef"), "vendor_name": _name(row, "VendorRef")}


def _bill(row: Row, home: str) -> Row:
    return {
        **_payable(row, home),
        "due": row.get("DueDate"),
        "balance_minor": cents(row["Balance"]),
        "tax_minor": cents(row.get("TxnTaxDetail", {}).get("TotalTax")),
        "term_id": _ref(row, "SalesTermRef"),
        "control_account_id": _ref(row, "APAccountRef"),
    }


def _bill_payment(row: Row, home: str) -> Row:
    by_card = "CreditCardPayment" in row
    return {
        **_payable(row, home),
        "method": "card" if by_card else "check",
        "account_id": _ref(row["CreditCardPayment"], "CCAccountRef")
        if by_card
        else _ref(row["CheckPayment"], "BankAccountRef"),
        "control_account_id": _ref(row, "APAccountRef"),
    }


def _vendor_credit(row: Row, home: str) -> Row:
    return {
        **_payable(row, home),
        "balance_minor": cents(row["Balance"]),
        "control_account_id": _ref(row, "APAccountRef"),
    }


def _purchase_order(row: Row, home: str) -> Row:
    return {**_payable(row, home), "due": row.get("DueDate"), "open": row["POStatus"] == "Open"}


def _sale(row: Row, home: str) -> Row:
    return {**_document(row, home), "customer_id": _ref(row, "CustomerRef"), "customer_name": _name(row, "CustomerRef")}


def _invoice(row: Row, home: str) -> Row:
    return {
        **_sale(row, home),
        "due": row.get("DueDate"),
        "balance_minor": cents(row["Balance"]),
        "tax_minor": cents(row.get("TxnTaxDetail", {}).get("TotalTax")),
        "term_id": _ref(row, "SalesTermRef"),
        "email": row.get("BillEmail", {}).get("Address"),
        "email_status": row.get("EmailStatus"),
    }


def _payment(row: Row, home: str) -> Row:
    return {
        **_sale(row, home),
        "unapplied_minor": cents(row.get("UnappliedAmt")),
        "deposit_account_id": _ref(row, "DepositToAccountRef"),
    }


def _credit_memo(row: Row, home: str) -> Row:
    return {
        **_sale(row, home),
        "balance_minor": cents(row["RemainingCredit"] if "RemainingCredit" in row else row["Balance"]),
    }


def _sales_receipt(row: Row, home: str) -> Row:
    return {**_sale(row, home), "deposit_account_id": _ref(row, "DepositToAccountRef")}


def _refund_receipt(row: Row, home: str) -> Row:
    return {**_sale(row, home), "account_id": _ref(row, "DepositToAccountRef")}


def _deposit(row: Row, home: str) -> Row:
    return {
        **_document(row, home),
        "account_id": _ref(row, "DepositToAccountRef"),
        "cash_back_minor": cents(row.get("CashBack", {}).get("Amount")),
    }


def _purchase(row: Row, home: str) -> Row:
    party = row.get("EntityRef", {})
    return {
        **_document(row, home),
        "account_id": _ref(row, "AccountRef"),
        "method": row["PaymentType"].lower(),
        "party_id": party.get("value"),
        "party_kind": party["type"].lower() if "type" in party else None,
        "party_name": party.get("name"),
        "refund": row.get("Credit", False),
    }


def _transfer(row: Row, home: str) -> Row:
    said = _document(row, home, row["Amount"])
    return {
        **{name: value for name, value in said.items() if name not in {"lines", "links"}},
        "from_account_id": _ref(row, "FromAccountRef"),
        "to_account_id": _ref(row, "ToAccountRef"),
    }


def _journal_entry(row: Row, home: str) -> Row:
    return {**_document(row, home), "adjustment": row.get("Adjustment", False)}


_ENTITIES: dict[str, tuple[str, Callable[[Row, str], Row]]] = {
    "account": ("Account", _account),
    "vendor": ("Vendor", _vendor),
    "customer": ("Customer", _customer),
    "term": ("Term", _term),
    "bill": ("Bill", _bill),
    "bill_payment": ("BillPayment", _bill_payment),
    "vendor_credit": ("VendorCredit", _vendor_credit),
    "purchase_order": ("PurchaseOrder", _purchase_order),
    "invoice": ("Invoice", _invoice),
    "payment": ("Payment", _payment),
    "credit_memo": ("CreditMemo", _credit_memo),
    "sales_receipt": ("SalesReceipt", _sales_receipt),
    "refund_receipt": ("RefundReceipt", _refund_receipt),
    "deposit": ("Deposit", _deposit),
    "purchase": ("Purchase", _purchase),
    "transfer": ("Transfer", _transfer),
    "journal_entry": ("JournalEntry", _journal_entry),
}


def _address(said: Row) -> str | None:
    parts = ("Line1", "Line2", "Line3", "City", "CountrySubDivisionCode", "PostalCode", "Country")
    return ", ".join(said[part] for part in parts if said.get(part)) or None
