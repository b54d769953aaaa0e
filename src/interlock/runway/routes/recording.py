"""The switch that lets Interlock write in a client's ledger what already happened; off until a person turns it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict

from interlock.runway.routes.access import ACTOR, TheDesk, follow_clock
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.services.experiences.recording import RecordingExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["recording"], route_class=KeyedRoute)


class Switch(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    on: bool


@pages.post("/b/{slug}/recording", dependencies=[Depends(follow_clock)])
def turn(slug: str, desk: TheDesk, to: Annotated[Literal["on", "off"], Form()]) -> RedirectResponse:
    """Turn the switch, then show the connection it belongs to."""
    with desk.writing(slug) as at:
        at.recording.switch(to == "on", ACTOR)
        return RedirectResponse(f"/b/{at.business.slug}/connection", 303)


@api.get("/businesses/{business}/recording")
def recording(business: str, desk: TheDesk) -> RecordingExperience:
    """Whether Interlock may record in this client's QuickBooks, and what that means."""
    with desk.reading(business) as at:
        return at.recording.get_recording_experience()


@api.put("/businesses/{business}/recording", dependencies=[Depends(follow_clock)])
def switch_recording(business: str, wanted: Switch, desk: TheDesk) -> RecordingExperience:
    """Turn the switch; the log says who did. 404 without a connection, 403 to switch it on where none works."""
    with desk.writing(business) as at:
        at.recording.switch(wanted.on, ACTOR)
        return at.recording.get_recording_experience()
