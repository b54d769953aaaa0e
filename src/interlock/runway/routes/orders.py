"""Orders to the collecting rail: what customers are asked for there, what is given up, what money goes back."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from interlock.domains.ar.policy.orders import Act
from interlock.domains.ar.services.invoice_management_service import COMMENT_CHARACTERS
from interlock.kernel.errors import InterlockError
from interlock.runway.collecting_desk import orders
from interlock.runway.desk import BusinessDesk, Desk
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyRequiredRoute
from interlock.runway.routes.invoices import invoice_document
from interlock.runway.routes.pay_run import somebody
from interlock.runway.routes.problems import Problem
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.order_views import (
    AtRailExperience,
    Does,
    OrderDone,
    OrderExperience,
    OrdersExperience,
    Shown,
)
from interlock.runway.services.experiences.orders import OrdersService
from interlock.runway.services.views import View

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["invoices"], route_class=KeyRequiredRoute)

_ID_CHARACTERS = 80
_AMOUNT_CHARACTERS = 30
_WRITES = [Depends(follow_clock)]

InPath = Annotated[str, Path(max_length=_ID_CHARACTERS)]
InForm = Annotated[str, Form(max_length=_ID_CHARACTERS)]
Id = Annotated[str, Field(min_length=1, max_length=_ID_CHARACTERS)]
Comment = Annotated[str | None, Field(max_length=COMMENT_CHARACTERS)]
Said = Annotated[str, Form(max_length=COMMENT_CHARACTERS)]
Which = Annotated[Shown, Query(description="Those to come or to be decided on, or all.")]


class Wanted(BaseModel):
    """``invoice``: ask its customer for what is open; ``void``, ``uncollectible``: stop asking. ``rail_invoice_id``: of several."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["invoice", "void", "uncollectible"]
    rail_invoice_id: Id | None = None
    comment: Comment = None


class Refund(BaseModel):
    """``amount``: exact text in the payment's currency; all that is left of it where it is left out."""

    model_config = ConfigDict(extra="forbid")

    charge_id: Id
    amount: Annotated[str | None, Field(max_length=_AMOUNT_CHARACTERS)] = None
    reason: Annotated[str, Field(max_length=_ID_CHARACTERS)]
    comment: Comment = None


class Word(BaseModel):
    model_config = ConfigDict(extra="forbid")

    comment: Comment = None


class LinkView(View):
    """Where a customer pays."""

    url: str


@pages.get("/b/{slug}/orders")
def orders_page(request: Request, slug: str, desk: TheDesk, who: Who, shown: Which = "waiting") -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "orders.html",
            frame=client_frame(desk, at, "invoices"),
            slug=at.business.slug,
            view=_of(desk, at, who).get_orders_experience(shown),
            today=at.today,
        )


@pages.get("/b/{slug}/orders/{order_id}")
def order_page(request: Request, slug: str, order_id: InPath, desk: TheDesk, who: Who) -> HTMLResponse:
    return _order(request, desk, slug, order_id, who)


@pages.post("/b/{slug}/orders/{order_id}", dependencies=_WRITES)
def decide_by_form(
    request: Request,
    slug: str,
    order_id: InPath,
    desk: TheDesk,
    who: Who,
    does: Annotated[Does, Form()],
    comment: Said = "",
) -> Response:
    """Do it, then show where the order stands; refused, the page says why."""
    try:
        with desk.writing(slug) as at:
            orders(at, acting(at, who), desk.capabilities).decide(order_id, does, comment=comment.strip() or None)
            return RedirectResponse(f"/b/{at.business.slug}/orders/{order_id}", 303)
    except InterlockError as trouble:
        return _order(request, desk, slug, order_id, who, trouble)


