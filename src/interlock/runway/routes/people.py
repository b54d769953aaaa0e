"""Who acts (chosen at the top of a page, until people sign in), and who may do what at a client."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from interlock.kernel.money import Money
from interlock.runway.routes.access import PERSON_COOKIE, TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyRequiredRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.people import DelegationView, PeopleExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["people"], route_class=KeyRequiredRoute)

_HANDLE_CHARACTERS = 40
_REASON_CHARACTERS = 500
_PATH_CHARACTERS = 400


class StandIn(BaseModel):
    """Who approves in your place, each payment up to ``limit`` of home currency (major units, as text), from when until when."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(max_length=_HANDLE_CHARACTERS)
    limit: str = Field(max_length=_HANDLE_CHARACTERS)
    reason: str = Field(min_length=1, max_length=_REASON_CHARACTERS)
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime


@pages.post("/person")
def choose_person(
    desk: TheDesk,
    person: Annotated[str, Form(max_length=_HANDLE_CHARACTERS)],
    back: Annotated[str, Form(max_length=_PATH_CHARACTERS)] = "/",
) -> RedirectResponse:
    """Act as this person from now on in this browser; ``NotFound`` for nobody."""
    with desk.firm() as firm:
        handle = next((each.handle for each in firm.people if each.handle == person), None)
    local = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    answer = RedirectResponse(local, 303)
    if handle is None:
        answer.delete_cookie(PERSON_COOKIE, httponly=True, samesite="strict")
    else:
        answer.set_cookie(PERSON_COOKIE, handle, httponly=True, samesite="strict")
    return answer


@pages.get("/b/{slug}/people")
def people_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "people.html",
            frame=client_frame(desk, at, "people"),
            slug=at.business.slug,
            view=at.people.get_people_experience(),
        )


@api.get("/businesses/{business}/people")
def people(business: str, desk: TheDesk) -> PeopleExperience:
    """Who has a role at this client, what each may do, who stands in for whom, and the rules of segregation."""
    with desk.reading(business) as at:
        return at.people.get_people_experience()


@api.post("/businesses/{business}/delegations", dependencies=[Depends(follow_clock)], status_code=201)
def delegate(business: str, said: StandIn, desk: TheDesk, who: Who) -> DelegationView:
    """Let another approve in your place. It gives no right that either of you lacks, and never a second vote."""
    with desk.writing(business) as at:
        starts: datetime = said.starts_at or at.now
        limit = Money.of(said.limit, at.business.home_currency)
        giver = acting(at, who)
        return at.people.delegate(
            giver, said.to, limit=limit, reason=said.reason, starts_at=starts, ends_at=said.ends_at
        )


@api.delete("/businesses/{business}/delegations/{delegation_id}", dependencies=[Depends(follow_clock)], status_code=204)
def end_delegation(business: str, delegation_id: str, desk: TheDesk, who: Who) -> Response:
    """Take a delegation back; only who gave it does."""
    with desk.writing(business) as at:
        at.people.end_delegation(delegation_id, by=acting(at, who))
    return Response(status_code=204)
