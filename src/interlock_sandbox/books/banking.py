"""Money moving between accounts: deposits, purchases, transfers, journal entries."""

from __future__ import annotations

from typing import Any

from interlock_sandbox.books.amounts import cents, money
from interlock_sandbox.books.document import Document, detail_lines, linked
from interlock_sandbox.books.fault import bad_reference, business, invalid_choice, missing
from interlock_sandbox.books.ledger import Posting
from interlock_sandbox.books.payables import EXPENSE_LINES, expense_postings
from interlock_sandbox.books.record import Body, Record

DEPOSITED_TYPES = frozenset({"Payment", "SalesReceipt", "RefundReceipt"})


class Deposit(Document):
    """Receipts swept out of Undeposited Funds (linked lines) and money from elsewhere (direct lines)."""

    entity = "Deposit"
    link_type = "Deposit"

    def prepare(self, body: Body) -> None:
        if "DepositToAccountRef" not in body:
            raise missing("DepositToAccountRef")
        if not body.get("Line"):
            raise missing("Line")
        total = 0
        swept = self.links(body)
        if len(set(swept)) != len(swept):
            raise business("A transaction appears twice in the deposit.")
        for number, line in enumerate(body["Line"], start=1):
            if "Amount" not in line:
                raise missing("Line.Amount")
            total += cents(line["Amount"])
            if linked(line):
                self._check_linked(line)
                line.pop("Id", None)
                line.pop("LineNum", None)
                line.pop("DetailType", None)
                continue
            if line.get("DetailType") != "DepositLineDetail":
                raise missing("Line.DetailType")
            if "AccountRef" not in line.get("DepositLineDetail", {}):
                raise missing("DepositLineDetail.AccountRef")
            line["Id"] = str(number)
            line["LineNum"] = number
        body["TotalAmt"] = money(total - cents(body.get("CashBack", {}).get("Amount", 0)))

    def _check_linked(self, line: Body) -> None:
        (txn_id, txn_type), *_ = linked(line)
        receipt = self.books.find(txn_type, txn_id) if txn_type in DEPOSITED_TYPES else None
        if receipt is None:
            raise business(
                f"Transaction {txn_type} {txn_id} can't be linked.", code="620", message="Txn can't be linked"
            )
        if receipt.body["DepositToAccountRef"]["value"] != self.books.standard("undeposited"):
            raise business(f"{txn_type} {txn_id} is not in Undeposited Funds.")
        if self.books.deposit_of(receipt) not in (None, self.books.entering):
            raise business(f"{txn_type} {txn_id} has been deposited already.")
        sign = -1 if txn_type == "RefundReceipt" else 1
        if cents(line["Amount"]) != sign * cents(receipt.body["TotalAmt"]):
            raise business(f"The deposit line of {txn_type} {txn_id} must be its whole amount.")
        line["LinkedTxn"] = [{"TxnId": txn_id, "TxnType": txn_type, "TxnLineId": "0"}]
        detail = {
            shown: receipt.body[field]
            for shown, field in (("PaymentMethodRef", "PaymentMethodRef"), ("CheckNum", "PaymentRefNum"))
            if field in receipt.body
        }
        line.pop("DepositLineDetail", None)
        if detail:
            line["DepositLineDetail"] = detail

    def postings(self, body: Body) -> list[Posting]:
        lines: list[Posting] = []
        for line in body["Line"]:
            amount = cents(line["Amount"])
            if linked(line):
                lines.append(Posting(self.books.standard("undeposited"), -amount))
                continue
            detail = line["DepositLineDetail"]
            lines.append(Posting(detail["AccountRef"]["value"], -amount, detail.get("Entity", {}).get("value")))
        back = body.get("CashBack", {})
        if "Amount" in back:
            if "AccountRef" not in back:
                raise missing("CashBack.AccountRef")
            lines.append(Posting(back["AccountRef"]["value"], cents(back["Amount"])))
        return [Posting(body["DepositToAccountRef"]["value"], -sum(line.cents for line in lines)), *lines]

    def links(self, body: Body) -> list[tuple[str, str]]:
        return [link for line in body["Line"] for link in linked(line)]


