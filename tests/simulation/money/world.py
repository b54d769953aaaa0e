"""Four small companies, each with its own way to pay, and the sandbox's vendors around them. Fictional throughout."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from interlock_sandbox.books import Books
from interlock_sandbox.sandbox import Sandbox, World, open_sandbox
from tests.simulation.stage import FarClock, StageLoop

AS_OF = date(2026, 11, 24)
VENDORS = 8
OPENING_CENTS = 40_000_000
NAMES = {
    "outside": "Tarn & Gable Joinery",
    "books_alone": "Oxbow Lantern Works",
    "hand_off": "Quillmoor Paper",
    "create": "Fernport Glass",
}
"""By how each pays: outside with a bank, outside with its books alone, handed off to Ramp, created in Ramp."""
CHECKING, SUPPLIES, EQUITY = "1", "2", "3"


@dataclass
class Shop:
    """A client company as the sandbox wants it."""

    name: str
    slug: str
    books: Books
    character: str = "small"
    planted: list[Any] = field(default_factory=list)


@dataclass
class Firm:
    name: str
    clients: list[Any]


def money_sandbox(seed: int, folder: Path, loop: StageLoop) -> Sandbox:
    """The world on its first day, on the loop's time. No bill is there yet."""
    sandbox = open_sandbox(World(seed, len(NAMES), AS_OF), folder, _firm)
    sandbox.clock = FarClock(loop)
    sandbox.throttle.timer = loop.time
    return sandbox


def _firm(world: World) -> Firm:
    del world
    return Firm("Plainly Fictional Ledgers", [_shop(place, name) for place, name in enumerate(NAMES.values())])


def _shop(place: int, name: str) -> Shop:
    books = Books(str(9341450000002000 + place), name)
    morning = datetime(2025, 11, 3, 17, tzinfo=UTC)
    for body in (
        {"Name": "Checking", "AccountType": "Bank", "AccountSubType": "Checking"},
        {"Name": "Supplies", "AccountType": "Expense"},
        {"Name": "Owner's equity", "AccountType": "Equity", "AccountSubType": "OwnersEquity"},
    ):
        books.create("Account", body, at=morning)
    address = {"Line1": "1 Mill Lane", "City": "Fernport", "CountrySubDivisionCode": "NY", "PostalCode": "10999"}
    for number in range(VENDORS):
        books.create("Vendor", {"DisplayName": f"{_VENDORS[number]} {place + 1}", "BillAddr": address}, at=morning)
    line = {
        "Amount": OPENING_CENTS // 100,
        "DetailType": "DepositLineDetail",
        "DepositLineDetail": {"AccountRef": {"value": EQUITY}},
    }
    deposit = {"TxnDate": "2025-11-03", "DepositToAccountRef": {"value": CHECKING}, "Line": [line]}
    books.create("Deposit", deposit, at=morning)
    for number in range(VENDORS):
        _known(books, number)
    return Shop(name, name.split()[0].lower(), books)


def _known(books: Books, number: int) -> None:
    """Every vendor was paid before, by check."""
    vendor, amount, at = {"value": str(number + 1)}, 200 + 13 * number, datetime(2026, 9, 1 + number, 17, tzinfo=UTC)
    detail = {"AccountRef": {"value": SUPPLIES}}
    line = {"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}
    day = at.date().isoformat()
    bill = {"VendorRef": vendor, "TxnDate": day, "DueDate": day, "DocNumber": f"A-{number}", "Line": [line]}
    made = books.create("Bill", bill, at=at)
    link = {"Amount": amount, "LinkedTxn": [{"TxnId": made["Id"], "TxnType": "Bill"}]}
    paid = {
        "VendorRef": vendor, "TxnDate": day, "TotalAmt": amount, "PayType": "Check", "DocNumber": str(501 + number),
        "Line": [link], "CheckPayment": {"BankAccountRef": {"value": CHECKING}},
    }  # fmt: skip
    books.create("BillPayment", paid, at=at)


_VENDORS = (
    "Ferrow Glass Works", "Halden Freight", "Marl Street Press", "Osier Packaging", "Penhallow Tools", "Rushmere Signs",
    "Saltgate Timber", "Wexcombe Cleaning",
)  # fmt: skip
