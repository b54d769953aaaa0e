"""Invoices: the list, one whole, and what people write about it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from interlock.domains.firm.annotations import Annotation
from interlock.kernel.errors import InterlockError
from interlock.runway.collecting_desk import orders
from interlock.runway.desk import Desk
from interlock.runway.routes.access import ACTOR, TheDesk, Who, follow_clock
from interlock.runway.routes.annotations import AnnotationChange, Back, annotation_form
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.routes.listing import PARTY_CHARACTERS, DueRange, Most, Offset, around, due_range
from interlock.runway.routes.pay_run import somebody
from interlock.runway.routes.rendering import page, wants_fragment
from interlock.runway.services.data_orchestrators.document_list import PAGE_ROWS, Which
from interlock.runway.services.data_orchestrators.document_views import DecisionDocument
from interlock.runway.services.experiences.invoices import InvoiceExperience, InvoicesExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["invoices"], route_class=KeyedRoute)

Customer = Annotated[str | None, Query(max_length=PARTY_CHARACTERS, description="A customer's name, whole.")]


@pages.get("/b/{slug}/invoices")
def invoices_page(
    request: Request,
    slug: str,
    desk: TheDesk,
    due: Annotated[DueRange, Depends(due_range)],
    which: Which = "open",
    customer: Customer = None,
    offset: Offset = 0,
    most: Most = PAGE_ROWS,
) -> HTMLResponse:
    with desk.reading(slug) as at:
        wanted = (customer or "").strip() or None
        view = at.invoices.get_invoices_experience(
            which, customer=wanted, due_from=due[0], due_to=due[1], offset=offset, most=most
        )
        return page(
            request,
            "documents.html",
            frame=client_frame(desk, at, "invoices"),
            slug=at.business.slug,
            kind="invoice",
            party="customer",
            wanted=wanted,
            view=view,
            documents=view.invoices,
            first=offset + 1,
            today=at.today,
            due=due,
            around=around(which, ("customer", wanted), due, offset, most, view.next_offset),
        )


@pages.get("/b/{slug}/invoices/{invoice_id}")
def invoice_page(request: Request, slug: str, invoice_id: str, desk: TheDesk, who: Who) -> HTMLResponse:
    return invoice_document(request, desk, slug, invoice_id, who)


def invoice_document(
    request: Request, desk: Desk, slug: str, invoice_id: str, who: str | None, trouble: InterlockError | None = None
) -> HTMLResponse:
    """One invoice whole, with what stands and can be ordered at the collecting rail; ``trouble``: an order that was refused."""
    with desk.reading(slug) as at:
        person = somebody(at, who)
        view = at.invoices.get_invoice_experience(invoice_id)
        return page(
            request,
            "document.html",
            trouble.status if trouble else 200,
            frame=client_frame(desk, at, "invoices"),
            slug=at.business.slug,
            kind="invoice",
            view=view,
            document=view.invoice,
            collecting=orders(at, person, desk.capabilities).get_at_rail_experience(invoice_id),
            acting=person,
            trouble=trouble.sentence if trouble else None,
            today=at.today,
            back="document",
            inline=False,
        )


@pages.get("/b/{slug}/invoices/{invoice_id}/annotation")
def annotation_row(request: Request, slug: str, invoice_id: str, desk: TheDesk) -> Response:
    """The form as a row that opens in place; without HTMX, the invoice's own page, which holds it too."""
    if not wants_fragment(request):
        return RedirectResponse(f"/b/{slug}/invoices/{invoice_id}#ours", 303)
    with desk.reading(slug) as at:
        document = at.invoices.get_invoice_experience(invoice_id).invoice
        return page(
            request,
            "_ours_row.html",
            slug=at.business.slug,
            kind="invoice",
            document=document,
            back="console",
            inline=True,
        )


@pages.post("/b/{slug}/invoices/{invoice_id}/annotation")
def annotate_by_form(
    slug: str,
    invoice_id: str,
    desk: TheDesk,
    change: Annotated[Annotation, Depends(annotation_form)],
    back: Annotated[Back, Form()] = "document",
) -> RedirectResponse:
    """Keep what was written, then show the page it was written on."""
    with desk.writing(slug) as at:
        at.invoices.annotate(invoice_id, change, actor=ACTOR)
        place = "console" if back == "console" else f"invoices/{invoice_id}"
        return RedirectResponse(f"/b/{at.business.slug}/{place}", 303)


@api.get("/businesses/{business}/invoices")
def invoices(
    business: str,
    desk: TheDesk,
    due: Annotated[DueRange, Depends(due_range)],
    which: Which = "open",
    customer: Customer = None,
    offset: Offset = 0,
    most: Most = PAGE_ROWS,
) -> InvoicesExperience:
    """A page of invoices: open ones by due date, paid or all newest first."""
    with desk.reading(business) as at:
        return at.invoices.get_invoices_experience(
            which, customer=customer, due_from=due[0], due_to=due[1], offset=offset, most=most
        )


@api.get("/businesses/{business}/invoices/{invoice_id}")
def invoice(business: str, invoice_id: str, desk: TheDesk) -> InvoiceExperience:
    """One invoice with its lines, what it is linked to, findings, and the payload it came from."""
    with desk.reading(business) as at:
        return at.invoices.get_invoice_experience(invoice_id)


@api.post("/businesses/{business}/invoices/{invoice_id}/annotation", dependencies=[Depends(follow_clock)])
def annotate_invoice(business: str, invoice_id: str, sent: AnnotationChange, desk: TheDesk) -> DecisionDocument:
    """Write a note, a category or a hold; nothing is written to QuickBooks."""
    with desk.writing(business) as at:
        return at.invoices.annotate(invoice_id, sent.change(), actor=ACTOR)
