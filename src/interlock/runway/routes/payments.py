"""Payments after their approval: the board of where every approved dollar is."""

from typing import Annotated

from fastapi import APIRouter, Query

from interlock.runway.routes.access import TheDesk
from interlock.runway.services.calculators.payment_words import Place
from interlock.runway.services.experiences.payments import OFFSET_MOST, ROWS_MOST, PaymentsExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["payments"])

Opened = Annotated[Place | None, Query(description="The place whose payments are listed.")]
Offset = Annotated[int, Query(ge=0, le=OFFSET_MOST, description="Rows to pass over.")]
Most = Annotated[int, Query(ge=1, le=ROWS_MOST, description="Rows on a page.")]


@api.get("/businesses/{business}/payments")
def payments(
    business: str, desk: TheDesk, stage: Opened = None, offset: Offset = 0, most: Most = ROWS_MOST
) -> PaymentsExperience:
    """Every approved dollar in exactly one place; with `stage` the payments there, the latest change first."""
    with desk.reading(business) as at:
        return at.payments.get_payments_experience(stage, offset=offset, most=most)
