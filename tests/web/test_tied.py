"""A business that is not tied says so, with the difference, wherever its totals are shown; one that is says as of when."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from interlock.domains.firm.models import LedgerProof
from interlock.infra import translog
from interlock.kernel.scope import Scope
from interlock.rails import inbox
from tests.web.conftest import Site
from tests.web.test_pages import _text
from tests.webhooks.saying import classic, entity

_PAGES = ("tray", "console", "digest", "bills", "invoices", "aging", "connection")
_VIEWS = ("tray", "console", "digest", "bills", "invoices", "aging/payables", "aging/receivables", "balances")
_SENTENCE = "Not tied: QuickBooks' aging owes Alder Supply 120.00, ours 119.99"
_LOCATED = [{"what": "vendor", "id": "31", "name": "Alder Supply", "theirs": 12_000, "ours": 11_999}]


@pytest.fixture
def off(site: Site) -> Iterator[Site]:
    """The last client's proof found a cent too little at one vendor."""
    before = _say(site, json.dumps(_LOCATED))
    yield site
    _say(site, before)


def _say(site: Site, located: str) -> str:
    """Change what the proof located, with its line in the log as every change has one; returns what it was."""
    business = site.businesses[-1]
    scope = Scope(business.firm_id, business.business_id)
    now = site.house.clock.now()
    with site.house.database.writing(scope) as session:
        proof = session.get_one(LedgerProof, business.business_id)
        before, proof.located = proof.located, located
        translog.append(session, scope, now=now, actor="a test", action="ledger.proof_made_up", body={})
    return before


def data(site: Site, path: str) -> Any:
    return site.ask("GET", f"/api/v1/{path}", headers=site.bearer()).json()


@pytest.mark.parametrize("page", _PAGES)
def test_every_page_with_totals_says_that_they_are_not_tied(off: Site, page: str) -> None:
    text = _text(off.page(f"/b/{off.businesses[-1].slug}/{page}").text).replace("&#39;", "'")
    assert _SENTENCE in text
    assert "as of " in text


@pytest.mark.parametrize("page", _PAGES)
def test_every_page_with_totals_says_that_they_are_tied_and_as_of_when(site: Site, page: str) -> None:
    text = _text(site.page(f"/b/{site.client.slug}/{page}").text)
    assert "Tied to QuickBooks’ own counts, agings and balance sheet, as of " in text


def test_the_portfolio_names_the_client_and_the_difference(off: Site) -> None:
    text = _text(off.page("/").text).replace("&#39;", "'").replace("&amp;", "&")
    assert f"{off.businesses[-1].name}: {_SENTENCE}" in text
    rows = {row["business"]["slug"]: row for row in data(off, "portfolio")["clients"]}
    assert rows[off.businesses[-1].slug]["tied"]["tied"] is False
    assert rows[off.client.slug]["tied"]["tied"] is True


@pytest.mark.parametrize("view", _VIEWS)
def test_the_api_says_it_in_one_field_of_every_view(off: Site, view: str) -> None:
    tied = data(off, f"businesses/{off.businesses[-1].slug}/{view}")["tied"]
    assert (tied["tied"], tied["differences_count"]) == (False, 1)
    (difference,) = tied["differences"]
    assert (difference["what"], difference["id"]) == ("vendor", "31")
    assert difference["off_by"] == {"amount": "-0.01", "currency": "USD"}


def test_the_tray_has_it_as_a_finding_that_stops_money(off: Site) -> None:
    found = data(off, f"businesses/{off.businesses[-1].slug}/tray")["groups"][0]
    assert found["severity"] == "critical"


def test_proving_on_demand_by_api_and_by_button(site: Site) -> None:
    slug = site.client.slug
    answer = site.ask("POST", f"/api/v1/businesses/{slug}/proof", headers=site.bearer())
    said = answer.json()
    assert (answer.status, said["settled"], said["tied"]["tied"]) == (200, True, True)
    assert said["metered_reads"] >= 20
    assert any("Equity" in sentence for sentence in said["tied"]["left_out"])
    assert data(site, f"businesses/{slug}/proof") == said["tied"]
    form = {**site.bearer(), "Content-Type": "application/x-www-form-urlencoded"}
    answer = site.ask("POST", f"/b/{slug}/prove", headers=form, body="back=aging")
    assert (answer.status, answer.headers["location"]) == (303, f"/b/{slug}/aging#ties")


def test_a_proof_mends_what_was_off(off: Site) -> None:
    """The difference was made up: QuickBooks' totals are ours, so the next proof ties."""
    slug = off.businesses[-1].slug
    off.ask("POST", f"/api/v1/businesses/{slug}/proof", headers=off.bearer())
    assert data(off, f"businesses/{slug}/proof")["differences_count"] == 0


def test_the_inbox_tells_what_came_and_what_was_done_with_it(site: Site) -> None:
    from interlock.domains.qbo.notifications import read
    from interlock.kernel.scope import SystemScope

    business = site.businesses[1]
    before = data(site, f"businesses/{business.slug}/inbox")
    assert (before["waiting"], before["notices"]) == (0, [])
    assert "nothing yet" in before["say"]
    with site.house.database.reading(SystemScope("which company")) as session:
        from interlock.rails.connections import find

        realm = find(session, Scope(business.firm_id, business.business_id), "qbo").external_id
    body = classic((realm, [entity("Vendor", "1"), entity("Estimate", "2")]))
    with site.house.database.writing(SystemScope("a delivery")) as session:
        inbox.receive(session, "qbo", read(body), budget=500_000, now=site.house.clock.now())
    came = data(site, f"businesses/{business.slug}/inbox")
    assert came["waiting"] == 1
    assert {each["entity"]: each["done"] for each in came["notices"]} == {
        "Vendor": "waits for the next sync",
        "Estimate": "nothing of this kind is kept here",
    }
    page = _text(site.page(f"/b/{business.slug}/connection").text)
    assert "1 notice from QuickBooks waits for the next sync" in page
    assert "nothing of this kind is kept here" in page
    site.house.sync_of(business).sync()
    after = data(site, f"businesses/{business.slug}/inbox")
    assert {each["entity"]: each["done"] for each in after["notices"]}["Vendor"] == "answered by a sync"
