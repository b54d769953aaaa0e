"""What can be had for a client now, by the same computation that greys things out on its pages."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from interlock.runway.routes.access import TheDesk
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.capabilities import (
    CapabilitiesExperience,
    CapabilitiesService,
    CapabilityView,
    required,
)

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["connections"])


@pages.get("/b/{slug}/capabilities")
def capabilities_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        view = CapabilitiesService(desk.rails).of_business(at.session, at.business, at.now)
        return page(request, "capabilities.html", frame=client_frame(desk, at, "capabilities"), view=view)


@api.get("/businesses/{business}/capabilities")
def capabilities(business: str, desk: TheDesk) -> CapabilitiesExperience:
    """Every feature: ``live``, ``connect:<rail>``, ``off:<reason>`` or ``parked:<capability>``, and what would change that."""
    with desk.reading(business) as at:
        return CapabilitiesService(desk.rails).of_business(at.session, at.business, at.now)


@api.get(
    "/businesses/{business}/capabilities/{key}",
    responses={409: {"description": "Parked, switched off or not connected: the message says what would change that."}},
)
def capability(business: str, key: str, desk: TheDesk) -> CapabilityView:
    """One feature, when it can be had now; 409 ``capability_parked`` otherwise."""
    with desk.reading(business) as at:
        return required(CapabilitiesService(desk.rails).of_business(at.session, at.business, at.now), key)
