"""How a company's books begin: its furniture, the people it deals with, and what it owned on the first day."""

from __future__ import annotations

from datetime import date

from interlock_sandbox.books import Books

from . import documents as doc
from .chance import Chance
from .chart import currency_ref, furnish
from .desk import Body, Desk
from .people import meet_buyers, meet_shops, meet_suppliers, slug_of
from .profiles import Profile
from .state import Company
from .workdays import add_months

HISTORY_MONTHS = 13
SAVINGS_PERMILLE = 350
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def found(seed: int, profile: Profile, realm_id: str, as_of: date) -> Company:
    """A company on its first day: 13 months before the month of `as_of`, with opening balances in its accounts."""
    start = add_months(as_of.replace(day=1), -HISTORY_MONTHS)
    slug = slug_of(profile.name)
    desk = Desk(Books(realm_id, profile.name, opened=start), profile.time_zone)
    desk.open(start)
    _settle_in(desk, profile, slug, start)
    company = Company(seed, slug, profile, as_of, start, desk, furnish(desk, profile))
    company.open_day(start)
    chance = Chance(seed, slug, "people")
    meet_suppliers(company, chance)
    meet_shops(company, chance)
    meet_buyers(company, chance)
    _open_balances(company)
    return company


def _settle_in(desk: Desk, profile: Profile, slug: str, start: date) -> None:
    city, state, code = profile.place
    address = {
        "Line1": "1 Market Street",
        "City": city,
        "CountrySubDivisionCode": state,
        "PostalCode": code,
        "Country": "USA",
    }
    info: Body = {
        "LegalName": f"{profile.name}, Inc.",
        "CompanyAddr": address,
        "LegalAddr": address,
        "CustomerCommunicationAddr": address,
        "Email": {"Address": f"office@{slug}.example"},
        "FiscalYearStartMonth": MONTHS[profile.fiscal_month - 1],
        "CompanyStartDate": start.isoformat(),
        "DefaultTimeZone": profile.time_zone,
    }
    desk.change("CompanyInfo", "1", info)
    current = desk.books.get("Preferences", "1")
    prefs: Body = {
        "AccountingInfoPrefs": {
            **current["AccountingInfoPrefs"],
            "FirstMonthOfFiscalYear": MONTHS[profile.fiscal_month - 1],
        },
        "CurrencyPrefs": {"MultiCurrencyEnabled": bool(profile.currency), "HomeCurrency": currency_ref("USD")},
        "TaxPrefs": {"UsingSalesTax": profile.sales_tax},
    }
    desk.change("Preferences", "1", prefs)


def _open_balances(company: Company) -> None:
    """The opening entry: what was in the bank, against opening balance equity."""
    accounts, cents = company.chart.accounts, company.profile.opening_cash * 100
    saved = cents * SAVINGS_PERMILLE // 1000 if company.profile.savings else 0
    lines = [doc.journal_line(accounts["checking"], cents - saved, "Opening balance")]
    if saved:
        lines.append(doc.journal_line(accounts["savings"], saved, "Opening balance"))
    lines.append(doc.journal_line(accounts["opening_equity"], -cents, "Opening balance"))
    company.desk.create("JournalEntry", doc.journal(company.start, "OPEN", lines, "Opening balances"))
    company.move("checking", cents - saved)
    company.move("savings", saved)
