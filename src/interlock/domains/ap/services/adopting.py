"""Payments that a person made before anybody let them go: the ledger shows them as approved, and they are followed all the same."""

from datetime import UTC, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.models import BillPayment, PayableLink
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import Course
from interlock.domains.ap.policy.loop import released
from interlock.domains.ap.services.instructing import LATE_CHECK_WORKDAYS
from interlock.domains.ap.services.payment_steps import keep_course
from interlock.domains.bank import matches
from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date, zone
from interlock.kernel.scope import Scope
from interlock.kernel.workdays import add_workdays

NOBODY = "nobody"
"""Who released what the ledger showed paid first."""
_LATE_AT = time(17)


def adopt(db: Session, business: Business, intent: PaymentIntent, now: datetime) -> Disbursement:
    """Follow an approved payment that was made outside without a release; what the ledger shows of it, its witness claims.

    Under the decision lock. A bank is waited for where one is linked to the account that it was paid from.
    """
    last = add_workdays(max(intent.pay_on, local_date(now, business.time_zone)), LATE_CHECK_WORKDAYS)
    late_after = datetime.combine(last, _LATE_AT, zone(business.time_zone)).astimezone(UTC)
    course = released(Course(way="outside", expects_bank=_bank_shows(db, business, intent), late_after=late_after), now)
    row = Disbursement(
        firm_id=intent.firm_id,
        business_id=intent.business_id,
        intent_id=intent.intent_id,
        bill_id=intent.bill_id,
        vendor_id=intent.vendor_id,
        amount_minor=intent.amount_minor,
        currency=intent.currency,
        way=course.way,
        pay_on=intent.pay_on,
        attempt=0,
        steps=0,
        released_by=NOBODY,
        released_at=now,
        changed_at=now,
    )
    keep_course(row, course)
    db.add(row)
    return row


def _bank_shows(db: Session, business: Business, intent: PaymentIntent) -> bool:
    """Whether a bank is linked to an account that payments of the bill since its approval were made from."""
    linked = set(matches.linked_accounts(db, Scope(business.firm_id, business.business_id)).values())
    since = local_date(intent.approved_at or intent.prepared_at, business.time_zone)
    query = (
        select(BillPayment.account_id)
        .join(
            PayableLink,
            (PayableLink.business_id == BillPayment.business_id) & (PayableLink.document_id == BillPayment.id),
        )
        .where(
            BillPayment.business_id == business.business_id,
            BillPayment.buried_at.is_(None),
            BillPayment.voided.is_(False),
            BillPayment.dated >= since,
            PayableLink.document_kind == "bill_payment",
            PayableLink.linked_kind == "bill",
            PayableLink.linked_id == intent.bill_id,
        )
    )
    return not linked.isdisjoint(db.scalars(query))
