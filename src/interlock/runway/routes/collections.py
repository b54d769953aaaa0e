"""Collections: who is asked to pay, how, in which words; and the customer's own way out of it."""

from datetime import date
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.ar.policy.chase_words import BODY_CHARACTERS, SUBJECT_CHARACTERS
from interlock.domains.ar.policy.chasing import Manner, Stage
from interlock.domains.ar.services.chase_service import (
    BATCH_MOST,
    PLAN_PARTS_MOST,
    WHY_CHARACTERS,
    Act,
    ChaseService,
    Decided,
    Part,
)
from interlock.kernel.errors import BadInput, InterlockError
from interlock.kernel.money import Money
from interlock.runway.collections_desk import chasing, collections
from interlock.runway.desk import BusinessDesk, Desk
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyRequiredRoute
from interlock.runway.routes.rendering import STATIC, page
from interlock.runway.services.experiences.collections import ChaseDone, CollectionsExperience, MessageView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["collections"], route_class=KeyRequiredRoute)

_ID_CHARACTERS = 80
_AMOUNT_CHARACTERS = 30
_NAME_CHARACTERS = 120
_ADDRESS_CHARACTERS = 254
_TOKEN_CHARACTERS = 2_000
_WRITES = [Depends(follow_clock)]

Id = Annotated[str, Field(min_length=1, max_length=_ID_CHARACTERS)]
InPath = Annotated[str, Path(max_length=_ID_CHARACTERS)]
Days = Annotated[int, Field(ge=0, le=365)]
Said = Annotated[Literal["sent", "not_sent", "bounced"], Form()]
Line = Annotated[str, Form(max_length=_NAME_CHARACTERS)]


class PlanPart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: date
    amount: Annotated[str, Field(max_length=_AMOUNT_CHARACTERS)]


class Decision(BaseModel):
    """``until``: the day of a pause or a promise; ``amount``: exact text, promised or disputed, all of it unless said;

    ``parts``: of a plan; ``anew``: the chase begins with its first message again.
    """

    model_config = ConfigDict(extra="forbid")

    invoices: Annotated[list[Id], Field(min_length=1, max_length=BATCH_MOST)]
    act: Act
    until: date | None = None
    amount: Annotated[str | None, Field(max_length=_AMOUNT_CHARACTERS)] = None
    parts: Annotated[tuple[PlanPart, ...], Field(max_length=PLAN_PARTS_MOST)] = ()
    why: Annotated[str | None, Field(max_length=WHY_CHARACTERS)] = None
    anew: bool = False


class MannerWanted(BaseModel):
    """How customers are asked; see the page for what each means."""

    model_config = ConfigDict(extra="forbid")

    on: bool
    sender_name: Annotated[str, Field(max_length=_NAME_CHARACTERS)]
    reply_to: Annotated[str, Field(max_length=_ADDRESS_CHARACTERS)]
    gentle_days: Days = 3
    firm_days: Days = 14
    final_days: Days = 30
    gap_days: Days = 7
    from_hour: Annotated[str, Field(max_length=5)] = "09:00"
    to_hour: Annotated[str, Field(max_length=5)] = "17:00"


class WordsWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subject: Annotated[str, Field(max_length=SUBJECT_CHARACTERS)]
    body: Annotated[str, Field(max_length=BODY_CHARACTERS)]


class Accepted(BaseModel):
    """``digest``: of the words as they were read."""

    model_config = ConfigDict(extra="forbid")

    digest: Annotated[str, Field(min_length=64, max_length=64)]


class Address(BaseModel):
    """``wanted``: whether the address is to be written to."""

    model_config = ConfigDict(extra="forbid")

    address: Annotated[str, Field(max_length=_ADDRESS_CHARACTERS)]
    wanted: bool = False
    why: Annotated[str | None, Field(max_length=WHY_CHARACTERS)] = None


class MessageSaid(BaseModel):
    model_config = ConfigDict(extra="forbid")

    said: Literal["sent", "not_sent", "bounced"]


class TakesOff(Protocol):
    """Takes a customer's address off by the link in a message; the business's name and the address. ``NotFound``."""

    def who(self, token: str) -> tuple[str, str]: ...
    def take_off(self, token: str) -> tuple[str, str]: ...


# --- pages ------------------------------------------------------------------------------------------------------------------


@pages.get("/b/{slug}/collections")
def collections_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return _page(request, desk, at)


