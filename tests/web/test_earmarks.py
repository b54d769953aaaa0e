"""Money is set aside and given back, through the API and on the page, by people whose role allows it."""

import json
from typing import Any

import pytest

from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.scope import Scope
from tests.web.conftest import Site
from tests.web.serving import Answer


def get(site: Site, path: str) -> Any:
    answer = site.ask("GET", f"/api/v1{path}", headers=site.bearer())
    assert answer.status == 200, answer.text
    return answer.json()


@pytest.fixture
def wren(stand_in: Site) -> dict[str, str]:
    """Headers of somebody who may set money aside, at a client of the tests' own."""
    business = stand_in.client
    with stand_in.house.database.writing(Scope(business.firm_id)) as session:
        people = PeopleService(session, business.firm_id)
        now = stand_in.house.clock.now()
        known = {each.handle for each in people.people()}
        for handle, name in (("wren", "Wren Fenwick"), ("rex", "Rex Fenwick")):
            if handle not in known:
                people.add(handle, name, side="firm", email=None, now=now, actor="test")
    with stand_in.house.database.writing(Scope(business.firm_id, business.business_id)) as session:
        people = PeopleService(session, business.firm_id)
        here = {person.handle for person, _ in people.at(business.business_id)}
        for handle, role in (("wren", "controller"), ("rex", "reviewer")):
            if handle not in here:
                people.grant(business.business_id, handle, role, now=now, actor="test")
    return {**stand_in.bearer(), "Interlock-Person": "wren"}


def post(site: Site, path: str, headers: dict[str, str], **body: Any) -> Answer:
    key = {"Idempotency-Key": f"{path}{sorted(body.items())}"[:60].replace(" ", "")}
    where = f"/api/v1/businesses/{site.client.slug}/{path}"
    return site.ask("POST", where, headers={**headers, **key}, body=json.dumps(body))


def test_money_is_set_aside_and_given_back_by_somebody_who_may(stand_in: Site, wren: dict[str, str]) -> None:
    slug = stand_in.client.slug
    made = post(stand_in, "earmarks", wren, name="Sales tax", category="tax", amount="640.00")
    assert made.status == 201, made.text
    shown = get(stand_in, f"/businesses/{slug}/earmarks")
    assert [each["name"] for each in shown["active"]] == ["Sales tax"]
    assert "Sales tax" in stand_in.page(f"/b/{slug}/earmarks").text
    where = f"earmarks/{made.json()['earmark_id']}/release"
    assert post(stand_in, where, wren, reason="Paid already").status == 200
    assert get(stand_in, f"/businesses/{slug}/earmarks")["active"] == []
    lines = get(stand_in, f"/businesses/{slug}/log")["lines"]
    said = [each["action"] for each in lines if each["action"].startswith("earmark.")]
    assert sorted(said) == ["earmark.made", "earmark.released"]
    assert all("[wren]" in each["actor"] for each in lines if each["action"].startswith("earmark."))


def test_nobody_and_a_reviewer_set_nothing_aside(stand_in: Site, wren: dict[str, str]) -> None:
    nobody = {name: value for name, value in wren.items() if name != "Interlock-Person"}
    body = {"name": "Rent", "category": "rent", "amount": "10.00"}
    assert post(stand_in, "earmarks", nobody, **body).status == 403
    assert post(stand_in, "earmarks", {**wren, "Interlock-Person": "rex"}, **body).status == 403
    assert get(stand_in, f"/businesses/{stand_in.client.slug}/earmarks")["earmarked"]["rows"] == 0


def test_what_recurs_is_confirmed_once_and_is_then_in_the_path(stand_in: Site, wren: dict[str, str]) -> None:
    slug = stand_in.client.slug
    before = get(stand_in, f"/businesses/{slug}/recurring")
    assert before["suggestions"], "fourteen months of books show something that recurs"
    wanted = next(each for each in before["suggestions"] if not each["inflow"])
    assert wanted["evidence"] and wanted["when"]
    done = post(stand_in, "recurring", wren, act="confirm", series=wanted["signature"], amount="123.45")
    assert done.status == 200, done.text
    after = get(stand_in, f"/businesses/{slug}/recurring")
    assert wanted["signature"] not in {each["signature"] for each in after["suggestions"]}
    confirmed = next(each for each in after["confirmed"] if each["signature"] == wanted["signature"])
    assert confirmed["amount"]["amount"] == "-123.45"
    assert post(stand_in, "recurring", wren, act="confirm", series=wanted["signature"]).status == 403
    again = post(stand_in, "recurring", wren, act="end", series=confirmed["recurring_id"], reason="Over")
    assert again.status == 200
    page = stand_in.page(f"/b/{slug}/recurring").text
    assert "Refused and ended" in page
