"""A client's tray: what in the books is wrong."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from interlock.runway.routes.access import TheDesk
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.tray import TrayExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["tray"])


@pages.get("/b/{slug}")
def client_page(slug: str, desk: TheDesk) -> RedirectResponse:
    """A client opens on its tray."""
    with desk.reading(slug) as at:
        return RedirectResponse(f"/b/{at.business.slug}/tray", 307)


@pages.get("/b/{slug}/tray")
def tray_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        view = at.tray.get_tray_experience()
        return page(request, "tray.html", frame=client_frame(desk, at, "tray"), slug=at.business.slug, view=view)


@api.get("/businesses/{business}/tray")
def tray(business: str, desk: TheDesk) -> TrayExperience:
    """Findings by severity and dollars at stake, and every document they stand on. ``business`` is an id, slug or name."""
    with desk.reading(business) as at:
        return at.tray.get_tray_experience()
