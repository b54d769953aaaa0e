"""What one business's desk knows of its receivables: how they age, how fast they come in, whom to chase first."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from interlock.domains.ar.services.open_balances import OpenBalance, open_balances
from interlock.runway.services.calculators.cash_path import draw
from interlock.runway.services.data_orchestrators.mirror_memory import Recalls, anew
from interlock.runway.services.data_orchestrators.plan_receipts import open_invoices
from interlock.runway.services.data_orchestrators.plan_snapshot import read_plan
from interlock.runway.services.experiences.receivables import ReceivablesService, Stops

if TYPE_CHECKING:
    from interlock.runway.business_desk import BusinessDesk


def receivables_of(at: "BusinessDesk") -> ReceivablesService:
    """In the desk's own transaction; the low point is the cash path's."""
    recall = recalls_of(at)
    return ReceivablesService(
        at.session,
        at.business,
        today=at.today,
        aging=at.aging.get_receivables_aging,
        low_on=_low_on(at),
        stops=_stops(at, recall),
        links=at.links,
        recall=recall,
    )


def recalls_of(at: "BusinessDesk") -> Recalls:
    """What is kept of the mirror, for a desk that only reads; one that writes reads anew, since it may yet be undone."""
    return anew if at.scans is None else at.office.plans.memory.of(at.session, at.business, at.now)


def _low_on(at: "BusinessDesk") -> date:
    """The day on which the cash path is lowest, over the days that it is drawn for."""
    policy = at.in_force.policy
    plan = read_plan(at.session, at.business, policy, at.now) if at.scans is None else at.plan_now()
    return draw(plan.start.minor, plan.flows, plan.today, plan.today + timedelta(days=policy.horizon.path_days)).low.on


def _stops(at: "BusinessDesk", recall: Recalls) -> Stops:
    """Findings first, then what the two ledgers don't agree on."""

    def read() -> dict[str, OpenBalance]:
        ids = [each.id for each in open_invoices(at.session, at.business)]
        return dict(open_balances(at.session, at.business.business_id, ids))

    balances = recall("open balances", read)
    unsure = {id_: each.why_not for id_, each in balances.items() if each.why_not}
    return Stops({**unsure, **at.findings.blocked_invoices()}, {id_: each.ask_minor for id_, each in balances.items()})
