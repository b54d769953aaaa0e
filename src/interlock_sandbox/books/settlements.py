"""Payments: money against documents, and credits used up on the way (qbo.md §9, §10)."""

from __future__ import annotations

from interlock_sandbox.books.amounts import at_rate, cents, money
from interlock_sandbox.books.document import Document, Settles, exchange_rate, linked, voided
from interlock_sandbox.books.fault import business, invalid_choice, missing
from interlock_sandbox.books.ledger import Posting
from interlock_sandbox.books.openitems import OpenItem, Side, home_share
from interlock_sandbox.books.record import Body, Record

_JAXB = {
    "name": "{http://schema.intuit.com/finance/v3}NameValue",
    "declaredType": "com.intuit.schema.finance.v3.NameValue",
    "scope": "javax.xml.bind.JAXBElement$GlobalScope",
}


class _Settlement(Document):
    """``TotalAmt`` plus credits used pays documents; the rest stays open on the payment itself."""

    side: Side = "AR"
    party_field = "CustomerRef"
    control_field = "ARAccountRef"
    settled_types = frozenset[str]()

    def money_account(self, body: Body) -> str:
        """Where the money is taken from or put."""
        return str(body["DepositToAccountRef"]["value"])

    def settles(self, body: Body) -> list[Settles]:
        found: list[Settles] = []
        for line in body.get("Line", []):
            for txn_id, txn_type in linked(line):
                found.append(Settles(txn_id, txn_type, cents(line["Amount"], "Line.Amount")))
        return found

    def prepare(self, body: Body) -> None:
        assert self.party_field is not None
        if self.party_field not in body:
            raise missing(self.party_field)
        party = body[self.party_field]["value"]
        charges = credit = 0
        for line in body.get("Line", []):
            if "Amount" not in line:
                raise missing("Line.Amount")
            for key in ("Id", "LineNum", "DetailType"):
                line.pop(key, None)
            links = line.get("LinkedTxn", [])
            if len(links) != 1:
                raise missing("Line.LinkedTxn")
            line["LinkedTxn"] = [{"TxnId": str(links[0].get("TxnId", "")), "TxnType": links[0].get("TxnType", "")}]
        for use in self.settles(body):
            target = self.target(party, use)
            if use.cents < 0:
                raise business("A line that pays a transaction cannot be negative.")
            if target.open < 0:
                credit += use.cents
            else:
                charges += use.cents
        total = cents(body["TotalAmt"]) if "TotalAmt" in body else charges - credit
        if total < 0 or total + credit < charges:
            raise business("The amount applied is more than the payment and its credits.")
        body["TotalAmt"] = money(total)

    def target(self, party: str, use: Settles) -> OpenItem:
        """The open item a line pays; of the right type, for the same party, with enough left."""
        record = self.books.find(use.txn_type, use.txn_id) if use.txn_type in self.settled_types else None
        if record is None:
            raise business(
                f"Transaction {use.txn_type} {use.txn_id} can't be linked.", code="620", message="Txn can't be linked"
            )
        item = self.books.open_items.items.get((use.txn_id, self.side, party)) or self.books.family_item(
            self.side, party, use.txn_id
        )
        if item is None or use.cents > abs(item.open):
            left = money(abs(item.open)) if item else 0
            raise business(f"You can't apply {money(use.cents)} to {use.txn_type} {use.txn_id}: {left} is open.")
        return item

    def home_postings(self, body: Body) -> list[Posting]:
        """Control account at the rates of what is paid, money at this payment's rate, the difference to exchange."""
        assert self.party_field is not None
        party = body[self.party_field]["value"]
        sign = 1 if self.side == "AR" else -1
        total = cents(body["TotalAmt"])
        rate = exchange_rate(body)
        own, home = 0, 0
        for use in self.settles(body):
            item = self.target(party, use)
            signed = use.cents if item.open >= 0 else -use.cents
            own += signed
            home += home_share(item, signed)
        control = home + at_rate(total - own, rate)
        paid = at_rate(total, rate)
        lines = [
            Posting(body[self.control_field]["value"], -sign * control, party),
            Posting(self.money_account(body), sign * paid),
        ]
        if control != paid:
            lines.append(Posting(self.books.standard("exchange"), sign * (control - paid)))
        return lines

    def postings(self, body: Body) -> list[Posting]:
        assert self.party_field is not None
        sign = 1 if self.side == "AR" else -1
        total = cents(body["TotalAmt"])
        return [
            Posting(body[self.control_field]["value"], -sign * total, body[self.party_field]["value"]),
            Posting(self.money_account(body), sign * total),
        ]

    def void(self, body: Body) -> Body:
        return {**voided(body), "Line": []}


