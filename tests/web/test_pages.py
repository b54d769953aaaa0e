"""What a person reads: figures as the view models have them, states in words, and an error page that says what to do."""

import re

import pytest

from interlock.app.web import create_app
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from interlock.runway.desk import Desk
from interlock.runway.routes.rendering import figure
from interlock.runway.services.views import Amount
from tests.support.house import house_over
from tests.support.sandbox import Sandbox
from tests.web.conftest import Site
from tests.web.serving import served

SCREENS = ("tray", "console", "digest", "bills", "invoices", "aging", "log")


def _desk(site: Site) -> Desk:
    some = site.businesses[0]
    return Desk(site.house.database, site.house.clock, site.house.sync_of, some.firm_id)


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_portfolio_shows_every_clients_figures(site: Site) -> None:
    with _desk(site).firm() as firm:
        view = firm.portfolio.get_portfolio_experience()
    page = site.page("/")
    assert page.status == 200
    text = _text(page.text)
    for row in view.clients:
        for amount in (row.book_cash.amount, row.open_payables.amount, row.decisions.amount):
            assert figure(amount) in text, f"{row.business.name}: {figure(amount)} is missing from the portfolio"
        assert row.status.words.split(",")[0] in page.text.replace("&#39;", "'").replace("&amp;", "&")
    assert figure(view.totals[0].open_payables.amount) in text, "the foot must hold the sum"


def test_the_tray_shows_every_finding_with_its_reason_and_stake(site: Site) -> None:
    for business in site.businesses:
        with _desk(site).reading(business.slug) as at:
            view = at.tray.get_tray_experience()
        page = site.page(f"/b/{business.slug}/tray")
        assert page.text.count('<tr id="f') == view.count, "one row a finding"
        assert figure(view.at_stake.amount) in page.text


def test_the_console_shows_blocked_bills_with_the_reason_in_the_row(site: Site) -> None:
    seen = 0
    for business in site.businesses:
        with _desk(site).reading(business.slug) as at:
            view = at.console.get_console_experience()
        text = site.page(f"/b/{business.slug}/console").text
        for bill in view.bills_blocked:
            row = text.split(f'<tr id="bill{bill.id}"')[1].split("</tr>")[0]
            assert "Blocked" in row or "Held" in row, f"bill {bill.id} must say why it can't be decided on"
            assert "disabled" in row
            seen += 1
        assert figure(view.ready.amount) in text
    assert seen, "the sandbox's clients must have a blocked bill for this test to mean something"


def test_the_digest_ends_with_the_head_of_the_log(site: Site) -> None:
    with _desk(site).reading(site.client.slug) as at:
        view = at.digest.get_digest_experience()
    page = site.page(f"/b/{site.client.slug}/digest")
    assert view.seal in page.text
    assert figure(view.current_balances.book_cash.amount) in page.text


def test_aging_shows_the_total_that_ties(site: Site) -> None:
    with _desk(site).reading(site.client.slug) as at:
        view = at.aging.get_payables_aging()
    text = site.page(f"/b/{site.client.slug}/aging").text
    assert figure(view.total.total) in text
    assert "to the cent" in text, "the page must say that it ties to QuickBooks"


def test_the_log_is_walked_when_asked(site: Site) -> None:
    assert "The chain holds." not in site.page(f"/b/{site.client.slug}/log").text
    assert "The chain holds." in site.page(f"/b/{site.client.slug}/log?verify=true").text


def test_a_client_is_opened_by_slug_or_id_and_lands_on_its_tray(site: Site) -> None:
    for name in (site.client.slug, site.client.business_id):
        answer = site.page(f"/b/{name}")
        assert answer.status == 307
        assert answer.headers["location"] == f"/b/{site.client.slug}/tray"


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_names_its_client_freshness_and_what_is_parked(site: Site, screen: str) -> None:
    page = site.page(f"/b/{site.client.slug}/{screen}")
    assert page.status == 200
    assert "As of " in page.text and "QuickBooks " in page.text
    assert ", waits for a rail" not in page.text, "this build has a rail for everything that is a feature"
    assert ("Not from here: " in page.text) == (screen in ("tray", "console")), (
        "what no API can do is said where it is missed"
    )
    assert f'/b/{site.client.slug}/{screen}" data-go=' in page.text and 'aria-current="page"' in page.text


