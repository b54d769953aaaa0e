"""Asking the ledger for its changes, now, because a person wants them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import RedirectResponse

from interlock.runway.routes.access import TheDesk, follow_clock
from interlock.runway.services.views import Instant, View

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["sync"])

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


@pages.post("/b/{slug}/sync", dependencies=[Depends(follow_clock)])
def sync_now(slug: str, desk: TheDesk, back: Annotated[str, Form()] = "tray") -> RedirectResponse:
    """Sync, then show the page it was asked on."""
    desk.sync(slug)
    with desk.reading(slug) as at:
        return RedirectResponse(f"/b/{at.business.slug}/{back if back in PAGES else 'tray'}", 303)


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
