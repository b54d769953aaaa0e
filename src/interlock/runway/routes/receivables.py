"""Receivables: figures, the chase queue and the aging; and one customer whole."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from interlock.runway.routes.access import TheDesk
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.receivables import CustomerExperience, ReceivablesExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["receivables"])


@pages.get("/b/{slug}/receivables")
def receivables_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "receivables.html",
            frame=client_frame(desk, at, "receivables"),
            slug=at.business.slug,
            view=at.receivables.get_receivables_experience(),
            today=at.today,
        )


@pages.get("/b/{slug}/customers/{customer_id}")
def customer_page(request: Request, slug: str, customer_id: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "customer.html",
            frame=client_frame(desk, at, "receivables"),
            slug=at.business.slug,
            view=at.receivables.get_customer_experience(customer_id),
            today=at.today,
        )


@api.get("/businesses/{business}/receivables")
def receivables(business: str, desk: TheDesk) -> ReceivablesExperience:
    """How fast money comes in, whom to chase first, and the aging."""
    with desk.reading(business) as at:
        return at.receivables.get_receivables_experience()


@api.get("/businesses/{business}/customers/{customer_id}")
def customer(business: str, customer_id: str, desk: TheDesk) -> CustomerExperience:
    """What one customer owes, and how they have paid for twelve months."""
    with desk.reading(business) as at:
        return at.receivables.get_customer_experience(customer_id)
