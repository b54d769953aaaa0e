"""Payments that the collecting rail took: what of them is in the books, where they are kept there, and a person's word."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.ar.services.receipt_records import Says
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.receipts import ReceiptsExperience, ReceiptView

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["payouts"], route_class=KeyedRoute)

_ID_CHARACTERS = 40
_WRITES = [Depends(follow_clock)]
Id = Annotated[str, Field(min_length=1, max_length=_ID_CHARACTERS)]
InPath = Annotated[str, Path(max_length=_ID_CHARACTERS)]
InForm = Annotated[str, Form(max_length=_ID_CHARACTERS)]


class Accounts(BaseModel):
    """Ids of the ledger's accounts; ``null`` takes a choice back."""

    model_config = ConfigDict(extra="forbid")

    clearing_account_id: Id | None = None
    fee_account_id: Id | None = None


class SaidOfReceipt(BaseModel):
    model_config = ConfigDict(extra="forbid")

    says: Says


@pages.get("/b/{slug}/receipts")
def receipts_page(request: Request, slug: str, desk: TheDesk, who: Who) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "receipts.html",
            frame=client_frame(desk, at, "balances"),
            slug=at.business.slug,
            view=at.receipts.get_receipts_experience(),
            acting=who,
            today=at.today,
        )


@pages.post("/b/{slug}/receipts/accounts", dependencies=_WRITES)
def choose_by_form(slug: str, desk: TheDesk, who: Who, clearing: InForm = "", fees: InForm = "") -> RedirectResponse:
    """Keep the choice, then show what follows from it."""
    with desk.writing(slug) as at:
        at.receipts.choose(clearing or None, fees or None, by=acting(at, who))
        return RedirectResponse(f"/b/{at.business.slug}/receipts", 303)


@pages.post("/b/{slug}/receipts/{record_id}", dependencies=_WRITES)
def say_by_form(
    slug: str, record_id: InPath, desk: TheDesk, who: Who, says: Annotated[Says, Form()]
) -> RedirectResponse:
    """Keep a person's word, then show the rest."""
    with desk.writing(slug) as at:
        at.receipts.say(record_id, says, by=acting(at, who))
        return RedirectResponse(f"/b/{at.business.slug}/receipts", 303)


@api.get("/businesses/{business}/receipts")
def receipts(business: str, desk: TheDesk) -> ReceiptsExperience:
    """Payments through the collecting rail: those that wait for a person, then the latest, and those nobody enters by itself."""
    with desk.reading(business) as at:
        return at.receipts.get_receipts_experience()


@api.put("/businesses/{business}/receipts/accounts", dependencies=_WRITES)
def choose(business: str, said: Accounts, desk: TheDesk, who: Who) -> ReceiptsExperience:
    """Say which of the ledger's accounts hold the rail's balance and its fees. 422 for one that can’t be it."""
    with desk.writing(business) as at:
        return at.receipts.choose(said.clearing_account_id, said.fee_account_id, by=acting(at, who))


@api.post("/businesses/{business}/receipts/{record_id}", dependencies=_WRITES)
def say(business: str, record_id: InPath, said: SaidOfReceipt, desk: TheDesk, who: Who) -> ReceiptView:
    """Have it tried again, entered beside what the ledger shows, or leave it to people. 403 where it waits for nobody."""
    with desk.writing(business) as at:
        return at.receipts.say(record_id, said.says, by=acting(at, who))
