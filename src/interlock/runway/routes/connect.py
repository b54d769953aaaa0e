"""Connecting clients' QuickBooks in a browser: a list of names, Intuit's page for each, and back to the list.

Intuit is reached by a link or a page that goes on by itself, never by redirecting a form: browsers hold every stop of a
redirected form against ``form-action``, and Intuit's page has stops of its own.
"""

import secrets
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from interlock.kernel.errors import BadInput, InterlockError, NotFound
from interlock.rails.ports import Connects, ConsentAnswer
from interlock.runway.routes.access import ACTOR, TheConnects, follow_clock, the_desk
from interlock.runway.routes.frame import firm_frame
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.connecting import ConnectingExperience, get_connecting_experience
from interlock.runway.services.experiences.connections import ConnectionView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["connections"], route_class=KeyedRoute)

_COOKIE = "interlock_connect"
_COOKIE_SECONDS = 600
_STATE_CHARACTERS = 200
_CODE_CHARACTERS = 1_000
_REALM_CHARACTERS = 40
_MOST_NAMES = 200


class Names(BaseModel):
    """The clients to connect; an empty name takes the one that QuickBooks has. ``firm_name`` counts with the first client."""

    model_config = ConfigDict(extra="forbid")

    names: list[str] = Field(min_length=1, max_length=_MOST_NAMES, examples=[["Alder & Ash Joinery"]])
    firm_name: str = Field("", max_length=120)


@pages.get("/connect/qbo")
def start_page(request: Request, connects: TheConnects, name: str = "") -> HTMLResponse:
    """Which clients? ``name`` fills the form."""
    return _start(request, connects, name[:120], "", connects.trouble())


@pages.post("/connect/qbo", dependencies=[Depends(follow_clock)])
def start(
    request: Request,
    connects: TheConnects,
    names: Annotated[str, Form()] = "",
    firm_name: Annotated[str, Form()] = "",
) -> Response:
    """Keep the list. One client goes straight on to Intuit; what can't be used comes back as it was typed."""
    try:
        wanted = [line.strip() for line in names.splitlines() if line.strip()] or [""]
        round_id = connects.begin(wanted, actor=ACTOR, firm_name=firm_name)
    except InterlockError as trouble:
        return _start(request, connects, names, firm_name, trouble.sentence, trouble.status)
    if len(wanted) > 1:
        return RedirectResponse(f"/connect/qbo/{round_id}", 303)
    return _go(request, connects, connects.row(round_id).places[0].attempt_id)


@pages.get("/connect/qbo/{round_id}")
def row_page(request: Request, round_id: str, connects: TheConnects) -> HTMLResponse:
    """What came of each, and which is next."""
    view = get_connecting_experience(connects.row(round_id))
    return page(request, "connect_row.html", view=view, **_around(request))


@pages.post("/connect/qbo/{round_id}/{attempt_id}/go", dependencies=[Depends(follow_clock)])
def go(request: Request, round_id: str, attempt_id: str, connects: TheConnects) -> Response:
    """On to Intuit with one of them."""
    _belongs(connects, round_id, attempt_id)
    return _go(request, connects, attempt_id)


