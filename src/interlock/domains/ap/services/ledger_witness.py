"""The ledger's word on released payments: a payment on the right bill, for what was approved, entered since."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import BillPayment, PayableLink
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import REOPENED
from interlock.domains.ap.policy.happenings import LedgerShowed, LedgerTookBack
from interlock.domains.ap.services.bill_content import credits_of
from interlock.domains.ap.services.payment_steps import Steps
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.kernel.money import Money
from interlock.rails.mirror import payload_hash


class _Paid(Struct, frozen=True):
    """A payment of the ledger on one bill. ``minor``: what it pays of that bill; ``stands``: neither deleted nor voided;

    ``payload``: the SHA-256 of what the ledger said of it.
    """

    id: str
    dated: date
    entered_at: datetime | None
    minor: int
    currency: str
    note: str
    stands: bool
    payload: str


Payments = Mapping[tuple[str, str], _Paid]
"""By bill and payment."""


class _Wanted(Struct, frozen=True):
    """What would be this payment in the ledger: one of these amounts, dated on or after a day and entered after a moment."""

    minors: frozenset[int]
    since: date
    entered_since: datetime


def hear_ledger(steps: Steps, business: Business, rows: Sequence[Disbursement]) -> None:
    """Each payment's own entry first; then entries that nothing claims: those with a key, then alike ones in ``rows``' order."""
    db, business_id = steps.db, business.business_id
    bill_ids = sorted({row.bill_id for row in rows})
    payments = _payments(db, business_id, bill_ids)
    known = _known(db, business_id, [row.ledger_payment_id for row in rows if row.ledger_payment_id])
    wanted = _wanted(db, business, rows)
    for row in rows:
        if row.ledger_payment_id is not None and row.ledger_payment_id in known:
            _again(steps, row, payments.get((row.bill_id, row.ledger_payment_id)), wanted[row.intent_id])
    db.flush()
    free = _free(db, business_id, bill_ids, payments)
    for pick in (_marked, _alike):
        for row in rows:
            found = pick(row, free.get(row.bill_id, []), wanted[row.intent_id]) if not row.ledger_payment_id else None
            if found is not None:
                free[row.bill_id].remove(found)
                row.ledger_payment_id = found.id
                _show(steps, row, found, wanted[row.intent_id])


def _again(steps: Steps, row: Disbursement, paid: _Paid | None, wanted: _Wanted) -> None:
    """Whether the entry it was recorded with still is what it was."""
    if paid is None or not paid.stands:
        said = {"ledger_payment_id": row.ledger_payment_id}
        row.ledger_payment_id, row.recorded_on = None, None
        steps.happened(row, LedgerTookBack(), said, why="The ledger doesn't show it on the bill any more.")
    else:
        _show(steps, row, paid, wanted)


def _show(steps: Steps, row: Disbursement, paid: _Paid, wanted: _Wanted) -> None:
    said = {"ledger_payment_id": paid.id, "recorded_on": paid.dated.isoformat(), "paid_minor": paid.minor}
    said["payload"] = paid.payload
    differs = paid.minor not in wanted.minors or paid.currency != row.currency
    there, approved = Money(paid.minor, paid.currency), Money(row.amount_minor, row.currency)
    why = f"The ledger has it as {there}; approved were {approved}." if differs else None
    row.recorded_on = paid.dated
    steps.happened(row, LedgerShowed(differs=differs), said, why=why)


def _marked(row: Disbursement, free: Sequence[_Paid], _wanted: _Wanted) -> _Paid | None:
    """The entry that carries our key, whatever its amount."""
    return next((each for each in free if row.intent_id in each.note), None)


def _alike(row: Disbursement, free: Sequence[_Paid], wanted: _Wanted) -> _Paid | None:
    """One of the right amount, entered since. What failed or was cancelled at a rail claims none: the bill may have been paid

    another way since.
    """
    if row.stage in REOPENED and (row.way, row.stage) != ("outside", "cancelled"):
        return None
    return next((each for each in free if each.currency == row.currency and _is_wanted(each, wanted)), None)


def _is_wanted(paid: _Paid, wanted: _Wanted) -> bool:
    if paid.minor not in wanted.minors or paid.dated < wanted.since:
        return False
    return paid.entered_at is None or paid.entered_at >= wanted.entered_since


def _wanted(db: Session, business: Business, rows: Sequence[Disbursement]) -> dict[str, _Wanted]:
    """Outside, a person may have entered it between approval and release; what a rail pays comes after its release."""
    query = select(PaymentIntent).where(
        PaymentIntent.business_id == business.business_id,
        among(db, PaymentIntent.intent_id, [row.intent_id for row in rows]),
    )
    intents = {each.intent_id: each for each in db.scalars(query)}
    found: dict[str, _Wanted] = {}
    for row in rows:
        intent = intents[row.intent_id]
        since = (intent.approved_at if row.way == "outside" else None) or row.released_at
        credits = sum(minor for _, minor in credits_of(intent))
        amounts = frozenset({row.amount_minor, row.amount_minor + credits})
        entered_since = since.replace(microsecond=0)  # the ledger tells whole seconds
        found[row.intent_id] = _Wanted(amounts, local_date(since, business.time_zone), entered_since)
    return found


def _payments(db: Session, business_id: str, bill_ids: Sequence[str]) -> Payments:
    query = (
        select(PayableLink.linked_id, PayableLink.amount_minor, BillPayment)
        .join(
            BillPayment,
            (BillPayment.business_id == PayableLink.business_id) & (BillPayment.id == PayableLink.document_id),
        )
        .where(
            PayableLink.business_id == business_id,
            PayableLink.document_kind == "bill_payment",
            PayableLink.linked_kind == "bill",
            among(db, PayableLink.linked_id, bill_ids),
        )
    )
    found: dict[tuple[str, str], _Paid] = {}
    for bill_id, minor, paid in db.execute(query.order_by(BillPayment.dated, BillPayment.id)):
        found[bill_id, paid.id] = _Paid(
            paid.id,
            paid.dated,
            paid.created_at,
            paid.total_minor if minor is None else minor,
            paid.currency,
            paid.note or "",
            paid.buried_at is None and not paid.voided,
            payload_hash(paid.digest),
        )
    return found


def _known(db: Session, business_id: str, ids: Sequence[str]) -> set[str]:
    """Payments that the mirror has, gone ones too: one that we entered ourselves may not have been read back by a sync yet."""
    query = select(BillPayment.id).where(BillPayment.business_id == business_id, among(db, BillPayment.id, ids))
    return set(db.scalars(query)) if ids else set()


def _free(db: Session, business_id: str, bill_ids: Sequence[str], payments: Payments) -> dict[str, list[_Paid]]:
    """Standing payments that no released payment claims, by bill."""
    query = select(Disbursement.bill_id, Disbursement.ledger_payment_id).where(
        Disbursement.business_id == business_id,
        Disbursement.ledger_payment_id.is_not(None),
        among(db, Disbursement.bill_id, bill_ids),
    )
    claimed = {(bill_id, id_) for bill_id, id_ in db.execute(query)}
    found: dict[str, list[_Paid]] = defaultdict(list)
    for key, paid in payments.items():
        if paid.stands and key not in claimed:
            found[key[0]].append(paid)
    return dict(found)
