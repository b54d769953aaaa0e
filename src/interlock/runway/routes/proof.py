"""Holding a client's mirror against QuickBooks' own totals, now; and what QuickBooks told us unasked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse

from interlock.runway.routes.access import TheDesk, follow_clock
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.routes.sync import PAGES
from interlock.runway.services.experiences.inbox import InboxExperience
from interlock.runway.services.experiences.proof import ProofExperience
from interlock.runway.services.views import TiedView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["proof"], route_class=KeyedRoute)


@pages.post("/b/{slug}/prove", dependencies=[Depends(follow_clock)])
def prove_now(slug: str, desk: TheDesk, back: Annotated[str, Form()] = "tray") -> RedirectResponse:
    """Prove, then show the page it was asked on."""
    desk.prove(slug)
    with desk.reading(slug) as at:
        return RedirectResponse(f"/b/{at.business.slug}/{back if back in PAGES else 'tray'}#ties", 303)


@api.post(
    "/businesses/{business}/proof",
    dependencies=[Depends(follow_clock)],
    responses={409: {"description": "A sync of this business is running."}},
)
def prove(business: str, desk: TheDesk) -> ProofExperience:
    """Bring the mirror up to date and hold it against QuickBooks' counts, agings and balance sheet, mending what it can."""
    report = desk.prove(business)
    with desk.reading(business) as at:
        return ProofExperience.of(report, at.business, at.tied)


@api.get("/businesses/{business}/proof")
def proof(business: str, desk: TheDesk) -> TiedView:
    """Whether the business's totals are QuickBooks' own, as of the last proof."""
    with desk.reading(business) as at:
        return at.tied


@api.get("/businesses/{business}/inbox")
def inbox(business: str, desk: TheDesk) -> InboxExperience:
    """What QuickBooks said changed, newest first, and what was done with it."""
    with desk.reading(business) as at:
        return at.inbox.get_inbox_experience()
