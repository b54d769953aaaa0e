"""The payables side of the plan: open bills, and payments that are approved and not made yet."""

from collections import defaultdict
from collections.abc import Container
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill, PayableLine
from interlock.domains.ap.services.bill_content import COUNTED, credits_of, standing_intents
from interlock.domains.ap.services.payment_steps import course_of, intents_under_way, under_way
from interlock.domains.firm.models import Business
from interlock.runway.services.calculators.counted_once import Approved
from interlock.runway.services.calculators.placing import OpenBill
from interlock.runway.services.data_orchestrators.history_snapshot import Accounts
from interlock.runway.services.data_orchestrators.mirror_memory import Recalls, anew


class Payables(Struct, frozen=True):
    """``approved``: payments of open bills with one or all of their approvals, and released ones that the books don't have yet."""

    bills: tuple[OpenBill, ...]
    approved: tuple[Approved, ...]


def read_payables(
    db: Session,
    business: Business,
    accounts: Accounts,
    now: datetime,
    recall: Recalls = anew,
    *,
    off_already: Container[str] = (),
    from_bank: bool = False,
) -> Payables:
    """A few indexed queries, however many bills are open. An approval whose bill has changed since counts no more; a released

    payment counts until the books have it. ``from_bank``: the path starts from bank cash, so what a bank has shown is off it;
    ``off_already``: released payments that it shows as pending.
    """
    bills = recall("bills owed", lambda: _open_bills(db, business, accounts))
    known = {each.id for each in bills}
    standing = standing_intents(db, business, now)
    released = {each.intent_id: each for each in under_way(db, business.business_id) if each.bill_id in known}
    gone = {id_ for id_, row in released.items() if from_bank and (course_of(row).cleared or id_ in off_already)}
    decided = [each.intent for each in standing if each.state in COUNTED and each.intent.bill_id in known]
    decided += [each for each in intents_under_way(db, business.business_id) if each.intent_id in released]
    return Payables(
        bills,
        tuple(
            Approved(
                each.intent_id,
                each.bill_id,
                each.amount_minor,
                sum(minor for _, minor in credits_of(each)),
                each.pay_on,
                each.intent_id in gone,
            )
            for each in decided
        ),
    )


def _open_bills(db: Session, business: Business, accounts: Accounts) -> tuple[OpenBill, ...]:
    is_open = (
        Bill.business_id == business.business_id,
        Bill.buried_at.is_(None),
        Bill.voided.is_(False),
        Bill.balance_minor > 0,
    )
    coded = (
        select(PayableLine.document_id, PayableLine.account_id)
        .join(Bill, (Bill.business_id == PayableLine.business_id) & (Bill.id == PayableLine.document_id))
        .where(
            *is_open,
            PayableLine.business_id == business.business_id,
            PayableLine.document_kind == "bill",
            PayableLine.account_id.is_not(None),
        )
    )
    lines: dict[str, list[str]] = defaultdict(list)
    for bill_id, account_id in db.execute(coded):
        lines[bill_id].append(account_id or "")
    query = select(
        Bill.id,
        Bill.number,
        Bill.vendor_id,
        Bill.vendor_name,
        Bill.dated,
        Bill.due,
        Bill.currency,
        Bill.balance_minor,
    ).where(*is_open)
    found: list[OpenBill] = []
    for row in db.execute(query.order_by(Bill.id)):
        _, names, kinds = accounts.named(lines.get(row.id, ()))
        found.append(OpenBill(*row, names, kinds))
    return tuple(found)
