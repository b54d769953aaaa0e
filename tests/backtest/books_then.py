"""A simulated company's books as they stood on any day of its past: only what was dated by then, and what came of it later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from interlock.runway.services.calculators.behaviour import Paid
from interlock.runway.services.calculators.placing import CardOwed, OpenBill, OpenInvoice, Waiting, Written
from interlock.runway.services.calculators.recurring import Movement
from interlock_sandbox.world import Client

HOME = "USD"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """What a payment put on one document. ``minor`` of cash; ``on``: when that money reached or left the bank."""

    document_id: str
    dated: date
    on: date
    minor: int


@dataclass(slots=True)
class BooksThen:
    """One company. Amounts in cents of the home currency; foreign documents are left out, as the path leaves them."""

    name: str
    invoices: list[Row] = field(default_factory=list)
    bills: list[Row] = field(default_factory=list)
    accounts: dict[str, Row] = field(default_factory=dict)
    receipts: list[Part] = field(default_factory=list)
    settled_in: dict[str, list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))
    payments: list[Part] = field(default_factory=list)
    settled_out: dict[str, list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))
    waits: list[tuple[Waiting, date]] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    takings: list[Written] = field(default_factory=list)
    bank: list[tuple[date, int]] = field(default_factory=list)
    card: dict[str, list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))

    def open_invoices(self, today: date) -> list[OpenInvoice]:
        """Open on ``today``, with what was open then."""
        return [
            OpenInvoice(row["Id"], row.get("DocNumber"), who(row, "CustomerRef"), None, day(row), due(row), HOME, minor)
            for row in self.invoices
            if day(row) <= today and (minor := self._open(row, self.settled_in, today)) > 0
        ]

    def open_bills(self, today: date) -> list[OpenBill]:
        return [
            OpenBill(
                row["Id"],
                row.get("DocNumber"),
                who(row, "VendorRef"),
                row["VendorRef"]["name"],
                day(row),
                due(row),
                HOME,
                minor,
                *self._accounts_of(row)[1:],
            )
            for row in self.bills
            if day(row) <= today and (minor := self._open(row, self.settled_out, today)) > 0
        ]

    def paid(self, today: date) -> list[Paid]:
        """Receipts known on ``today``, each with the day its money reached the bank."""
        by_id = {row["Id"]: row for row in self.invoices}
        return [
            Paid(
                who(by_id[each.document_id], "CustomerRef"),
                due(by_id[each.document_id]) or each.dated,
                each.on,
                each.minor,
            )
            for each in self.receipts
            if each.on <= today and each.document_id in by_id
        ]

    def waiting(self, today: date) -> list[tuple[Waiting, date]]:
        """In Undeposited Funds on ``today``, with the day each was deposited later."""
        return [(each, deposited) for each, deposited in self.waits if each.dated <= today < deposited]

    def lags(self, today: date) -> list[Paid]:
        return [Paid(None, each.dated, deposited, each.minor) for each, deposited in self.waits if deposited <= today]

    def history(self, today: date) -> list[Movement]:
        """What detection sees: movements of the bank, and bills by their due date, entered by ``today``."""
        moved = [each for each in self.movements if each.dated <= today]
        return moved + [self._bill_movement(row) for row in self.bills if day(row) <= today]

    def cards(self, today: date) -> list[CardOwed]:
        owed = {account: sum(minor for on, minor in moved if on <= today) for account, moved in self.card.items()}
        return [
            CardOwed(account, self.accounts[account]["Name"], minor) for account, minor in owed.items() if minor > 0
        ]

    def balance(self, today: date) -> int:
        return sum(minor for on, minor in self.bank if on <= today)

    def written(self, rows: list[Row], today: date) -> list[Written]:
        return [Written(day(row), due(row), cents(row["TotalAmt"])) for row in rows if day(row) <= today]

    def _open(self, row: Row, settled: dict[str, list[tuple[date, int]]], today: date) -> int:
        return cents(row["TotalAmt"]) - sum(minor for on, minor in settled.get(row["Id"], ()) if on <= today)

    def bill_signature(self, row: Row) -> str:
        return f"bill:party:{who(row, 'VendorRef')}"

    def _bill_movement(self, row: Row) -> Movement:
        ids, names, kinds = self._accounts_of(row)
        vendor = row["VendorRef"]
        return Movement(
            "bill",
            row["Id"],
            due(row) or day(row),
            cents(row["TotalAmt"]),
            False,
            vendor["value"],
            vendor["name"],
            ids,
            names,
            kinds,
            None,
        )

    def _accounts_of(self, row: Row) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        ids = tuple(dict.fromkeys(account for account, _ in postings(row)))
        return self.named(ids)

    def named(self, ids: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        rows = [self.accounts[each] for each in ids]
        return ids, tuple(row["Name"] for row in rows), tuple(row["AccountType"] for row in rows)


def read(client: Client) -> BooksThen:
    """All of it, once: what was known when is asked of the result."""
    then = BooksThen(client.name)
    rows = client.books.rows
    then.accounts = {row["Id"]: row for row in rows("Account")}
    then.invoices = [row for row in rows("Invoice") if at_home(row) and row["TotalAmt"]]
    then.bills = [row for row in rows("Bill") if at_home(row) and row["TotalAmt"]]
    deposited = {
        (link["TxnType"], link["TxnId"]): day(row)
        for row in rows("Deposit")
        for line in row["Line"]
        for link in line.get("LinkedTxn", ())
    }
    _customers_payments(then, client, deposited)
    _bill_payments(then, client)
    _own_movements(then, client)
    return then


def _customers_payments(then: BooksThen, client: Client, deposited: dict[tuple[str, str], date]) -> None:
    for row in client.books.rows("Payment"):
        if not at_home(row):
            continue
        waits = _is_undeposited(then, row["DepositToAccountRef"]["value"])
        reached = deposited.get(("Payment", row["Id"]), date.max) if waits else day(row)
        left = cents(row["TotalAmt"])
        if left and waits:
            then.waits.append((_waiting("payment", row), reached))
        for target, minor in links(row, "Invoice"):
            then.settled_in[target].append((day(row), minor))
            cash = min(left, minor)
            left -= cash
            if cash:
                then.receipts.append(Part(target, day(row), reached, cash))
    for row in client.books.rows("SalesReceipt"):
        reached = deposited.get(("SalesReceipt", row["Id"]), date.max)
        then.waits.append((_waiting("sales_receipt", row), reached))
        then.takings.append(Written(day(row), None, cents(row["TotalAmt"])))


def _bill_payments(then: BooksThen, client: Client) -> None:
    for row in client.books.rows("BillPayment"):
        if not at_home(row):
            continue
        by_bank = row["PayType"] == "Check"
        credits = sum(minor for _, minor in links(row, "VendorCredit"))
        for target, minor in links(row, "Bill"):
            then.settled_out[target].append((day(row), minor))
            used = min(credits, minor)
            credits -= used
            if by_bank and minor > used:
                then.payments.append(Part(target, day(row), day(row), minor - used))


def _own_movements(then: BooksThen, client: Client) -> None:
    banks = {id for id, row in then.accounts.items() if row["AccountType"] == "Bank"}
    cards = {id for id, row in then.accounts.items() if row["AccountType"] == "Credit Card"}
    seen = {"Purchase": "purchase", "JournalEntry": "journal_entry", "Transfer": "transfer"}
    for txn_id, entry in client.books.ledger:
        on = date.fromisoformat(entry.date)
        cash = sum(each.cents for each in entry.postings if each.account in banks)
        if cash:
            then.bank.append((on, cash))
        for each in entry.postings:
            if each.account in cards:
                then.card[each.account].append((on, -each.cents))
        if cash and entry.entity in seen:
            others = tuple(sorted({each.account for each in entry.postings if each.account not in banks}))
            row = client.books.get(entry.entity, txn_id)
            party = row.get("EntityRef", {})
            movement = Movement(
                seen[entry.entity],
                txn_id,
                on,
                abs(cash),
                cash > 0,
                party.get("value"),
                party.get("name"),
                *then.named(others),
                row.get("PrivateNote"),
            )
            then.movements.append(movement)


def _waiting(kind: str, row: Row) -> Waiting:
    return Waiting(kind, row["Id"], row.get("DocNumber"), None, day(row), HOME, cents(row["TotalAmt"]))


def _is_undeposited(then: BooksThen, account: str) -> bool:
    return bool(then.accounts[account]["AccountSubType"] == "UndepositedFunds")


def links(row: Row, kind: str) -> Iterator[tuple[str, int]]:
    for line in row["Line"]:
        for link in line.get("LinkedTxn", ()):
            if link["TxnType"] == kind:
                yield link["TxnId"], cents(line["Amount"])


def postings(row: Row) -> Iterator[tuple[str, int]]:
    for line in row["Line"]:
        detail = line.get("AccountBasedExpenseLineDetail")
        if detail:
            yield detail["AccountRef"]["value"], cents(line["Amount"])


def at_home(row: Row) -> bool:
    return bool(row["CurrencyRef"]["value"] == HOME)


def who(row: Row, field_name: str) -> str:
    return str(row[field_name]["value"])


def day(row: Row) -> date:
    return date.fromisoformat(row["TxnDate"])


def due(row: Row) -> date | None:
    return date.fromisoformat(row["DueDate"]) if "DueDate" in row else None


def cents(amount: Decimal | int) -> int:
    return int(Decimal(amount) * 100)
