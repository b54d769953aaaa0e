"""Bills, vendor credits and purchase orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interlock_sandbox.books.amounts import cents, money
from interlock_sandbox.books.document import Document, detail_lines, due_date, linked
from interlock_sandbox.books.fault import missing
from interlock_sandbox.books.ledger import Posting
from interlock_sandbox.books.record import Body, Record

if TYPE_CHECKING:
    from interlock_sandbox.books.register import Register

EXPENSE_LINES = frozenset({"AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail", "DescriptionOnly"})


def expense_postings(books: Register, body: Body, sign: int) -> list[Posting]:
    """One posting per line, to its account or its item's expense account."""
    lines: list[Posting] = []
    for line in body["Line"]:
        kind = line["DetailType"]
        if kind == "DescriptionOnly":
            continue
        detail = line.get(kind, {})
        if kind == "ItemBasedExpenseLineDetail":
            if "ItemRef" not in detail:
                raise missing("ItemBasedExpenseLineDetail.ItemRef")
            account = books.item_account(detail["ItemRef"]["value"], "ExpenseAccountRef")
        elif "AccountRef" in detail:
            account = detail["AccountRef"]["value"]
        else:
            raise missing("AccountBasedExpenseLineDetail.AccountRef")
        party = detail.get("CustomerRef", {}).get("value") if books.side_of(account) == "AR" else None
        lines.append(Posting(account, sign * cents(line["Amount"]), party))
    return lines


class _VendorDocument(Document):
    party_field = "VendorRef"
    sign = 1

    def prepare(self, body: Body) -> None:
        if "VendorRef" not in body:
            raise missing("VendorRef")
        body["Line"] = detail_lines(body, EXPENSE_LINES)
        for line in body["Line"]:
            if line["DetailType"] == "AccountBasedExpenseLineDetail":
                detail = line.setdefault("AccountBasedExpenseLineDetail", {})
                detail.setdefault("BillableStatus", "NotBillable")
                detail.setdefault("TaxCodeRef", {"value": "NON"})
        body["TotalAmt"] = money(sum(cents(line.get("Amount", 0)) for line in body["Line"]))

    def postings(self, body: Body) -> list[Posting]:
        lines = expense_postings(self.books, body, self.sign)
        account = body["APAccountRef"]["value"]
        return [Posting(account, -sum(line.cents for line in lines), body["VendorRef"]["value"]), *lines]

    def derived(self, record: Record, wire: Body) -> None:
        item = self.books.open_items.of(record.id)
        left = abs(item.open) if item else 0
        wire["Balance"] = money(left) if left else 0
        if "ExchangeRate" in record.body:
            wire["HomeBalance"] = money(abs(item.home_open)) if item else 0


class Bill(_VendorDocument):
    entity = "Bill"
    link_type = "Bill"

    def prepare(self, body: Body) -> None:
        super().prepare(body)
        body.setdefault("APAccountRef", self.books.standard_ref("payable", body["CurrencyRef"]["value"]))
        if self.books.entering is not None:
            return  # an edit: what is left out becomes empty (qbo.md §9), the due date too
        if "SalesTermRef" not in body:
            vendor = self.books.find("Vendor", body["VendorRef"]["value"])
            if vendor is not None and "TermRef" in vendor.body:
                body["SalesTermRef"] = {"value": vendor.body["TermRef"]["value"]}
        body.setdefault("DueDate", due_date(self.books, body))

    def links(self, body: Body) -> list[tuple[str, str]]:
        found = [link for link in linked(body) if link[1] in {"PurchaseOrder", "ReimburseCharge"}]
        for line in body["Line"]:
            found.extend(link for link in linked(line) if link[1] == "PurchaseOrder" and link not in found)
        return found


class VendorCredit(_VendorDocument):
    entity = "VendorCredit"
    link_type = "VendorCredit"
    sign = -1

    def prepare(self, body: Body) -> None:
        super().prepare(body)
        body.setdefault("APAccountRef", self.books.standard_ref("payable", body["CurrencyRef"]["value"]))


class PurchaseOrder(_VendorDocument):
    """Non-posting; closes when a bill or purchase links it."""

    entity = "PurchaseOrder"
    link_type = "PurchaseOrder"
    numbered = True

    def prepare(self, body: Body) -> None:
        super().prepare(body)
        body.setdefault("APAccountRef", self.books.standard_ref("payable", body["CurrencyRef"]["value"]))
        body.setdefault("POStatus", "Open")
        body.setdefault("EmailStatus", "NotSet")

    def postings(self, body: Body) -> list[Posting]:
        del body
        return []

    def derived(self, record: Record, wire: Body) -> None:
        if any(kind in {"Bill", "Purchase"} for _, kind in record.back_links):
            wire["POStatus"] = "Closed"