@pages.post("/b/{slug}/collections", dependencies=_WRITES)
def decide_by_form(
    request: Request,
    slug: str,
    desk: TheDesk,
    who: Who,
    act: Annotated[Act, Form()],
    invoice: Annotated[list[str] | None, Form(max_length=BATCH_MOST)] = None,
    until: Line = "",
    amount: Line = "",
    why: Annotated[str, Form(max_length=WHY_CHARACTERS)] = "",
    anew: Annotated[bool, Form()] = False,
) -> Response:
    """Decide about the chosen invoices; refused, the page says why."""

    def decided(at: BusinessDesk, service: ChaseService) -> None:
        minor = _minor(amount, at) if amount.strip() else None
        parts: tuple[Part, ...] = ()
        if act == "plan":  # on a page a plan is one more day; the API takes them all
            parts = (Part(_day(until) or at.today, minor if minor is not None else 0),)
        wish = Decided(act=act, until=_day(until), minor=None if parts else minor, parts=parts, why=why, anew=anew)
        service.decide(invoice or [], wish)

    return _acted(request, desk, slug, who, decided)


@pages.post("/b/{slug}/collections/manner", dependencies=_WRITES)
def choose_by_form(
    request: Request,
    slug: str,
    desk: TheDesk,
    who: Who,
    sender_name: Line = "",
    reply_to: Annotated[str, Form(max_length=_ADDRESS_CHARACTERS)] = "",
    gentle_days: Line = "3",
    firm_days: Line = "14",
    final_days: Line = "30",
    gap_days: Line = "7",
    from_hour: Line = "09:00",
    to_hour: Line = "17:00",
    on: Annotated[bool, Form()] = False,
) -> Response:
    def chosen(_at: BusinessDesk, service: ChaseService) -> None:
        manner = Manner(
            on,
            _whole(gentle_days),
            _whole(firm_days),
            _whole(final_days),
            _whole(gap_days),
            from_hour.strip(),
            to_hour.strip(),
        )
        service.choose(manner, sender_name=sender_name, reply_to=reply_to)

    return _acted(request, desk, slug, who, chosen)


