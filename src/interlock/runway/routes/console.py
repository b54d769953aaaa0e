"""A client's console as a page: bills by pay run, the path before and after what is ticked, the verdict, and the acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from markupsafe import Markup
from starlette.datastructures import FormData

from interlock.domains.firm.acting import Acting
from interlock.infra import translog
from interlock.kernel.errors import BadInput, InterlockError, NotFound, Refused
from interlock.runway.desk import BusinessDesk, Desk
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page, wants_fragment
from interlock.runway.services.experiences import before_after
from interlock.runway.services.experiences.console import PAGE_MOST, ROWS_MOST, ConsoleExperience, Show
from interlock.runway.services.experiences.deciding import Approving, BatchAct
from interlock.runway.services.experiences.impact import ImpactView
from interlock.runway.services.experiences.wishes import BILLS_MOST, Ask

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["console"])

_ID_CHARACTERS = 80
_TEXT_CHARACTERS = 2_000
_KEY_CHARACTERS = 40
What = Literal["hold", "more"]
RowAct = Literal["hold", "snooze", "comment"]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Rows of the group to pass over.")]
RunKey = Annotated[str | None, Query(max_length=_KEY_CHARACTERS, description="Only this group: a pay run's date.")]


@dataclass(frozen=True)
class Batch:
    """What the page's form says: bills, what is special about some, when they are paid, and the act."""

    asks: tuple[Ask, ...]
    pay_on: date | None
    act: str
    show: Show
    approving: Approving

    @property
    def selected(self) -> frozenset[str]:
        return frozenset(each.bill_id for each in self.asks)


async def batch_form(request: Request) -> Batch:
    """Read the form; ``BadInput`` for what can't be read. Dropped bills are out of it."""
    form = await request.form(max_fields=4 * BILLS_MOST)
    dropped = set(_text(form, "drop").split(",")) - {""}
    parts = {
        bill_id: (amount.strip() or None, _day(on))
        for bill_id, amount, on in zip(
            _texts(form, "part_bill"), _texts(form, "part_amount"), _texts(form, "part_on"), strict=False
        )
    }
    credits: dict[str, list[str]] = {}
    for each in _texts(form, "credit"):
        bill_id, _, credit_id = each.partition(":")
        credits.setdefault(bill_id, []).append(credit_id)
    asks = [
        Ask(bill_id, *parts.get(bill_id, (None, None)), tuple(credits.get(bill_id, ())))
        for bill_id in dict.fromkeys(_texts(form, "bill"))
        if bill_id not in dropped
    ]
    show = _text(form, "show")
    return Batch(
        asks=tuple(asks),
        pay_on=_day(_text(form, "pay_on")),
        act="judge" if dropped else _text(form, "act") or "judge",
        show=show if show in get_args(Show) else "open",  # type: ignore[arg-type]
        approving=Approving(
            acknowledge=_text(form, "acknowledge") == "yes",
            override=_text(form, "override").strip() or None,
            until=_day(_text(form, "override_until")),
        ),
    )


TheBatch = Annotated[Batch, Depends(batch_form)]


@pages.get("/b/{slug}/console")
def console_page(
    request: Request,
    slug: str,
    desk: TheDesk,
    who: Who,
    show: Show = "open",
    run: RunKey = None,
    offset: Offset = 0,
    done: Annotated[str | None, Query(max_length=_ID_CHARACTERS)] = None,
    bill: Annotated[str | None, Query(max_length=_ID_CHARACTERS)] = None,
    what: What = "more",
) -> HTMLResponse:
    return _page(request, desk, slug, who, Batch((), None, "judge", show, Approving()), run, offset, done, bill, what)


