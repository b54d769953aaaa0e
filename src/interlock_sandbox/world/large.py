"""One company with very many rows, for measuring: the same kinds of documents, written with as little thought as can be.

Nothing is planted in it. Documents follow each other evenly over thirteen months; what was entered about a month ago is
paid, so the last month's bills and invoices are open.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle

from . import documents as doc
from .build import client_of
from .chance import Chance
from .desk import Body
from .founding import found
from .model import Firm
from .names import FIRM_NAME
from .pause import collector_paused
from .profiles import PROFILES, Profile
from .state import Company

REALM = "9341450000900001"
NAMES_PERMILLE = 20
OPEN_PERMILLE = 15
# One round of trading, in the order of the day; a round sweeps its own receipts to the bank.
ROUND = (
    "Bill", "Invoice", "BillPayment", "Payment", "Purchase", "Bill", "Invoice", "BillPayment", "Payment", "SalesReceipt",
    "Bill", "Invoice", "BillPayment", "Payment", "JournalEntry", "Bill", "Invoice", "BillPayment", "Payment", "Deposit",
)  # fmt: skip


@dataclass(slots=True)
class _Office:
    """What the writer needs at hand: ids, what is open, what waits for the bank."""

    company: Company
    chance: Chance
    step: timedelta
    now: datetime
    vendors: list[str] = field(default_factory=list)
    customers: list[str] = field(default_factory=list)
    owed: deque[tuple[str, str, int]] = field(default_factory=deque)
    due: deque[tuple[str, str, int]] = field(default_factory=deque)
    held: list[tuple[int, str, str]] = field(default_factory=list)
    written: int = 0

    def create(self, entity: str, body: Body) -> str:
        self.now += self.step
        self.written += 1
        stored: str = self.company.desk.books.create(entity, body, at=self.now)["Id"]
        return stored


def build_large(seed: int, as_of: date, rows: int) -> Firm:
    """A firm with one client whose books hold `rows` rows over all entities; too few to found a company is an error.

    Takes about 120 µs a row (60,000 rows in some 7 s on one core), nearly all of it double entry in the books.
    """
    with collector_paused():
        company = found(seed, _profile(), REALM, as_of)
        books = company.desk.books
        there = sum(len(books.records(entity)) for entity in books.shelves)
        if rows < there + len(ROUND):
            raise ValueError(f"a large company needs at least {there + len(ROUND)} rows, not {rows}")
        first = datetime(company.start.year, company.start.month, company.start.day, 20, tzinfo=UTC)
        span = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC) - first
        office = _Office(company, Chance(seed, "large"), span / (rows - there + 1), first)
        _meet(office, rows * NAMES_PERMILLE // 2000)
        for entity in cycle(ROUND):
            if there + office.written >= rows:
                break
            WRITERS[entity](office, (office.now - timedelta(hours=12)).date())
        company.open_day(as_of)
        return Firm(FIRM_NAME, [client_of(company, decoys=False)])


def _profile() -> Profile:
    name = "Longacre Wholesale Exchange"
    return replace(PROFILES[0], name=name, character="large", jobs=False, currency="", flaws=())


def _meet(office: _Office, count: int) -> None:
    chart = office.company.chart
    office.vendors = [one.id for one in office.company.suppliers]
    office.customers = [one.id for one in office.company.buyers]
    for number in range(count):
        name = f"Longacre Supplier {number:05d}"
        term = {"value": chart.terms["net30"]}
        office.vendors.append(office.create("Vendor", {"DisplayName": name, "TermRef": term}))
        email = {"Address": f"payables{number}@longacre-trade.example"}
        body: Body = {"DisplayName": f"Longacre Customer {number:05d}", "SalesTermRef": term, "PrimaryEmailAddr": email}
        office.customers.append(office.create("Customer", body))


def _bill(office: _Office, day: date) -> None:
    chart, cents = office.company.chart, office.chance.around(48_000, 800)
    vendor = office.chance.pick(office.vendors)
    lines = [doc.expense_line(chart.accounts["materials"], cents)]
    if cents % 4 == 0:
        lines.append(doc.expense_line(chart.accounts["freight"], 1_500, "Carriage"))
        cents += 1_500
    body = doc.bill(vendor, day, day + timedelta(days=30), f"L{office.written:07d}", lines)
    office.owed.append((office.create("Bill", body), vendor, cents))


def _bill_payment(office: _Office, day: date) -> None:
    """Pays the oldest bills; with none old enough yet, a small purchase is written in its place."""
    if len(office.owed) * 1000 < office.written * OPEN_PERMILLE:
        _purchase(office, day)
        return
    bill, vendor, cents = office.owed.popleft()
    link = [doc.link_line(cents, "Bill", bill)]
    checking = office.company.chart.accounts["checking"]
    number = office.company.check_number()
    office.create("BillPayment", doc.bill_payment(vendor, day, checking, False, number, link, cents))


def _invoice(office: _Office, day: date) -> None:
    chart, cents = office.company.chart, office.chance.around(61_000, 800)
    customer = office.chance.pick(office.customers)
    lines = [doc.sales_line(chart.items["service"], cents)]
    if cents % 3 == 0:
        lines.append(doc.sales_line(chart.items["retail"], 2_400, "Handling"))
        cents += 2_400
    email = "payables@longacre-trade.example"
    body = doc.invoice(customer, day, day + timedelta(days=30), f"{office.written + 100_000}", email, lines)
    office.due.append((office.create("Invoice", body), customer, cents))


def _payment(office: _Office, day: date) -> None:
    if len(office.due) * 1000 < office.written * OPEN_PERMILLE:
        _sales_receipt(office, day)
        return
    invoice, customer, cents = office.due.popleft()
    chart = office.company.chart
    link = [doc.link_line(cents, "Invoice", invoice)]
    funds, method = chart.accounts["undeposited"], chart.methods["check"]
    body = doc.payment(customer, day, funds, method, str(office.written), cents, link)
    office.held.append((cents, "Payment", office.create("Payment", body)))


def _sales_receipt(office: _Office, day: date) -> None:
    chart, cents = office.company.chart, office.chance.around(9_000, 600)
    funds, method, item = chart.accounts["undeposited"], chart.methods["card"], chart.items["retail"]
    body = doc.counter_sale(office.company.walk_in, day, funds, method, item, cents)
    office.held.append((cents, "SalesReceipt", office.create("SalesReceipt", body)))


def _deposit(office: _Office, day: date) -> None:
    checking = office.company.chart.accounts["checking"]
    office.create("Deposit", doc.deposit(day, checking, office.held, []))
    office.held.clear()


def _purchase(office: _Office, day: date) -> None:
    accounts = office.company.chart.accounts
    line = doc.expense_line(accounts["office"], office.chance.around(7_000, 800))
    shop = office.chance.pick(office.company.merchants)
    office.create("Purchase", doc.purchase(day, accounts["card"], "CreditCard", shop, [line]))


def _journal(office: _Office, day: date) -> None:
    accounts, cents = office.company.chart.accounts, office.chance.around(20_000, 500)
    lines = [
        doc.journal_line(accounts["wages"], cents, "Wages"),
        doc.journal_line(accounts["checking"], -cents, "Wages"),
    ]
    office.create("JournalEntry", doc.journal(day, f"PR-{office.written}", lines, "Payroll"))


WRITERS: dict[str, Callable[[_Office, date], None]] = {
    "Bill": _bill,
    "BillPayment": _bill_payment,
    "Invoice": _invoice,
    "Payment": _payment,
    "Purchase": _purchase,
    "SalesReceipt": _sales_receipt,
    "Deposit": _deposit,
    "JournalEntry": _journal,
}
