"""One payment's evidence as a file to keep; `interlock evidence verify` checks it anywhere."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from interlock.runway.payment_evidence import evidence_file
from interlock.runway.routes.access import TheDesk

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["payments"])

_ID_CHARACTERS = 80


@api.get(
    "/businesses/{business}/payments/{intent_id}/evidence",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {}}, "description": "The file, as `interlock evidence` writes it."}
    },
)
def payment_evidence(
    business: str, intent_id: Annotated[str, Path(max_length=_ID_CHARACTERS)], desk: TheDesk
) -> Response:
    """Decisions with their inputs, every step, each witness's own words, and the stretch of the log that proves it."""
    with desk.reading(business) as at:
        said = evidence_file(at.session, at.business, intent_id)
        name = f"{at.business.slug}-{intent_id}.evidence.json"
    return Response(
        said, media_type="application/json", headers={"content-disposition": f'attachment; filename="{name}"'}
    )
