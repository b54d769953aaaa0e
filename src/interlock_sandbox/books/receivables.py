"""Sales forms: invoices, credit memos, sales receipts, refund receipts and estimates."""

from __future__ import annotations

from interlock_sandbox.books.amounts import at_rate, cents, money
from interlock_sandbox.books.document import Document, detail_lines, due_date, exchange_rate, flat, linked
from interlock_sandbox.books.fault import missing
from interlock_sandbox.books.ledger import Posting
from interlock_sandbox.books.record import Body, Record

SALES_LINES = frozenset({"SalesItemLineDetail", "GroupLineDetail", "DescriptionOnly", "DiscountLineDetail"})


class SalesForm(Document):
    """A form with item lines, an optional discount and tax, and a sub-total line the server adds."""

    party_field: str | None = "CustomerRef"
    numbered = True
    sign = 1

    def prepare(self, body: Body) -> None:
        if self.party_field is not None and self.party_field not in body:
            raise missing(self.party_field)
        lines = detail_lines(body, SALES_LINES)
        total = subtotal = 0
        for line in flat(lines):
            kind = line.get("DetailType")
            if kind == "SalesItemLineDetail":
                line.setdefault(kind, {}).setdefault("TaxCodeRef", {"value": "NON"})
                subtotal += cents(line["Amount"])
        total = subtotal
        for line in lines:
            if line["DetailType"] == "DiscountLineDetail":
                total -= cents(line["Amount"])
        tax = body.setdefault("TxnTaxDetail", {})
        tax.setdefault("TotalTax", 0)
        body["Line"] = [
            *lines, {"Amount": money(subtotal), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
        ]  # fmt: skip
        body["TotalAmt"] = money(total + cents(tax["TotalTax"]))
        body.setdefault("ApplyTaxAfterDiscount", False)
        body.setdefault("PrintStatus", "NeedToPrint")
        body.setdefault("EmailStatus", "NotSet")
        customer = self.books.find("Customer", body.get("CustomerRef", {}).get("value", ""))
        if customer is not None:
            for field in ("BillAddr", "ShipAddr"):
                if field in customer.body:
                    body.setdefault(field, dict(customer.body[field]))

    def income(self, body: Body) -> list[Posting]:
        """Credits to income and tax, debits for discounts, all times the form's sign."""
        lines: list[Posting] = []
        for line in flat(body["Line"]):
            kind = line.get("DetailType")
            detail = line.get(kind, {}) if kind else {}
            if kind == "SalesItemLineDetail":
                item = detail.get("ItemRef", {}).get("value")
                account = self.books.item_account(item, "IncomeAccountRef") if item else self.books.standard("sales")
                lines.append(Posting(account, -self.sign * cents(line["Amount"])))
            elif kind == "DiscountLineDetail":
                given = detail.get("DiscountAccountRef", {}).get("value") or self.books.standard("discounts")
                lines.append(Posting(given, self.sign * cents(line["Amount"])))
        tax = cents(body["TxnTaxDetail"]["TotalTax"])
        if tax:
            lines.append(Posting(self.books.standard("sales_tax"), -self.sign * tax))
        return lines


class _OnAccount(SalesForm):
    """A form that stays open on the customer's account."""

    def prepare(self, body: Body) -> None:
        super().prepare(body)
        body.setdefault("ARAccountRef", self.books.standard_ref("receivable", body["CurrencyRef"]["value"]))

    def postings(self, body: Body) -> list[Posting]:
        lines = self.income(body)
        total = -sum(line.cents for line in lines)
        party = body["CustomerRef"]["value"]
        prepaid = cents(body.get("Deposit", 0))
        opening = [Posting(body["ARAccountRef"]["value"], total - prepaid, party)]
        if prepaid:
            account = body.get("DepositToAccountRef", {}).get("value") or self.books.standard("undeposited")
            opening.append(Posting(account, prepaid))
        return opening + lines

    def derived(self, record: Record, wire: Body) -> None:
        wire.pop("ARAccountRef", None)
        item = self.books.open_items.of(record.id)
        left = abs(item.open) if item else 0
        wire["Balance"] = money(left) if left else 0
        if "ExchangeRate" in record.body:
            total = at_rate(cents(record.body["TotalAmt"]), exchange_rate(record.body))
            wire["HomeTotalAmt"] = money(total)
            wire["HomeBalance"] = money(abs(item.home_open)) if item else 0


class Invoice(_OnAccount):
    entity = "Invoice"
    link_type = "Invoice"

    def prepare(self, body: Body) -> None:
        super().prepare(body)
        for field in ("AllowIPNPayment", "AllowOnlinePayment", "AllowOnlineCreditCardPayment", "AllowOnlineACHPayment"):
            body.setdefault(field, False)
        if self.books.entering is not None:
            return  # an edit: what is left out becomes empty (qbo.md §9), the due date too
        if "SalesTermRef" not in body:
            customer = self.books.find("Customer", body["CustomerRef"]["value"])
            if customer is not None and "SalesTermRef" in customer.body:
                body["SalesTermRef"] = {"value": customer.body["SalesTermRef"]["value"]}
        body.setdefault("DueDate", due_date(self.books, body))

    def links(self, body: Body) -> list[tuple[str, str]]:
        kinds = {"Estimate", "TimeActivity", "ReimburseCharge", "StatementCharge"}
        found = [link for link in linked(body) if link[1] in kinds]
        for line in body["Line"]:
            found.extend(link for link in linked(line) if link[1] in kinds and link not in found)
        return found

    def derived(self, record: Record, wire: Body) -> None:
        super().derived(record, wire)
        wire.setdefault("LinkedTxn", [])


class CreditMemo(_OnAccount):
    entity = "CreditMemo"
    link_type = "CreditMemo"
    sign = -1

    def derived(self, record: Record, wire: Body) -> None:
        super().derived(record, wire)
        wire["RemainingCredit"] = wire["Balance"]


class SalesReceipt(SalesForm):
    entity = "SalesReceipt"
    link_type = "SalesReceipt"
    party_field = None

    def prepare(self, body: Body) -> None:
        super().prepare(body)
        body.setdefault("DepositToAccountRef", self.books.standard_ref("undeposited"))

    def postings(self, body: Body) -> list[Posting]:
        lines = self.income(body)
        return [Posting(body["DepositToAccountRef"]["value"], -sum(line.cents for line in lines)), *lines]

    def derived(self, record: Record, wire: Body) -> None:
        del record
        wire["Balance"] = 0


class RefundReceipt(SalesReceipt):
    """``DepositToAccountRef`` is the account the refund is paid from."""

    entity = "RefundReceipt"
    link_type = "RefundReceipt"
    sign = -1

    def prepare(self, body: Body) -> None:
        if "DepositToAccountRef" not in body:
            raise missing("DepositToAccountRef")
        super().prepare(body)


class Estimate(SalesForm):
    """Non-posting; closed when an invoice links it."""

    entity = "Estimate"
    link_type = "Estimate"

    def prepare(self, body: Body) -> None:
        super().prepare(body)
        body.setdefault("TxnStatus", "Pending")

    def derived(self, record: Record, wire: Body) -> None:
        if any(kind == "Invoice" for _, kind in record.back_links):
            wire["TxnStatus"] = "Closed"