@pages.post("/connect/qbo/{round_id}/{attempt_id}/settle", dependencies=[Depends(follow_clock)])
def settle(
    round_id: str, attempt_id: str, connects: TheConnects, name: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Which company it is: ``name`` is ``theirs`` or ``ours``."""
    _belongs(connects, round_id, attempt_id)
    if name not in ("theirs", "ours"):
        raise BadInput("Say under which name it is to be connected: theirs or ours. Nothing was saved.")
    return RedirectResponse(f"/connect/qbo/{connects.settle(attempt_id, theirs=name == 'theirs')}", 303)


@pages.post("/connect/qbo/{round_id}/{attempt_id}/leave-out", dependencies=[Depends(follow_clock)])
def leave_out(round_id: str, attempt_id: str, connects: TheConnects) -> RedirectResponse:
    """Go on without it."""
    _belongs(connects, round_id, attempt_id)
    return RedirectResponse(f"/connect/qbo/{connects.leave_out(attempt_id)}", 303)


@pages.get("/oauth/qbo/callback", dependencies=[Depends(follow_clock)])
def callback(request: Request, connects: TheConnects) -> Response:
    """Where Intuit sends the browser back to. Its state is its authentication, with the cookie of the browser that began."""
    said = request.query_params
    answer = ConsentAnswer(
        state=said.get("state", "")[:_STATE_CHARACTERS],
        code=said.get("code", "")[:_CODE_CHARACTERS],
        external_id=said.get("realmId", "")[:_REALM_CHARACTERS],
        error=said.get("error", "")[:_REALM_CHARACTERS],
    )
    browser = request.cookies.get(_cookie(request))
    received = connects.receive(answer, browser=browser, host=request.headers["host"])
    if received.elsewhere:
        return RedirectResponse(f"{received.origin}{request.url.path}?{request.url.query}", 303)
    # A page of our own goes on to the list: a browser that follows a redirect from another site withholds our cookies.
    onward = f"/connect/qbo/{received.round_id}"
    return page(request, "onward.html", onward=onward, ask="Back from Intuit", words="Back to your clients")


@api.post("/connect/qbo", dependencies=[Depends(follow_clock)], status_code=201)
def begin(names: Names, connects: TheConnects) -> ConnectingExperience:
    """Keep a list of clients to connect. Consent is given in a browser on this machine: open the answer's ``path`` there."""
    return get_connecting_experience(connects.row(connects.begin(names.names, actor=ACTOR, firm_name=names.firm_name)))


@api.get("/connect/qbo/{round_id}")
def row(round_id: str, connects: TheConnects) -> ConnectingExperience:
    """What came of each client of the list."""
    return get_connecting_experience(connects.row(round_id))


def _go(request: Request, connects: Connects, attempt_id: str) -> HTMLResponse:
    """A page that goes on to Intuit, with a cookie that knows this browser again on the way back."""
    name = _cookie(request)
    browser = request.cookies.get(name) or secrets.token_urlsafe(32)
    onward = connects.send(attempt_id, browser=browser, host=request.headers["host"])
    answer = page(request, "onward.html", onward=onward, ask="On to Intuit", words="Continue to Intuit")
    # Lax, not strict: the browser comes back from another site.
    answer.set_cookie(name, browser, max_age=_COOKIE_SECONDS, httponly=True, samesite="lax")
    return answer


def _start(
    request: Request, connects: Connects, names: str, firm_name: str, trouble: str | None, status: int = 200
) -> HTMLResponse:
    around = _around(request)
    return page(
        request,
        "connect.html",
        status,
        names=names,
        firm_name=firm_name,
        trouble=trouble,
        can=connects.trouble() is None,
        waiting=_waiting(request),
        **around,
    )


def _waiting(request: Request) -> Sequence[ConnectionView]:
    """Known clients that have to be connected (again)."""
    try:
        with the_desk(request).firm() as firm:
            found = firm.connections.get_connections_experience().connections
    except NotFound:
        return ()
    return [each for each in found if each.mend is not None and each.mend.act == "connect"]


def _around(request: Request) -> dict[str, Any]:
    """The frame, once there is a firm."""
    try:
        with the_desk(request).firm() as firm:
            return {"frame": firm_frame(firm, page="connections")}
    except NotFound:
        return {}


def _belongs(connects: Connects, round_id: str, attempt_id: str) -> None:
    if all(each.attempt_id != attempt_id for each in connects.row(round_id).places):
        raise NotFound("That client is not in this row; open the row again.")


def _cookie(request: Request) -> str:
    """Cookies know no ports; two installations on one machine must not share one."""
    return f"{_COOKIE}_{request.scope['server'][1]}"
