"""Balances: the banks' word, the books', and what lies between them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from interlock.runway.routes.access import TheDesk, follow_clock
from interlock.runway.routes.bank_links import FROM_PLAID, AskedView, TheBanks
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.balances import BalancesView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["balances"], route_class=KeyedRoute)

_ASKED_FROM = frozenset({"balances", "console", "tray"})


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


@pages.post("/b/{slug}/balances/refresh", dependencies=[Depends(follow_clock)])
def refresh_now(slug: str, banks: TheBanks, back: Annotated[str, Form(max_length=20)] = "balances") -> RedirectResponse:
    """Ask the banks themselves, as check C03 wants it before a decision; back to where it was asked."""
    banks.ask_banks(slug)
    return RedirectResponse(f"/b/{slug}/{back if back in _ASKED_FROM else 'balances'}", 303)


@api.post("/businesses/{business}/balances/refresh", dependencies=[Depends(follow_clock)], responses=FROM_PLAID)
def refresh(business: str, banks: TheBanks) -> AskedView:
    """Ask the banks themselves for balances of this moment: slow (30 s and more), and rationed. Names those that didn't tell."""
    return AskedView(unanswered=tuple(banks.ask_banks(business)))
