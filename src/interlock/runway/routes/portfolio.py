"""The firm's clients: ``/`` and ``/api/v1/portfolio``, ``/api/v1/businesses``."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from interlock.kernel.errors import NotFound
from interlock.runway.routes.access import TheDesk, the_desk
from interlock.runway.routes.frame import firm_frame
from interlock.runway.routes.rendering import page
from interlock.runway.services.experiences.portfolio import PortfolioExperience
from interlock.runway.services.views import BusinessView, View

pages = APIRouter(include_in_schema=False)
api = APIRouter(tags=["firm"])


class Businesses(View):
    businesses: tuple[BusinessView, ...]


@pages.get("/")
def portfolio_page(request: Request) -> HTMLResponse:
    """Every client in a line. Before the first client there is nothing to read, which is no error."""
    try:
        desk = the_desk(request)
    except NotFound as nothing:
        return page(request, "empty.html", sentence=nothing.sentence)
    with desk.firm() as firm:
        view = firm.portfolio.get_portfolio_experience()
        statuses = [(row.business.name, row.sync_status) for row in view.clients]
        oldest = max(statuses, key=lambda each: each[1].age_seconds or 0, default=None)
        return page(request, "portfolio.html", frame=firm_frame(firm, oldest=oldest), view=view)


@api.get("/portfolio")
def portfolio(desk: TheDesk) -> PortfolioExperience:
    """Every client: status, cash by the books, what is open, what waits for a decision, findings, freshness."""
    with desk.firm() as firm:
        return firm.portfolio.get_portfolio_experience()


@api.get("/businesses")
def businesses(desk: TheDesk) -> Businesses:
    """The firm's clients by name."""
    with desk.firm() as firm:
        return Businesses(businesses=tuple(BusinessView.of(business) for business in firm.businesses))
