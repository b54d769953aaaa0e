"""Whether this process can answer: for whoever starts it and waits."""

from typing import Literal

from fastapi import APIRouter, Request

from interlock.kernel.errors import NotFound
from interlock.runway.routes.access import the_desk
from interlock.runway.services.views import View

api = APIRouter(tags=["health"])


class Health(View):
    """``clients`` is how many the firm has; ``status`` is ``empty`` before the first."""

    status: Literal["ok", "empty"]
    version: str
    clients: int


@api.get("/health")
def health(request: Request) -> Health:
    """Reads the database once; an error body says what is broken."""
    version: str = request.app.version
    try:
        desk = the_desk(request)
    except NotFound:
        return Health(status="empty", version=version, clients=0)
    with desk.firm() as firm:
        return Health(status="ok", version=version, clients=len(firm.businesses))
