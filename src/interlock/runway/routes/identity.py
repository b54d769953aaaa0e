"""What is the same on two rails: exact links, suggestions, and what a person decides of them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from interlock.runway.routes.access import ACTOR, TheDesk, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.identity import DecidedView, IdentitiesService, IdentityExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["identity"], route_class=KeyedRoute)

Act = Literal["confirm", "refuse", "undo"]
_ID_CHARACTERS = 40


class Decision(BaseModel):
    """What a person says of one pair."""

    model_config = ConfigDict(extra="forbid")

    act: Act
    kind: str = Field(max_length=_ID_CHARACTERS)
    rail_id: str = Field(max_length=_ID_CHARACTERS)
    ledger_id: str = Field(max_length=_ID_CHARACTERS)


@pages.get("/b/{slug}/identity")
def identity_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "identity.html",
            frame=client_frame(desk, at, "identity"),
            slug=at.business.slug,
            view=at.identities.get_identity_experience(),
            today=at.today,
        )


@pages.post("/b/{slug}/identity", dependencies=[Depends(follow_clock)])
def decide_by_form(
    slug: str,
    desk: TheDesk,
    act: Annotated[Act, Form()],
    kind: Annotated[str, Form(max_length=_ID_CHARACTERS)],
    rail_id: Annotated[str, Form(max_length=_ID_CHARACTERS)],
    ledger_id: Annotated[str, Form(max_length=_ID_CHARACTERS)],
) -> RedirectResponse:
    """Keep what was decided, then show the rest."""
    with desk.writing(slug) as at:
        _decide(at.identities, Decision(act=act, kind=kind, rail_id=rail_id, ledger_id=ledger_id))
        return RedirectResponse(f"/b/{at.business.slug}/identity#{kind}", 303)


@api.get("/businesses/{business}/identity")
def identity(business: str, desk: TheDesk) -> IdentityExperience:
    """Vendors, bills, customers, invoices and accounts: what is linked and by which key, and what waits for a person."""
    with desk.reading(business) as at:
        return at.identities.get_identity_experience()


@api.post("/businesses/{business}/identity", dependencies=[Depends(follow_clock)])
def decide(business: str, decision: Decision, desk: TheDesk) -> DecidedView:
    """Confirm that two are the same, refuse it, or take a decision back; the log says who did."""
    with desk.writing(business) as at:
        return _decide(at.identities, decision)


def _decide(service: IdentitiesService, said: Decision) -> DecidedView:
    acts = {"confirm": service.confirm, "refuse": service.refuse, "undo": service.undo}
    return acts[said.act](said.kind, said.rail_id, said.ledger_id, actor=ACTOR)
