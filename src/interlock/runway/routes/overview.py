"""The overview: will the client stay above its floor, in a sentence, a drawing and thirteen weeks of figures; each explained."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from interlock.runway.routes.access import TheDesk
from interlock.runway.routes.frame import client_frame
from interlock.runway.routes.rendering import page, wants_fragment
from interlock.runway.services.calculators.weeks import monday_of
from interlock.runway.services.experiences.explaining import Explanation
from interlock.runway.services.experiences.path import PathExperience

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["cash path"])

_FIGURE_CHARACTERS = 60
_DAY_CHARACTERS = 10
_CLOSED = "none"
_SPAN = 10

Figure = Annotated[
    str, Path(max_length=_FIGURE_CHARACTERS, description="As `low_point` or `week:2026-12-14:receipts`.")
]


@pages.get("/b/{slug}/overview")
def overview_page(
    request: Request, slug: str, desk: TheDesk, week: Annotated[str, Query(max_length=_DAY_CHARACTERS)] = ""
) -> HTMLResponse:
    """``week``: which one stands open, by its Monday; unless said, the one in which the path breaks the floor."""
    with desk.reading(slug) as at:
        view = at.path.get_path_experience()
        opened = _opened(week, view.breach)
        return page(
            request,
            "overview.html",
            frame=client_frame(desk, at, "overview"),
            slug=at.business.slug,
            view=view,
            drawings=at.path.drawings(),
            opened=opened,
            items=at.path.week_items(opened) if opened else (),
            today=at.today,
        )


@pages.get("/b/{slug}/explain/{figure}")
def explain_page(request: Request, slug: str, figure: Figure, desk: TheDesk) -> HTMLResponse:
    """A row that opens in place where HTMX asks, else a page of its own."""
    with desk.reading(slug) as at:
        one = at.path.explain(figure)
        told: dict[str, Any] = {"slug": at.business.slug, "one": one, "today": at.today, "zone": at.business.time_zone}
        if wants_fragment(request):
            return page(request, "explain_row.html", span=_SPAN, **told)
        return page(request, "explain.html", frame=client_frame(desk, at, "overview"), **told)


@api.get("/businesses/{business}/path")
def path(business: str, desk: TheDesk) -> PathExperience:
    """The dated cash path: each day's balance at p50 and p80, thirteen weeks in columns, floor, low point, first breach."""
    with desk.reading(business) as at:
        return at.path.get_path_experience()


@api.get("/businesses/{business}/explain/{figure}")
def explain(business: str, figure: Figure, desk: TheDesk) -> Explanation:
    """One figure taken apart: formula, every input with its source and the rule that placed it, what is left out, as-of.

    Figures: `available`, `in_flight`, `earmarked`, `restricted`, `spendable`, `floor`, `low_point`, `headroom`, `path_runway`,
    `buffer_days`, `static_runway`, a week's cell (`week:2026-12-14:receipts`), a day's balance (`balance:2026-12-17:low`).
    """
    with desk.reading(business) as at:
        return at.path.explain(figure)


def _opened(week: str, breach: date | None) -> date | None:
    """The Monday of the week that stands open; none for what isn't a date."""
    if week == _CLOSED:
        return None
    try:
        return date.fromisoformat(week) if week else monday_of(breach) if breach else None
    except ValueError:
        return None
