"""Whatever is entered, edited, voided or deleted, in any order, the books balance and the balances follow from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from interlock_sandbox.books import Books, BooksFault
from interlock_sandbox.qbo.aging import open_on

DAY = date(2026, 1, 1)
KINDS = (
    "Bill", "VendorCredit", "BillPayment", "Invoice", "CreditMemo", "Payment", "Deposit", "Purchase", "Transfer",
    "JournalEntry", "SalesReceipt",
)  # fmt: skip
# (what, amount in cents, day of the year, which earlier object to use)
Command = tuple[str, int, int, int]
COMMANDS = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, *KINDS, "edit", "void", "delete"]), st.integers(0, 5000), st.integers(0, 60),
        st.integers(0, 12),
    ),
    min_size=5,
    max_size=30,
)  # fmt: skip


class Bookkeeper:
    """Carries out drawn commands; what the books refuse does not happen."""

    def __init__(self) -> None:
        self.books = Books("1", "Property Ltd")
        self.at = datetime(2026, 1, 1, 17, tzinfo=UTC)
        make = self.books.create
        for name, kind in (("Bank", "Bank"), ("Card", "Credit Card"), ("Cost", "Expense"), ("Sales", "Income")):
            make("Account", {"Name": name, "AccountType": kind}, at=self.at)
        self.vendor = make("Vendor", {"DisplayName": "V"}, at=self.at)["Id"]
        self.customer = make("Customer", {"DisplayName": "C"}, at=self.at)["Id"]
        self.job = make("Customer", {"DisplayName": "J", "ParentRef": {"value": self.customer}}, at=self.at)["Id"]
        self.payable, self.receivable = self.books.standard("payable"), self.books.standard("receivable")
        self.accepted = 0

    def do(self, command: Command) -> None:
        what, cents, day, pick = command
        self.at += timedelta(minutes=1)
        try:
            if what in KINDS:
                self.books.create(what, self.body(what, Decimal(cents) / 100, day, pick), at=self.at)
            else:
                self.change(what, Decimal(cents) / 100, pick)
        except BooksFault:
            return
        self.accepted += 1

    def change(self, what: str, amount: Decimal, pick: int) -> None:
        found = [(kind, row) for kind in KINDS for row in self.books.rows(kind)]
        if not found:
            return
        kind, row = found[pick % len(found)]
        if what == "delete":
            self.books.delete(kind, row["Id"], at=self.at)
        elif what == "void":
            self.books.void(kind, row["Id"], at=self.at)
        else:
            lines = [{**line, "Amount": amount} for line in row.get("Line", [])[:1]]
            self.books.update(kind, {**row, "Line": lines, "TotalAmt": amount}, at=self.at)

    def body(self, what: str, amount: Decimal, day: int, pick: int) -> dict[str, Any]:
        dated: dict[str, Any] = {"TxnDate": (DAY + timedelta(days=day)).isoformat()}
        cost = {
            "Amount": amount, "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "3"}},
        }  # fmt: skip
        sale = {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
        who = {"CustomerRef": {"value": self.job if pick % 3 == 0 else self.customer}}
        if what in {"Bill", "VendorCredit"}:
            return {**dated, "VendorRef": {"value": self.vendor}, "Line": [cost]}
        if what in {"Invoice", "CreditMemo", "SalesReceipt"}:
            return {**dated, **who, "Line": [sale]}
        if what == "BillPayment":
            lines = self.uses("Bill", amount, pick) + (self.uses("VendorCredit", amount, pick) if pick % 2 else [])
            paid = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}
            return {**dated, **paid, "VendorRef": {"value": self.vendor}, "TotalAmt": amount, "Line": lines}
        if what == "Payment":
            lines = self.uses("Invoice", amount, pick) + (self.uses("CreditMemo", amount, pick) if pick % 2 else [])
            return {**dated, "CustomerRef": {"value": self.customer}, "TotalAmt": amount, "Line": lines}
        if what == "Deposit":
            receipts = [(kind, row) for kind in ("Payment", "SalesReceipt") for row in self.books.rows(kind)]
            kind, row = receipts[pick % len(receipts)] if receipts else ("Payment", {"Id": "0", "TotalAmt": 0})
            link = {"Amount": row["TotalAmt"], "LinkedTxn": [{"TxnId": row["Id"], "TxnType": kind}]}
            return {**dated, "DepositToAccountRef": {"value": "1"}, "Line": [link]}
        if what == "Purchase":
            return {
                **dated,
                "PaymentType": "CreditCard",
                "AccountRef": {"value": "2"},
                "Line": [cost],
                "Credit": pick % 2 == 0,
            }
        if what == "Transfer":
            return {**dated, "FromAccountRef": {"value": "1"}, "ToAccountRef": {"value": "2"}, "Amount": amount}
        return {**dated, "Line": [self.journal_line("Debit", amount, "3", None), self.control_line(amount, pick)]}

    def control_line(self, amount: Decimal, pick: int) -> dict[str, Any]:
        if pick % 2:
            return self.journal_line("Credit", amount, self.payable, ("Vendor", self.vendor))
        return self.journal_line("Credit", amount, self.receivable, ("Customer", self.job))

    def journal_line(self, posting: str, amount: Decimal, account: str, who: tuple[str, str] | None) -> dict[str, Any]:
        detail: dict[str, Any] = {"PostingType": posting, "AccountRef": {"value": account}}
        if who is not None:
            detail["Entity"] = {"Type": who[0], "EntityRef": {"value": who[1]}}
        return {"Amount": amount, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}

    def uses(self, kind: str, amount: Decimal, pick: int) -> list[dict[str, Any]]:
        rows = [row for row in self.books.rows(kind) if row["Balance"]]
        if not rows:
            return []
        row = rows[pick % len(rows)]
        return [{"Amount": min(amount, row["Balance"]), "LinkedTxn": [{"TxnId": row["Id"], "TxnType": kind}]}]


@settings(max_examples=120, deadline=None)
@given(COMMANDS)
def test_books_balance_and_everything_ties(commands: list[Command]) -> None:
    keeper = Bookkeeper()
    for command in commands:
        keeper.do(command)
    books = keeper.books
    assert sum(books.ledger.totals.values()) == 0, "account totals must sum to zero; look for an unbalanced posting"
    for txn_id, entry in books.ledger:
        assert sum(line.cents for line in entry.postings) == 0, f"{entry.entity} {txn_id} does not balance"
    owed = books.ledger.total(keeper.payable)
    assert -owed == books.open_items.balance("AP", keeper.vendor), "the vendor's balance must be the A/P ledger"
    customers = [row["Balance"] for row in books.rows("Customer")]
    assert sum(customers) * 100 == books.ledger.total(keeper.receivable), "customers' balances must sum to A/R"
    whole = books.get("Customer", keeper.customer)["BalanceWithJobs"]
    assert whole == sum(customers), "the parent's balance with jobs must hold its job"


@settings(max_examples=80, deadline=None)
@given(COMMANDS, st.integers(0, 70))
def test_open_items_of_any_day_sum_to_the_ledger_of_that_day(commands: list[Command], day: int) -> None:
    keeper = Bookkeeper()
    for command in commands:
        keeper.do(command)
    books = keeper.books
    ends = (DAY + timedelta(days=day)).isoformat()
    totals = books.ledger.totals_between(lambda dated: dated <= ends)
    assert sum(open_on(books, "AP", ends).values()) == -totals.get(keeper.payable, 0)
    assert sum(open_on(books, "AR", ends).values()) == totals.get(keeper.receivable, 0)


@settings(max_examples=60, deadline=None)
@given(COMMANDS)
def test_deleting_everything_leaves_nothing(commands: list[Command]) -> None:
    keeper = Bookkeeper()
    for command in commands:
        keeper.do(command)
    for kind in ("Deposit", "Payment", "BillPayment", *KINDS):
        for row in list(keeper.books.rows(kind)):
            keeper.books.delete(kind, row["Id"], at=keeper.at)
    assert not any(keeper.books.ledger.totals.values()), "an account kept a balance after its documents were deleted"
    assert not keeper.books.open_items.items
    assert not any(keeper.books.open_items.balances.values())
