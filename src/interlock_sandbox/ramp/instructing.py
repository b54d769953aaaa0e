"""Payment details of a bill to be created: the method they speak of, and whether it can be done (ramp.md §3, §4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from interlock_sandbox.ramp.faults import invalid, refused
from interlock_sandbox.ramp.form import Wrong, boolean, day, object_of, one_of, optional, uuid
from interlock_sandbox.ramp.life import business_days_before, days_under_way, earliest_arrival
from interlock_sandbox.ramp.model import BANK_METHODS, TO_AN_ACCOUNT, Business, Vendor
from interlock_sandbox.world.workdays import is_business_day

MANUALLY = (
    "CASH", "CHECK", "CROSS_BORDER_PAYMENT", "CRYPTO_WALLET_TRANSFER", "DIRECT_DEBIT", "DOMESTIC_WIRE_TRANSFER",
    "NON_RAMP_CREDIT_CARD", "OTHER", "PAID_IN_ERP",
)  # fmt: skip
_BANK = {"source_bank_account_id": uuid, "payment_arrival_date": day, "is_same_day": boolean}
FORMS = {
    "account": object_of(
        {**_BANK, "vendor_account_id": uuid}, ("source_bank_account_id", "payment_arrival_date", "vendor_account_id")
    ),
    "check": object_of(_BANK, ("source_bank_account_id", "payment_arrival_date")),
    "card": object_of({"spend_limit_id": uuid, "transaction_id": optional(uuid)}, ("spend_limit_id",)),
    "manual": object_of(
        {"manual_payment_method": one_of(*MANUALLY), "payment_date": day}, ("manual_payment_method", "payment_date")
    ),
}


def form_of(details: dict[str, Any], method: str | None) -> str:
    """Which form the details are in: by their method, or by the field only that form has."""
    if method is not None:
        return {"CHECK": "check", "CARD": "card", "PAID_MANUALLY": "manual"}.get(method, "account")
    if "manual_payment_method" in details:
        return "manual"
    if "spend_limit_id" in details:
        return "card"
    return "account" if "vendor_account_id" in details else "check"


def instruction(
    business: Business, vendor: Vendor, details: Any, method: str | None, now: datetime
) -> tuple[str, dict[str, Any]]:
    """The method and the checked details, with ``leaves_on``; refused in Ramp's words otherwise."""
    if not isinstance(details, dict):
        raise invalid("payment_details", "Invalid input type.")
    form = form_of(details, method)
    try:
        found: dict[str, Any] = FORMS[form](details)
    except Wrong as reason:
        raise invalid("payment_details", str(reason)) from reason
    if form == "manual":
        return "PAID_MANUALLY", found
    if form == "card":
        return "CARD", found
    source = business.source(found["source_bank_account_id"])
    if source is None or not source.pays_bills:
        raise refused("The source bank account is not a bill pay account of this entity.")
    chosen = _check(vendor) if form == "check" else _to_account(vendor, found["vendor_account_id"], method)
    found["leaves_on"] = _leaves_on(chosen, found, now).isoformat()
    return chosen, found


def soonest(business: Business, vendor: Vendor, now: datetime) -> dict[str, Any]:
    """What a person at the screen fills in: the first account that pays, to the vendor's first, to be there as soon as can be."""
    source = next((each for each in business.sources if each.pays_bills), None)
    account = vendor.accounts[0] if vendor.accounts else None
    method = account.payment_method if account else "CHECK"
    details = {
        "source_bank_account_id": source.id if source else "",
        "payment_arrival_date": earliest_arrival(method, now).isoformat(),
    }
    return {**details, "vendor_account_id": account.id} if account else details


def _check(vendor: Vendor) -> str:
    if vendor.address is None:
        raise refused("Checks need the vendor's mailing address.")
    return "CHECK"


def _to_account(vendor: Vendor, account_id: str, method: str | None) -> str:
    account = vendor.account(account_id)
    if account is None:
        raise refused("The vendor account does not belong to this vendor or is not verified.")
    if method is not None and method not in TO_AN_ACCOUNT:
        raise refused(f"The payment method {method} takes no vendor account.")
    chosen = method or account.payment_method
    if chosen != account.payment_method:
        raise refused(f"This vendor account is for {account.payment_method}, not for {chosen}.")
    return chosen


def _leaves_on(method: str, details: dict[str, Any], now: datetime) -> date:
    """The day the payment leaves, so that it arrives on the day asked for."""
    assert method in BANK_METHODS
    arrival, same_day = date.fromisoformat(details["payment_arrival_date"]), details.get("is_same_day") is True
    if same_day and method != "ACH":
        raise refused("Same-day delivery is available for ACH only.")
    if not is_business_day(arrival):
        raise refused("The payment arrival date is a weekend or a bank holiday.")
    first = earliest_arrival(method, now, same_day=same_day)
    if arrival < first:
        raise refused(f"The payment cannot arrive before {first.isoformat()}.")
    return business_days_before(arrival, days_under_way(method, same_day=same_day))
