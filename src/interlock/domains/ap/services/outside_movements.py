"""Movements of our own book: payments that were released for a person to make outside. The bank may show one before the ledger."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import REOPENED
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.matching.values import OWN, Movement
from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.kernel.scope import Scope
from interlock.kernel.workdays import add_workdays

KIND = "disbursement"
CHECK_DAYS = 45
"""From its pay day to the bank's line of a check whose number isn't ours to know."""
ELECTRONIC_WORKDAYS = 10


def outside_movements(db: Session, scope: Scope, *, accounts: frozenset[str], since: date) -> Sequence[Movement]:
    """See ``bank.ports.StatesMovements``: those that are still to be seen, and those that a line serves already.

    What the ledger has is the ledger's to state; what was taken back isn't looked for.
    """
    business = db.get(Business, scope.business_id)
    if business is None:
        return []
    return list(_stated(db, business, accounts, since))


def _stated(db: Session, business: Business, accounts: frozenset[str], since: date) -> Iterator[Movement]:
    served = select(BankMatchPart.ref_id).where(
        BankMatchPart.business_id == business.business_id, BankMatchPart.kind == KIND, BankMatchPart.active
    )
    awaited = Disbursement.stage.not_in(sorted(REOPENED)) & Disbursement.ledger_payment_id.is_(None)
    query = (
        select(Disbursement, Bill.number, Bill.vendor_name)
        .outerjoin(Bill, (Bill.business_id == Disbursement.business_id) & (Bill.id == Disbursement.bill_id))
        .where(
            Disbursement.business_id == business.business_id,
            Disbursement.way == "outside",
            Disbursement.released_at >= datetime.combine(since, time(), UTC),
            or_(awaited, Disbursement.intent_id.in_(served)),
        )
    )
    for row, number, party in db.execute(query.order_by(Disbursement.intent_id)):
        if row.account_id is None or row.account_id in accounts:
            yield _movement(row, number, party, local_date(row.released_at, business.time_zone))


def _movement(row: Disbursement, number: str | None, party: str | None, released: date) -> Movement:
    day = max(row.pay_on, released)
    by_check = row.method == "check"
    last = day + timedelta(days=CHECK_DAYS) if by_check else add_workdays(day, ELECTRONIC_WORKDAYS)
    return Movement(
        OWN, KIND, row.intent_id, row.account_id, day, released, last, -row.amount_minor, row.currency, number, party
    )
