"""The pay run: what is approved by its day, its release with what became of each row, and how the client pays."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from interlock.domains.ap.policy.course import Way
from interlock.domains.ap.services.paying_setup import Method
from interlock.domains.firm.acting import Acting
from interlock.kernel.errors import BadInput, InterlockError, NotFound, Refused
from interlock.runway.desk import BusinessDesk, Desk
from interlock.runway.releasing_desk import ask_banks_first, pay_run, releasing
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.bank_links import TheBanks
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.pay_run import OutcomeView, PayRunExperience, PayRunService

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["payments"])

_ID_CHARACTERS = 80
_TEXT_CHARACTERS = 2_000
_RELEASED_MOST = 500
Id = Annotated[str, Form(max_length=_ID_CHARACTERS)]
Intents = Annotated[Sequence[str], Form(max_length=_RELEASED_MOST)]


@pages.get("/b/{slug}/pay-run")
def pay_run_page(
    request: Request,
    slug: str,
    desk: TheDesk,
    who: Who,
    done: Annotated[str | None, Query(max_length=_ID_CHARACTERS)] = None,
) -> HTMLResponse:
    return _page(request, desk, slug, who, done=done)


@pages.post("/b/{slug}/pay-run", dependencies=[Depends(follow_clock)])
def release_by_form(
    request: Request,
    slug: str,
    desk: TheDesk,
    banks: TheBanks,
    who: Who,
    intent: Intents = (),
    comment: Annotated[str, Form(max_length=_TEXT_CHARACTERS)] = "",
    acknowledge: Annotated[str, Form(max_length=_ID_CHARACTERS)] = "",
) -> Response:
    """Release what is ticked, then show what became of each; refused as a whole, the page keeps every tick and says why."""
    ticked = frozenset(intent)
    try:
        if not intent:
            raise BadInput("Tick what is to be released first; nothing was changed.")
        with desk.reading(slug) as at:
            acting(at, who)  # nobody's release asks the banks
        balance = ask_banks_first(desk, banks, slug, intent)
        with desk.writing(slug) as at:
            done = releasing(at, acting(at, who)).release(
                intent,
                balance=balance,
                comment=comment.strip() or None,
                acknowledge_warning=acknowledge == "yes",
            )
            place = f"/b/{at.business.slug}/pay-run?done={done.decision_id}"
    except InterlockError as trouble:
        return _page(request, desk, slug, who, ticked=ticked, trouble=trouble)
    if done.decision_id is None:
        return _page(request, desk, slug, who, ticked=ticked, outcome=PayRunService.outcome_of(done), status=409)
    return RedirectResponse(place, 303)


@pages.post("/b/{slug}/paying", dependencies=[Depends(follow_clock)])
def choose_by_form(
    request: Request,
    slug: str,
    desk: TheDesk,
    who: Who,
    way: Annotated[Way, Form()],
    method: Annotated[Method, Form()] = "ach",
    account: Id = "",
    no_accounting: Id = "",
) -> Response:
    """Choose how the client pays from now on; refused, the page says why."""
    try:
        with desk.writing(slug) as at:
            releasing(at, acting(at, who)).choose(
                way, method, account or None, declares_no_accounting=no_accounting == "yes"
            )
            return RedirectResponse(f"/b/{at.business.slug}/pay-run#paying", 303)
    except InterlockError as trouble:
        return _page(request, desk, slug, who, trouble=trouble)


def _page(
    request: Request,
    desk: Desk,
    slug: str,
    who: str | None,
    *,
    done: str | None = None,
    ticked: frozenset[str] = frozenset(),
    trouble: InterlockError | None = None,
    outcome: OutcomeView | None = None,
    status: int = 200,
) -> HTMLResponse:
    with desk.reading(slug) as at:
        person = somebody(at, who)
        service = pay_run(at, person)
        told: dict[str, Any] = {
            "view": service.get_pay_run_experience(),
            "outcome": outcome or (service.outcome(done) if done else None),
        }
        return page(
            request,
            "pay_run.html",
            trouble.status if trouble else status,
            frame=client_frame(desk, at, "pay-run"),
            slug=at.business.slug,
            acting=person,
            ticked=ticked,
            trouble=trouble.sentence if trouble else None,
            warned=trouble is not None and trouble.code == "guardrail_warning",
            **told,
        )


def somebody(at: BusinessDesk, who: str | None) -> Acting | None:
    """Who acts, where it is somebody with a role here; the page itself may be read by anybody at this machine."""
    if who is None:
        return None
    try:
        return at.acting(who, through="this machine")
    except (NotFound, Refused):
        return None


@api.get("/businesses/{business}/pay-run")
def next_runs(business: str, desk: TheDesk, who: Who) -> PayRunExperience:
    """The next runs with their decide-by times, and every approved payment with why it can't be released now, if it can't."""
    with desk.reading(business) as at:
        return pay_run(at, somebody(at, who)).get_pay_run_experience()
