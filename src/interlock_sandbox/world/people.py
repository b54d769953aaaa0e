"""Whom a company deals with: suppliers, customers and their jobs, shops where the card is used."""

from __future__ import annotations

from dataclasses import dataclass

from .chance import Chance
from .chart import TERMS, currency_ref
from .desk import Body
from .documents import ref
from .names import (
    CUSTOMER_PLACES,
    CUSTOMERS,
    FIRM_NAME,
    MERCHANTS,
    NEWCOMER_PLACES,
    NEWCOMER_TRADES,
    SUPPLIER_PLACES,
    SUPPLIERS,
    SURNAMES,
)
from .state import Buyer, Company, Supplier

FOREIGN_PLACES = {"EUR": ("Steinbach", "Valdoro"), "GBP": ("Wexcombe", "Little Tarrow")}
FOREIGN_DAYS = (6, 20)
FOREIGN_WEIGHT = 6
WALK_IN = "Counter Sales"
FAMILY_TRADES = frozenset({"school"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing supplier every company has: monthly, on a day, costing so many thousandths of the month's revenue."""

    noun: str
    kind: str
    account: str
    terms: str
    day: int
    share: int
    by_card: bool = False


STANDING = (
    Standing("Power & Water", "metered", "utilities", "net30", 8, 9),
    Standing("Telecom", "metered", "telephone", "net15", 12, 4, by_card=True),
    Standing("Mutual Insurance", "fixed", "insurance", "net30", 20, 11),
    Standing("Cleaning Company", "fixed", "repairs", "net15", 28, 6),
    Standing("Software", "fixed", "software", "net15", 15, 9, by_card=True),
    Standing("Equipment Leasing", "fixed", "repairs", "net30", 10, 8),
)
TRADE_ACCOUNTS = ("materials", "materials", "materials", "freight", "materials", "repairs", "materials", "travel")
TRADE_TERMS = ("net30", "net30", "net15", "prompt2", "net30", "tenth", "net30", "net15")


def slug_of(name: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def _address(place: tuple[str, str, str], number: int) -> Body:
    city, state, code = place
    return {"Line1": f"{number} Market Street", "City": city, "CountrySubDivisionCode": state, "PostalCode": code}


def _supplier(company: Company, chance: Chance, name: str, spec: Standing, mean_cents: int) -> Supplier:
    foreign = name.split()[0] in _foreign_words(company)
    body: Body = {
        "DisplayName": name,
        "CompanyName": name,
        "PrintOnCheckName": name,
        "TermRef": ref(company.chart.terms[spec.terms]),
        "PrimaryEmailAddr": {"Address": f"accounts@{slug_of(name)}.example"},
        "BillAddr": _address(company.profile.place, chance.between(10, 990)),
        "CurrencyRef": currency_ref(company.profile.currency if foreign else "USD"),
        "Vendor1099": spec.noun == "Cleaning Company",
    }
    return Supplier(
        id=company.desk.create("Vendor", body),
        name=name,
        kind=spec.kind,
        account=company.chart.accounts[spec.account],
        terms_key=spec.terms,
        terms=TERMS[spec.terms],
        mean_cents=mean_cents,
        prefix="".join(word[0] for word in name.split() if word[0].isalpha())[:3].upper() + str(chance.between(1, 9)),
        day_of_month=spec.day,
        by_card=spec.by_card,
        foreign=foreign,
        next_number=chance.between(1000, 8000),
    )


def _foreign_words(company: Company) -> frozenset[str]:
    places = FOREIGN_PLACES.get(company.profile.currency, ())
    return frozenset(place.split()[0] for place in places)


def meet_suppliers(company: Company, chance: Chance) -> None:
    """The landlord, the standing suppliers, the accountants and the suppliers of the trade."""
    profile = company.profile
    places = chance.sample(SUPPLIER_PLACES, len(SUPPLIER_PLACES))
    revenue_cents = profile.revenue * 100
    landlord = Standing("Properties", "fixed", "rent", "net15", 1, 0)
    company.suppliers.append(_supplier(company, chance, f"{places.pop()} Properties", landlord, profile.rent * 100))
    accountants = Standing("Accounting", "fixed", "professional", "net15", 5, 0)
    company.suppliers.append(_supplier(company, chance, FIRM_NAME, accountants, 48_000 + revenue_cents // 250))
    for spec in STANDING:
        mean = revenue_cents * spec.share // 1000
        company.suppliers.append(_supplier(company, chance, f"{places.pop()} {spec.noun}", spec, mean))
    nouns = SUPPLIERS[profile.trade]
    standing = len(company.suppliers)
    trade_bills = max(4, profile.bills_a_month - standing)
    mean = revenue_cents * profile.trade_cost_share // 1000 // trade_bills
    for noun, account, terms in zip(nouns, TRADE_ACCOUNTS, TRADE_TERMS, strict=True):
        spec = Standing(noun, "trade", account, terms, 0, 0, by_card=account == "freight")
        size = mean * chance.between(600, 1400) // 1000
        company.suppliers.append(_supplier(company, chance, f"{places.pop()} {noun}", spec, size))
    for place, day in zip(FOREIGN_PLACES.get(profile.currency, ()), FOREIGN_DAYS, strict=False):
        spec = Standing(nouns[0], "metered", "materials", "net30", day, 0)
        company.suppliers.append(_supplier(company, chance, f"{place} {nouns[0]}", spec, mean))
    _former(company, "Vendor", f"{places.pop()} {nouns[1]}")


def _former(company: Company, entity: str, name: str) -> None:
    """Somebody the company no longer deals with: made inactive, never deleted."""
    body: Body = {"DisplayName": name, "CompanyName": name, "CurrencyRef": currency_ref("USD")}
    company.desk.change(entity, company.desk.create(entity, body), {"Active": False})


def new_supplier(company: Company) -> Supplier:
    """A supplier used once or twice, met while trading."""
    company.newcomers += 1
    place = NEWCOMER_PLACES[company.newcomers % len(NEWCOMER_PLACES)]
    name = f"{place} {NEWCOMER_TRADES[company.newcomers // len(NEWCOMER_PLACES) % len(NEWCOMER_TRADES)]}"
    mean = company.profile.revenue * 100 // 60
    return _supplier(company, company.chance, name, Standing("", "once", "materials", "net30", 0, 0), mean)


def meet_shops(company: Company, chance: Chance) -> None:
    for name in chance.sample(MERCHANTS, 8):
        body: Body = {"DisplayName": name, "CompanyName": name, "CurrencyRef": currency_ref("USD")}
        company.merchants.append(company.desk.create("Vendor", body))


def lateness(chance: Chance, punctuality: str) -> tuple[int, int]:
    """(p50, p80) in days past due for one customer of such a clientele."""
    kind = chance.pick(("prompt", "usual", "usual", "slow")) if punctuality == "mixed" else punctuality
    if kind == "prompt":
        p50 = chance.between(-6, 0)
        return p50, p50 + chance.between(2, 5)
    if kind == "slow":
        p50 = chance.between(10, 26)
        return p50, p50 + chance.between(9, 22)
    p50 = chance.between(0, 8)
    return p50, p50 + chance.between(4, 13)


def new_buyer(company: Company, chance: Chance, name: str, *, parent: str = "", email: bool = True) -> Buyer:
    """Write a customer (or a job under `parent`) and remember how it pays."""
    profile = company.profile
    foreign = name.split()[0] in _foreign_words(company)
    address = f"payables@{slug_of(name)}.example" if email else ""
    key = profile.customer_terms
    body: Body = {
        "DisplayName": name,
        "CompanyName": name,
        "SalesTermRef": ref(company.chart.terms[key]),
        "BillAddr": _address(profile.place, chance.between(10, 990)),
        "CurrencyRef": currency_ref(profile.currency if foreign else "USD"),
    }
    if address:
        body["PrimaryEmailAddr"] = {"Address": address}
        body["PreferredDeliveryMethod"] = "Email"
    if parent:
        body |= {"Job": True, "ParentRef": ref(parent), "BillWithParent": False}
    p50, p80 = lateness(chance, profile.punctuality)
    return Buyer(
        id=company.desk.create("Customer", body),
        name=name,
        email=address,
        terms_key=key,
        terms=TERMS[key],
        p50=p50,
        p80=p80,
        pays_by="ach" if foreign else chance.pick(("check", "check", "ach", "card")),
        weight=FOREIGN_WEIGHT if foreign else chance.between(1, 4),
        foreign=foreign,
    )


def newcomer(company: Company, *, email: bool = True) -> Buyer:
    """A customer who comes once; not among those who keep buying."""
    company.newcomers += 1
    nouns = CUSTOMERS[company.profile.trade]
    place = NEWCOMER_PLACES[company.newcomers % len(NEWCOMER_PLACES)]
    name = f"{place} {nouns[company.newcomers // len(NEWCOMER_PLACES) % len(nouns)]}"
    return new_buyer(company, company.chance, name, email=email)


def meet_buyers(company: Company, chance: Chance) -> None:
    """The customers: some with two jobs each, a foreign one where the company trades in another currency."""
    profile = company.profile
    count = min(24, max(10, profile.invoices_a_month * 6 // 10))
    if profile.trade in FAMILY_TRADES:
        names = [f"{surname} Family" for surname in chance.sample(SURNAMES, count)]
    else:
        nouns = CUSTOMERS[profile.trade]
        places = chance.sample(CUSTOMER_PLACES, count)
        names = [f"{place} {nouns[index % len(nouns)]}" for index, place in enumerate(places)]
    for name in names:
        company.buyers.append(new_buyer(company, chance, name))
    if profile.jobs:
        for parent in list(company.buyers[:3]):
            for part in ("East Wing", "Second Phase"):
                job = new_buyer(company, chance, f"{parent.name.split()[0]} {part}", parent=parent.id)
                company.buyers.append(job)
    for place in FOREIGN_PLACES.get(profile.currency, ())[:1]:
        company.buyers.append(new_buyer(company, chance, f"{place} {CUSTOMERS[profile.trade][0]}"))
    company.walk_in = new_buyer(company, chance, WALK_IN).id
    _former(company, "Customer", f"{profile.place[0]} Stores")
