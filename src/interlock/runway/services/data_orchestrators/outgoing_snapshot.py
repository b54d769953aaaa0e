"""Money that left to vendors since decisions are made here, and whether each was decided (check X08).

It begins with the business's first approval, never before the control start. A firm that still decides elsewhere would see
every payment of its first weeks called a bypass, and would learn to look past the one that is; from the first approval on, the
client is decided here, and what goes around it is news.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import BillPayment, PayableLink
from interlock.domains.bank.models import Purchase
from interlock.domains.bank.plan_models import RecurringItem
from interlock.domains.firm.models import Business
from interlock.domains.firm.naming import named_in, words
from interlock.kernel.clock import local_date
from interlock.runway.services.calculators.books import Outgoing, VendorEntry
from interlock.runway.services.calculators.witnessed import LineEntry

_NOT_DECIDED = frozenset({"rejected", "withdrawn"})
_BY_CARD = "creditcard"
_CONFIRMED = "confirmed"
_MOST = 5_000


def outgoing(
    db: Session, business: Business, vendors: Mapping[str, VendorEntry], lines: Iterable[LineEntry]
) -> tuple[Outgoing, ...]:
    """Bill payments, expenses from a bank's account, and bank lines that nothing explains and that name a vendor.

    Nothing while no payment was ever approved here. An expense that a person confirmed as recurring is decided.
    """
    approved = _approved(db, business.business_id)
    if not approved:
        return ()
    since = min(each.approved_at for each in approved if each.approved_at is not None)
    by_bill: dict[str, list[PaymentIntent]] = defaultdict(list)
    for each in approved:
        by_bill[each.bill_id].append(each)
    return (
        *_bill_payments(db, business, since, by_bill),
        *_expenses(db, business, since),
        *_unexplained(business, since, vendors, lines, approved),
    )


def _approved(db: Session, business_id: str) -> list[PaymentIntent]:
    """Every intent that was once approved in full and not taken back."""
    query = select(PaymentIntent).where(
        PaymentIntent.business_id == business_id,
        PaymentIntent.approved_at.is_not(None),
        PaymentIntent.state.not_in(_NOT_DECIDED),
    )
    return list(db.scalars(query.order_by(PaymentIntent.intent_id)))


def _bill_payments(
    db: Session, business: Business, since: datetime, by_bill: Mapping[str, list[PaymentIntent]]
) -> Iterable[Outgoing]:
    query = (
        select(BillPayment)
        .where(
            BillPayment.business_id == business.business_id,
            BillPayment.buried_at.is_(None),
            BillPayment.voided.is_(False),
            BillPayment.total_minor > 0,
            BillPayment.dated >= business.control_start,
            or_(BillPayment.created_at >= since, BillPayment.created_at.is_(None)),
        )
        .order_by(BillPayment.id)
        .limit(_MOST)
    )
    payments = db.scalars(query).all()
    paid = _paid_bills(db, business.business_id) if payments else {}
    for each in payments:
        if each.created_at is None and each.dated < local_date(since, business.time_zone):
            continue
        bills = paid.get(each.id, [])
        yield Outgoing(
            "bill_payment",
            each.id,
            each.number,
            each.vendor_id or "",
            each.vendor_name or "Nobody named",
            each.dated,
            each.currency,
            each.total_minor,
            decided=bool(bills) and all(_stood(by_bill.get(bill, []), each.created_at) for bill in bills),
        )


def _paid_bills(db: Session, business_id: str) -> Mapping[str, list[str]]:
    query = select(PayableLink.document_id, PayableLink.linked_id).where(
        PayableLink.business_id == business_id,
        PayableLink.document_kind == "bill_payment",
        PayableLink.linked_kind == "bill",
    )
    found: dict[str, list[str]] = defaultdict(list)
    for payment_id, bill_id in db.execute(query):
        found[payment_id].append(bill_id)
    return found


def _stood(intents: Iterable[PaymentIntent], entered: datetime | None) -> bool:
    """Whether an approval stood when the payment was entered: given before, and not voided before."""
    return any(
        entered is None
        or (each.approved_at is not None and each.approved_at <= entered and (each.ended_at or entered) >= entered)
        for each in intents
    )


def _expenses(db: Session, business: Business, since: datetime) -> Iterable[Outgoing]:
    """Money out of a bank's account without a bill. What goes by card settles by the card's own account."""
    query = (
        select(Purchase)
        .where(
            Purchase.business_id == business.business_id,
            Purchase.buried_at.is_(None),
            Purchase.voided.is_(False),
            Purchase.refund.is_(False),
            Purchase.method != _BY_CARD,
            Purchase.party_kind == "vendor",
            Purchase.party_id.is_not(None),
            Purchase.total_minor > 0,
            Purchase.dated >= business.control_start,
            Purchase.created_at >= since,
        )
        .order_by(Purchase.id)
        .limit(_MOST)
    )
    found = db.scalars(query).all()
    confirmed = _confirmed(db, business.business_id) if found else set()
    for each in found:
        yield Outgoing(
            "check" if each.method == "check" else "purchase",
            each.id,
            each.number,
            each.party_id or "",
            each.party_name or "Nobody named",
            each.dated,
            each.currency,
            each.total_minor,
            decided=words(each.party_name) in confirmed,
        )


def _confirmed(db: Session, business_id: str) -> set[tuple[str, ...]]:
    query = select(RecurringItem.name).where(
        RecurringItem.business_id == business_id, RecurringItem.state == _CONFIRMED, RecurringItem.inflow.is_(False)
    )
    return {words(name) for name in db.scalars(query)}


def _unexplained(
    business: Business,
    since: datetime,
    vendors: Mapping[str, VendorEntry],
    lines: Iterable[LineEntry],
    approved: Iterable[PaymentIntent],
) -> Iterable[Outgoing]:
    """Lines from the day after the first approval that the books don't explain and that name a vendor."""
    begun = local_date(since, business.time_zone)
    amounts = {(each.vendor_id, each.amount_minor, each.currency) for each in approved}
    active = [vendor for vendor in vendors.values() if vendor.active]
    for line in lines:
        if line.pending or line.matched or line.amount_minor >= 0 or not _counts(line.dated, begun, business):
            continue
        vendor = next((each for each in active if named_in(each.name, line.name)), None)
        if vendor is not None:
            minor = -line.amount_minor
            decided = (vendor.id, minor, line.currency) in amounts
            yield Outgoing(
                "bank_line", line.id, None, vendor.id, vendor.name, line.dated, line.currency, minor, decided
            )


def _counts(dated: date, begun: date, business: Business) -> bool:
    return dated > begun and dated >= business.control_start
