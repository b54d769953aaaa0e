"""A bookkeeper clears the due date of a bill and of an invoice: it stays empty until someone fills it in."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from interlock_sandbox.books import Books

AT = datetime(2026, 3, 2, 17, tzinfo=UTC)


def books_with_terms() -> tuple[Books, dict[str, str]]:
    books = Books("9341450000000001", "Teasel Lane Tiles")
    ids = {"term": books.create("Term", {"Name": "Net 30", "DueDays": 30}, at=AT)["Id"]}
    term = {"value": ids["term"]}
    account = books.create("Account", {"Name": "Clay", "AccountType": "Cost of Goods Sold"}, at=AT)
    ids["account"] = account["Id"]
    ids["vendor"] = books.create("Vendor", {"DisplayName": "Marlpit Clay", "TermRef": term}, at=AT)["Id"]
    ids["customer"] = books.create("Customer", {"DisplayName": "Foxtail Inn", "SalesTermRef": term}, at=AT)["Id"]
    return books, ids


def emptied(books: Books, entity: str, written: dict[str, Any]) -> dict[str, Any]:
    body = {"Id": written["Id"], "SyncToken": written["SyncToken"], "DueDate": None, "SalesTermRef": None}
    return books.update(entity, body, at=AT, sparse=True)


def test_a_bill_gets_its_due_date_from_terms_and_loses_it_when_emptied() -> None:
    books, ids = books_with_terms()
    line = {
        "Amount": Decimal("120.00"),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": ids["account"]}},
    }
    body = {"VendorRef": {"value": ids["vendor"]}, "TxnDate": "2026-03-02", "Line": [line]}
    written = books.create("Bill", body, at=AT)
    assert written["DueDate"] == "2026-04-01", "a new bill without a due date takes it from the vendor's terms"
    left = emptied(books, "Bill", written)
    assert "DueDate" not in left, "an edit that empties the due date must leave it absent (omitted becomes empty)"
    assert left["Balance"] == Decimal("120.00"), "emptying the due date must not change what is open"


def test_an_invoice_gets_its_due_date_from_terms_and_loses_it_when_emptied() -> None:
    books, ids = books_with_terms()
    line = {"Amount": Decimal("80.00"), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
    body = {"CustomerRef": {"value": ids["customer"]}, "TxnDate": "2026-03-02", "Line": [line]}
    written = books.create("Invoice", body, at=AT)
    assert written["DueDate"] == "2026-04-01", "a new invoice without a due date takes it from the customer's terms"
    left = emptied(books, "Invoice", written)
    assert "DueDate" not in left, "an edit that empties the due date must leave it absent (omitted becomes empty)"
