"""Payouts: what the collecting rail sent to the bank, and what each is made of."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from interlock.runway.routes.access import TheDesk
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.payouts import PARTS_MOST, PayoutsView, UnbundledView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["payouts"])

_SHOWN_MOST = 200
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Parts to pass over.")]
Most = Annotated[int, Query(ge=1, le=PARTS_MOST, description="Parts at most.")]


@pages.get("/b/{slug}/payouts")
def payouts_page(request: Request, slug: str, desk: TheDesk) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "payouts.html",
            frame=client_frame(desk, at, "balances"),
            slug=at.business.slug,
            view=at.payouts.get_payouts_experience(),
            today=at.today,
        )


@pages.get("/b/{slug}/payouts/{payout_id}")
def payout_page(request: Request, slug: str, payout_id: str, desk: TheDesk, offset: Offset = 0) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "payout.html",
            frame=client_frame(desk, at, "balances"),
            slug=at.business.slug,
            view=at.payouts.get_payout_experience(payout_id, offset=offset, most=_SHOWN_MOST),
            most=_SHOWN_MOST,
            today=at.today,
        )


@api.get("/businesses/{business}/payouts")
def payouts(business: str, desk: TheDesk) -> PayoutsView:
    """Payouts, the latest to arrive first, and why one isn't taken apart where it isn't."""
    with desk.reading(business) as at:
        return at.payouts.get_payouts_experience()


@api.get("/businesses/{business}/payouts/{payout_id}")
def payout(business: str, payout_id: str, desk: TheDesk, offset: Offset = 0, most: Most = PARTS_MOST) -> UnbundledView:
    """One payout taken apart: movements with gross, fee and net, and the invoices each pays, to the cent."""
    with desk.reading(business) as at:
        return at.payouts.get_payout_experience(payout_id, offset=offset, most=most)
