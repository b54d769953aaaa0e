"""What recurs: suggestions of the books, confirmed or refused by a person once."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.bank.services.recurring_service import Corrected
from interlock.kernel.money import Money
from interlock.runway.business_desk import BusinessDesk
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyRequiredRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.recurring import RecurringExperience, SeriesView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["cash path"], route_class=KeyRequiredRoute)

Act = Literal["confirm", "refuse", "change", "end"]
_NAME_CHARACTERS = 120
_WORD_CHARACTERS = 40
_REASON_CHARACTERS = 500


class Said(BaseModel):
    """What a person says of a series: its signature, id or name. ``name``, ``category`` and ``amount`` (home currency's major

    units, as text) where they are otherwise than shown, with confirm and change; ``reason`` with end.
    """

    model_config = ConfigDict(extra="forbid")

    act: Act
    series: str = Field(max_length=_NAME_CHARACTERS)
    name: str | None = Field(default=None, max_length=_NAME_CHARACTERS)
    category: str | None = Field(default=None, max_length=_WORD_CHARACTERS)
    amount: str | None = Field(default=None, max_length=_WORD_CHARACTERS)
    reason: str = Field(default="", max_length=_REASON_CHARACTERS)


@pages.get("/b/{slug}/recurring")
def recurring_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "recurring.html",
            frame=client_frame(desk, at, "recurring"),
            slug=at.business.slug,
            view=at.recurring.get_recurring_experience(),
            today=at.today,
        )


@pages.post("/b/{slug}/recurring", dependencies=[Depends(follow_clock)])
def decide_by_form(
    slug: str,
    desk: TheDesk,
    who: Who,
    act: Annotated[Act, Form()],
    series: Annotated[str, Form(max_length=_NAME_CHARACTERS)],
    name: Annotated[str, Form(max_length=_NAME_CHARACTERS)] = "",
    category: Annotated[str, Form(max_length=_WORD_CHARACTERS)] = "",
    amount: Annotated[str, Form(max_length=_WORD_CHARACTERS)] = "",
    reason: Annotated[str, Form(max_length=_REASON_CHARACTERS)] = "",
) -> RedirectResponse:
    """Keep what was decided, then show the rest."""
    said = Said(
        act=act, series=series, name=name or None, category=category or None, amount=amount or None, reason=reason
    )
    with desk.writing(slug) as at:
        _decide(at, who, said)
        return RedirectResponse(f"/b/{at.business.slug}/recurring", 303)


@api.get("/businesses/{business}/recurring")
def recurring(business: str, desk: TheDesk) -> RecurringExperience:
    """What the books suggest with its evidence, what is confirmed and in the cash path, what was refused or has ended."""
    with desk.reading(business) as at:
        return at.recurring.get_recurring_experience()


@api.post("/businesses/{business}/recurring", dependencies=[Depends(follow_clock)])
def decide(business: str, said: Said, desk: TheDesk, who: Who) -> SeriesView:
    """Confirm, refuse, change or end a series; the log says who did."""
    with desk.writing(business) as at:
        return _decide(at, who, said)


def _decide(at: BusinessDesk, who: str | None, said: Said) -> SeriesView:
    by = acting(at, who)
    minor = None if said.amount is None else Money.of(said.amount, at.business.home_currency).minor
    corrected = Corrected(said.name, said.category, minor)
    if said.act == "confirm":
        return at.recurring.confirm(by, said.series, corrected)
    if said.act == "refuse":
        return at.recurring.refuse(by, said.series)
    if said.act == "change":
        return at.recurring.change(by, said.series, corrected)
    return at.recurring.end(by, said.series, reason=said.reason)
