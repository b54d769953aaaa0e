"""Hygiene problems of bills and vendors, put into the books on purpose.

Each function writes one instance of its rule on the company's current day and answers what it planted, or nothing when
the books hold no fitting document today (the planter then tries again tomorrow). Planted bills are not among those the
company means to pay, so they stay as they are until somebody mends them.
"""

from __future__ import annotations

from datetime import date, timedelta

from . import documents as doc
from .desk import money
from .model import Planted
from .people import new_supplier
from .purchasing import enter_bill, trade_cents
from .state import Company, OpenBill, Supplier
from .treasury import top_up
from .workdays import fiscal_year

CLOSED_BY_DAYS = 8
DUE_BEFORE_BY_DAYS = 12


def _some_supplier(company: Company) -> Supplier:
    choices = [one for one in company.suppliers if one.kind == "trade" and not one.foreign and not one.by_card]
    return company.chance.pick(choices)


def _fresh_bill(company: Company, at_least_days: int, at_most_days: int) -> OpenBill | None:
    """The latest whole, ordinary bill entered so many days ago, in no other plant's story yet."""
    first, last = (company.day - timedelta(days=days) for days in (at_most_days, at_least_days))
    fitting = [
        bill
        for bill in company.bills.values()
        if first <= bill.dated <= last and bill.supplier.kind == "trade" and bill.id not in company.copied
    ]
    whole = [bill for bill in fitting if company.desk.open_cents("Bill", bill.id) == bill.whole]
    if not whole:
        return None
    company.copied.add(whole[-1].id)
    return whole[-1]


def _found(rule: str, bill: OpenBill, note: str) -> list[Planted]:
    return [Planted(rule, "Bill", bill.id, money(bill.cents), note)]


def without_due_date(company: Company) -> list[Planted]:
    supplier = _some_supplier(company)
    bill = enter_bill(company, supplier, trade_cents(company, supplier))
    company.desk.change("Bill", bill.id, {"SalesTermRef": None, "DueDate": None})
    return _found("B01", bill, f"{supplier.name} {bill.number} has no due date and no terms")


def due_before_dated(company: Company) -> list[Planted]:
    supplier = _some_supplier(company)
    due = company.day - timedelta(days=DUE_BEFORE_BY_DAYS)
    bill = enter_bill(company, supplier, trade_cents(company, supplier), due=due)
    return _found("B02", bill, f"{supplier.name} {bill.number} is due before it is dated")


def from_inactive_vendor(company: Company) -> list[Planted]:
    supplier = new_supplier(company)
    bill = enter_bill(company, supplier, trade_cents(company, supplier))
    company.desk.change("Vendor", supplier.id, {"Active": False})
    return _found("B03", bill, f"{supplier.name} was made inactive while {bill.number} is open")


def without_number(company: Company) -> list[Planted]:
    supplier = _some_supplier(company)
    bill = enter_bill(company, supplier, trade_cents(company, supplier), number="")
    return _found("B04", bill, f"{supplier.name} sent a bill entered without its number")


def again_after_paid(company: Company) -> list[Planted]:
    """The number of a bill paid in an earlier fiscal year, written differently."""
    month = company.profile.fiscal_month
    this_year = fiscal_year(company.as_of, month)
    earlier = [
        bill
        for bill in company.settled
        if fiscal_year(bill.dated, month) < this_year
        and bill.supplier.kind == "trade"
        and not bill.supplier.foreign
        and bill.id not in company.copied
    ]
    if not earlier:
        return []
    original = earlier[-1]
    company.copied.add(original.id)
    number = original.number.lower().replace("-", " ")
    bill = enter_bill(company, original.supplier, original.whole, number=number)
    note = f"{bill.number} is {original.number} of {original.dated}, paid in an earlier fiscal year"
    return _found("B05", bill, note)


def again_while_open(company: Company) -> list[Planted]:
    original = _fresh_bill(company, 1, 20)
    if original is None:
        return []
    bill = enter_bill(company, original.supplier, original.whole, number=original.number.lower())
    return _found("B05", bill, f"{bill.number} was entered twice, the first still open")


def probably_again(company: Company) -> list[Planted]:
    original = _fresh_bill(company, 0, 6)
    if original is None:
        return []
    bill = enter_bill(company, original.supplier, original.whole)
    return _found("B06", bill, f"same vendor and amount as {original.number} within ten days, other number")


def paid_by_check(company: Company) -> list[Planted]:
    original = _fresh_bill(company, 3, 25)
    if original is None:
        return []
    company.bills.pop(original.id)
    top_up(company, original.cents)
    line = doc.expense_line(original.supplier.account, original.cents)
    checking = company.chart.accounts["checking"]
    body = doc.purchase(company.day, checking, "Check", original.supplier.id, [line], company.check_number())
    check = company.desk.create("Purchase", body)
    company.move("checking", -original.cents)
    return _found("B09", original, f"check {check} to {original.supplier.name} has its amount and is not linked to it")


def dated_in_closed_period(company: Company) -> list[Planted]:
    if not company.chart.books_closed:
        return []
    supplier = _some_supplier(company)
    dated = date.fromisoformat(company.chart.books_closed) - timedelta(days=CLOSED_BY_DAYS)
    bill = enter_bill(company, supplier, trade_cents(company, supplier), dated=dated)
    return _found("B10", bill, f"dated {dated}, books closed to {company.chart.books_closed}, still open")


def for_nothing(company: Company) -> list[Planted]:
    supplier = _some_supplier(company)
    bill = enter_bill(company, supplier, 0)
    return _found("B13", bill, f"{supplier.name} {bill.number} has a total of zero")


def uncategorized(company: Company) -> list[Planted]:
    supplier = _some_supplier(company)
    key = company.chance.pick(("uncategorized", "ask"))
    bill = enter_bill(company, supplier, trade_cents(company, supplier), account=company.chart.accounts[key])
    return _found("B15", bill, f"its line is coded to an account that decides nothing ({key})")


def credit_not_used(company: Company) -> list[Planted]:
    supplier = new_supplier(company)
    bill = enter_bill(company, supplier, trade_cents(company, supplier))
    cents = max(100, bill.cents * company.chance.between(10, 40) // 100)
    body = doc.vendor_credit(supplier.id, company.day, f"CR-{bill.number}", supplier.account, cents)
    credit = company.desk.create("VendorCredit", body)
    note = f"{supplier.name} has open credit {credit} of {money(cents)} while this bill is open"
    return [Planted("B22", "Bill", bill.id, money(cents), note)]


def accrued_to_payables(company: Company) -> list[Planted]:
    """A journal entry straight to A/P: the open bills no longer sum to the control account."""
    supplier = _some_supplier(company)
    cents = trade_cents(company, supplier)
    accounts = company.chart.accounts
    company.next_journal += 1
    lines = [
        doc.journal_line(accounts["professional"], cents, "Accrued"),
        doc.journal_line(accounts["payable"], -cents, "Accrued", ("Vendor", supplier.id)),
    ]
    number = f"AJ-{company.next_journal:04d}"
    entry = company.desk.create("JournalEntry", doc.journal(company.day, number, lines, "Accrual to payables"))
    return [Planted("X15", "JournalEntry", entry, money(cents), f"{number} credits A/P for {supplier.name}")]


def rent_every_month(company: Company) -> list[Planted]:
    """Not a finding: the landlord's equal monthly amounts, which a duplicate check must leave alone."""
    landlord = company.suppliers[0]
    rent = next(bill for bill in [*company.bills.values(), *reversed(company.settled)] if bill.supplier is landlord)
    return _found("B06", rent, f"{landlord.name} bills the same amount every month")
