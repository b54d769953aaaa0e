"""What a Ramp account holds when the world is first shown: derived from the client's books, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from interlock_sandbox.bank.accounts import accounts_of
from interlock_sandbox.bank.model import digits, hashed
from interlock_sandbox.books import Books
from interlock_sandbox.books.amounts import cents
from interlock_sandbox.books.record import Record
from interlock_sandbox.ramp.life import (
    ARRIVES_AT_UTC,
    LEAVES_AT_UTC,
    at_hour,
    business_days_after,
    business_days_before,
    days_under_way,
)
from interlock_sandbox.ramp.model import (
    Bill,
    Business,
    Line,
    PayeeAccount,
    Payment,
    Settings,
    SourceAccount,
    Vendor,
    uid,
)  # fmt: skip
from interlock_sandbox.world.workdays import on_or_after

WITHOUT_AN_ACCOUNT = 4
ACCOUNTS_EVERY = 6
RELEASE_EVERY = 3
MOST_BILLS = 300
RECENT_DAYS = 35
MIRRORED_PERCENT = 80
UNLINKED_VENDOR_EVERY = 9
LONGEST_NUMBER = 20
TIDY = 3


@dataclass(frozen=True, slots=True)
class Seeds:
    """What every part of an opening needs: the seed, the books, the first day, and documents with planted flaws."""

    seed: int
    books: Books
    as_of: date
    flawed: frozenset[str]
    tidy: bool = False

    @property
    def now(self) -> datetime:
        return datetime(self.as_of.year, self.as_of.month, self.as_of.day, 12, tzinfo=UTC)

    def chance(self, *words: object) -> int:
        """From 0 to 99."""
        return int(hashed("ramp", self.seed, self.books.realm_id, *words, length=8), 16) % 100

    def uid(self, *words: object) -> str:
        return uid(self.seed, self.books.realm_id, *words)


def has_account(index: int) -> bool:
    """Whether the client at this place of the firm's list uses Ramp."""
    return index % ACCOUNTS_EVERY != WITHOUT_AN_ACCOUNT


def seeds_of(seed: int, index: int, books: Books, as_of: date, flawed: frozenset[str]) -> Seeds:
    return Seeds(seed, books, as_of, flawed, tidy=index % ACCOUNTS_EVERY == TIDY)


def opened(seed: int, index: int, books: Books, as_of: date, flawed: frozenset[str] = frozenset()) -> Business:
    """A client's Ramp account as of the world's first day."""
    seeds = seeds_of(seed, index, books, as_of, flawed)
    business = Business(
        books.realm_id, seeds.uid("business"), books.name,
        f"ramp_id_{hashed('ramp client', seed, books.realm_id, length=40)}",
        f"ramp_sec_{hashed('ramp secret', seed, books.realm_id, length=40)}",
        seeds.uid("entity"), seeds.uid("owner"), seeds.now - timedelta(days=400),
        settings=Settings(payment_release=index % RELEASE_EVERY == 1),
    )  # fmt: skip
    business.sources = _sources(seeds, index)
    for record in books.records("Vendor").values():
        if record.body.get("CurrencyRef", {}).get("value", "USD") == "USD":
            vendor = _vendor(seeds, record, business)
            business.vendors[vendor.id] = vendor
    if any(source.pays_bills for source in business.sources):
        for bill in [*_paid(seeds, business), *_open(seeds, business)]:
            business.bills[bill.id] = bill
    return business


def _sources(seeds: Seeds, index: int) -> list[SourceAccount]:
    found = [
        SourceAccount(
            seeds.uid("source", account.id), account.id, str(account.qbo_account_id), account.institution.name,
            account.name, account.mask, account.kind == "checking",
        )
        for account in accounts_of(seeds.seed, index, seeds.books)
        if not account.credit and account.qbo_account_id is not None
    ]  # fmt: skip
    if found and not any(source.pays_bills for source in found):
        found[0].pays_bills = True
    return found


