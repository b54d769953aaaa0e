"""A client's console: what can be decided, what can't and why, and whom to chase."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from interlock.runway.routes.access import TheDesk
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.console import ConsoleExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["console"])


@pages.get("/b/{slug}/console")
def console_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "console.html",
            frame=client_frame(desk, at, "console"),
            slug=at.business.slug,
            view=at.console.get_console_experience(),
        )


@api.get("/businesses/{business}/console")
def console(business: str, desk: TheDesk) -> ConsoleExperience:
    """Bills ready for decision and blocked ones with the reason, by due week; invoices to chase."""
    with desk.reading(business) as at:
        return at.console.get_console_experience()