@pages.post("/b/{slug}/console", dependencies=[Depends(follow_clock)])
def decide_by_form(request: Request, slug: str, desk: TheDesk, who: Who, batch: TheBatch) -> Response:
    """Do what was asked; refused, the page comes back with every tick and the reason."""
    if batch.act == "judge":
        return _page(request, desk, slug, who, batch)
    if batch.act not in get_args(BatchAct):
        raise BadInput(f"There is no act {batch.act!r} here.")
    try:
        with desk.writing(slug) as at:
            decided = at.deciding(acting(at, who)).decide(
                batch.act,  # type: ignore[arg-type]
                batch.asks,
                batch.pay_on,
                approving=batch.approving,
            )
            place = f"/b/{at.business.slug}/console?show={batch.show}&done={decided.decision_id}"
    except (Refused, BadInput, NotFound) as trouble:
        return _page(request, desk, slug, who, batch, trouble=trouble)
    except InterlockError as trouble:
        if trouble.status != 409:
            raise
        return _page(request, desk, slug, who, batch, trouble=trouble)
    return RedirectResponse(place, 303)


@pages.post("/b/{slug}/console/impact")
def impact_part(request: Request, slug: str, desk: TheDesk, who: Who, batch: TheBatch) -> HTMLResponse:
    """Path, verdict and bar for what is ticked; writes nothing."""
    with desk.reading(slug) as at:
        try:
            impact = at.deciding(None).impact(batch.asks, batch.pay_on)
        except BadInput as trouble:
            impact = at.deciding(None).impact((), None).model_copy(update={"words": trouble.sentence})
        return page(
            request,
            "_verdict.html",
            slug=at.business.slug,
            **_judged(impact),
            acting=_somebody(at, who),
            runs=at.console.runs(),
            pay_on=batch.pay_on,
            done=None,
            fragment=True,
        )


@pages.get("/b/{slug}/console/run/{key}")
def rows_part(
    request: Request, slug: str, key: str, desk: TheDesk, show: Show = "open", offset: Offset = 0
) -> Response:
    """The next rows of one group; without HTMX, a page of that group."""
    if not wants_fragment(request):
        return RedirectResponse(f"/b/{slug}/console?show={show}&run={key[:_KEY_CHARACTERS]}&offset={offset}", 303)
    with desk.reading(slug) as at:
        view = at.console.get_console_experience(show, run=key, offset=offset, most=ROWS_MOST)
        group = view.groups[0] if view.groups else None
        if group is None:
            return HTMLResponse("")
        return page(
            request, "_console_rows.html", slug=at.business.slug, view=view, group=group, selected=frozenset[str]()
        )


@pages.get("/b/{slug}/console/bills/{bill_id}/{what}")
def form_row(request: Request, slug: str, bill_id: str, what: What, desk: TheDesk) -> Response:
    """The form as a row that opens in place; without HTMX, above the table."""
    if not wants_fragment(request):
        return RedirectResponse(f"/b/{slug}/console?bill={bill_id}&what={what}", 303)
    with desk.reading(slug) as at:
        return page(request, "_console_form_row.html", slug=at.business.slug, **_opened(at, bill_id, what))


@pages.post("/b/{slug}/console/bills/{bill_id}/{act}", dependencies=[Depends(follow_clock)])
def act_on_bill(
    slug: str,
    bill_id: str,
    act: RowAct,
    desk: TheDesk,
    who: Who,
    reason: Annotated[str, Form(max_length=_TEXT_CHARACTERS)] = "",
    until: Annotated[str, Form(max_length=_KEY_CHARACTERS)] = "",
    comment: Annotated[str, Form(max_length=_TEXT_CHARACTERS)] = "",
) -> RedirectResponse:
    """Hold (or, with an empty reason, release), snooze (or wake) or comment, then show the console."""
    with desk.writing(slug) as at:
        deciding = at.deciding(acting(at, who))
        if act == "comment":
            deciding.comment(bill_id, comment)
        elif act == "snooze":
            deciding.snooze(bill_id, _day(until))
        else:
            deciding.hold(bill_id, reason.strip() or None, _day(until))
        return RedirectResponse(f"/b/{at.business.slug}/console#bill{bill_id}", 303)


