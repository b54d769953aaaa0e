"""Where a client's cash stands and where it goes, read once: the plan, what can be spent, and what moved."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from interlock.domains.bank.plan_models import Earmark
from interlock.domains.bank.services.earmark_service import RESTRICTED, EarmarkService
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.clock import local_date
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.figure_values import Position, SetAside, Spending
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.flows import Plan
from interlock.runway.services.calculators.position import position_of
from interlock.runway.services.calculators.spendable import Spendable
from interlock.runway.services.data_orchestrators.moved_snapshot import read_moved
from interlock.runway.services.data_orchestrators.plan_snapshot import read_plan
from interlock.runway.services.data_orchestrators.spendable_snapshot import read_spendable


def read_position(
    db: Session, business: Business, policy: Policy, now: datetime, *, findings: Sequence[Finding] = ()
) -> Position:
    """From the mirror and what people decided; no network."""
    scope = Scope(business.firm_id, business.business_id)
    home, today = business.home_currency, local_date(now, business.time_zone)
    plan = read_plan(db, business, policy, now, findings=findings)
    spendable = read_spendable(db, business, now)
    earmarks = EarmarkService(db, scope, home).earmarks(order=policy.essential.order)
    return position_of(plan, policy, _spending(plan, spendable, earmarks), read_moved(db, scope, home, today))


def _spending(plan: Plan, said: Spendable | None, earmarks: Sequence[Earmark]) -> Spending | None:
    """``None`` where the path starts from the books, or a bank does not say what is available."""
    if said is None or said.available_minor is None or plan.start.basis != "bank":
        return None
    aside = [(each, _set_aside(each)) for each in earmarks]
    return Spending(
        available=plan.start.parts,
        in_flight=said.in_flight,
        earmarks=tuple(held for each, held in aside if each.category != RESTRICTED),
        restricted=tuple(held for each, held in aside if each.category == RESTRICTED),
    )


def _set_aside(each: Earmark) -> SetAside:
    left = each.amount_minor - each.consumed_minor
    return SetAside(each.earmark_id, each.name, each.category, left, each.needed_on)
