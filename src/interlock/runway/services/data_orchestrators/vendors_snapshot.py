"""Vendors as the checks need them: how long each is known, when it was first paid, and whether its payee is as verified."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PayeeCallback, VendorPayee
from interlock.domains.ap.models import Bill, BillPayment, Vendor
from interlock.domains.ap.payee_content import changes, read
from interlock.domains.bank.models import Purchase
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.runway.services.calculators.books import BillEntry, Payee, VendorEntry
from interlock.runway.services.calculators.checks_on_payables import LOOK_BACK_DAYS


def compared_since(open_: Sequence[BillEntry], today: date) -> date:
    """As far back as an open bill's duplicates are sought."""
    oldest = min((bill.dated for bill in open_), default=today)
    return min(oldest, today) - timedelta(days=LOOK_BACK_DAYS)


def vendors(db: Session, business: Business, open_: Sequence[BillEntry], today: date) -> Mapping[str, VendorEntry]:
    """All standing vendors by id. What was paid and billed to them is read of those that are owed something."""
    business_id, zone = business.business_id, business.time_zone
    owed = {bill.vendor_id for bill in open_ if bill.vendor_id is not None}
    paid, billed = (
        _first_paid(db, business_id, owed),
        _billed_before(db, business_id, owed, compared_since(open_, today)),
    )
    payees = _payees(db, business_id, zone)
    query = select(Vendor.id, Vendor.name, Vendor.active, Vendor.term_id, Vendor.email, Vendor.created_at).where(
        Vendor.business_id == business_id, Vendor.buried_at.is_(None)
    )
    return {
        row.id: VendorEntry(
            row.id,
            row.name,
            row.active,
            row.term_id,
            email=row.email,
            made_on=_day(row.created_at, zone),
            first_paid_on=paid.get(row.id),
            billed_before=billed.get(row.id),
            payee=payees.get(row.id),
        )
        for row in db.execute(query)
    }


def _first_paid(db: Session, business_id: str, vendor_ids: Iterable[str]) -> dict[str, date]:
    """Of bill payments and of expenses alike."""
    wanted = sorted(vendor_ids)
    if not wanted:
        return {}
    bills = select(BillPayment.vendor_id, func.min(BillPayment.dated)).where(
        BillPayment.business_id == business_id,
        BillPayment.buried_at.is_(None),
        BillPayment.voided.is_(False),
        among(db, BillPayment.vendor_id, wanted),
    )
    others = select(Purchase.party_id, func.min(Purchase.dated)).where(
        Purchase.business_id == business_id,
        Purchase.buried_at.is_(None),
        Purchase.voided.is_(False),
        Purchase.refund.is_(False),
        or_(Purchase.party_kind == "vendor", Purchase.party_kind.is_(None)),
        among(db, Purchase.party_id, wanted),
    )
    found: dict[str, date] = {}
    for query in (bills.group_by(BillPayment.vendor_id), others.group_by(Purchase.party_id)):
        for vendor_id, dated in db.execute(query):
            found[vendor_id or ""] = min(dated, found.get(vendor_id or "", dated))
    return found


def _billed_before(db: Session, business_id: str, vendor_ids: Iterable[str], since: date) -> dict[str, date]:
    """Each one's last bill before the time that bills are compared over."""
    wanted = sorted(vendor_ids)
    if not wanted:
        return {}
    query = select(Bill.vendor_id, func.max(Bill.dated)).where(
        Bill.business_id == business_id,
        Bill.buried_at.is_(None),
        Bill.voided.is_(False),
        Bill.dated < since,
        Bill.total_minor > 0,
        among(db, Bill.vendor_id, wanted),
    )
    return {vendor_id or "": dated for vendor_id, dated in db.execute(query.group_by(Bill.vendor_id))}


def _payees(db: Session, business_id: str, zone: str) -> dict[str, Payee]:
    """Of vendors that somebody looked at; a row's JSON is read only where it differs from what was verified."""
    calls = select(
        PayeeCallback.vendor_id, PayeeCallback.seen_hash, PayeeCallback.outcome, PayeeCallback.cleared
    ).where(PayeeCallback.business_id == business_id)
    cleared, waiting = set(), set()
    for vendor_id, seen_hash, outcome, decided in db.execute(calls):
        if decided:
            cleared.add((vendor_id, seen_hash))
        elif decided is None and outcome == "confirmed":
            waiting.add((vendor_id, seen_hash))
    query = select(VendorPayee.vendor_id, VendorPayee.seen_hash, VendorPayee.changed_at, VendorPayee.cleared_at).where(
        VendorPayee.business_id == business_id
    )
    rows = db.execute(query).all()
    said = _changes(db, business_id) if any(changed and not done for _, _, changed, done in rows) else {}
    return {
        vendor_id: Payee(
            changes=said.get(vendor_id, ()),
            changed_on=_day(changed_at, zone),
            called=(vendor_id, seen_hash) in waiting,
            cleared_on=_day(cleared_at, zone),
            checked=(vendor_id, seen_hash) in cleared,
        )
        for vendor_id, seen_hash, changed_at, cleared_at in rows
    }


def _changes(db: Session, business_id: str) -> dict[str, tuple[str, ...]]:
    query = select(VendorPayee.vendor_id, VendorPayee.verified, VendorPayee.seen).where(
        VendorPayee.business_id == business_id,
        VendorPayee.changed_at.is_not(None),
        VendorPayee.cleared_at.is_(None),
    )
    return {vendor_id: changes(read(verified), read(seen)) for vendor_id, verified, seen in db.execute(query)}


def _day(instant: datetime | None, zone: str) -> date | None:
    return None if instant is None else local_date(instant, zone)
