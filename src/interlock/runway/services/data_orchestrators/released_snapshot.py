"""Payments decided on here, as the checks need them: approved and waiting, released and where they stand, bills paid too often."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.approval_content import changes, content_hash
from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import Bill, BillPayment, PayableLink
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import SETTLED
from interlock.domains.ap.services.bill_content import LIVE, contents_of, standing_intents
from interlock.domains.ap.services.decision_records import kept_contents
from interlock.domains.ap.services.payment_steps import course_of
from interlock.domains.ap.witness_models import RailBill
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.runway.services.calculators.released import ApprovedEntry, OverpaidBill, Released, ReleasedEntry

LOOK_BACK_DAYS = 90
"""How long a settled payment is still looked at: money comes back within sixty days or not at all."""
OVERPAID_DAYS = 120
_MOST = 5_000
_STANDS = (*LIVE, "released", "recorded")
_OF_PAYMENT = (BillPayment.business_id == PayableLink.business_id) & (BillPayment.id == PayableLink.document_id)


def read_released(db: Session, business: Business, today: date, now: datetime) -> Released:
    """Where nothing was ever decided here, it costs three queries."""
    rows = _rows(db, business.business_id, now)
    waiting = [each.intent for each in standing_intents(db, business, now) if each.state == "approved"]
    ids = {each.bill_id for each in rows} | {each.bill_id for each in waiting}
    bills = _bills(db, business.business_id, ids)
    return Released(
        read_at=now,
        approved=tuple(_approved(each, bills.get(each.bill_id)) for each in waiting),
        payments=_entries(db, business, rows, bills) if rows else (),
        overpaid=_overpaid(db, business.business_id, today),
    )


def _rows(db: Session, business_id: str, now: datetime) -> list[Disbursement]:
    """All that something is waited for, and what settled lately; the latest first where they are too many."""
    query = select(Disbursement).where(
        Disbursement.business_id == business_id,
        or_(
            Disbursement.stage.not_in(sorted(SETTLED)),
            Disbursement.changed_at >= now - timedelta(days=LOOK_BACK_DAYS),
        ),
    )
    return list(db.scalars(query.order_by(Disbursement.changed_at.desc(), Disbursement.intent_id).limit(_MOST)))


def _bills(db: Session, business_id: str, ids: set[str]) -> Mapping[str, Bill]:
    if not ids:
        return {}
    query = select(Bill).where(Bill.business_id == business_id, among(db, Bill.id, sorted(ids)))
    return {bill.id: bill for bill in db.scalars(query)}


def _approved(intent: PaymentIntent, bill: Bill | None) -> ApprovedEntry:
    return ApprovedEntry(
        intent.intent_id,
        intent.bill_id,
        bill.number if bill else None,
        bill.vendor_name if bill else None,
        intent.currency,
        intent.amount_minor,
        intent.pay_on,
    )


def _entries(
    db: Session, business: Business, rows: Sequence[Disbursement], bills: Mapping[str, Bill]
) -> tuple[ReleasedEntry, ...]:
    changed = _changed(db, business.business_id, rows, bills)
    again = _again(db, business.business_id, rows)
    anew = _decided_anew(db, business.business_id, rows)
    there = _there(db, business.business_id, rows)
    return tuple(
        _entry(
            each,
            business,
            bills.get(each.bill_id),
            changed,
            anew,
            again.get(each.intent_id, ()),
            there,
            _is_at_rail(each),
        )
        for each in rows
    )


def _entry(
    row: Disbursement,
    business: Business,
    bill: Bill | None,
    changed: Mapping[str, str],
    anew: set[str],
    again: tuple[tuple[str, int], ...],
    there: Mapping[str, RailBill],
    at_rail: bool,
) -> ReleasedEntry:
    found = there.get(row.intent_id)
    owed = None if bill is None or bill.voided or bill.buried_at is not None else bill.balance_minor
    return ReleasedEntry(
        id=row.intent_id,
        bill_id=row.bill_id,
        number=bill.number if bill else None,
        vendor_name=bill.vendor_name if bill else None,
        currency=row.currency,
        minor=row.amount_minor,
        way=row.way,
        course=course_of(row),
        pay_on=row.pay_on,
        released_on=local_date(row.released_at, business.time_zone),
        changed_on=local_date(row.changed_at, business.time_zone),
        executed_on=row.executed_on,
        cleared_on=row.cleared_on,
        recorded_on=row.recorded_on,
        line_id=row.line_id,
        returned_line_id=row.returned_line_id,
        ledger_payment_id=row.ledger_payment_id,
        why=row.why,
        url=row.rail_url,
        changed=changed.get(row.intent_id),
        decided_anew=row.intent_id in anew,
        owed_minor=owed,
        again=again,
        gone_there=at_rail and (found is None or found.buried_at is not None),
        second_bill_id=found.ledger_id if found and found.ledger_id not in {None, row.bill_id} else None,
    )


def _is_at_rail(row: Disbursement) -> bool:
    """The rail was read and had it."""
    return row.way != "outside" and row.rail_id is not None


def _changed(
    db: Session, business_id: str, rows: Sequence[Disbursement], bills: Mapping[str, Bill]
) -> Mapping[str, str]:
    """In what bills of payments under way differ from what was approved, in words, by payment."""
    open_ids = [each.intent_id for each in rows if each.stage not in SETTLED]
    if not open_ids:
        return {}
    query = select(PaymentIntent).where(
        PaymentIntent.business_id == business_id, among(db, PaymentIntent.intent_id, open_ids)
    )
    intents = list(db.scalars(query))
    standing = [bill for bill in bills.values() if bill.buried_at is None and not bill.voided]
    contents = contents_of(db, business_id, standing)
    hashes = {bill_id: content_hash(content) for bill_id, content in contents.items()}
    differing = [each for each in intents if hashes.get(each.bill_id) != each.content_hash]
    before = kept_contents(db, business_id, {each.content_hash for each in differing})
    found = {}
    for intent in differing:
        bill, was, now = bills.get(intent.bill_id), before.get(intent.content_hash), contents.get(intent.bill_id)
        if bill is None or bill.buried_at is not None:
            found[intent.intent_id] = "the bill was deleted"
        elif bill.voided:
            found[intent.intent_id] = "the bill was voided"
        else:
            found[intent.intent_id] = "; ".join(changes(was, now) if was and now else ()) or "the bill changed"
    return found


def _decided_anew(db: Session, business_id: str, rows: Sequence[Disbursement]) -> set[str]:
    """Payments whose bill has a later one that stands."""
    query = select(PaymentIntent.bill_id, PaymentIntent.intent_id, PaymentIntent.prepared_at).where(
        PaymentIntent.business_id == business_id,
        PaymentIntent.state.in_(_STANDS),
        among(db, PaymentIntent.bill_id, sorted({each.bill_id for each in rows})),
    )
    latest: dict[str, datetime] = {}
    for bill_id, _, at in db.execute(query):
        latest[bill_id] = max(at, latest.get(bill_id, at))
    return {each.intent_id for each in rows if each.bill_id in latest and latest[each.bill_id] > each.released_at}


def _again(db: Session, business_id: str, rows: Sequence[Disbursement]) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Payments of the same bill and amount, entered since the release, beside the one that is this payment's own."""
    own = {each.ledger_payment_id for each in rows if each.ledger_payment_id is not None}
    paid = [each for each in rows if each.ledger_payment_id is not None]
    if not paid:
        return {}
    by_bill: dict[str, list[tuple[str, int, datetime | None]]] = defaultdict(list)
    for payment, bill_id, minor in _payments(db, business_id, {each.bill_id for each in paid}):
        if payment.id not in own:
            by_bill[bill_id].append((payment.id, minor, payment.created_at))
    found = {}
    for row in paid:
        same = tuple(
            (id_, minor)
            for id_, minor, entered in by_bill.get(row.bill_id, ())
            if minor == row.amount_minor and entered is not None and entered >= row.released_at
        )
        if same:
            found[row.intent_id] = same
    return found


