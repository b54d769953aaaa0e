"""Building a whole world: a firm and its clients, each with thirteen months and more of history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from .engine import run
from .flaws_in_bills import rent_every_month
from .founding import found
from .model import Client, Firm
from .names import FIRM_NAME, MORE_CLIENTS
from .pause import collector_paused
from .planting import plan
from .profiles import PROFILES, Profile
from .state import Company

FIRST_REALM = 9341450000001000
REALM_STEP = 137


def build(seed: int, clients: int, as_of: date) -> Firm:
    """A firm whose clients' books end with the day before `as_of`; the same arguments give the same books.

    The first five clients are growing, seasonal, in trouble, tidy and messy; twelve all differ; from the thirteenth on
    characters repeat under other names and sizes. Every instant written lies before midnight UTC of `as_of`.
    """
    if clients < 1:
        raise ValueError(f"a firm needs at least one client, not {clients}")
    with collector_paused():
        return Firm(FIRM_NAME, [_client(seed, index, as_of) for index in range(clients)])


def profile_of(index: int) -> Profile:
    """The character of the client at this place."""
    profile = PROFILES[index % len(PROFILES)]
    again = index // len(PROFILES)
    if not again:
        return profile
    word = MORE_CLIENTS[(index - len(PROFILES)) % len(MORE_CLIENTS)]
    lap = (index - len(PROFILES)) // len(MORE_CLIENTS)
    name = f"{word} {profile.name.split(' ', 1)[1]}" + (f" of Parish {lap}" if lap else "")
    scale = 100 + 9 * (again % 4)
    payroll = replace(profile.payroll, monthly_gross=profile.payroll.monthly_gross * scale // 100)
    return replace(
        profile,
        name=name,
        revenue=profile.revenue * scale // 100,
        rent=profile.rent * scale // 100,
        opening_cash=profile.opening_cash * scale // 100,
        payroll=payroll,
    )


def _client(seed: int, index: int, as_of: date) -> Client:
    profile = profile_of(index)
    company = found(seed, profile, str(FIRST_REALM + REALM_STEP * index), as_of)
    plan(company)
    run(company, company.start, as_of)
    return client_of(company)


def client_of(company: Company, *, decoys: bool = True) -> Client:
    """The company as the world shows it."""
    profile = company.profile
    return Client(
        name=profile.name,
        slug=company.slug,
        character=profile.character,
        realm_id=company.desk.books.realm_id,
        time_zone=profile.time_zone,
        books=company.desk.books,
        planted=company.planted,
        decoys=rent_every_month(company) if decoys else [],
        company=company,
    )
