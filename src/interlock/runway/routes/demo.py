"""The demonstration's control page: the clock, and what others do. Only an installation marked demo has it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from interlock.kernel.errors import InterlockError, NotFound
from interlock.runway.desk import Desk
from interlock.runway.routes.access import TheDesk, follow_clock
from interlock.runway.routes.frame import firm_frame
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.demo import ControlsDemo, DemoDone, DemoExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["demo"], route_class=KeyedRoute)

DEMO = "demo"
_MINUTES_MOST = 31 * 24 * 60
_CHARACTERS = 100


class ClockWish(BaseModel):
    """``minutes`` to go on, or ``to_run_of``: a client whose next pay run is gone to."""

    minutes: int | None = Field(default=None, ge=1, le=_MINUTES_MOST)
    to_run_of: str | None = Field(default=None, max_length=_CHARACTERS)


class ActWish(BaseModel):
    """What happens to a payment out there: one of the acts that the page lists for it."""

    business: str = Field(max_length=_CHARACTERS)
    intent_id: str = Field(max_length=_CHARACTERS)
    act: str = Field(max_length=_CHARACTERS)


class CatchUpWish(BaseModel):
    """Whose rails are read now."""

    business: str = Field(max_length=_CHARACTERS)


def the_demo(request: Request) -> ControlsDemo:
    """The demo's world; ``NotFound`` where this is no demo: then there is no such page."""
    demo: ControlsDemo | None = request.app.state.demo
    if demo is None:
        raise NotFound("There is no such page.")
    return demo


TheDemo = Annotated[ControlsDemo, Depends(the_demo)]


@pages.get("/demo", dependencies=[Depends(follow_clock)])
def demo_page(request: Request, demo: TheDemo, desk: TheDesk) -> HTMLResponse:
    return _page(request, demo, desk)


@pages.post("/demo", dependencies=[Depends(follow_clock)])
def demo_form(
    request: Request,
    demo: TheDemo,
    desk: TheDesk,
    do: Annotated[Literal["minutes", "run", "act", "catch_up"], Form()],
    minutes: Annotated[int, Form(ge=1, le=_MINUTES_MOST)] = 1,
    client: Annotated[str, Form(max_length=_CHARACTERS)] = "",
    intent_id: Annotated[str, Form(max_length=_CHARACTERS)] = "",
    act: Annotated[str, Form(max_length=_CHARACTERS)] = "",
) -> Response:
    """One thing happens in the demo's world; then the page again, at the payment it was about. Refused, the page says why."""
    try:
        if do == "minutes":
            demo.advance(minutes)
        elif do == "run":
            demo.advance_to_run(client)
        elif do == "act":
            demo.happen(client, intent_id, act)
        else:
            demo.catch_up(client)
    except InterlockError as trouble:
        return _page(request, demo, desk, trouble)
    return RedirectResponse(f"/demo#{intent_id}" if intent_id else "/demo", 303)


def _page(request: Request, demo: ControlsDemo, desk: Desk, trouble: InterlockError | None = None) -> HTMLResponse:
    with desk.firm() as firm:
        return page(
            request,
            "demo.html",
            trouble.status if trouble else 200,
            frame=firm_frame(firm, page=DEMO),
            view=demo.show(),
            trouble=trouble.sentence if trouble else None,
        )


@api.get("/demo", dependencies=[Depends(follow_clock)])
def demo(demo: TheDemo) -> DemoExperience:
    """What time it is in the demo's world, and what can happen there. 404 where this is no demo."""
    return demo.show()


@api.post("/demo/clock", dependencies=[Depends(follow_clock)])
def move_clock(wish: ClockWish, demo: TheDemo) -> DemoDone:
    """Move the demo's clock on: by minutes, or to the morning of a client's next pay run. 404 where this is no demo."""
    return demo.advance_to_run(wish.to_run_of) if wish.to_run_of is not None else demo.advance(wish.minutes or 1)


@api.post("/demo/acts", dependencies=[Depends(follow_clock)])
def let_happen(wish: ActWish, demo: TheDemo) -> DemoDone:
    """Let a bank, the people in Ramp or a bookkeeper do something to a payment. 404 where this is no demo."""
    return demo.happen(wish.business, wish.intent_id, wish.act)


@api.post("/demo/catch-up", dependencies=[Depends(follow_clock)])
def catch_up(wish: CatchUpWish, demo: TheDemo) -> DemoDone:
    """Read a client's rails now and do what is due for its payments. 404 where this is no demo."""
    return demo.catch_up(wish.business)
