"""Approvals end when what they were given for changes, on whichever rail: looked at after every sync."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from interlock.domains.ap.decision_models import IntentApproval, PaymentIntent
from interlock.domains.ap.services.adopting import adopt
from interlock.domains.ap.services.bill_content import endings_of, live_intents
from interlock.domains.ap.services.decision_records import keep_decision, take_decision_lock
from interlock.domains.firm.models import Business
from interlock.infra import translog
from interlock.kernel.scope import Scope

_ACTOR = "Interlock"


def void_changed(session: Session, scope: Scope, now: datetime) -> int:
    """End live payments whose bill or payee changed, or that the ledger shows paid; how many ended.

    In a writing transaction of its own: the decision lock is taken first, so a decision under way is waited for and then held
    against what is in the mirror now. Each ending is a decision with its line in the log. What was paid before its release is
    followed from then on; what was released isn't looked at here any more.
    """
    business = session.get(Business, scope.business_id)
    any_live = session.scalars(
        select(PaymentIntent.intent_id)
        .where(
            PaymentIntent.business_id == scope.business_id, PaymentIntent.state.in_(("proposed", "half", "approved"))
        )
        .limit(1)
    ).first()
    if business is None or any_live is None:
        return 0
    take_decision_lock(session, business.business_id)
    live = live_intents(session, business.business_id)
    endings = endings_of(session, business, live, now)
    entries = []
    for intent in live:
        ending = endings.get(intent.intent_id)
        if ending is None:
            continue
        subject = {
            "bill_id": intent.bill_id,
            "intent_id": intent.intent_id,
            "amount_minor": intent.amount_minor,
            "pay_on": intent.pay_on.isoformat(),
            "was": intent.state,
            "state": ending.state,
        }
        intent.state, intent.ended_at, intent.ended_why = ending.state, now, ending.why
        act = "void" if ending.state == "voided" else "record"
        if act == "record":
            adopt(session, business, intent, now)
        if act == "void":
            standing = update(IntentApproval).where(
                IntentApproval.business_id == business.business_id,
                IntentApproval.intent_id == intent.intent_id,
                IntentApproval.withdrawn_at.is_(None),
            )
            session.execute(standing.values(withdrawn_at=now))
        made = keep_decision(
            session, scope, act=act, subjects=[subject], by=None, actor=_ACTOR, now=now, comment=ending.why
        )
        body = {"decision_id": made.decision_id, "subjects": [subject], "why": ending.why}
        entries.append((f"payment.{ending.state}", body))
    session.flush()
    if entries:
        translog.append_many(session, scope, now=now, actor=_ACTOR, entries=entries)
    return len(entries)
