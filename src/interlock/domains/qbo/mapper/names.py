"""Accounts, vendors, customers, terms and preferences."""

from decimal import Decimal

import msgspec

from interlock.domains.qbo import wire
from interlock.domains.qbo.mapper.parts import RAIL, Company, head, minor, ref_id
from interlock.rails import facts
from interlock.rails.errors import ContractBroken


def account(entity: wire.Account, raw: bytes, company: Company) -> facts.Account:
    currency = ref_id(entity.currency_ref) or company.home_currency
    return facts.Account(
        *head(entity),
        name=entity.name,
        full_name=entity.fully_qualified_name or entity.name,
        kind=entity.account_type,
        sub_kind=entity.account_sub_type,
        classification=entity.classification,
        active=entity.active,
        parent_id=ref_id(entity.parent_ref),
        number=entity.acct_num,
        currency=currency,
        balance_minor=minor(entity.current_balance, currency),
        raw=raw,
    )


def vendor(entity: wire.Vendor, raw: bytes, company: Company) -> facts.Vendor:
    currency = ref_id(entity.currency_ref) or company.home_currency
    return facts.Vendor(
        *head(entity),
        name=entity.display_name,
        active=entity.active,
        email=entity.primary_email_addr.address if entity.primary_email_addr else None,
        term_id=ref_id(entity.term_ref),
        account_number=entity.acct_num,
        reportable=entity.reportable,
        currency=currency,
        balance_minor=minor(entity.balance, currency),
        address=_on_one_line(entity.bill_addr),
        raw=raw,
    )


def customer(entity: wire.Customer, raw: bytes, company: Company) -> facts.Customer:
    currency = ref_id(entity.currency_ref) or company.home_currency
    balance = minor(entity.balance, currency)
    with_jobs = entity.balance_with_jobs
    return facts.Customer(
        *head(entity),
        name=entity.display_name,
        full_name=entity.fully_qualified_name or entity.display_name,
        parent_id=ref_id(entity.parent_ref),
        job=entity.job,
        active=entity.active,
        email=entity.primary_email_addr.address if entity.primary_email_addr else None,
        term_id=ref_id(entity.sales_term_ref),
        currency=currency,
        balance_minor=balance,
        balance_with_jobs_minor=balance if with_jobs is None else minor(with_jobs, currency),
        raw=raw,
    )


def term(entity: wire.Term, raw: bytes, _company: Company) -> facts.Term:
    return facts.Term(
        *head(entity),
        name=entity.name,
        active=entity.active,
        due_days=entity.due_days,
        day_of_month=entity.day_of_month_due,
        discount_basis_points=int((entity.discount_percent or Decimal(0)) * 100),
        discount_days=entity.discount_days,
        raw=raw,
    )


def preferences(raw: bytes, company: wire.Company) -> facts.Preferences:
    """The company's one row of settings, from the preferences' payload and CompanyInfo."""
    try:
        entity = msgspec.json.decode(raw, type=wire.Preferences)
    except msgspec.DecodeError as trouble:
        raise ContractBroken(
            RAIL, f"QuickBooks sent company settings we can't read: {trouble}.", "Preferences"
        ) from trouble
    currencies = entity.currency_prefs
    if currencies is None or currencies.home_currency is None:
        raise ContractBroken(
            RAIL, "QuickBooks didn't say which currency these books are kept in.", "CurrencyPrefs.HomeCurrency"
        )
    return facts.Preferences(
        *head(entity),
        company_name=company.company_name,
        home_currency=currencies.home_currency.value,
        multicurrency=currencies.multi_currency_enabled,
        closed_through=entity.accounting_info_prefs.book_close_date if entity.accounting_info_prefs else None,
        time_zone=company.default_time_zone,
        # Both answers: a row counts as changed when its payload does, and a company's name is in the other one.
        raw=b'{"CompanyInfo":' + msgspec.json.encode(company) + b',"Preferences":' + raw + b"}",
    )


def _on_one_line(address: wire.Address | None) -> str | None:
    """Its parts in order, without those that are empty; ``None`` when all are."""
    said = msgspec.structs.astuple(address) if address is not None else ()
    return ", ".join(part for each in said if (part := " ".join((each or "").split()))) or None
