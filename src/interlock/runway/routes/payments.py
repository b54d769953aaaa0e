"""Payments after their approval: the board of where every approved dollar is, and one with what its witnesses say."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from interlock.domains.ap.policy.happenings import PersonSays
from interlock.kernel.errors import InterlockError
from interlock.runway.desk import Desk
from interlock.runway.releasing_desk import releasing
from interlock.runway.routes.access import TheDesk, Who, acting, follow_clock
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.pay_run import somebody
from interlock.runway.routes.rendering import page
from interlock.runway.services.calculators.payment_words import Place
from interlock.runway.services.experiences.payment import PaymentExperience
from interlock.runway.services.experiences.payments import OFFSET_MOST, ROWS_MOST, PaymentsExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["payments"])

_ID_CHARACTERS = 80
_TEXT_CHARACTERS = 2_000
InPath = Annotated[str, Path(max_length=_ID_CHARACTERS)]
Opened = Annotated[Place | None, Query(description="The place whose payments are listed.")]
Offset = Annotated[int, Query(ge=0, le=OFFSET_MOST, description="Rows to pass over.")]
Most = Annotated[int, Query(ge=1, le=ROWS_MOST, description="Rows on a page.")]


@pages.get("/b/{slug}/payments")
def payments_page(
    request: Request, slug: str, desk: TheDesk, stage: Opened = None, offset: Offset = 0, most: Most = ROWS_MOST
) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "payments.html",
            frame=client_frame(desk, at, "payments"),
            slug=at.business.slug,
            view=at.payments.get_payments_experience(stage, offset=offset, most=most),
            most=most,
        )


@pages.get("/b/{slug}/payments/{intent_id}")
def payment_page(request: Request, slug: str, intent_id: InPath, desk: TheDesk, who: Who) -> HTMLResponse:
    return _payment(request, desk, slug, intent_id, who)


@pages.post("/b/{slug}/payments/{intent_id}", dependencies=[Depends(follow_clock)])
def say_by_form(
    request: Request,
    slug: str,
    intent_id: InPath,
    desk: TheDesk,
    who: Who,
    says: Annotated[PersonSays, Form()],
    comment: Annotated[str, Form(max_length=_TEXT_CHARACTERS)] = "",
) -> Response:
    """Keep what a person found out, then show where the payment stands; refused, the page says why."""
    try:
        with desk.writing(slug) as at:
            releasing(at, acting(at, who)).say(intent_id, says, comment.strip() or None)
            return RedirectResponse(f"/b/{at.business.slug}/payments/{intent_id}", 303)
    except InterlockError as trouble:
        return _payment(request, desk, slug, intent_id, who, trouble)


def _payment(
    request: Request, desk: Desk, slug: str, intent_id: str, who: str | None, trouble: InterlockError | None = None
) -> HTMLResponse:
    with desk.reading(slug) as at:
        return page(
            request,
            "payment.html",
            trouble.status if trouble else 200,
            frame=client_frame(desk, at, "payments"),
            slug=at.business.slug,
            view=at.payments.get_payment_experience(intent_id),
            acting=somebody(at, who),
            trouble=trouble.sentence if trouble else None,
        )


@api.get("/businesses/{business}/payments")
def payments(
    business: str, desk: TheDesk, stage: Opened = None, offset: Offset = 0, most: Most = ROWS_MOST
) -> PaymentsExperience:
    """Every approved dollar in exactly one place; with `stage` the payments there, the latest change first."""
    with desk.reading(business) as at:
        return at.payments.get_payments_experience(stage, offset=offset, most=most)


@api.get("/businesses/{business}/payments/{intent_id}")
def payment(business: str, intent_id: InPath, desk: TheDesk) -> PaymentExperience:
    """One payment: what was instructed, what each witness says, what happened in order, and what can be said of it now."""
    with desk.reading(business) as at:
        return at.payments.get_payment_experience(intent_id)
