"""A client's digest: a letter about its cash."""

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from interlock.runway.letter_desk import kept_pdf
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


@pages.get("/b/{slug}/digest/{dated}.pdf")
def letter_page(slug: str, dated: date, desk: TheDesk) -> Response:
    """The letter of a day as it was made, on paper."""
    return letter_pdf(slug, dated, desk)


@api.get(
    "/businesses/{business}/letters/{dated}/pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The letter as it was made."}},
)
def letter_pdf(business: str, dated: date, desk: TheDesk) -> Response:
    """The letter of a day as it was made and kept, on paper; 404 where none was made."""
    with desk.reading(business) as at:
        said = kept_pdf(at, dated)
        name = f"{at.business.slug}-{dated.isoformat()}.pdf"
    return Response(said, media_type="application/pdf", headers={"content-disposition": f'inline; filename="{name}"'})


@api.get("/businesses/{business}/digest")
def digest(business: str, desk: TheDesk) -> DigestExperience:
    """Summaries, balances, what was found and what is to decide, and the head of the log it was made from."""
    with desk.reading(business) as at:
        return at.digest.get_digest_experience()
