"""What people do in QuickBooks while we read it: a seeded stream of edits through the sandbox's own commands."""

import random
from collections.abc import Callable
from typing import Any

from interlock_sandbox.bookkeeping import command_of
from interlock_sandbox.books import BooksFault
from interlock_sandbox.sandbox import Sandbox

Row = dict[str, Any]
_DELETABLE = ("Bill", "BillPayment", "Invoice", "Payment", "SalesReceipt", "Deposit", "Purchase", "JournalEntry")
_NOTED = ("Bill", "Invoice", "Payment", "SalesReceipt", "Purchase", "BillPayment")
_VOIDABLE = ("Invoice", "Payment", "SalesReceipt", "BillPayment")


class Bookkeepers:
    """One company's people. ``work`` does one random thing; a thing QuickBooks refuses is let go."""

    def __init__(self, sandbox: Sandbox, realm_id: str, chance: random.Random) -> None:
        self._sandbox = sandbox
        self._realm_id = realm_id
        self._books = sandbox.companies[realm_id]
        self._chance = chance
        self._made = 0
        self.done: dict[str, int] = {}

    def work(self, times: int = 1) -> None:
        acts: list[tuple[int, Callable[[], None]]] = [
            (5, self._enter_bill), (4, self._enter_invoice), (3, self._pay_bill), (3, self._take_payment),
            (4, self._sweep_into_deposit), (2, self._edit_deposit), (5, self._note), (4, self._delete), (2, self._void),
            (1, self._new_vendor), (1, self._deactivate), (1, self._rename), (2, self._change_amount), (1, self._merge),
        ]  # fmt: skip
        for _ in range(times):
            (act,) = self._chance.choices([act for _, act in acts], [weight for weight, _ in acts])
            try:
                act()
            except BooksFault:
                continue
            self.done[act.__name__] = self.done.get(act.__name__, 0) + 1

    def burst(self, times: int) -> None:
        """More changes at once than one answer holds, half of them deletions."""
        for _ in range(times // 2):
            for act in (self._enter_bill, self._delete):
                try:
                    act()
                except BooksFault:
                    continue

    # --- acts ---------------------------------------------------------------------------------------------------

    def _enter_bill(self) -> None:
        line = {
            "Amount": self._amount(),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": self._account("Expense")}},
        }
        self._write("create", "Bill", {
            "VendorRef": {"value": self._any("Vendor", Active=True)["Id"]}, "TxnDate": "2026-11-20",
            "DueDate": "2026-12-20", "DocNumber": f"S-{self._next()}", "Line": [line],
        })  # fmt: skip

    def _enter_invoice(self) -> None:
        item = self._any("Item")
        line = {
            "Amount": self._amount(),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}},
        }
        self._write(
            "create", "Invoice", {"CustomerRef": self._ref("Customer"), "TxnDate": "2026-11-21", "Line": [line]}
        )

    def _pay_bill(self) -> None:
        bill = self._open("Bill")
        line = {"Amount": bill["Balance"], "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}
        self._write("create", "BillPayment", {
            "VendorRef": bill["VendorRef"], "TotalAmt": bill["Balance"], "PayType": "Check", "TxnDate": "2026-11-23",
            "CheckPayment": {"BankAccountRef": {"value": self._account("Bank")}}, "Line": [line],
        })  # fmt: skip

    def _take_payment(self) -> None:
        invoice = self._open("Invoice")
        line = {"Amount": invoice["Balance"], "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
        self._write("create", "Payment", {
            "CustomerRef": invoice["CustomerRef"], "TotalAmt": invoice["Balance"], "TxnDate": "2026-11-23", "Line": [line],
        })  # fmt: skip

    def _sweep_into_deposit(self) -> None:
        waiting = [
            row for row in self._rows("Payment") + self._rows("SalesReceipt")
            if not row.get("LinkedTxn") and row["TotalAmt"] > 0
        ]  # fmt: skip
        if not waiting:
            return
        swept = self._chance.sample(waiting, min(len(waiting), self._chance.randint(1, 3)))
        lines = [self._swept(row) for row in swept]
        bank = {"value": self._account("Bank")}
        self._write("create", "Deposit", {"DepositToAccountRef": bank, "TxnDate": "2026-11-23", "Line": lines})

    def _edit_deposit(self) -> None:
        """Let a payment go out of a deposit: its link leaves without its own time moving."""
        deposit = self._any("Deposit")
        if len(deposit["Line"]) > 1:
            self._write("update", "Deposit", {**deposit, "Line": deposit["Line"][1:]})

    def _note(self) -> None:
        entity = self._chance.choice(_NOTED)
        row = self._any(entity)
        change = {"Id": row["Id"], "SyncToken": row["SyncToken"], "PrivateNote": f"Noted {self._next()}"}
        self._write("update", entity, change, sparse=True)

    def _change_amount(self) -> None:
        bill = self._open("Bill")
        if len(bill["Line"]) == 1:
            line = {**bill["Line"][0], "Amount": self._amount()}
            self._write(
                "update", "Bill", {"Id": bill["Id"], "SyncToken": bill["SyncToken"], "Line": [line]}, sparse=True
            )

    def _delete(self) -> None:
        entity = self._chance.choice(_DELETABLE)
        row = self._any(entity)
        self._write("delete", entity, {"Id": row["Id"], "SyncToken": row["SyncToken"]})

    def _void(self) -> None:
        entity = self._chance.choice(_VOIDABLE)
        row = self._any(entity)
        self._write("void", entity, {"Id": row["Id"], "SyncToken": row["SyncToken"]})

    def _new_vendor(self) -> None:
        self._write("create", "Vendor", {"DisplayName": f"Plainly Fictional Supply {self._next()}"})

    def _deactivate(self) -> None:
        row = self._any(self._chance.choice(["Vendor", "Customer"]), Active=True)
        entity = "Vendor" if "Vendor1099" in row else "Customer"
        self._write("update", entity, {"Id": row["Id"], "SyncToken": row["SyncToken"], "Active": False}, sparse=True)

    def _rename(self) -> None:
        row = self._any("Vendor", Active=True)
        change = {"Id": row["Id"], "SyncToken": row["SyncToken"], "DisplayName": f"{row['DisplayName']} {self._next()}"}
        self._write("update", "Vendor", change, sparse=True)

    def _merge(self) -> None:
        """One name becomes another; its documents' own times may stand still."""
        entity = self._chance.choice(["Vendor", "Customer"])
        winner, loser = self._any(entity, Active=True), self._any(entity, Active=True)
        ways = {
            "documents": self._chance.choice(["untouched", "touched"]),
            "trace": self._chance.choice(["deleted", "deleted", "none"]),
        }
        names = {"entity": entity, "winner": winner["Id"], "loser": loser["Id"], **ways}
        if winner["Id"] != loser["Id"]:
            self._sandbox.write(command_of(self._sandbox, self._realm_id, "merge", names))

    # --- finding things -----------------------------------------------------------------------------------------

    def _write(self, operation: str, entity: str, body: Row, *, sparse: bool = False) -> None:
        said = {"entity": entity, "body": body, "sparse": sparse}
        self._sandbox.write(command_of(self._sandbox, self._realm_id, operation, said))

    def _rows(self, entity: str) -> list[Row]:
        return list(self._books.rows(entity))

    def _any(self, entity: str, **wanted: Any) -> Row:
        rows = [row for row in self._rows(entity) if all(row.get(name) == value for name, value in wanted.items())]
        if not rows:
            raise BooksFault("610", "Object Not Found", f"no {entity} is left to work on")
        return self._chance.choice(rows)

    def _open(self, entity: str) -> Row:
        rows = [row for row in self._rows(entity) if row["Balance"] > 0]
        if not rows:
            raise BooksFault("610", "Object Not Found", f"no open {entity} is left to work on")
        return self._chance.choice(rows)

    def _ref(self, entity: str) -> Row:
        return {"value": self._any(entity, Active=True)["Id"]}

    def _account(self, kind: str) -> str:
        return str(self._any("Account", AccountType=kind, Active=True)["Id"])

    def _swept(self, row: Row) -> Row:
        kind = "Payment" if "UnappliedAmt" in row else "SalesReceipt"
        link = {"TxnId": row["Id"], "TxnType": kind, "TxnLineId": "0"}
        return {"Amount": row["TotalAmt"], "LinkedTxn": [link]}

    def _amount(self) -> str:
        return f"{self._chance.randint(1, 900)}.{self._chance.randint(0, 99):02}"

    def _next(self) -> int:
        self._made += 1
        return self._made
