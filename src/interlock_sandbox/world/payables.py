"""How the company pays its bills: the pay run, by habit and by what cash allows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby

from . import documents as doc
from .desk import Body
from .purchasing import rate_on
from .state import Company, OpenBill, Supplier
from .treasury import spend, top_up
from .wages import next_payday
from .workdays import is_business_day

PAY_RUN_WEEKDAY = 3
HORIZON_DAYS = {"early": 8, "on time": 6, "late": -9}
FORTNIGHTLY = frozenset({"on time"})
FLOOR_PERMILLE = 120
PART_PAYMENT_PERMILLE = 30
SPOILED_CHECK_PERMILLE = 8
STARVED_FLOOR_CENTS = 400_000
SAVE_FOR_WAGES_DAYS = 4
LOUD_FROM_OVERDUE, LOUD_BILLS = 60, 6
DRAWS_BELOW_OVERDUE, DRAW_FROM_CENTS = 35, 200_000
DRAW_WEEKDAYS = (0, 2, 4)
PART_FROM_CENTS = 50_000


def pay_bills(company: Company) -> None:
    """The pay run of the day, if there is one."""
    if company.profile.habit == "starved":
        _pay_what_cash_allows(company)
    elif company.day.weekday() == PAY_RUN_WEEKDAY or _moved_from_holiday(company.day):
        week = company.day.toordinal() // 7
        if week % 2 == 0 or company.profile.habit not in FORTNIGHTLY:
            _pay_due(company)


def _moved_from_holiday(day: date) -> bool:
    eve = day - timedelta(days=1)
    return eve.weekday() == PAY_RUN_WEEKDAY and not is_business_day(eve)


def _pay_due(company: Company) -> None:
    until = company.day + timedelta(days=HORIZON_DAYS[company.profile.habit])
    due = sorted((bill for bill in company.bills.values() if bill.due <= until), key=lambda bill: bill.supplier.id)
    floor = company.profile.revenue * FLOOR_PERMILLE // 10
    for _, group in groupby(due, key=lambda bill: bill.supplier.id):
        bills = list(group)
        total = sum(bill.cents for bill in bills)
        if not bills[0].supplier.by_card:
            top_up(company, total + floor)
        pay(company, bills, total)


def _pay_what_cash_allows(company: Company) -> None:
    """Oldest first, down to a floor that falls month by month; nothing in the days before wages.

    When too many suppliers wait, credit is drawn for the loudest; while few do, the owner still takes money out.
    """
    tomorrow = company.day + timedelta(days=1)
    if (next_payday(company, tomorrow) - company.day).days < SAVE_FOR_WAGES_DAYS:
        return
    waiting = sorted(company.bills.values(), key=lambda bill: (bill.due, bill.id))
    overdue = sum(bill.due < company.day for bill in waiting)
    floor = _starved_floor(company)
    if overdue > LOUD_FROM_OVERDUE:
        top_up(company, floor + sum(bill.cents for bill in waiting[:LOUD_BILLS]))
    spare = company.cash["checking"] - floor
    if overdue < DRAWS_BELOW_OVERDUE and company.day.weekday() in DRAW_WEEKDAYS and spare > DRAW_FROM_CENTS:
        spend(company, spare // 2, "owner_draws", "Owner's draw")
    for bill in waiting:
        spare = company.cash["checking"] - floor
        if bill.due > company.day + timedelta(days=3):
            break
        if bill.supplier.by_card or spare >= bill.cents:
            pay(company, [bill], bill.cents)
        elif spare >= PART_FROM_CENTS and bill.supplier.id not in company.credits:
            pay(company, [bill], spare // 10_000 * 10_000)


def _starved_floor(company: Company) -> int:
    """From most of the opening cash down to next to nothing three months before the world is first shown."""
    end = company.as_of - timedelta(days=90)
    left = max(0, (end - company.day).days)
    whole = max(1, (end - company.start).days)
    return max(STARVED_FLOOR_CENTS, company.profile.opening_cash * 80 * left // whole)


def pay(company: Company, bills: list[OpenBill], cents: int) -> None:
    """One payment to one supplier for one or several bills; less than their sum is a part payment of the last."""
    bills = list(_still_open(company, bills))
    cents = min(cents, sum(bill.cents for bill in bills))
    if not bills or cents <= 0:
        return
    supplier = bills[0].supplier
    if len(bills) == 1 and cents == bills[0].cents and company.chance.happens(PART_PAYMENT_PERMILLE):
        cents = max(1, cents // 2)
    links, paid = [], cents
    for bill in bills:
        part = min(paid, bill.cents)
        if part:
            links.append(doc.link_line(part, "Bill", bill.id))
        paid -= part
        bill.cents -= part
        if not bill.cents:
            company.settle(bill)
    _write_payment(company, supplier, links, cents)


def _write_payment(company: Company, supplier: Supplier, links: list[Body], cents: int) -> None:
    credit = company.credits.get(supplier.id)
    if credit and credit[1] < cents:
        del company.credits[supplier.id]
        links.append(doc.link_line(credit[1], "VendorCredit", credit[0]))
        cents -= credit[1]
    by_card = supplier.by_card and not supplier.foreign
    source = company.chart.accounts["card" if by_card else "checking"]

    def written(number: str) -> str:
        body = doc.bill_payment(supplier.id, company.day, source, by_card, number, links, cents)
        if supplier.foreign:
            body = doc.foreign(body, company.profile.currency, rate_on(company.profile.currency, company.day))
        return company.desk.create("BillPayment", body)

    first = written("" if by_card else company.check_number())
    if not by_card and not credit and company.chance.happens(SPOILED_CHECK_PERMILLE):
        company.desk.void("BillPayment", first)
        written(company.check_number())
    home = round(cents * rate_on(company.profile.currency, company.day)) if supplier.foreign else cents
    company.move("card" if by_card else "checking", home if by_card else -home)


def _still_open(company: Company, bills: Iterable[OpenBill]) -> Iterable[OpenBill]:
    """Those bills that are still there; once the world is live, someone else may have paid or deleted them."""
    for bill in bills:
        if company.live:
            left = company.desk.open_cents("Bill", bill.id)
            if left <= 0:
                company.bills.pop(bill.id, None)
                continue
            bill.cents = left
        yield bill
