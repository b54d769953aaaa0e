"""A client's digest: a letter about its cash, as it would be made now; and sending it by hand."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.firm.letter_times import LETTERS_MOST
from interlock.kernel.errors import InterlockError, Refused
from interlock.runway.desk import Desk
from interlock.runway.letter_desk import kept_pdf, sending_of
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyRequiredRoute
from interlock.runway.routes.pay_run import somebody
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.digest import DigestExperience
from interlock.runway.services.experiences.letter_sending import (
    REASON_CHARACTERS,
    Another,
    LetterOutlook,
    LetterSent,
    SendAct,
    SendsLetters,
)

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["digest"], route_class=KeyRequiredRoute)

_MAILED: dict[int | str, dict[str, Any]] = {
    409: {"description": "Mail is not set up; or nobody knows whether it was taken when it was last sent."},
    502: {"description": "The mail server took nothing, or nobody knows whether it did; the message says which."},
}
_Number = Annotated[
    int | None, Query(ge=1, le=LETTERS_MOST, description="Which of its week's letters; else the newest.")
]


def the_letters(request: Request) -> SendsLetters:
    """What makes and mails letters."""
    letters: SendsLetters = request.app.state.letters
    return letters


TheLetters = Annotated[SendsLetters, Depends(the_letters)]


class AnotherSaid(BaseModel):
    """``number``: which of the week's letters it is to be; the same number asked for twice makes one."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=REASON_CHARACTERS)
    number: int | None = Field(None, ge=2, le=LETTERS_MOST)


class SendSaid(BaseModel):
    """Nothing: this week's letter. ``again``: the last one, though it may have arrived; ``another``: one more in this week."""

    model_config = ConfigDict(extra="forbid")

    again: bool = False
    another: AnotherSaid | None = None


@pages.get("/b/{slug}/digest")
def digest_page(request: Request, slug: str, desk: TheDesk, letters: TheLetters, who: Who) -> HTMLResponse:
    return _page(request, desk, letters, slug, who)


@pages.post("/b/{slug}/digest", dependencies=[Depends(follow_clock)])
def send_by_form(
    request: Request,
    slug: str,
    desk: TheDesk,
    letters: TheLetters,
    who: Who,
    act: Annotated[SendAct, Form()],
    number: Annotated[int, Form(ge=1, le=LETTERS_MOST)],
    reason: Annotated[str, Form(max_length=REASON_CHARACTERS)] = "",
) -> Response:
    """Do what the page said it would, then show the page again; refused, it says why."""
    try:
        actor = _sender(desk, slug, who)
        wish = Another(reason, number) if act == "another" else None
        letters.send(slug, actor=actor, again=act == "again", another=wish)
    except InterlockError as trouble:
        return _page(request, desk, letters, slug, who, trouble)
    return RedirectResponse(f"/b/{slug}/digest#send", 303)


@pages.get("/b/{slug}/digest/{dated}.pdf")
def letter_page(slug: str, dated: date, desk: TheDesk, number: _Number = None) -> Response:
    """The letter of a day as it was made, on paper."""
    return letter_pdf(slug, dated, desk, number)


@api.get(
    "/businesses/{business}/letters/{dated}/pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The letter as it was made."}},
)
def letter_pdf(business: str, dated: date, desk: TheDesk, number: _Number = None) -> Response:
    """The letter of a day as it was made and kept, on paper; 404 where none was made."""
    with desk.reading(business) as at:
        said = kept_pdf(at, dated, number)
        name = f"{at.business.slug}-{dated.isoformat()}.pdf"
    return Response(said, media_type="application/pdf", headers={"content-disposition": f'inline; filename="{name}"'})


@api.get("/businesses/{business}/digest")
def digest(business: str, desk: TheDesk) -> DigestExperience:
    """Summaries, balances, what was found and what is to decide, and the head of the log it was made from."""
    with desk.reading(business) as at:
        return at.digest.get_digest_experience()


@api.get("/businesses/{business}/letters/outlook")
def outlook(business: str, desk: TheDesk, letters: TheLetters) -> LetterOutlook:
    """What sending the letter would do now, and who would get it. Nothing is sent by asking."""
    with desk.reading(business) as at:
        return sending_of(at, letters.trouble())


@api.post("/businesses/{business}/letters", dependencies=[Depends(follow_clock)], responses=_MAILED)
def send(business: str, said: SendSaid, desk: TheDesk, letters: TheLetters, who: Who) -> LetterSent:
    """Make this week's letter, keep it and mail it; one that was mailed isn't mailed twice: `now` is false then."""
    actor = _sender(desk, business, who)
    wish = None if said.another is None else Another(said.another.reason, said.another.number)
    return letters.send(business, actor=actor, again=said.again, another=wish)


def _sender(desk: Desk, business: str, who: str | None) -> str:
    """Who sends it, as the log names them; ``Refused`` for those who may only look."""
    with desk.reading(business) as at:
        by = acting(at, who)
    if "propose" not in by.rights:
        raise Refused(f"{by.spoken}, may not send letters: whoever may propose payments here may.")
    return by.actor


def _page(
    request: Request,
    desk: Desk,
    letters: SendsLetters,
    slug: str,
    who: str | None,
    trouble: InterlockError | None = None,
) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "digest.html",
            trouble.status if trouble else 200,
            frame=client_frame(desk, at, "digest"),
            slug=at.business.slug,
            view=at.digest.get_digest_experience(),
            sending=sending_of(at, letters.trouble()),
            acting=somebody(at, who),
            trouble=trouble.sentence if trouble else None,
        )
