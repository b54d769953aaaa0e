"""Who is owed and who owes, by how late it is, and the books' balances beside it."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from interlock.runway.routes.access import TheDesk
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.aging import AgingExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["aging"])

AsOf = Annotated[date | None, Query(description="Documents dated later drop out; today unless given.")]


@pages.get("/b/{slug}/aging")
def aging_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "aging.html",
            frame=client_frame(desk, at, "aging"),
            slug=at.business.slug,
            sides=(at.aging.get_payables_aging(), at.aging.get_receivables_aging()),
            balances=at.balances.get_balances_experience(),
            today=at.today,
        )


@api.get("/businesses/{business}/aging/payables")
def payables(business: str, desk: TheDesk, as_of: AsOf = None) -> AgingExperience:
    """By vendor, tied to QuickBooks' own report."""
    with desk.reading(business) as at:
        return at.aging.get_payables_aging(as_of)


@api.get("/businesses/{business}/aging/receivables")
def receivables(business: str, desk: TheDesk, as_of: AsOf = None) -> AgingExperience:
    """By customer, tied to QuickBooks' own report."""
    with desk.reading(business) as at:
        return at.aging.get_receivables_aging(as_of)
