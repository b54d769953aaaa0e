"""Payees: vendors whose details changed or whom nobody has checked, and the call-back that a second person clears."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.ap.services.payee_service import TEXT_CHARACTERS
from interlock.kernel.errors import BadInput, InterlockError
from interlock.runway.desk import BusinessDesk, Desk
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyRequiredRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.payees import CallbackDone, PayeesExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["payees"], route_class=KeyRequiredRoute)

_ID_CHARACTERS = 40
_WORD_CHARACTERS = 40
_Text = Annotated[str, Field(min_length=1, max_length=TEXT_CHARACTERS)]
_Said = Annotated[str, Form(max_length=TEXT_CHARACTERS)]


class CallMade(BaseModel):
    """``number_from``: "on file before the change", "contract", "public register"; ``outcome``: confirmed, denied, not_reached."""

    model_config = ConfigDict(extra="forbid")

    number_called: _Text
    number_from: Annotated[str, Field(max_length=_WORD_CHARACTERS)]
    spoke_to: _Text
    called_on: date | None = None
    outcome: Annotated[str, Field(max_length=_WORD_CHARACTERS)] = "confirmed"


class Word(BaseModel):
    model_config = ConfigDict(extra="forbid")

    comment: str | None = Field(None, max_length=TEXT_CHARACTERS)


@pages.get("/b/{slug}/payees")
def payees_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return _page(request, desk, at)


@pages.post("/b/{slug}/payees", dependencies=[Depends(follow_clock)])
def decide(
    request: Request,
    slug: str,
    desk: TheDesk,
    who: Who,
    act: Annotated[Literal["record", "clear", "refuse"], Form()],
    vendor_id: Annotated[str, Form(max_length=_ID_CHARACTERS)] = "",
    callback_id: Annotated[str, Form(max_length=_ID_CHARACTERS)] = "",
    number_called: _Said = "",
    number_from: _Said = "",
    spoke_to: _Said = "",
    called_on: Annotated[str, Form(max_length=_WORD_CHARACTERS)] = "",
    outcome: Annotated[str, Form(max_length=_WORD_CHARACTERS)] = "confirmed",
) -> Response:
    """Record a call, clear it or refuse it; what is refused is said on the page."""
    try:
        with desk.writing(slug) as at:
            person = acting(at, who)
            if act == "record":
                at.payees.record(
                    vendor_id,
                    person,
                    number_called=number_called,
                    number_from=number_from,
                    spoke_to=spoke_to,
                    called_on=_day(called_on),
                    outcome=outcome,
                )
            elif act == "clear":
                at.payees.clear(callback_id, person)
            else:
                at.payees.refuse(callback_id, person)
            return RedirectResponse(f"/b/{at.business.slug}/payees", 303)
    except InterlockError as trouble:
        with desk.reading(slug) as at:
            return _page(request, desk, at, said=trouble.sentence, status=trouble.status)


@api.get("/businesses/{business}/payees")
def payees(business: str, desk: TheDesk) -> PayeesExperience:
    """Vendors whose payee details changed, whom nobody has checked, or who were called back; with every call."""
    with desk.reading(business) as at:
        return at.payees.get_payees_experience()


@api.post("/businesses/{business}/payees/{vendor}/callbacks", dependencies=[Depends(follow_clock)], status_code=201)
def record_callback(business: str, vendor: str, call: CallMade, desk: TheDesk, who: Who) -> CallbackDone:
    """Record that somebody called the vendor. A number that came with the change itself is refused."""
    with desk.writing(business) as at:
        return at.payees.record(
            vendor,
            acting(at, who),
            number_called=call.number_called,
            number_from=call.number_from,
            spoke_to=call.spoke_to,
            called_on=call.called_on,
            outcome=call.outcome,
        )


@api.post("/businesses/{business}/callbacks/{callback_id}/clear", dependencies=[Depends(follow_clock)])
def clear(business: str, callback_id: str, said: Word, desk: TheDesk, who: Who) -> CallbackDone:
    """A second person is satisfied: what is seen now is verified, and after the policy's workdays it can be paid."""
    with desk.writing(business) as at:
        return at.payees.clear(callback_id, acting(at, who), comment=said.comment)


@api.post("/businesses/{business}/callbacks/{callback_id}/refuse", dependencies=[Depends(follow_clock)])
def refuse(business: str, callback_id: str, said: Word, desk: TheDesk, who: Who) -> CallbackDone:
    """A second person isn't satisfied: the vendor stays stopped."""
    with desk.writing(business) as at:
        return at.payees.refuse(callback_id, acting(at, who), comment=said.comment)


def _page(
    request: Request, desk: Desk, at: BusinessDesk, *, said: str | None = None, status: int = 200
) -> HTMLResponse:
    return page(
        request,
        "payees.html",
        status,
        frame=client_frame(desk, at, "payees"),
        slug=at.business.slug,
        view=at.payees.get_payees_experience(),
        today=at.today,
        said=said,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise BadInput("The day of the call is a date, like 2026-12-17. Nothing was recorded.") from None
