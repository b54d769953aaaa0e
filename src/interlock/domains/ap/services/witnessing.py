"""What the witnesses say of released payments, read from the mirror and fed to their courses.

*Executed* is the paying rail's word on the bill that carries our key; *cleared* a posted bank line in a clearing group; *recorded*
a payment of the ledger on the right bill. Whoever speaks first, and whatever is taken back later, goes through the same steps.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import SETTLED
from interlock.domains.ap.services.bank_witness import hear_bank
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.ap.services.ledger_witness import hear_ledger
from interlock.domains.ap.services.payment_steps import Steps, unsettled
from interlock.domains.ap.services.rail_witness import hear_rail
from interlock.domains.ap.services.return_witness import hear_returns
from interlock.domains.firm.models import Business
from interlock.kernel.scope import Scope

SETTLED_HEARD = timedelta(days=90)
SETTLED_MOST = 5_000
_ACTOR = "witnesses"


def witness(db: Session, business: Business, now: datetime) -> int:
    """Within the caller's writing transaction: hear every witness on every payment that something is waited for, and on those

    settled within ``SETTLED_HEARD``, the latest ``SETTLED_MOST``. How many steps were taken. The decision lock is taken first
    and the log is written last.
    """
    take_decision_lock(db, business.business_id)
    rows = _heard(db, business.business_id, now)
    if not rows:
        return 0
    steps = Steps(db, Scope(business.firm_id, business.business_id), now=now, actor=_ACTOR)
    hear_rail(steps, business, rows)
    hear_ledger(steps, business, rows)
    hear_bank(steps, business, rows)
    hear_returns(steps, business, rows)
    return steps.close()


def _heard(db: Session, business_id: str, now: datetime) -> Sequence[Disbursement]:
    """Those that are waited for come first: what nobody claims otherwise is theirs."""
    settled = (
        select(Disbursement)
        .where(
            Disbursement.business_id == business_id,
            Disbursement.stage.in_(sorted(SETTLED)),
            Disbursement.changed_at >= now - SETTLED_HEARD,
        )
        .order_by(Disbursement.changed_at.desc(), Disbursement.intent_id)
        .limit(SETTLED_MOST)
    )
    return [*unsettled(db, business_id), *db.scalars(settled)]