def _vendor(seeds: Seeds, record: Record, business: Business) -> Vendor:
    """Mirrored from the books: most linked, a few not yet, whose names are spelled in another way."""
    body = record.body
    name = str(body["DisplayName"])
    linked = record.number % UNLINKED_VENDOR_EVERY != UNLINKED_VENDOR_EVERY - 1
    made_at = max(record.created, business.created_at)
    vendor = Vendor(
        seeds.uid("vendor", record.id), name if linked else _respelled(name), seeds.uid("contact", record.id),
        str(body.get("PrimaryEmailAddr", {}).get("Address") or f"billing{record.id}@example.com"), "US",
        str(body.get("BillAddr", {}).get("CountrySubDivisionCode") or "CA"), made_at, made_at,
        accounting_remote_id=record.id if linked else None, accounting_name=name if linked else None,
        address=_address(body.get("BillAddr", {})), is_active=bool(body.get("Active", True)), owner_id=business.owner_id,
    )  # fmt: skip
    chance = seeds.chance("payee", record.id)
    if chance >= 10 or seeds.tidy:
        method = "DOMESTIC_WIRE" if chance >= 92 else "ACH"
        vendor.accounts = [
            PayeeAccount(seeds.uid("payee", record.id), f"{name} {'wire' if chance >= 92 else 'ACH'}", method, True)
        ]
    return vendor


def _respelled(name: str) -> str:
    words = name.split()
    if len(words) > 2:
        return " ".join(words[:-1]) + f" {words[-1][0]}."
    return f"{name.upper()}, LLC"


def _address(body: dict[str, Any]) -> dict[str, Any] | None:
    if not body.get("Line1"):
        return None
    return {
        "address_line_1": body["Line1"], "address_line_2": None, "city": body.get("City", ""),
        "state": body.get("CountrySubDivisionCode"), "postal_code": body.get("PostalCode", ""), "country": "US",
    }  # fmt: skip


def by_accounting_id(business: Business, seeds: Seeds) -> dict[str, Vendor]:
    ids = {record: seeds.uid("vendor", record) for record in seeds.books.records("Vendor")}
    return {record: business.vendors[made] for record, made in ids.items() if made in business.vendors}


def mirrored(seeds: Seeds, business: Business, vendor: Vendor, record: Record) -> Bill:
    """As Ramp has it after it came over from the books."""
    body = record.body
    issued = date.fromisoformat(body["TxnDate"])
    lines = [
        Line(cents(line["Amount"]), line.get("Description"), _coding(line))
        for line in body["Line"]
        if line.get("Amount") is not None
    ]
    made_at = min(max(record.created + timedelta(hours=2), business.created_at), seeds.now)
    return Bill(
        seeds.uid("bill", record.id), vendor.id, business.entity_id, str(body["DocNumber"])[:LONGEST_NUMBER],
        seeds.books.home_currency, issued, date.fromisoformat(str(body.get("DueDate") or body["TxnDate"])), made_at, made_at,
        lines=lines, posting=issued, remote_id=record.id, qbo_id=record.id, vendor_contact_id=vendor.contact_id,
        approved_at=made_at,
    )  # fmt: skip


def _coding(line: dict[str, Any]) -> list[tuple[str, str]]:
    detail = line.get("AccountBasedExpenseLineDetail", {})
    account = detail.get("AccountRef", {}).get("value")
    return [("Category", str(account))] if account else []


def fits(seeds: Seeds, record: Record) -> bool:
    body = record.body
    return (
        record.id not in seeds.flawed
        and bool(body.get("DocNumber"))
        and "ExchangeRate" not in body
        and not record.voided
        and cents(body.get("TotalAmt", 0)) > 0
        and all(line.get("Amount") is not None and cents(line["Amount"]) >= 0 for line in body["Line"])
    )


def _open(seeds: Seeds, business: Business) -> Iterable[Bill]:
    """Most of the bills that are open in full, at every stop before payment."""
    vendors = by_accounting_id(business, seeds)
    owed = [
        item for item in seeds.books.open_items.items.values()
        if item.entity == "Bill" and item.side == "AP" and item.open > 0 and item.applied == 0
    ][-MOST_BILLS:]  # fmt: skip
    for item in owed:
        record = seeds.books.find("Bill", item.txn_id)
        vendor = vendors.get(item.party)
        if record is None or vendor is None or not vendor.is_active or not fits(seeds, record):
            continue
        if seeds.chance("mirrored", record.id) < MIRRORED_PERCENT:
            bill = mirrored(seeds, business, vendor, record)
            _at_a_stop(seeds, business, vendor, bill)
            yield bill


def _at_a_stop(seeds: Seeds, business: Business, vendor: Vendor, bill: Bill) -> None:
    """Where on its way an open bill is."""
    chance = seeds.chance("stop", bill.qbo_id)
    if chance < 15:
        bill.approval, bill.approved_at = "PENDING", None
        return
    if chance < 18:
        bill.approval, bill.approved_at = "REJECTED", None
        return
    if chance < 35:
        return
    if not vendor.accounts:
        bill.method = "ACH"
        return
    instruct(seeds, business, vendor, bill, later=1 + seeds.chance("later", bill.qbo_id) % 12)
    if chance < 42:
        bill.on_hold = True
        assert bill.payment is not None
        bill.payment.ready_at = None