class Purchase(Document):
    """Expense, check, card charge, or card credit: they are one entity."""

    entity = "Purchase"
    link_type = "Purchase"

    def prepare(self, body: Body) -> None:
        kind = body.get("PaymentType")
        if kind is None:
            raise missing("PaymentType")
        if kind not in {"Cash", "Check", "CreditCard"}:
            raise invalid_choice("PaymentType", kind)
        if "AccountRef" not in body:
            raise missing("AccountRef")
        body["Line"] = detail_lines(body, EXPENSE_LINES)
        if kind == "CreditCard":
            body.setdefault("Credit", False)
        body["TotalAmt"] = money(sum(cents(line.get("Amount", 0)) for line in body["Line"]))

    def postings(self, body: Body) -> list[Posting]:
        sign = -1 if body.get("Credit") is True else 1
        party = body.get("EntityRef", {}).get("value")
        lines = [
            line._replace(party=line.party or party) if self.books.side_of(line.account) else line
            for line in expense_postings(self.books, body, sign)
        ]
        return [Posting(body["AccountRef"]["value"], -sum(line.cents for line in lines)), *lines]

    def links(self, body: Body) -> list[tuple[str, str]]:
        found = [link for link in linked(body) if link[1] == "PurchaseOrder"]
        for line in body["Line"]:
            found.extend(link for link in linked(line) if link[1] == "PurchaseOrder" and link not in found)
        return found

    def derived(self, record: Record, wire: Body) -> None:
        wire["PurchaseEx"] = _purchase_extra("1" if record.body["PaymentType"] == "Check" else "54")


class Transfer(Document):
    entity = "Transfer"
    link_type = "Transfer"

    def prepare(self, body: Body) -> None:
        for field in ("FromAccountRef", "ToAccountRef", "Amount"):
            if field not in body:
                raise missing(field)
        if body["FromAccountRef"]["value"] == body["ToAccountRef"]["value"]:
            raise business("Transfer from and to accounts must differ.")

    def postings(self, body: Body) -> list[Posting]:
        amount = cents(body["Amount"])
        return [Posting(body["ToAccountRef"]["value"], amount), Posting(body["FromAccountRef"]["value"], -amount)]


class JournalEntry(Document):
    """Lines with Id from "0"; receivable and payable lines need an Entity and carry open balances of their own."""

    entity = "JournalEntry"
    link_type = "JournalEntry"

    def prepare(self, body: Body) -> None:
        lines: list[Body] = body.get("Line", [])
        if len(lines) < 2:
            raise missing("Line")
        off = 0
        for number, line in enumerate(lines):
            off += self._line(number, line)
        if off:
            raise business("The debits and the credits of a journal entry must be equal.")
        body.setdefault("Adjustment", False)
        body.setdefault("TxnTaxDetail", {})
        body.pop("TotalAmt", None)

    def _line(self, number: int, line: Body) -> int:
        if line.get("DetailType") not in {"JournalEntryLineDetail", "DescriptionOnly"}:
            raise missing("Line.DetailType")
        line["Id"] = str(number)
        if line["DetailType"] == "DescriptionOnly":
            return 0
        if "Amount" not in line:
            raise missing("Line.Amount")
        detail = line.get("JournalEntryLineDetail", {})
        if "AccountRef" not in detail:
            raise missing("JournalEntryLineDetail.AccountRef")
        if detail.get("PostingType") not in {"Debit", "Credit"}:
            raise invalid_choice("JournalEntryLineDetail.PostingType", detail.get("PostingType"))
        return _journal_cents(line)

    def postings(self, body: Body) -> list[Posting]:
        lines: list[Posting] = []
        for line in body["Line"]:
            if line["DetailType"] == "DescriptionOnly":
                continue
            detail = line["JournalEntryLineDetail"]
            party = detail.get("Entity", {}).get("EntityRef", {}).get("value")
            side = self.books.side_of(detail["AccountRef"]["value"])
            if side is not None and party is not None:
                wanted = "Customer" if side == "AR" else "Vendor"
                if self.books.find(wanted, party) is None:
                    raise bad_reference("Names", party, "Line.JournalEntryLineDetail.Entity")
            lines.append(Posting(detail["AccountRef"]["value"], _journal_cents(line), party if side else None))
        return lines

    def derived(self, record: Record, wire: Body) -> None:
        del record
        wire.setdefault("TxnTaxDetail", {})


def _journal_cents(line: Body) -> int:
    amount = cents(line["Amount"])
    return amount if line["JournalEntryLineDetail"]["PostingType"] == "Debit" else -amount


def _purchase_extra(kind: str) -> dict[str, Any]:
    return {
        "any": [
            {
                "name": "{http://schema.intuit.com/finance/v3}NameValue",
                "declaredType": "com.intuit.schema.finance.v3.NameValue",
                "scope": "javax.xml.bind.JAXBElement$GlobalScope",
                "value": {"Name": "TxnType", "Value": kind},
                "nil": False,
                "globalScope": True,
                "typeSubstituted": False,
            }
        ]
    }
