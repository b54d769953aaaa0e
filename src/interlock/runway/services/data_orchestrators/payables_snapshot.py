"""The payables side of the books snapshot."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill, PayableLine, PayableLink, VendorCredit
from interlock.domains.bank.models import LedgerLink, Purchase
from interlock.runway.services.calculators.books import BillEntry, OpenCredit, PurchaseEntry
from interlock.runway.services.calculators.checks_on_payables import PAID_AFTER_DAYS, PAID_BEFORE_DAYS
from interlock.runway.services.data_orchestrators.vendors_snapshot import compared_since

_BILL = (
    Bill.id,
    Bill.number,
    Bill.vendor_id,
    Bill.vendor_name,
    Bill.dated,
    Bill.due,
    Bill.currency,
    Bill.total_minor,
    Bill.balance_minor,
    Bill.term_id,
)


def _standing(business_id: str) -> tuple[ColumnElement[bool], ...]:
    return (Bill.business_id == business_id, Bill.buried_at.is_(None), Bill.voided.is_(False))


def open_bills(db: Session, business_id: str) -> tuple[BillEntry, ...]:
    """Bills with a balance, with the accounts of their lines."""
    is_open = (*_standing(business_id), Bill.balance_minor != 0)
    accounts: dict[str, list[str]] = defaultdict(list)
    coded = (
        select(PayableLine.document_id, PayableLine.account_id)
        .join(Bill, (Bill.business_id == PayableLine.business_id) & (Bill.id == PayableLine.document_id))
        .where(
            *is_open,
            PayableLine.business_id == business_id,
            PayableLine.document_kind == "bill",
            PayableLine.account_id.is_not(None),
        )
    )
    for bill_id, account_id in db.execute(coded):
        accounts[bill_id].append(account_id or "")
    rows = db.execute(select(*_BILL).where(*is_open).order_by(Bill.id))
    return tuple(BillEntry(*row[:10], account_ids=tuple(accounts.get(row[0], ()))) for row in rows)


def bills_to_compare(
    db: Session, business_id: str, open_: Sequence[BillEntry], today: date, twins: Mapping[str, str]
) -> tuple[BillEntry, ...]:
    """Bills that are not open, as far back as duplicates are sought, and recent ones for nothing.

    Those of vendors with open bills, and of vendors that are probably one with such a one.
    """
    vendors = {bill.vendor_id for bill in open_ if bill.vendor_id is not None}
    firsts = {twins[vendor_id] for vendor_id in vendors if vendor_id in twins}
    vendors |= {vendor_id for vendor_id, first in twins.items() if first in firsts}
    since = compared_since(open_, today)
    query = select(*_BILL).where(
        *_standing(business_id),
        Bill.balance_minor == 0,
        Bill.dated >= since,
        or_(Bill.vendor_id.in_(vendors), Bill.total_minor <= 0),
    )
    return tuple(BillEntry(*row) for row in db.execute(query.order_by(Bill.id)))


def purchases_near(db: Session, business_id: str, open_: Sequence[BillEntry]) -> tuple[PurchaseEntry, ...]:
    """Money out to vendors with open bills around those bills' dates, and which bills it is linked to."""
    vendors = {bill.vendor_id for bill in open_ if bill.vendor_id is not None}
    if not vendors:
        return ()
    first = min(bill.dated for bill in open_) - timedelta(days=PAID_BEFORE_DAYS)
    last = max(bill.dated for bill in open_) + timedelta(days=PAID_AFTER_DAYS)
    query = select(
        Purchase.id,
        Purchase.number,
        Purchase.party_id,
        Purchase.method,
        Purchase.dated,
        Purchase.currency,
        Purchase.total_minor,
    ).where(
        Purchase.business_id == business_id,
        Purchase.buried_at.is_(None),
        Purchase.voided.is_(False),
        Purchase.refund.is_(False),
        Purchase.party_id.in_(vendors),
        or_(Purchase.party_kind == "vendor", Purchase.party_kind.is_(None)),
        Purchase.dated.between(first, last),
    )
    rows = db.execute(query.order_by(Purchase.id)).all()
    linked = _linked_bills(db, business_id) if rows else {}
    return tuple(
        PurchaseEntry(id_, number, party_id or "", method, dated, currency, total, tuple(linked.get(id_, ())))
        for id_, number, party_id, method, dated, currency, total in rows
    )


def _linked_bills(db: Session, business_id: str) -> Mapping[str, list[str]]:
    """Purchase id to the bills linked with it, whichever of the two names the link."""
    linked: dict[str, list[str]] = defaultdict(list)
    from_purchase = select(LedgerLink.document_id, LedgerLink.linked_id).where(
        LedgerLink.business_id == business_id, LedgerLink.document_kind == "purchase", LedgerLink.linked_kind == "bill"
    )
    from_bill = select(PayableLink.linked_id, PayableLink.document_id).where(
        PayableLink.business_id == business_id,
        PayableLink.linked_kind == "purchase",
        PayableLink.document_kind == "bill",
    )
    for query in (from_purchase, from_bill):
        for purchase_id, bill_id in db.execute(query):
            linked[purchase_id].append(bill_id)
    return linked


def open_vendor_credits(db: Session, business_id: str) -> tuple[OpenCredit, ...]:
    query = select(
        VendorCredit.id,
        VendorCredit.number,
        VendorCredit.vendor_id,
        VendorCredit.vendor_name,
        VendorCredit.dated,
        VendorCredit.currency,
        VendorCredit.balance_minor,
    ).where(
        VendorCredit.business_id == business_id,
        VendorCredit.buried_at.is_(None),
        VendorCredit.voided.is_(False),
        VendorCredit.balance_minor > 0,
    )
    rows = db.execute(query.order_by(VendorCredit.id))
    return tuple(OpenCredit("vendor_credit", *row) for row in rows)
