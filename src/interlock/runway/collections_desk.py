"""Collections at one business's desk: joins who decides, the checks' findings and whom to chase first."""

from interlock.domains.ar.services.chase_service import ChaseService
from interlock.domains.firm.acting import Acting
from interlock.runway.business_desk import BusinessDesk
from interlock.runway.receivables_desk import recalls_of
from interlock.runway.services.experiences.collections import CollectionsService


def chasing(at: BusinessDesk, acting: Acting | None) -> ChaseService:
    """``acting``: ``None`` for who only looks. Each act takes the decision lock itself."""
    return ChaseService(at.session, at.business, acting=acting, policy=lambda: at.in_force.policy, now=at.now)


def collections(at: BusinessDesk, service: ChaseService) -> CollectionsService:
    """What is shown, in the order of the chase queue."""
    order = [each.owed.invoice_id for each in at.receivables.queued()]
    blocked = at.findings.blocked_invoices()
    recall = recalls_of(at)
    return CollectionsService(at.session, at.business, service, order=order, blocked=blocked, recall=recall)