@pages.post("/b/{slug}/collections/words/{stage}", dependencies=_WRITES)
def words_by_form(
    request: Request,
    slug: str,
    stage: Stage,
    desk: TheDesk,
    who: Who,
    act: Annotated[Literal["write", "accept"], Form()],
    subject: Annotated[str, Form(max_length=SUBJECT_CHARACTERS)] = "",
    body: Annotated[str, Form(max_length=2 * BODY_CHARACTERS)] = "",
    digest: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Write the words of a stage, or say yes to those that were shown."""

    def said(_at: BusinessDesk, service: ChaseService) -> None:
        if act == "write":
            service.write_words(stage, subject, body)
        else:
            service.accept_words(stage, digest)

    return _acted(request, desk, slug, who, said)


@pages.post("/b/{slug}/collections/messages/{reminder_id}", dependencies=_WRITES)
def message_by_form(request: Request, slug: str, reminder_id: InPath, desk: TheDesk, who: Who, said: Said) -> Response:
    return _acted(request, desk, slug, who, lambda _at, service: service.say_of_message(reminder_id, said))


@pages.post("/b/{slug}/collections/addresses", dependencies=_WRITES)
def address_by_form(
    request: Request,
    slug: str,
    desk: TheDesk,
    who: Who,
    address: Annotated[str, Form(max_length=_ADDRESS_CHARACTERS)] = "",
    wanted: Annotated[bool, Form()] = False,
) -> Response:
    """Write to an address no more, or again."""

    def noted(_at: BusinessDesk, service: ChaseService) -> None:
        service.opt_in(address) if wanted else service.opt_out(address)

    return _acted(request, desk, slug, who, noted)


@pages.get("/unsubscribe/page.css")
def unsubscribe_style() -> FileResponse:
    """The page's style, since nothing else of ours can be reached from outside."""
    return FileResponse(STATIC / "unsubscribe.css", media_type="text/css")


@pages.get("/unsubscribe/{token}")
def unsubscribe_page(request: Request, token: Annotated[str, Path(max_length=_TOKEN_CHARACTERS)]) -> HTMLResponse:
    """What the link would do; a mail program that only looks takes nobody off."""
    takes: TakesOff = request.app.state.unsubscribing
    business, address = takes.who(token)
    return page(request, "unsubscribe.html", business=business, address=address, token=token, done=False)


@pages.post("/unsubscribe/{token}")
def unsubscribe(request: Request, token: Annotated[str, Path(max_length=_TOKEN_CHARACTERS)]) -> HTMLResponse:
    """Take the address off; also what a mail program's own button does (RFC 8058)."""
    takes: TakesOff = request.app.state.unsubscribing
    business, address = takes.take_off(token)
    return page(request, "unsubscribe.html", business=business, address=address, token=token, done=True)


# --- API --------------------------------------------------------------------------------------------------------------------


@api.get("/businesses/{business}/collections")
def get_collections(business: str, desk: TheDesk) -> CollectionsExperience:
    """Late invoices in the order to chase them, what comes next for each, the words, and the messages."""
    with desk.reading(business) as at:
        return collections(at, chasing(at, None)).get_collections_experience()


@api.post("/businesses/{business}/collections/decisions", dependencies=_WRITES)
def decide(business: str, wanted: Decision, desk: TheDesk, who: Who) -> ChaseDone:
    """Chase, pause, note a promise, a plan or a dispute, propose a write-off, or stop: the same for each invoice, or for none."""
    with desk.writing(business) as at:
        minor = _minor(wanted.amount, at) if wanted.amount is not None else None
        parts = tuple(Part(each.on, _minor(each.amount, at)) for each in wanted.parts)
        decided = Decided(
            act=wanted.act, until=wanted.until, minor=minor, parts=parts, why=wanted.why, anew=wanted.anew
        )
        service = chasing(at, acting(at, who))
        return collections(at, service).decide(wanted.invoices, decided)


@api.put("/businesses/{business}/collections/manner", dependencies=_WRITES)
def choose(business: str, wanted: MannerWanted, desk: TheDesk, who: Who) -> CollectionsExperience:
    """Whether and how customers are asked."""
    with desk.writing(business) as at:
        service = chasing(at, acting(at, who))
        said = wanted.model_dump()
        name, reply_to = said.pop("sender_name"), said.pop("reply_to")
        service.choose(Manner(**said), sender_name=name, reply_to=reply_to)
        return collections(at, service).get_collections_experience()


@api.put("/businesses/{business}/collections/words/{stage}", dependencies=_WRITES)
def write_words(business: str, stage: Stage, wanted: WordsWanted, desk: TheDesk, who: Who) -> CollectionsExperience:
    """Give a stage words of this client's own; they have to be read and accepted before they are sent."""
    with desk.writing(business) as at:
        service = chasing(at, acting(at, who))
        service.write_words(stage, wanted.subject, wanted.body)
        return collections(at, service).get_collections_experience()


@api.post("/businesses/{business}/collections/words/{stage}/accept", dependencies=_WRITES)
def accept_words(business: str, stage: Stage, wanted: Accepted, desk: TheDesk, who: Who) -> CollectionsExperience:
    """Say yes to words as they were read."""
    with desk.writing(business) as at:
        service = chasing(at, acting(at, who))
        service.accept_words(stage, wanted.digest)
        return collections(at, service).get_collections_experience()


@api.post("/businesses/{business}/collections/addresses", dependencies=_WRITES)
def note_address(business: str, wanted: Address, desk: TheDesk, who: Who) -> CollectionsExperience:
    """Write to an address no more, or again."""
    with desk.writing(business) as at:
        service = chasing(at, acting(at, who))
        if wanted.wanted:
            service.opt_in(wanted.address)
        else:
            service.opt_out(wanted.address, why=wanted.why)
        return collections(at, service).get_collections_experience()


@api.post("/businesses/{business}/collections/messages/{reminder_id}", dependencies=_WRITES)
def say_of_message(business: str, reminder_id: InPath, said: MessageSaid, desk: TheDesk, who: Who) -> MessageView:
    """What a person knows of a message: that it went, that it didn't, or that it came back."""
    with desk.writing(business) as at:
        service = chasing(at, acting(at, who))
        service.say_of_message(reminder_id, said.said)
        return collections(at, service).message(reminder_id)


class _Does(Protocol):
    def __call__(self, at: BusinessDesk, service: ChaseService, /) -> object: ...


def _acted(request: Request, desk: Desk, slug: str, who: str | None, does: _Does) -> Response:
    """Do it, then show the page; refused, the page says why."""
    try:
        with desk.writing(slug) as at:
            does(at, chasing(at, acting(at, who)))
            return RedirectResponse(f"/b/{at.business.slug}/collections", 303)
    except InterlockError as trouble:
        with desk.reading(slug) as at:
            return _page(request, desk, at, said=trouble.sentence, status=trouble.status)


def _page(
    request: Request, desk: Desk, at: BusinessDesk, *, said: str | None = None, status: int = 200
) -> HTMLResponse:
    return page(
        request,
        "collections.html",
        status,
        frame=client_frame(desk, at, "receivables"),
        slug=at.business.slug,
        view=collections(at, chasing(at, None)).get_collections_experience(),
        today=at.today,
        said=said,
    )


def _minor(amount: str | None, at: BusinessDesk) -> int:
    return Money.of((amount or "").replace(",", "").strip(), at.business.home_currency).minor


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise BadInput(f"{text[:40]!r} is no day; write it like 2026-12-31.") from None


def _whole(text: str) -> int:
    if not text.strip().isdecimal():
        raise BadInput(f"{text[:40]!r} is no number of days.")
    return int(text)
