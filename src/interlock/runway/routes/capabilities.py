"""What can be had, for this build or for a client now, by the same computation that greys things out on its pages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from interlock.runway.routes.access import TheDesk, the_desk
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


def the_capabilities(request: Request) -> CapabilitiesService:
    """Those of this build; there before any client is."""
    service: CapabilitiesService = request.app.state.capabilities
    return service


@pages.get("/b/{slug}/capabilities")
def capabilities_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        view = desk.capabilities.of_business(at.session, at.business, at.now)
        return page(request, "capabilities.html", frame=client_frame(desk, at, "capabilities"), view=view)


@api.get("/capabilities")
def capabilities_of_build(
    request: Request,
    service: Annotated[CapabilitiesService, Depends(the_capabilities)],
    business: Annotated[str | None, Query(description="A client, by id, slug or name; without it, the build.")] = None,
) -> CapabilitiesExperience:
    """Features, what each rail's class can do, what no rail's API can, and what is declined: of the build or of one client."""
    return service.of_build() if business is None else capabilities(business, the_desk(request))


@api.get("/businesses/{business}/capabilities")
def capabilities(business: str, desk: TheDesk) -> CapabilitiesExperience:
    """Every feature: ``live``, ``connect:<rail>``, ``off:<reason>`` or ``parked:<capability>``, and what would change that."""
    with desk.reading(business) as at:
        return desk.capabilities.of_business(at.session, at.business, at.now)


@api.get(
    "/businesses/{business}/capabilities/{key}",
    responses={409: {"description": "Parked, switched off or not connected: the message says what would change that."}},
)
def capability(business: str, key: str, desk: TheDesk) -> CapabilityView:
    """One feature, when it can be had now; 409 ``capability_parked`` otherwise, as of every row that is parked or declined."""
    return required(capabilities(business, desk), key)