class BillPayment(_Settlement):
    entity = "BillPayment"
    link_type = "BillPaymentCheck"
    side: Side = "AP"
    party_field = "VendorRef"
    control_field = "APAccountRef"
    settled_types = frozenset({"Bill", "VendorCredit", "JournalEntry", "Deposit"})

    def prepare(self, body: Body) -> None:
        kind = body.get("PayType")
        if kind is None:
            raise missing("PayType")
        if kind == "Check":
            if "BankAccountRef" not in body.get("CheckPayment", {}):
                raise missing("CheckPayment.BankAccountRef")
            body["CheckPayment"].setdefault("PrintStatus", "NotSet")
        elif kind == "CreditCard":
            if "CCAccountRef" not in body.get("CreditCardPayment", {}):
                raise missing("CreditCardPayment.CCAccountRef")
        else:
            raise invalid_choice("PayType", kind)
        super().prepare(body)
        body.setdefault("APAccountRef", self.books.standard_ref("payable", body["CurrencyRef"]["value"]))

    def money_account(self, body: Body) -> str:
        if body["PayType"] == "Check":
            return str(body["CheckPayment"]["BankAccountRef"]["value"])
        return str(body["CreditCardPayment"]["CCAccountRef"]["value"])


class Payment(_Settlement):
    entity = "Payment"
    link_type = "Payment"
    settled_types = frozenset({"Invoice", "CreditMemo", "JournalEntry", "Deposit", "Expense", "Check"})

    def prepare(self, body: Body) -> None:
        if "TotalAmt" not in body and not body.get("Line"):
            raise missing("TotalAmt")
        super().prepare(body)
        body.setdefault("ProcessPayment", False)
        body.setdefault("ARAccountRef", self.books.standard_ref("receivable", body["CurrencyRef"]["value"]))
        deposit_to = body.get("DepositToAccountRef", self.books.standard_ref("undeposited"))
        body["DepositToAccountRef"] = {"value": deposit_to["value"]}
        for line in body.get("Line", []):
            line["LineEx"] = self._line_extra(body["CustomerRef"]["value"], line["LinkedTxn"][0])

    def _line_extra(self, party: str, link: Body) -> Body:
        """The JAXB-shaped extras of a payment line: id, open balance before this payment, number."""
        target = self.books.find(link["TxnType"], link["TxnId"])
        item = self.books.open_items.items.get((link["TxnId"], self.side, party)) or self.books.family_item(
            self.side, party, link["TxnId"]
        )
        pairs = {"txnId": link["TxnId"], "txnOpenBalance": str(money(abs(item.open))) if item else "0"}
        if target is not None and "DocNumber" in target.body:
            pairs["txnReferenceNumber"] = target.body["DocNumber"]
        return {
            "any": [
                {
                    **_JAXB,
                    "value": {"Name": name, "Value": value},
                    "nil": False,
                    "globalScope": True,
                    "typeSubstituted": False,
                }
                for name, value in pairs.items()
            ]
        }

    def derived(self, record: Record, wire: Body) -> None:
        wire.pop("ARAccountRef", None)
        item = self.books.open_items.of(record.id)
        left = -item.open if item else 0
        wire["UnappliedAmt"] = money(left) if left else 0
