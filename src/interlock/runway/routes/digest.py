"""A client's digest: a letter about its cash."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from interlock.runway.routes.access import TheDesk
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.digest import DigestExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["digest"])


@pages.get("/b/{slug}/digest")
def digest_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "digest.html",
            frame=client_frame(desk, at, "digest"),
            slug=at.business.slug,
            view=at.digest.get_digest_experience(),
        )


@api.get("/businesses/{business}/digest")
def digest(business: str, desk: TheDesk) -> DigestExperience:
    """Summaries, balances, what was found and what is to decide, and the head of the log it was made from."""
    with desk.reading(business) as at:
        return at.digest.get_digest_experience()
