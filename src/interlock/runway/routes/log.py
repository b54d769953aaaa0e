"""A client's log, and the proof that it still holds."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from interlock.runway.routes.access import TheDesk
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.log_view import (
    MOST_LINES,
    PAGE_LINES,
    LogExperience,
    VerifyExperience,
)

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["log"])

_MOST_LINE = 2**53
Before = Annotated[
    int | None, Query(ge=1, le=_MOST_LINE, description="Lines before this one; the newest unless given.")
]
Most = Annotated[int, Query(ge=1, le=MOST_LINES, description="Lines on a page.")]


@pages.get("/b/{slug}/log")
def log_page(
    request: Request, slug: str, desk: TheDesk, before: Before = None, verify: Annotated[bool, Query()] = False
) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "log.html",
            frame=client_frame(desk, at, "log"),
            slug=at.business.slug,
            view=at.log.get_log_experience(before=before),
            verdict=at.log.verify() if verify else None,
            before=before,
            zone=at.business.time_zone,
        )


@api.get("/businesses/{business}/log")
def log(business: str, desk: TheDesk, before: Before = None, most: Most = PAGE_LINES) -> LogExperience:
    """A page of the business's chain, newest first."""
    with desk.reading(business) as at:
        return at.log.get_log_experience(before=before, most=most)


@api.get("/businesses/{business}/log/verify")
def verify(business: str, desk: TheDesk) -> VerifyExperience:
    """Walk the whole chain: does every line follow from the one before it?"""
    with desk.reading(business) as at:
        return at.log.verify()
