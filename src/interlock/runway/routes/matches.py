"""Bank lines and what they are: suggestions, lines that serve nothing yet, and what is matched."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.bank.services.matching_service import BY_HAND_MOST_MOVEMENTS
from interlock.runway.routes.access import ACTOR, TheDesk, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.matches import (
    OFFSET_MOST,
    ROWS_MOST,
    MatchedView,
    MatchesExperience,
    MatchesService,
    Which,
)

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["matches"], route_class=KeyedRoute)

Act = Literal["confirm", "refuse", "undo"]
Offset = Annotated[int, Query(ge=0, le=OFFSET_MOST, description="Rows to pass over.")]
Most = Annotated[int, Query(ge=1, le=ROWS_MOST, description="Rows on a page.")]
_ID_CHARACTERS = 80


class MatchAct(BaseModel):
    """What a person says of one group."""

    model_config = ConfigDict(extra="forbid")

    act: Act


class NamedMovement(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=_ID_CHARACTERS)
    id: str = Field(max_length=_ID_CHARACTERS)


class ByHand(BaseModel):
    """A line, and the movements of one book that it is."""

    model_config = ConfigDict(extra="forbid")

    line_id: str = Field(max_length=_ID_CHARACTERS)
    movements: list[NamedMovement] = Field(min_length=1, max_length=BY_HAND_MOST_MOVEMENTS)


@pages.get("/b/{slug}/match")
def matches_page(
    request: Request, slug: str, desk: TheDesk, which: Which = "suggested", offset: Offset = 0, most: Most = ROWS_MOST
) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "matches.html",
            frame=client_frame(desk, at, "match"),
            slug=at.business.slug,
            view=at.matches.get_matches_experience(which, offset=offset, most=most),
            first=offset + 1,
            newer=f"?which={which}&offset={max(0, offset - most)}" if offset else None,
            today=at.today,
        )


@pages.post("/b/{slug}/match", dependencies=[Depends(follow_clock)])
def decide_by_form(
    slug: str,
    desk: TheDesk,
    act: Annotated[Literal["confirm", "refuse", "undo", "run"], Form()],
    match_id: Annotated[str, Form(max_length=_ID_CHARACTERS)] = "",
    which: Annotated[Which, Form()] = "suggested",
) -> RedirectResponse:
    """Keep what was decided (or match now what is certain), then show the rest."""
    with desk.writing(slug) as at:
        if act == "run":
            at.matches.run()
        else:
            _decide(at.matches, act, match_id)
        return RedirectResponse(f"/b/{at.business.slug}/match?which={which}", 303)


@api.get("/businesses/{business}/matches")
def matches(
    business: str, desk: TheDesk, which: Which = "suggested", offset: Offset = 0, most: Most = ROWS_MOST
) -> MatchesExperience:
    """Suggestions by score, open lines or matches newest first, or what a person refused or undid."""
    with desk.reading(business) as at:
        return at.matches.get_matches_experience(which, offset=offset, most=most)


@api.post("/businesses/{business}/matches", dependencies=[Depends(follow_clock)])
def match_by_hand(business: str, said: ByHand, desk: TheDesk) -> MatchedView:
    """Say what a line is: movements of one book that equal it to the cent. 403 where they don't, or one serves another line."""
    with desk.writing(business) as at:
        return at.matches.by_hand(said.line_id, [(each.kind, each.id) for each in said.movements], actor=ACTOR)


@api.post("/businesses/{business}/matches/{match_id}", dependencies=[Depends(follow_clock)])
def decide(business: str, match_id: str, said: MatchAct, desk: TheDesk) -> MatchedView:
    """Confirm or refuse a suggestion, undo a match, or take a refusal back; the log says who did."""
    with desk.writing(business) as at:
        return _decide(at.matches, said.act, match_id)


def _decide(service: MatchesService, act: Act, match_id: str) -> MatchedView:
    acts = {"confirm": service.confirm, "refuse": service.refuse, "undo": service.undo}
    return acts[act](match_id, actor=ACTOR)
