"""Releasing at one business's desk: the gate, payables' service, and the banks asked before anything is decided."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.services.bill_payment_service import BillPaymentService
from interlock.domains.ap.services.decision_records import take_decision_lock
from interlock.domains.bank.witness_models import BankAccount
from interlock.domains.firm.acting import Acting
from interlock.infra.db.bulk import among
from interlock.kernel.errors import Busy, InterlockError
from interlock.rails.bank_links import LinksBusinessBanks
from interlock.rails.connections import NotLinked
from interlock.rails.errors import RailError
from interlock.runway.business_desk import BusinessDesk
from interlock.runway.desk import Desk
from interlock.runway.release_gate import ReleaseJudge
from interlock.runway.services.experiences.pay_run import PayRunService
from interlock.runway.services.experiences.releasing import ReleasingService

_JUST_ASKED = timedelta(minutes=1)
"""Banks ration how often they are asked: an answer this young is this moment's."""


class BalanceNotRefreshed(InterlockError):
    """A bank didn't tell its balance of this moment. Nothing was released."""

    code = "balance_not_refreshed"
    status = 409


def releasing(at: BusinessDesk, acting: Acting | None) -> ReleasingService:
    """Acts begun by the decision lock: policy, findings, plan and bills are all read under it. ``None`` for who only looks, and for

    the pay run's schedule, which takes the lock itself.
    """
    if acting is not None:
        take_decision_lock(at.session, at.business.business_id)

    gate = ReleaseJudge(at.session, at.business, at.in_force, at.links, at.now)
    return ReleasingService(
        at.session, at.business, payments=lambda: _payments(at, acting), gate=gate, acting=acting, now=at.now
    )


def pay_run(at: BusinessDesk, looking: Acting | None) -> PayRunService:
    """The pay run as one person sees it, or nobody in particular: without a lock, and nothing is written."""
    return PayRunService(
        at.session,
        at.business,
        policy=at.in_force.policy.pay_runs,
        paying=releasing(at, None).get_paying_experience,
        why_not=lambda intents: _payments(at, looking).why_not(intents),
        links=at.links,
        now=at.now,
    )


def _payments(at: BusinessDesk, acting: Acting | None) -> BillPaymentService:
    return BillPaymentService(
        at.session, at.business, judge=at.judge, policy=at.in_force.policy, acting=acting, now=at.now
    )


def ask_banks_first(desk: Desk, banks: LinksBusinessBanks, business: str, intents: Sequence[str] = ()) -> str:
    """Have the banks tell their balances of this moment, before any transaction; what was asked, in words.

    ``BalanceNotRefreshed`` when one of them doesn't; a client without a bank is judged by its books. Where none of ``intents``
    could be let go whatever the banks say, none is asked; the gate still holds what it judges against the balance's age.
    """
    if intents and _none_stands(desk, business, intents):
        return "No bank was asked: none of these can be let go as it stands."
    if _just_asked(desk, business):
        return "The banks told their balances within the last minute."
    try:
        unanswered = banks.ask_banks(business)
    except NotLinked:
        return "No bank is linked: the balance in the books was judged."
    except (RailError, Busy) as trouble:
        raise BalanceNotRefreshed(_not_refreshed(trouble.sentence)) from trouble
    if unanswered:
        raise BalanceNotRefreshed(_not_refreshed(" ".join(unanswered)))
    return "The banks told their balances just now."


def _none_stands(desk: Desk, business: str, intents: Sequence[str]) -> bool:
    with desk.reading(business) as at:
        query = select(PaymentIntent).where(
            PaymentIntent.business_id == at.business.business_id,
            among(at.session, PaymentIntent.intent_id, sorted(set(intents))),
        )
        found = at.session.scalars(query).all()
        return bool(found) and len(_payments(at, None).why_not(found)) == len(found)


def _just_asked(desk: Desk, business: str) -> bool:
    with desk.reading(business) as at:
        query = select(BankAccount.live, BankAccount.observed_at).where(
            BankAccount.business_id == at.business.business_id, BankAccount.buried_at.is_(None)
        )
        seen = at.session.execute(query).all()
        return bool(seen) and all(live and at.now - told <= _JUST_ASKED for live, told in seen)


def _not_refreshed(said: str) -> str:
    return f"The bank’s balance couldn’t be refreshed: {said} Nothing was released."