def test_bills_are_filtered_and_paged(site: Site) -> None:
    first = site.page(f"/b/{site.client.slug}/bills?which=all&most=5")
    assert first.text.count('<tr id="bill') == 5
    older = re.search(r'href="(\?[^"]+)" rel="next"', first.text)
    assert older, "a longer list must say where it goes on"
    second = site.page(f"/b/{site.client.slug}/bills{older[1].replace('&amp;', '&')}")
    ids = [set(re.findall(r'<tr id="bill(\d+)"', page.text)) for page in (first, second)]
    assert ids[1] and not ids[0] & ids[1], "the next page must show other bills"
    none = site.page(f"/b/{site.client.slug}/bills?vendor=Nobody+At+All")
    assert none.status == 200 and "No open bill" in none.text
    empty_fields = site.page(f"/b/{site.client.slug}/bills?which=open&vendor=&due_from=&due_to=")
    assert empty_fields.status == 200, "a browser sends empty fields; they are no filter"


def test_names_from_the_books_are_never_markup(site: Site) -> None:
    answer = site.page(f"/b/{site.client.slug}/bills?vendor=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/nothing/here", 404, "There is nothing at /nothing/here."),
        ("/b/no-such-client/tray", 404, "There is no business"),
        ("/b/{slug}/bills/999999", 404, "There is no bill"),
        ("/b/{slug}/invoices/nope", 404, "There is no invoice"),
        ("/b/{slug}/bills?most=0", 422, "most"),
        ("/b/{slug}/bills?due_from=soon", 422, "due_from is a date"),
        ("/b/{slug}/bills?due_from=2026-12-02&amp;due_to=2026-12-01".replace("&amp;", "&"), 422, "after due_to"),
    ],
)
def test_what_goes_wrong_is_a_page_with_a_sentence(site: Site, path: str, status: int, says: str) -> None:
    answer = site.page(path.format(slug=site.client.slug))
    assert answer.status == status
    assert says in answer.text.replace("&#39;", "'") and "Back to the portfolio" in answer.text
    assert "Traceback" not in answer.text


def test_before_the_first_client_the_portfolio_says_how_to_begin(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("nobody")
    database = open_database(f"sqlite:///{folder / 'interlock.db'}")
    upgrade(database)
    with Sandbox.started(folder / "world", clients=1) as sandbox:
        house = house_over(database, sandbox, folder)
        with served(create_app(house), "unused") as nobody:
            page = nobody.page("/")
            assert page.status == 200 and "There is no client yet." in page.text
            assert nobody.ask("GET", "/api/v1/health").json()["status"] == "empty"
            assert nobody.ask("GET", "/api/v1/portfolio").status == 404
        house.close()


def test_figures_are_written_as_accountants_do() -> None:
    assert figure(Amount(amount="1234567.5", currency="USD")) == "1,234,567.50"
    assert figure(Amount(amount="-3.00", currency="USD")) == "(3.00)"
    assert figure(Amount(amount="0.00", currency="USD")) == "–"
    assert figure(Amount(amount="1200", currency="JPY")) == "1,200"


def test_every_feature_that_works_leads_to_its_page(site: Site) -> None:
    said = site.ask("GET", f"/api/v1/businesses/{site.client.slug}/capabilities").json()["features"]
    for screen in {each["screen"] for each in said if each["built"]}:
        assert site.page(f"/b/{site.client.slug}/{screen}").status == 200, f"{screen} is named as a feature's page"
