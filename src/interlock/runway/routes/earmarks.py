"""Earmarks: money set aside, and given back, by people who may."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from interlock.kernel.errors import BadInput
from interlock.kernel.money import Money
from interlock.runway.business_desk import BusinessDesk
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyRequiredRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.earmarks import EarmarksExperience, EarmarkView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["cash path"], route_class=KeyRequiredRoute)

_NAME_CHARACTERS = 120
_WORD_CHARACTERS = 40
_REASON_CHARACTERS = 500


class NewEarmark(BaseModel):
    """What is set aside: ``amount`` in home currency's major units, as text. ``recurring_id`` or ``vendor_id``: what it is for,

    so that the matched payment consumes it.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=_NAME_CHARACTERS)
    category: str = Field(max_length=_WORD_CHARACTERS)
    amount: str = Field(max_length=_WORD_CHARACTERS)
    needed_on: date | None = None
    recurring_id: str | None = Field(default=None, max_length=_WORD_CHARACTERS)
    vendor_id: str | None = Field(default=None, max_length=_WORD_CHARACTERS)


class Released(BaseModel):
    """Why it is given back."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=_REASON_CHARACTERS)


@pages.get("/b/{slug}/earmarks")
def earmarks_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "earmarks.html",
            frame=client_frame(desk, at, "earmarks"),
            slug=at.business.slug,
            view=at.earmarks.get_earmarks_experience(),
            today=at.today,
        )


@pages.post("/b/{slug}/earmarks", dependencies=[Depends(follow_clock)])
def add_by_form(
    slug: str,
    desk: TheDesk,
    who: Who,
    name: Annotated[str, Form(max_length=_NAME_CHARACTERS)],
    category: Annotated[str, Form(max_length=_WORD_CHARACTERS)],
    amount: Annotated[str, Form(max_length=_WORD_CHARACTERS)],
    needed_on: Annotated[str, Form(max_length=_WORD_CHARACTERS)] = "",
    recurring_id: Annotated[str, Form(max_length=_WORD_CHARACTERS)] = "",
) -> RedirectResponse:
    """Set money aside, then show it in its place."""
    said = NewEarmark(
        name=name, category=category, amount=amount, needed_on=_day(needed_on), recurring_id=recurring_id or None
    )
    with desk.writing(slug) as at:
        made = _add(at, who, said)
        return RedirectResponse(f"/b/{at.business.slug}/earmarks#{made.earmark_id}", 303)


@pages.post("/b/{slug}/earmarks/{earmark_id}/release", dependencies=[Depends(follow_clock)])
def release_by_form(
    slug: str, earmark_id: str, desk: TheDesk, who: Who, reason: Annotated[str, Form(max_length=_REASON_CHARACTERS)]
) -> RedirectResponse:
    """Give it back, then show the rest."""
    with desk.writing(slug) as at:
        at.earmarks.release(acting(at, who), earmark_id, reason=reason)
        return RedirectResponse(f"/b/{at.business.slug}/earmarks", 303)


@api.get("/businesses/{business}/earmarks")
def earmarks(business: str, desk: TheDesk) -> EarmarksExperience:
    """Money set aside, in the order it is served, and how far the cash at the banks reaches."""
    with desk.reading(business) as at:
        return at.earmarks.get_earmarks_experience()


@api.post("/businesses/{business}/earmarks", dependencies=[Depends(follow_clock)], status_code=201)
def add(business: str, said: NewEarmark, desk: TheDesk, who: Who) -> EarmarkView:
    """Set money aside; what can be spent is less by it at once."""
    with desk.writing(business) as at:
        return _add(at, who, said)


@api.post("/businesses/{business}/earmarks/{earmark_id}/release", dependencies=[Depends(follow_clock)])
def release(business: str, earmark_id: str, said: Released, desk: TheDesk, who: Who) -> EarmarkView:
    """Give money back to what can be spent; the log says who did and why."""
    with desk.writing(business) as at:
        return at.earmarks.release(acting(at, who), earmark_id, reason=said.reason)


def _add(at: BusinessDesk, who: str | None, said: NewEarmark) -> EarmarkView:
    return at.earmarks.add(
        acting(at, who),
        said.name,
        said.category,
        Money.of(said.amount, at.business.home_currency),
        needed_on=said.needed_on,
        recurring_id=said.recurring_id,
        vendor_id=said.vendor_id,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{text!r} is no date; write it as 2026-12-17.") from None
