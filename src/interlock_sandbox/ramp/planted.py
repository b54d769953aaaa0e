"""Disagreements between Ramp and the books, planted on purpose and listed: each is what one check must find."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from interlock_sandbox.bank.bank import Bank, movement
from interlock_sandbox.books.amounts import cents
from interlock_sandbox.ramp.life import POSTS_AT_UTC, at_hour, business_days_after, status_summary
from interlock_sandbox.ramp.model import Bill, Business, Payment, Planted
from interlock_sandbox.ramp.opening import RECENT_DAYS, Seeds, by_accounting_id, fits, instruct, mirrored, sent_before

PAID_DAYS_AGO = 6
UNDER_WAY_DAYS = 1
OTHER_AMOUNT_MINOR = 900

Plant = Callable[[Seeds, Business, Bank], list[Planted]]


def plant(seeds: Seeds, index: int, business: Business, bank: Bank) -> None:
    """Put this client's disagreements in, and list what the opening left wrong by itself."""
    for each in PLANTS.get(index % 6, ()):
        business.planted += each(seeds, business, bank)
    _under_way(seeds, business, bank)
    business.planted += [*_without_account(business), *_unlinked(business)]


def debit(business: Business, payment: Payment, name: str) -> dict[str, object]:
    """The bank's line for a payment that left: pending the same day, posted the next business day."""
    source = business.source(payment.source_id)
    assert source is not None and payment.effective_at is not None
    posted = at_hour(business_days_after(payment.effective_at.date(), 1), POSTS_AT_UTC)
    return movement(
        business.realm, source.qbo_account_id, -payment.amount_minor, name, pending_at=payment.effective_at,
        posted_at=posted, reference=payment.friendly_id, counterparty="Ramp",
    )  # fmt: skip


def debit_name(payment: Payment, vendor: str) -> str:
    """As the bank statement spells it."""
    return f"RAMP BILL PAY {payment.friendly_id} {vendor.upper()}"[:60]


def _waiting(business: Business) -> list[Bill]:
    """Bills with a payment instructed and nothing planted, the largest first."""
    taken = {planted.bill for planted in business.planted}
    found = [
        bill for bill in business.bills.values()
        if bill.id not in taken and bill.payment is not None and bill.payment.progress == "scheduled"
        and not bill.on_hold and bill.approval == "APPROVED"
    ]  # fmt: skip
    return sorted(found, key=lambda bill: (-bill.amount_minor, bill.id))


def _send(seeds: Seeds, business: Business, bank: Bank, bill: Bill, *, days: int, arrived: bool) -> None:
    payment = sent_before(seeds, business, bill, days=days, arrived=arrived)
    assert payment.effective_at is not None
    name = debit_name(payment, business.vendors[bill.vendor_id].name)
    bank.has_moved(debit(business, payment, name), payment.effective_at)


def _listed(rule: str, bill: Bill, note: str) -> Planted:
    qbo = None if bill.qbo_id is None else ("Bill", bill.qbo_id)
    return Planted(rule, bill.id, bill.vendor_id, qbo, bill.amount_minor, note)


def _paid_here_only(seeds: Seeds, business: Business, bank: Bank) -> list[Planted]:
    """X01."""
    for bill in _waiting(business)[1:2]:
        _send(seeds, business, bank, bill, days=PAID_DAYS_AGO, arrived=True)
        bill.never_syncs = True
        return [_listed("X01", bill, "Paid through Ramp days ago; its payment never came to QuickBooks.")]
    return []


def _paid_there_only(seeds: Seeds, business: Business, bank: Bank) -> list[Planted]:
    """X02."""
    del bank
    vendors = by_accounting_id(business, seeds)
    first = (seeds.as_of - timedelta(days=RECENT_DAYS)).isoformat()
    for payer in reversed(seeds.books.records("BillPayment").values()):
        links = [link for line in payer.body["Line"] for link in line.get("LinkedTxn", [])]
        record = seeds.books.find("Bill", links[0]["TxnId"]) if len(links) == 1 else None
        if payer.created.date().isoformat() < first or record is None or payer.voided or not fits(seeds, record):
            continue
        vendor = vendors.get(record.body["VendorRef"]["value"])
        whole = cents(payer.body["TotalAmt"]) == cents(record.body["TotalAmt"])
        if not whole or vendor is None or not vendor.accounts or seeds.uid("bill", record.id) in business.bills:
            continue
        bill = mirrored(seeds, business, vendor, record)
        bill.unaware = True
        instruct(seeds, business, vendor, bill, later=3)
        business.bills[bill.id] = bill
        return [_listed("X02", bill, f"Paid in QuickBooks by {payer.id}; its payment is still to leave through Ramp.")]
    return []


def _other_amount(seeds: Seeds, business: Business, bank: Bank) -> list[Planted]:
    """X03, by amount."""
    del seeds, bank
    for bill in _waiting(business)[-1:]:
        bill.lines[0].amount_minor += OTHER_AMOUNT_MINOR
        assert bill.payment is not None
        bill.payment.amount_minor = bill.amount_minor
        return [_listed("X03", bill, f"The amount is {OTHER_AMOUNT_MINOR} cents above QuickBooks'.")]
    return []


def _other_number(seeds: Seeds, business: Business, bank: Bank) -> list[Planted]:
    """X03, by number."""
    del seeds, bank
    for bill in _waiting(business)[2:3]:
        held = str(bill.invoice_number)
        bill.invoice_number = held[:-2] + held[-1] + held[-2] if held[-1] != held[-2] else f"{held}1"
        return [_listed("X03", bill, f"The invoice number is {bill.invoice_number}, in QuickBooks {held}.")]
    return []


def _under_way(seeds: Seeds, business: Business, bank: Bank) -> None:
    """One payment that left the day before: no disagreement, but money that only the bank and Ramp know of yet."""
    for bill in _waiting(business)[3:4]:
        _send(seeds, business, bank, bill, days=UNDER_WAY_DAYS, arrived=False)


def _without_account(business: Business) -> list[Planted]:
    """V02: who is owed money through Ramp and has nowhere to be paid."""
    owed: dict[str, int] = {}
    for bill in business.bills.values():
        if status_summary(bill) not in {"ARCHIVED", "PAYMENT_COMPLETED", "APPROVAL_REJECTED"}:
            owed[bill.vendor_id] = owed.get(bill.vendor_id, 0) + bill.amount_minor
    return [
        Planted("V02", None, vendor.id, _qbo_vendor(vendor.accounting_remote_id), owed[vendor.id],
                f"{vendor.name} has open bills in Ramp and no account to be paid to.")
        for vendor in business.vendors.values()
        if vendor.id in owed and not vendor.accounts
    ]  # fmt: skip


def _unlinked(business: Business) -> list[Planted]:
    """Vendors to be suggested for linking: spelled in another way here, without the accounting vendor's id."""
    return [
        Planted("identity", None, vendor.id, None, 0, f"{vendor.name} isn't linked to an accounting vendor.")
        for vendor in business.vendors.values()
        if vendor.accounting_remote_id is None
    ]


def _qbo_vendor(remote_id: str | None) -> tuple[str, str] | None:
    return None if remote_id is None else ("Vendor", remote_id)


PLANTS: dict[int, tuple[Plant, ...]] = {
    0: (_paid_here_only, _paid_there_only, _other_amount),
    1: (_paid_here_only, _other_number),
    2: (_paid_there_only, _other_amount, _other_number),
    5: (_paid_here_only,),
}
