"""The pay run by the schedule: what is approved and due is let go at the policy's hour, where the policy says so.

What a person has to see to stays for one: amounts above the first limit, warnings, a bank that doesn't tell its balance by the end
of the day, a run that no worker was there for on its day.
"""

from datetime import timedelta

from interlock.app.abilities import abilities_of
from interlock.app.bank_links import BankLinks
from interlock.app.house import House
from interlock.app.paying import business_of
from interlock.domains.firm.models import Business
from interlock.domains.firm.pay_run_times import PAY_RUN
from interlock.domains.firm.services.calendar_service import find_due, keep_trouble
from interlock.domains.firm.services.pay_run_calendar import plan_pay_run
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.kernel.clock import local_date
from interlock.kernel.scope import Scope
from interlock.runway.desk import Desk
from interlock.runway.releasing_desk import BalanceNotRefreshed, ask_banks_first, releasing
from interlock.runway.services.experiences.releasing import ReleaseView

_AGAIN = timedelta(minutes=15)
_MISSED = "No worker was there for this pay run on its day; a person releases what was due."


def pay_run_work(house: House, business_id: str, run_id: str) -> None:
    """Let go what is due, and say when the next run is. Whatever was let go before stands, so it may be begun twice."""
    del run_id  # what was released stands in the payments' own rows
    business = business_of(house, business_id)
    if business is None:
        return
    scope, now = Scope(business.firm_id, business_id), house.clock.now()
    with house.database.reading(scope) as session:
        row = find_due(session, scope, PAY_RUN)
        due_at = row.due_at if row is not None and row.due_at <= now else None
        by_schedule = PolicyService(session, business.firm_id).in_force(business).policy.pay_runs.automatic_release
    if due_at is None:
        return
    missed = local_date(due_at, business.time_zone) != local_date(now, business.time_zone)
    if by_schedule and not missed:
        try:
            run_pay_run(house, business)
        except BalanceNotRefreshed as silent:
            if _tried_again(house, business, silent.sentence):
                return
    with house.database.writing(scope) as session:
        policy = PolicyService(session, business.firm_id).in_force(business).policy.pay_runs
        plan_pay_run(session, business, policy, now)
        row = find_due(session, scope, PAY_RUN)
        if missed and row is not None:
            row.trouble = _MISSED


def run_pay_run(house: House, business: Business) -> ReleaseView | None:
    """Release what is approved and due, by the schedule; ``None`` where nothing is. ``BalanceNotRefreshed`` changes nothing."""
    desk = _desk(house, business)
    with desk.reading(business.business_id) as at:
        if not releasing(at, None).due():
            return None
    balance = ask_banks_first(desk, BankLinks(house), business.business_id)
    with desk.writing(business.business_id) as at:
        return releasing(at, None).release_due(balance=balance)


def _tried_again(house: House, business: Business, said: str) -> bool:
    """Whether there is time to ask the banks once more on this day."""
    now = house.clock.now()
    if local_date(now + _AGAIN, business.time_zone) != local_date(now, business.time_zone):
        return False
    scope = Scope(business.firm_id, business.business_id)
    with house.database.writing(scope) as session:
        keep_trouble(session, scope, PAY_RUN, trouble=said, retry_at=now + _AGAIN)
    return True


def _desk(house: House, business: Business) -> Desk:
    return Desk(
        house.database,
        house.clock,
        house.sync_of,
        business.firm_id,
        monthly_reads=house.settings.qbo_monthly_reads,
        abilities=abilities_of(house),
    )
