"""Payroll: every second Friday, or on the 15th and the last day, and what is withheld remitted monthly."""

from __future__ import annotations

from datetime import date, timedelta

from . import documents as doc
from .state import Company
from .treasury import spend, top_up
from .workdays import month_end, on_or_after, on_or_before

FORTNIGHT = 14
EMPLOYER_TAX_PER_TEN_THOUSAND = 765
WITHHELD_PERMILLE = 220
REMIT_DAY = 15
FIRST_WAGES_AFTER_SHOWING_DAYS = 5


def paydays(company: Company, day: date) -> list[date]:
    """The paydays of the month before `day`, its own month and the next, in order."""
    if company.profile.payroll.cadence == "biweekly":
        anchor = company.as_of + timedelta(days=FIRST_WAGES_AFTER_SHOWING_DAYS)
        anchor += timedelta(days=(4 - anchor.weekday()) % 7)
        since = (day - anchor).days // FORTNIGHT
        return [on_or_before(anchor + timedelta(days=FORTNIGHT * (since + step))) for step in range(-1, 4)]
    first = day.replace(day=1)
    found = []
    for month in (
        month_end(first - timedelta(days=1)),
        month_end(first),
        month_end(month_end(first) + timedelta(days=1)),
    ):
        found += [on_or_before(month.replace(day=15)), on_or_before(month)]
    return found


def next_payday(company: Company, day: date) -> date:
    """The first payday on or after `day`."""
    return next(payday for payday in paydays(company, day) if payday >= day)


def gross_cents(company: Company) -> int:
    """One payday's gross: a business that grows hires after it has grown; one that shrinks keeps its people."""
    payroll = company.profile.payroll
    grown = max(0, company.level() - 1000) * 7 // 10
    monthly = payroll.monthly_gross * (1000 + grown) // 10
    return monthly * 12 // 26 if payroll.cadence == "biweekly" else monthly // 2


def pay_wages(company: Company) -> None:
    """Wages if today is payday, the month's withholding if today is its day."""
    if next_payday(company, company.day) == company.day:
        _pay(company, gross_cents(company))
    if company.day == on_or_after(company.day.replace(day=REMIT_DAY)):
        owed = company.cash.get("payroll_liabilities", 0)
        if owed > 0:
            spend(company, owed, "payroll_liabilities", "Payroll taxes remitted")
            company.cash["payroll_liabilities"] = 0


def _pay(company: Company, gross: int) -> None:
    accounts = company.chart.accounts
    tax = gross * EMPLOYER_TAX_PER_TEN_THOUSAND // 10_000
    if company.profile.payroll.style == "purchase":
        top_up(company, gross + tax)
        lines = [
            doc.expense_line(accounts["wages"], gross, "Wages"),
            doc.expense_line(accounts["payroll_tax"], tax, "Employer taxes"),
        ]
        body = doc.purchase(company.day, accounts["checking"], "Cash", "", lines)
        company.desk.create("Purchase", body | {"PrivateNote": "Payroll"})
        company.move("checking", -gross - tax)
        return
    withheld = gross * WITHHELD_PERMILLE // 1000
    net = gross - withheld
    top_up(company, net)
    lines = [
        doc.journal_line(accounts["wages"], gross, "Gross wages"),
        doc.journal_line(accounts["payroll_tax"], tax, "Employer taxes"),
        doc.journal_line(accounts["payroll_liabilities"], -(withheld + tax), "Withheld and owed"),
        doc.journal_line(accounts["checking"], -net, "Net pay"),
    ]
    company.next_journal += 1
    company.desk.create("JournalEntry", doc.journal(company.day, f"PR-{company.next_journal:04d}", lines, "Payroll"))
    company.move("checking", -net)
    company.move("payroll_liabilities", withheld + tax)
