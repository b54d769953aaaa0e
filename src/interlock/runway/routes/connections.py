"""Connections: ``/connections``, a client's own ``/b/{slug}/connection``, and ending one."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from interlock.runway.routes.access import ACTOR, TheConnects, TheDesk, follow_clock
from interlock.runway.routes.frame import client_frame, firm_frame
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.connections import ConnectionExperience, ConnectionsExperience
from interlock.runway.services.views import View

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["connections"], route_class=KeyedRoute)


class DisconnectDone(View):
    """``revoked``: whether Intuit knows of it too; ``words`` says what is left to do where it doesn't."""

    business_id: str
    revoked: bool
    words: str


@pages.get("/connections")
def connections_page(request: Request, desk: TheDesk) -> HTMLResponse:
    with desk.firm() as firm:
        view = firm.connections.get_connections_experience()
        return page(request, "connections.html", frame=firm_frame(firm, page="connections"), view=view)


@pages.get("/b/{slug}/connection")
def connection_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "connection.html",
            frame=client_frame(desk, at, "connection"),
            view=at.connections.get_connection_experience(),
            recording=at.recording.get_recording_experience(),
            inbox=at.inbox.get_inbox_experience(),
            tied=at.tied,
        )


@pages.post("/b/{slug}/disconnect", dependencies=[Depends(follow_clock)])
def disconnect_now(slug: str, desk: TheDesk, connects: TheConnects) -> RedirectResponse:
    """End it; the client's page says what is left to do where Intuit could not be told."""
    with desk.reading(slug) as at:
        slug = at.business.slug
    connects.disconnect(slug, actor=ACTOR)
    return RedirectResponse(f"/b/{slug}/connection", 303)


@api.get("/connections")
def connections(desk: TheDesk) -> ConnectionsExperience:
    """Every client's connection by what needs a person first, with passport, reading and the month's budget of reads."""
    with desk.firm() as firm:
        return firm.connections.get_connections_experience()


@api.get("/businesses/{business}/connection")
def connection(business: str, desk: TheDesk) -> ConnectionExperience:
    """One client's connection: state in words, passport, how it is read, and the act that mends it."""
    with desk.reading(business) as at:
        return at.connections.get_connection_experience()


@api.post("/businesses/{business}/disconnect", dependencies=[Depends(follow_clock)])
def disconnect(business: str, desk: TheDesk, connects: TheConnects) -> DisconnectDone:
    """Tell Intuit, forget the grant, keep the history. Where Intuit can't be told the grant is forgotten all the same."""
    with desk.reading(business) as at:
        business = at.business.slug
    done = connects.disconnect(business, actor=ACTOR)
    return DisconnectDone(business_id=done.business_id, revoked=done.revoked, words=done.words)