def _there(db: Session, business_id: str, rows: Sequence[Disbursement]) -> Mapping[str, RailBill]:
    """The paying rail's bill of each payment, also one that is gone."""
    keys = sorted(each.intent_id for each in rows if each.way != "outside")
    if not keys:
        return {}
    query = select(RailBill).where(RailBill.business_id == business_id, among(db, RailBill.remote_id, keys))
    found: dict[str, RailBill] = {}
    for each in db.scalars(query.order_by(RailBill.buried_at.is_(None), RailBill.id)):
        found[each.remote_id or ""] = each
    return found


def _overpaid(db: Session, business_id: str, today: date) -> tuple[OverpaidBill, ...]:
    """Of bills that were paid lately."""
    lately = select(PayableLink.linked_id).join(BillPayment, _OF_PAYMENT).where(*_paying(business_id))
    ids = (
        select(Bill.id)
        .join(PayableLink, (PayableLink.business_id == Bill.business_id) & (PayableLink.linked_id == Bill.id))
        .join(BillPayment, _OF_PAYMENT)
        .where(
            *_paying(business_id),
            Bill.buried_at.is_(None),
            Bill.voided.is_(False),
            Bill.total_minor > 0,
            Bill.id.in_(lately.where(BillPayment.dated >= today - timedelta(days=OVERPAID_DAYS))),
        )
        .group_by(Bill.id, Bill.total_minor)
        .having(func.sum(func.coalesce(PayableLink.amount_minor, BillPayment.total_minor)) > Bill.total_minor)
    )
    bills = _bills(db, business_id, set(db.scalars(ids)))
    paid: dict[str, dict[str, int]] = defaultdict(dict)
    for payment, bill_id, minor in _payments(db, business_id, set(bills)):
        paid[bill_id][payment.id] = minor
    return tuple(
        OverpaidBill(
            bill.id, bill.number, bill.vendor_name, bill.currency, bill.total_minor, sum(paid[bill.id].values()),
            tuple(sorted(paid[bill.id])),
        )
        for bill in sorted(bills.values(), key=lambda each: each.id)
    )  # fmt: skip


def _paying(business_id: str) -> tuple[ColumnElement[bool], ...]:
    """Standing payments, by what links them to bills."""
    return (
        PayableLink.business_id == business_id,
        PayableLink.document_kind == "bill_payment",
        PayableLink.linked_kind == "bill",
        BillPayment.buried_at.is_(None),
        BillPayment.voided.is_(False),
    )


def _payments(db: Session, business_id: str, bill_ids: set[str]) -> list[tuple[BillPayment, str, int]]:
    """Standing payments of bills: the payment, the bill, and how much of it is the bill's."""
    if not bill_ids:
        return []
    query = (
        select(BillPayment, PayableLink.linked_id, PayableLink.amount_minor)
        .join(PayableLink, _OF_PAYMENT)
        .where(*_paying(business_id), among(db, PayableLink.linked_id, sorted(bill_ids)))
        .order_by(BillPayment.id)
    )
    rows = db.execute(query).all()
    return [(each, bill_id, each.total_minor if minor is None else minor) for each, bill_id, minor in rows]
