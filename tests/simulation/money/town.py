"""Everybody outside: bookkeepers in QuickBooks, people at the bank and at Ramp's screens. Each act is one thing that happens."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from interlock.domains.ap.payment_models import Disbursement
from interlock_sandbox.bookkeeping import command_of
from interlock_sandbox.books import BooksFault
from interlock_sandbox.ramp.model import Bill as RampBill
from tests.simulation.money.theatre import Client, MoneyTheatre
from tests.simulation.money.world import CHECKING, SUPPLIES, VENDORS

Row = dict[str, Any]


class Town:
    """One world's people. A thing that QuickBooks or Ramp refuses is let go and counted."""

    def __init__(self, theatre: MoneyTheatre, chance: random.Random) -> None:
        self.theatre = theatre
        self.chance = chance
        self.numbers = 1000
        self.paid_at_bank: dict[str, str] = {}
        """Intents paid by a person at the bank, with the bank line's id."""
        self.entered: set[str] = set()
        """Intents whose payment a bookkeeper entered in QuickBooks."""
        self.sent_back: set[str] = set()
        """Intents whose money came back, where the bank's text names one payment only."""

    # --- QuickBooks --------------------------------------------------------------------------------------------------

    def enter_bill(self, client: Client, cents: int | None = None, vendor: int | None = None) -> str:
        self.numbers += 1
        today = self.theatre.clock.now().date()
        cents = cents or self.chance.randint(4_000, 60_000)
        body = {
            "VendorRef": {"value": str(vendor or self.chance.randint(1, VENDORS - 1))}, "TxnDate": today.isoformat(),
            "DueDate": (today + timedelta(days=self.chance.randint(0, 12))).isoformat(),
            "DocNumber": f"B-{self.numbers}", "Line": [_expense(cents)],
        }  # fmt: skip
        return str(self.write(client, "create", "Bill", body)["Id"])

    def change_bill(self, client: Client, bill_id: str) -> bool:
        """Another amount, after it was approved."""
        bill = self.bill(client, bill_id)
        if bill is None or bill["Balance"] != bill["TotalAmt"]:
            return False
        cents = int(bill["TotalAmt"] * 100) + self.chance.choice([-500, 700, 1900])
        change = {"Id": bill_id, "SyncToken": bill["SyncToken"], "Line": [{**bill["Line"][0], "Amount": _money(cents)}]}
        return self.tried(client, "update", "Bill", change, sparse=True)

    def delete_bill(self, client: Client, bill_id: str) -> bool:
        bill = self.bill(client, bill_id)
        body = None if bill is None else {"Id": bill_id, "SyncToken": bill["SyncToken"]}
        return body is not None and self.tried(client, "delete", "Bill", body)

    def enter_payment(self, client: Client, rows: Sequence[Disbursement], *, off_by: int = 0) -> bool:
        """One payment in QuickBooks for bills of one vendor; ``off_by`` cents too little."""
        bills = [bill for row in rows if (bill := self.bill(client, row.bill_id)) is not None]
        if len(bills) < len(rows):
            return False
        lines = [
            {"Amount": _money(row.amount_minor - off_by), "LinkedTxn": [{"TxnId": row.bill_id, "TxnType": "Bill"}]}
            for row in rows
        ]
        total = sum(row.amount_minor - off_by for row in rows)
        self.numbers += 1
        done = self.tried(client, "create", "BillPayment", {
            "VendorRef": bills[0]["VendorRef"], "TotalAmt": _money(total), "PayType": "Check",
            "TxnDate": self.theatre.clock.now().date().isoformat(), "DocNumber": str(self.numbers),
            "CheckPayment": {"BankAccountRef": {"value": CHECKING}}, "Line": lines,
        })  # fmt: skip
        if done:
            self.entered.update(row.intent_id for row in rows)
        return done

    def delete_payment(self, client: Client, row: Disbursement) -> bool:
        payment = self.theatre.sandbox.companies[client.realm_id].find("BillPayment", row.ledger_payment_id or "")
        if payment is None:
            return False
        self.entered.discard(row.intent_id)
        return self.tried(
            client,
            "delete",
            "BillPayment",
            {
                "Id": payment.id,
                "SyncToken": self.theatre.sandbox.companies[client.realm_id].get("BillPayment", payment.id)[
                    "SyncToken"
                ],
            },
        )

    def close_books(self, client: Client, until: str | None) -> None:
        self.theatre.control("POST", f"companies/{client.realm_id}/close-books", {"date": until})

    # --- the bank ------------------------------------------------------------------------------------------------------

    def pay_at_bank(
        self, client: Client, rows: Sequence[Disbursement], *, pending: bool = False, off_by: int = 0
    ) -> str:
        """One debit for payments of one vendor."""
        total = sum(row.amount_minor for row in rows) + off_by
        line = self.move(client, -total, f"BILLPAY {self.vendor_of(client, rows[0])}", pending=pending)
        for row in rows:
            self.paid_at_bank[row.intent_id] = line
        return line

    def drop_line(self, client: Client, line: str) -> None:
        """A pending line never posts."""
        self.theatre.control("POST", f"bank/{client.realm_id}/lines/{line}/remove", {})

    def send_back(self, client: Client, row: Disbursement) -> str:
        """The payee's bank returns the money."""
        return self.move(client, row.amount_minor, f"ACH RETURN R03 {self.vendor_of(client, row)}")

    def move(self, client: Client, cents: int, name: str, *, pending: bool = False) -> str:
        sent = {"account": CHECKING, "amount_minor": cents, "name": name, "pending": pending}
        line = self.theatre.control("POST", f"bank/{client.realm_id}/lines", sent)["line"]
        return str(line["id"])

    # --- Ramp ----------------------------------------------------------------------------------------------------------

    def at_ramp(self, client: Client, key: str | None = None) -> list[RampBill]:
        """Bills there that carry one of our keys, or this one."""
        bills = self.theatre.ramp.businesses[client.realm_id].bills.values()
        return [
            bill
            for bill in bills
            if bill.remote_id and bill.remote_id.startswith("int_") and key in {None, bill.remote_id}
        ]

    def screen(self, client: Client, bill: RampBill, act: str, **how: Any) -> bool:
        """What a person does at Ramp's screen."""
        status, said = self.theatre.tried("POST", f"ramp/{client.realm_id}/bills/{bill.id}/{act}", how)
        self.theatre.met[f"at Ramp: {act}" if status == 200 else f"Ramp refused {act}"] += 1
        del said
        return status == 200

    def instruct(self, client: Client, bill: RampBill) -> bool:
        """A person chooses how a handed-off bill is paid."""
        business = self.theatre.ramp.businesses[client.realm_id]
        return self.screen(client, bill, "instruct", payment_details=self.theatre.soonest(business, bill))

    def batch(self, client: Client, bills: Sequence[RampBill]) -> bool:
        ids = {"bills": [bill.id for bill in bills]}
        status, _ = self.theatre.tried("POST", f"ramp/{client.realm_id}/batch", ids)
        self.theatre.met["at Ramp: batch" if status == 200 else "Ramp refused batch"] += 1
        return status == 200

    def settings(self, client: Client, **switches: Any) -> None:
        self.theatre.control("POST", f"ramp/{client.realm_id}/settings", switches)

    # --- finding things ------------------------------------------------------------------------------------------------

    def bill(self, client: Client, bill_id: str) -> Row | None:
        found = self.theatre.sandbox.companies[client.realm_id].find("Bill", bill_id)
        return None if found is None else self.theatre.sandbox.companies[client.realm_id].get("Bill", bill_id)

    def vendor_of(self, client: Client, row: Disbursement) -> str:
        found = self.theatre.sandbox.companies[client.realm_id].get("Vendor", row.vendor_id or "1")
        return str(found["DisplayName"]).upper()

    def by_vendor(self, rows: Sequence[Disbursement]) -> list[list[Disbursement]]:
        """Sometimes two payments of one vendor go together."""
        groups: dict[str | None, list[Disbursement]] = defaultdict(list)
        for row in rows:
            groups[row.vendor_id].append(row)
        found: list[list[Disbursement]] = []
        for group in groups.values():
            pair = len(group) == 2 and self.chance.random() < 0.5
            found += [group] if pair else [[row] for row in group]
        return found

    def tried(self, client: Client, operation: str, entity: str, body: Row, *, sparse: bool = False) -> bool:
        try:
            self.write(client, operation, entity, body, sparse=sparse)
        except BooksFault as refused:
            self.theatre.met[f"QuickBooks refused: {refused.code}"] += 1
            return False
        return True

    def write(self, client: Client, operation: str, entity: str, body: Row, *, sparse: bool = False) -> Row:
        said = {"entity": entity, "body": body, "sparse": sparse}
        made: Row = self.theatre.sandbox.write(command_of(self.theatre.sandbox, client.realm_id, operation, said))
        return made


def _expense(cents: int) -> Row:
    detail = {"AccountRef": {"value": SUPPLIES}}
    return {
        "Amount": _money(cents),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
