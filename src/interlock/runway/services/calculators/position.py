"""A client's cash as the overview shows it, put together from a plan, its policy and what moved. Pure."""

from collections.abc import Sequence

from interlock.domains.firm.policy.values import Policy
from interlock.runway.services.calculators.burn import Moved, burn_of
from interlock.runway.services.calculators.cash_path import draw
from interlock.runway.services.calculators.figure_values import Position, Spending
from interlock.runway.services.calculators.figures_of_cash import average_balance
from interlock.runway.services.calculators.floor import floor_of
from interlock.runway.services.calculators.flows import Plan
from interlock.runway.services.calculators.guardrail_values import FloorTerms
from interlock.runway.services.calculators.weeks import last_day, weeks_of


def position_of(plan: Plan, policy: Policy, spending: Spending | None, moved: Sequence[Moved]) -> Position:
    """Every flow of ``plan`` drawn over whole weeks, about ``policy.horizon.path_days`` long, against the policy's floor."""
    terms = FloorTerms(
        absolute_minor=policy.floor.absolute_minor,
        buffer_days=policy.floor.buffer_days,
        essential_per_day_minor=plan.essential_per_day_minor,
        covenant_minor=policy.floor.covenant_minor,
    )
    floor_minor, term = floor_of(terms)
    path = draw(plan.start.minor, plan.flows, plan.today, last_day(plan.today, policy.horizon.path_days))
    burn = burn_of(moved, plan.today)
    return Position(
        plan=plan,
        path=path,
        weeks=weeks_of(path, plan.flows, floor_minor),
        terms=terms,
        floor_minor=floor_minor,
        term=term,
        spending=spending,
        burn=burn,
        average_minor=average_balance(plan.start.minor, moved, plan.today, burn.days),
    )
