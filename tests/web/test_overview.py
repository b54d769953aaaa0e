"""Will a client stay above its floor: page and API say the same, and every figure explains itself to the cent."""

import html
import re
from decimal import Decimal
from typing import Any

import pytest

from interlock.domains.firm.models import Business
from interlock.runway.routes.rendering import figure
from interlock.runway.services.views import Amount
from tests.web.conftest import Site

MONEY = ("available", "in_flight", "earmarked", "restricted", "spendable", "floor", "low_point", "headroom")
DAYS = ("path_runway", "buffer_days", "static_runway")
CELLS = ("opening", "receipts", "payroll", "tax", "bills", "debt", "closing", "low", "headroom")


def get(site: Site, path: str) -> Any:
    answer = site.ask("GET", f"/api/v1{path}", headers=site.bearer())
    assert answer.status == 200, answer.text
    return answer.json()


def explained(site: Site, business: Business, name: str) -> Any:
    return get(site, f"/businesses/{business.slug}/explain/{name}")


def summed(said: Any) -> Decimal:
    return sum((Decimal(each["amount"]["amount"]) for each in said["inputs"] if each["counts"]), Decimal(0))


def test_the_page_says_what_the_api_says(site: Site) -> None:
    for business in site.businesses:
        view = get(site, f"/businesses/{business.slug}/path")
        page = site.page(f"/b/{business.slug}/overview")
        assert page.status == 200, page.text
        assert html.escape(view["ask"]) in page.text
        for week in view["weeks"]:
            row = page.text.split(f'<tr id="w{week["monday"]}"')[1].split("</tr>")[0]
            for cell in CELLS:
                shown = figure(Amount.model_validate(week[cell]))
                assert f">{shown}<" in row, f"{business.name}, week of {week['monday']}: {cell} {shown}"
        for each in view["figures"]:
            rows = page.text.split(f'<tr id="f-{each["figure"]}"')
            if len(rows) > 1:
                shown = figure(Amount.model_validate(each["amount"])) if each["amount"] else each["value"]
                assert shown in rows[1].split("</tr>")[0].replace("&gt;", ">"), each["figure"]


def test_every_figure_is_the_sum_of_its_inputs_on_every_endpoint(site: Site) -> None:
    for business in site.businesses:
        view = get(site, f"/businesses/{business.slug}/path")
        figures = {each["figure"]: each for each in view["figures"]}
        assert set(figures) == {*MONEY, *DAYS}
        for name in MONEY:
            said = explained(site, business, name)
            assert said["amount"] == figures[name]["amount"], name
            assert said["amount"] is None or summed(said) == Decimal(said["amount"]["amount"]), name
        for name in DAYS:
            assert explained(site, business, name)["value"] == figures[name]["value"]
        for week in view["weeks"][:4]:
            for cell in CELLS:
                said = explained(site, business, f"week:{week['monday']}:{cell}")
                assert said["amount"] == week[cell], (business.name, week["monday"], cell)
                assert summed(said) == Decimal(week[cell]["amount"]), (business.name, week["monday"], cell)
        for day in view["days"][:: len(view["days"]) // 3]:
            said = explained(site, business, f"balance:{day['day']}:low")
            assert said["amount"] == day["low"] and summed(said) == Decimal(day["low"]["amount"])


def test_inputs_say_where_they_come_from_and_why_they_stand_there(site: Site) -> None:
    said = explained(site, site.client, "low_point")
    moved = [each for each in said["inputs"] if each["rule"]]
    assert moved, "a path that nothing moves on explains nothing"
    for each in moved:
        assert each["source"]["id"] and each["because"] and each["rule_words"], each["key"]
    documents = [each for each in moved if each["source"]["kind"] in ("bill", "invoice")]
    assert documents
    assert all("deeplinkcompanyid=" in each["source"]["link"] for each in documents), "links pin the company"


def test_a_week_opens_to_its_items_with_the_rule_that_placed_each(site: Site) -> None:
    view = get(site, f"/businesses/{site.client.slug}/path")
    week = next(each for each in view["weeks"] if each["items"])
    closed = site.page(f"/b/{site.client.slug}/overview?week=none").text
    opened = site.page(f"/b/{site.client.slug}/overview?week={week['monday']}").text
    assert 'class="item"' not in closed
    assert opened.count('<tr class="item"') == week["items"]


def test_a_figure_opens_in_place_and_on_a_page_of_its_own(site: Site) -> None:
    path = f"/b/{site.client.slug}/explain/low_point"
    row = site.ask("GET", path, headers={"Accept": "text/html", "HX-Request": "true"}).text
    assert row.strip().startswith('<tr class="told form">')
    page = site.page(path).text
    assert "<h1" in page and "Rules that placed these items" in page


@pytest.mark.parametrize("name", ["profit", "week:2020-01-06:tax", "balance:2020-01-06:low"])
def test_a_figure_that_there_is_not_is_a_plain_404(site: Site, name: str) -> None:
    answer = site.ask("GET", f"/api/v1/businesses/{site.client.slug}/explain/{name}", headers=site.bearer())
    assert answer.status == 404
    assert answer.json()["error"]["code"] == "not_found" if "error" in answer.json() else answer.json()["code"]


def test_the_drawing_has_its_finding_as_title_and_comes_in_two_sizes(site: Site) -> None:
    text = site.page(f"/b/{site.client.slug}/overview").text
    titles = re.findall(r'<title id="chart-(\w+)">([^<]+)</title>', text)
    assert [name for name, _ in titles] == ["wide", "slim"]
    assert all("The low side is lowest on" in said for _, said in titles)
