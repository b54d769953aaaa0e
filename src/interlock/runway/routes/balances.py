"""Balances: the banks' word, the books', and what lies between them."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from interlock.runway.routes.access import TheDesk
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.balances import BalancesView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["balances"])


@pages.get("/b/{slug}/balances")
def balances_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "balances.html",
            frame=client_frame(desk, at, "balances"),
            slug=at.business.slug,
            view=at.balances.get_balances_experience(),
            today=at.today,
            now=at.now,
        )


@api.get("/businesses/{business}/balances")
def balances(business: str, desk: TheDesk) -> BalancesView:
    """Book balances by account; where a bank is linked, ``cash``: its own word, each account's drift, and what can be spent."""
    with desk.reading(business) as at:
        return at.balances.get_balances_experience()
