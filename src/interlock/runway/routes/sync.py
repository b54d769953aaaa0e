"""Asking the ledger for its changes, now, because a person wants them, and having the rails beside it read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import RedirectResponse

from interlock.kernel.errors import BadInput
from interlock.runway.routes.access import TheDesk, follow_clock
from interlock.runway.routes.idempotency import KeyedRoute
from interlock.runway.services.experiences.rail_links import LEDGER
from interlock.runway.services.views import Instant, View

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["sync"], route_class=KeyedRoute)

PAGES = {"tray", "console", "digest", "bills", "invoices", "aging", "log", "connection"}


class EntitySync(View):
    entity: str
    rows: int
    upserted: int
    deleted: int


class RowNotShown(View):
    """A row that QuickBooks fails to show, whatever it is asked; everything else was read."""

    entity: str
    id: str | None
    sentence: str


class SyncDone(View):
    """What a sync did. ``mode`` is ``full`` or ``changes``; ``bytes`` as decoded; ``seconds`` of wall time, as text.

    ``metered_reads``: what the plan counts; ``notices``: how many of QuickBooks' it answered; ``problems``: rows that
    QuickBooks fails to show.
    """

    business_id: str
    mode: str
    entities: tuple[EntitySync, ...]
    calls: int
    bytes: int
    metered_reads: int
    notices: int
    problems: tuple[RowNotShown, ...]
    seconds: str
    last_sync: Instant


class ReadingAsked(View):
    """Which rails are read now, by whichever worker is free."""

    business_id: str
    rails: tuple[str, ...]
    due_at: Instant


@pages.post("/b/{slug}/sync", dependencies=[Depends(follow_clock)])
def sync_now(
    slug: str, desk: TheDesk, back: Annotated[str, Form()] = "tray", rail: Annotated[str, Form(max_length=10)] = ""
) -> RedirectResponse:
    """Sync the books, have the other rails read by the workers, then show the page it was asked on. ``rail``: that one only."""
    with desk.writing(slug) as at:
        at.connections.read_soon(None if rail in ("", LEDGER) else rail)
    if rail in ("", LEDGER):
        desk.sync(slug)
    with desk.reading(slug) as at:
        return RedirectResponse(f"/b/{at.business.slug}/{back if back in PAGES else 'tray'}", 303)


@api.post(
    "/businesses/{business}/rails/{rail}/sync",
    dependencies=[Depends(follow_clock)],
    status_code=202,
    responses={403: {"description": "A person has to mend this rail's connection first."}},
)
def read_rail(business: str, rail: str, desk: TheDesk) -> ReadingAsked:
    """Have one rail beside the ledger read now by the workers, whatever pause it was in."""
    if rail == LEDGER:
        raise BadInput("The ledger is synced, not asked for: POST to this client's sync.")
    with desk.writing(business) as at:
        return ReadingAsked(business_id=at.business.business_id, rails=at.connections.read_soon(rail), due_at=at.now)


@api.post(
    "/businesses/{business}/sync",
    dependencies=[Depends(follow_clock)],
    responses={409: {"description": "Another sync of this business is running."}},
)
def sync(business: str, desk: TheDesk, full: Annotated[bool, Query()] = False) -> SyncDone:
    """Bring the mirror up to date: changes since the last sync, or with ``full`` a listing of everything."""
    report = desk.sync(business, full=full)
    return SyncDone(
        business_id=report.business_id,
        mode=report.mode,
        entities=tuple(
            EntitySync(entity=each.entity, rows=each.rows, upserted=each.upserted, deleted=each.deleted)
            for each in report.entities
        ),
        calls=report.calls,
        bytes=report.bytes,
        metered_reads=report.metered,
        notices=report.notices,
        problems=tuple(RowNotShown(entity=each.entity, id=each.id, sentence=each.sentence) for each in report.problems),
        seconds=f"{report.seconds:.3f}",
        last_sync=report.last_sync,
    )