def instruct(seeds: Seeds, business: Business, vendor: Vendor, bill: Bill, *, later: int) -> Payment:
    """A payment to the vendor's account that leaves on a business day ``later`` days ahead."""
    account = vendor.accounts[0]
    assert bill.due is not None
    leaves_on = on_or_after(max(bill.due, seeds.as_of) + timedelta(days=later))
    payment = Payment(
        seeds.uid("payment", bill.qbo_id), friendly(seeds.seed, business.realm, bill.id), account.payment_method,
        bill.amount_minor, _payer(business).id, account.id, payment_date=leaves_on,
        arrival=business_days_after(leaves_on, days_under_way(account.payment_method)), ready_at=bill.approved_at,
        release="PENDING" if business.settings.payment_release else "APPROVED",
    )  # fmt: skip
    bill.method = payment.method
    bill.payment = payment
    return payment


def _paid(seeds: Seeds, business: Business) -> Iterable[Bill]:
    """Bills whose check went out through Ramp in the last weeks; the payment is in the books."""
    vendors = by_accounting_id(business, seeds)
    first = (seeds.as_of - timedelta(days=RECENT_DAYS)).isoformat()
    for payer in reversed(seeds.books.records("BillPayment").values()):
        if payer.created.date().isoformat() < first:
            return
        links = [link for line in payer.body["Line"] for link in line.get("LinkedTxn", [])]
        source = payer.body.get("CheckPayment", {}).get("BankAccountRef", {}).get("value")
        drawn = next((each for each in business.sources if each.qbo_account_id == source), None)
        record = seeds.books.find("Bill", links[0]["TxnId"]) if len(links) == 1 else None
        if record is None or drawn is None or payer.voided or not payer.body.get("DocNumber"):
            continue
        vendor = vendors.get(record.body["VendorRef"]["value"])
        in_full = cents(payer.body["TotalAmt"]) == cents(record.body["TotalAmt"])
        if vendor is not None and in_full and fits(seeds, record) and seeds.chance("paid", payer.id) < 60:
            yield _paid_by_check(seeds, business, vendor, record, payer, drawn)


def _paid_by_check(
    seeds: Seeds, business: Business, vendor: Vendor, record: Record, payer: Record, source: SourceAccount
) -> Bill:
    bill = mirrored(seeds, business, vendor, record)
    bill.created_at = bill.updated_at = min(bill.created_at, payer.created)
    left = date.fromisoformat(payer.body["TxnDate"])
    bill.method = "CHECK"
    bill.payment = Payment(
        seeds.uid("payment", record.id), friendly(seeds.seed, business.realm, bill.id), "CHECK", bill.amount_minor,
        source.id, None, payment_date=left, arrival=business_days_after(left, days_under_way("CHECK")),
        progress="completed", effective_at=at_hour(left, LEAVES_AT_UTC), completed_at=payer.created,
        trace=str(payer.body["DocNumber"]), synced_as=payer.id, ready_at=bill.created_at,
    )  # fmt: skip
    bill.paid_at = payer.created
    bill.updated_at = payer.created
    return bill


def sent_before(seeds: Seeds, business: Business, bill: Bill, *, days: int, arrived: bool) -> Payment:
    """Turn a bill's payment into one that left this many days before the world is first shown."""
    payment = bill.payment
    assert payment is not None
    left = business_days_before(seeds.as_of, days)
    payment.payment_date = left
    payment.arrival = business_days_after(left, days_under_way(payment.method))
    payment.release, payment.ready_at = "APPROVED", bill.created_at
    payment.effective_at = at_hour(left, LEAVES_AT_UTC)
    payment.progress = "processing"
    payment.trace = digits("ramp trace", seeds.seed, business.realm, bill.id, length=15)
    if arrived:
        payment.progress = "completed"
        bill.paid_at = payment.completed_at = at_hour(payment.arrival, ARRIVES_AT_UTC)
        bill.updated_at = payment.completed_at
    return payment


def _payer(business: Business) -> SourceAccount:
    return next(source for source in business.sources if source.pays_bills)


def friendly(seed: int, realm: str, *words: object) -> str:
    """A payment's number as people read it."""
    return hashed("ramp payment", seed, realm, *words, length=10).upper()