@pages.post("/b/{slug}/console/undo", dependencies=[Depends(follow_clock)])
def undo_by_form(
    slug: str, desk: TheDesk, who: Who, decision: Annotated[str, Form(max_length=_ID_CHARACTERS)]
) -> RedirectResponse:
    with desk.writing(slug) as at:
        undone = at.deciding(acting(at, who)).undo(decision)
        return RedirectResponse(f"/b/{at.business.slug}/console?done={undone.decision_id}", 303)


@pages.get("/b/{slug}/console/pulse")
def pulse(slug: str, desk: TheDesk, mark: Annotated[int, Query(ge=0)] = 0) -> Response:
    """Whether the client's log has grown since ``mark``; 204 when not."""
    with desk.reading(slug) as at:
        seq = translog.head(at.session, at.business.business_id)[0]
    return Response(status_code=204) if seq == mark else JSONResponse({"mark": seq})


def _page(
    request: Request,
    desk: Desk,
    slug: str,
    who: str | None,
    batch: Batch,
    run: str | None = None,
    offset: int = 0,
    done: str | None = None,
    bill: str | None = None,
    what: What = "more",
    trouble: InterlockError | None = None,
) -> HTMLResponse:
    with desk.reading(slug) as at:
        view: ConsoleExperience = at.console.get_console_experience(batch.show, run=run, offset=offset)
        deciding = at.deciding(None)
        try:
            impact = deciding.impact(batch.asks, batch.pay_on)
        except (BadInput, NotFound) as untold:
            impact, trouble = deciding.impact((), None), trouble or untold
        return page(
            request,
            "console.html",
            trouble.status if trouble else 200,
            frame=client_frame(desk, at, "console"),
            slug=at.business.slug,
            view=view,
            runs=view.runs,
            **_judged(impact),
            acting=_somebody(at, who),
            selected=batch.selected,
            pay_on=batch.pay_on,
            done=at.decided.done(done) if done else None,
            trouble=trouble.sentence if trouble else None,
            mark=translog.head(at.session, at.business.business_id)[0],
            fragment=False,
            **(_opened(at, bill, what) if bill else {"bill": None, "what": what, "today": at.today, "zone": ""}),
        )


def _judged(impact: ImpactView) -> dict[str, Any]:
    drawings = (before_after.draw(impact, size) for size in (before_after.WIDE, before_after.SLIM))
    return {"impact": impact, "drawings": Markup("").join(Markup(each) for each in drawings)}


def _opened(at: BusinessDesk, bill_id: str, what: What) -> dict[str, Any]:
    bill = at.console.get_bill(bill_id)
    if bill is None:
        raise NotFound(f"There is no open bill {bill_id!r} in these books.")
    return {"bill": bill, "what": what, "today": at.today, "zone": at.business.time_zone}


def _somebody(at: BusinessDesk, who: str | None) -> Acting | None:
    """Who acts, where it is somebody with a role here; the page itself may be read by anybody at this machine."""
    if who is None:
        return None
    try:
        return at.acting(who, through="this machine")
    except (NotFound, Refused):
        return None


def _texts(form: FormData, name: str) -> Sequence[str]:
    return [each for each in form.getlist(name) if isinstance(each, str)]


def _text(form: FormData, name: str) -> str:
    return next(iter(_texts(form, name)), "")


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said.strip()) if said.strip() else None
    except ValueError:
        raise BadInput(f"{said.strip()!r} is no date; write it like 2026-12-17. Nothing was changed.") from None


@api.get("/businesses/{business}/console")
def console(
    business: str,
    desk: TheDesk,
    show: Show = "open",
    run: RunKey = None,
    offset: Offset = 0,
    most: Annotated[int, Query(ge=1, le=PAGE_MOST, description="Rows at most, of all groups together.")] = ROWS_MOST,
) -> ConsoleExperience:
    """Bills by pay run, each with its state or why not; invoices to chase. `run` and `offset` ask for the rest of a group."""
    with desk.reading(business) as at:
        return at.console.get_console_experience(show, run=run, offset=offset, most=most)