@pages.post("/b/{slug}/invoices/{invoice_id}/orders", dependencies=_WRITES)
def prepare_by_form(
    request: Request,
    slug: str,
    invoice_id: InPath,
    desk: TheDesk,
    who: Who,
    act: Annotated[Act, Form()],
    charge_id: InForm = "",
    amount: Annotated[str, Form(max_length=_AMOUNT_CHARACTERS)] = "",
    reason: InForm = "",
    comment: Said = "",
) -> Response:
    """Prepare it, then show the order; refused, the invoice's page says why."""
    try:
        with desk.writing(slug) as at:
            service, said = orders(at, acting(at, who), desk.capabilities), comment.strip() or None
            if act == "refund":
                done = service.refund(charge_id, amount=amount.strip() or None, reason=reason, comment=said)
            else:
                done = service.prepare(act, invoice_id, comment=said)
            return RedirectResponse(f"/b/{at.business.slug}/orders/{done.order.order_id}", 303)
    except InterlockError as trouble:
        return invoice_document(request, desk, slug, invoice_id, who, trouble)


@api.get("/businesses/{business}/orders")
def all_orders(business: str, desk: TheDesk, who: Who, shown: Which = "waiting") -> OrdersExperience:
    """Orders to the collecting rail that are to come or wait for a person; or all, the latest changed first."""
    with desk.reading(business) as at:
        return _of(desk, at, who).get_orders_experience(shown)


@api.get("/businesses/{business}/orders/{order_id}")
def order(business: str, order_id: InPath, desk: TheDesk, who: Who) -> OrderExperience:
    """One order with all its steps, and what would stop it now."""
    with desk.reading(business) as at:
        return _of(desk, at, who).get_order_experience(order_id)


@api.get("/businesses/{business}/invoices/{invoice_id}/collecting")
def at_rail(business: str, invoice_id: InPath, desk: TheDesk, who: Who) -> AtRailExperience:
    """What both ledgers say is open on an invoice, what can be ordered about it, and what was."""
    with desk.reading(business) as at:
        return _of(desk, at, who).get_at_rail_experience(invoice_id)


@api.get(
    "/businesses/{business}/invoices/{invoice_id}/payment-link",
    responses={409: {"model": Problem, "description": "Nothing is to be paid there now, or no rail collects here."}},
)
def payment_link(business: str, invoice_id: InPath, desk: TheDesk) -> LinkView:
    """Where its customer pays. 409 `order_refused` while nothing is to be paid there, or the two ledgers disagree."""
    with desk.reading(business) as at:
        return LinkView(url=_of(desk, at, None).payment_link(invoice_id))


@api.post("/businesses/{business}/invoices/{invoice_id}/orders", dependencies=_WRITES, status_code=201)
def prepare(business: str, invoice_id: InPath, said: Wanted, desk: TheDesk, who: Who) -> OrderDone:
    """Prepare an order about an invoice, for somebody else to approve. 409 `order_refused` says what stands against it."""
    with desk.writing(business) as at:
        service = orders(at, acting(at, who), desk.capabilities)
        return service.prepare(said.act, invoice_id, rail_invoice_id=said.rail_invoice_id, comment=said.comment)


@api.post("/businesses/{business}/refunds", dependencies=_WRITES, status_code=201)
def refund(business: str, said: Refund, desk: TheDesk, who: Who) -> OrderDone:
    """Prepare that money goes back to a customer; others approve and release it."""
    with desk.writing(business) as at:
        service = orders(at, acting(at, who), desk.capabilities)
        return service.refund(said.charge_id, amount=said.amount, reason=said.reason, comment=said.comment)


@api.post("/businesses/{business}/orders/{order_id}/{does}", dependencies=_WRITES)
def decide(business: str, order_id: InPath, does: Does, said: Word, desk: TheDesk, who: Who) -> OrderDone:
    """Approve an order, release money that goes back, take one back, or say what you found out about one nobody knows of."""
    with desk.writing(business) as at:
        return orders(at, acting(at, who), desk.capabilities).decide(order_id, does, comment=said.comment)


def _of(desk: Desk, at: BusinessDesk, who: str | None) -> OrdersService:
    return orders(at, somebody(at, who), desk.capabilities)


def _order(
    request: Request, desk: Desk, slug: str, order_id: str, who: str | None, trouble: InterlockError | None = None
) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "order.html",
            trouble.status if trouble else 200,
            frame=client_frame(desk, at, "invoices"),
            slug=at.business.slug,
            view=_of(desk, at, who).get_order_experience(order_id),
            acting=somebody(at, who),
            trouble=trouble.sentence if trouble else None,
            today=at.today,
        )
