"""Orders to the collecting rail at one business's desk: joins what is parked, the checks' findings and receivables' service."""

from interlock.domains.ar.policy.orders import Act
from interlock.domains.ar.services.invoice_management_service import InvoiceManagementService
from interlock.domains.firm.acting import Acting
from interlock.rails.registry import CapabilityParked
from interlock.runway.business_desk import BusinessDesk
from interlock.runway.services.calculators.readiness import stopped
from interlock.runway.services.experiences.capabilities import CapabilitiesService, required
from interlock.runway.services.experiences.orders import OrdersService

_COLLECT, _REFUND = "collect", "refund"
_MENDED = frozenset({"A01", "A02"})
"""No e-mail in the books, never sent from the books: the rail sends it by itself, to the address it has."""


def orders(at: BusinessDesk, acting: Acting | None, can: CapabilitiesService) -> OrdersService:
    """``acting``: ``None`` for who only looks. Each act takes the decision lock itself; findings are read under it."""

    def required_for(act: Act) -> None:
        required(can.of_business(at.session, at.business, at.now), _REFUND if act == "refund" else _COLLECT)

    service = InvoiceManagementService(
        at.session,
        at.business,
        acting=acting,
        policy=lambda: at.in_force.policy,
        required=required_for,
        blocked=lambda: stopped((each for each in at.findings.all if each.rule.id not in _MENDED), "invoice"),
        now=at.now,
    )
    return OrdersService(at.session, at.business, service, parked=_parked(at, can), now=at.now)


def _parked(at: BusinessDesk, can: CapabilitiesService) -> str | None:
    """Why nothing can be ordered at this client at all, in words."""
    try:
        required(can.of_business(at.session, at.business, at.now), _COLLECT)
    except CapabilityParked as parked:
        return parked.sentence
    return None
