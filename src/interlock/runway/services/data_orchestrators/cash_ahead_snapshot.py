"""What the checks need of cash to come: accounts overdrawn, the next fourteen days, payrolls that didn't happen."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from interlock.domains.bank.services.balance_service import bank_balances
from interlock.domains.bank.services.recurring_service import RecurringService
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.clock import local_date
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.cash_ahead import CashAhead, Missing, Overdrawn
from interlock.runway.services.calculators.cash_path import draw
from interlock.runway.services.calculators.categories import category_of
from interlock.runway.services.calculators.checks_on_cash import AHEAD_DAYS
from interlock.runway.services.calculators.flows import Plan
from interlock.runway.services.calculators.placing import missed
from interlock.runway.services.calculators.recurring import PAYROLL, Movement, detect, occurrences, signature_of
from interlock.runway.services.data_orchestrators.cash_snapshot import deposits
from interlock.runway.services.data_orchestrators.history_snapshot import HISTORY_DAYS, read_movements
from interlock.runway.services.data_orchestrators.mirror_memory import Recalls, anew
from interlock.runway.services.data_orchestrators.plan_snapshot import confirmed_items, read_plan


def read_cash_ahead(
    db: Session,
    business: Business,
    policy: Policy,
    now: datetime,
    plan: Plan | None = None,
    recall: Recalls = anew,
) -> CashAhead:
    """From the plan as it stands, of which only what is sure counts. ``plan``: where it was read already."""
    today = local_date(now, business.time_zone)
    plan = plan or read_plan(db, business, policy, now)
    sure = [flow for flow in plan.flows if flow.standing == "sure"]
    path = draw(plan.start.minor, sure, today, today + timedelta(days=AHEAD_DAYS))
    low = path.low
    return CashAhead(
        tuple(
            Overdrawn(each.id, each.institution, each.spoken, each.available.minor)
            for each in deposits(bank_balances(db, business.business_id, now), business.home_currency)
            if each.available is not None and each.available.minor < 0
        ),
        path.breach(0),
        low.minor,
        low.on,
        recall("payrolls missing", lambda: _missing(db, business, today)),
    )


def _missing(db: Session, business: Business, today: date) -> tuple[Missing, ...]:
    items = [each for each in confirmed_items(db, business) if each.category == PAYROLL and not each.inflow]
    history = read_movements(db, business, today - timedelta(days=HISTORY_DAYS), today)
    seen: dict[str, list[date]] = defaultdict(list)
    for movement in history:
        seen[signature_of(movement)].append(movement.dated)
    found = []
    for item in items:
        unseen = missed(item, seen.get(item.signature, ()), today)
        if unseen is not None:
            found.append(Missing(item.recurring_id, item.name, unseen, item.amount_minor, True))
    known = RecurringService(db, Scope(business.firm_id, business.business_id)).signatures()
    for each in detect(_wages(history), today, business.home_currency):
        if each.missed and each.category == PAYROLL and each.signature not in known:
            after = each.anchor + timedelta(days=1)
            due = occurrences(each.cadence, each.days, each.anchor, after, today, True)[0]
            found.append(Missing(each.signature, each.name, due, each.amount_minor, False))
    return tuple(found)


def _wages(history: Sequence[Movement]) -> list[Movement]:
    return [
        each for each in history if not each.inflow and category_of(each.account_names, each.account_kinds) == PAYROLL
    ]
