"""Who acts is chosen at the top of a page and named in the API; what each may do is shown."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.scope import Scope
from tests.web.conftest import Site

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture
def slug(stand_in: Site) -> Iterator[str]:
    """A client with an owner and an approver of theirs, and the firm's controller."""
    client, house = stand_in.client, stand_in.house
    with house.database.writing(Scope(client.firm_id)) as session:
        people = PeopleService(session, client.firm_id)
        known = {each.handle for each in people.people()}
        for handle, side in (("iris", "client"), ("olaf", "client"), ("wren", "firm")):
            if handle not in known:
                people.add(handle, f"{handle.title()} Fenwick", side=side, email=None, now=NOW, actor="a test")
    with house.database.writing(Scope(client.firm_id, client.business_id)) as session:
        people = PeopleService(session, client.firm_id)
        held = {person.handle for person, _ in people.at(client.business_id)}
        for handle, role in (("iris", "client_owner"), ("olaf", "client_approver"), ("wren", "controller")):
            if handle not in held:
                people.grant(client.business_id, handle, role, now=NOW, actor="a test")
    yield client.slug
    with house.database.writing(Scope(client.firm_id, client.business_id)) as session:
        people = PeopleService(session, client.firm_id)
        for each in people.delegations(client.business_id, house.clock.now()):
            giver = people.acting(client.business_id, each.from_person)
            people.end_delegation(client.business_id, each.delegation_id, by=giver, now=house.clock.now())


def test_a_person_is_chosen_on_a_page_and_stays_chosen(stand_in: Site, slug: str) -> None:
    shown = stand_in.page(f"/b/{slug}/people")
    assert "Who are you?" in shown.text
    assert "Iris Fenwick" in shown.text and "client owner" in shown.text
    token = shown.text.split('name="csrf_token" value="')[1].split('"')[0]
    cookie = shown.headers["Set-Cookie"].split(";")[0]
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html", "Cookie": cookie}
    answer = stand_in.ask("POST", "/person", headers=form, body=f"csrf_token={token}&person=iris&back=/b/{slug}/people")
    assert (answer.status, answer.headers["Location"]) == (303, f"/b/{slug}/people")
    chosen = answer.headers["Set-Cookie"]
    assert "HttpOnly" in chosen and "SameSite=strict" in chosen
    again = stand_in.ask(
        "GET", f"/b/{slug}/people", headers={"Accept": "text/html", "Cookie": f"{cookie}; {chosen.split(';')[0]}"}
    )
    assert "<span>Iris Fenwick, client owner</span>" in again.text


@pytest.mark.parametrize("back", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"])
def test_choosing_a_person_leads_nowhere_else(stand_in: Site, slug: str, back: str) -> None:
    shown = stand_in.page(f"/b/{slug}/people")
    token = shown.text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "text/html",
        "Cookie": shown.headers["Set-Cookie"].split(";")[0],
    }
    answer = stand_in.ask("POST", "/person", headers=form, body=f"csrf_token={token}&person=iris&back={back}")
    assert (answer.status, answer.headers["Location"]) == (303, "/")


def test_an_act_without_a_person_changes_nothing_and_says_how_to_name_one(stand_in: Site, slug: str) -> None:
    path = f"/api/v1/businesses/{slug}/delegations"
    body = json.dumps(
        {
            "to": "olaf",
            "limit": "900.00",
            "reason": "on leave",
            "ends_at": (stand_in.house.clock.now() + timedelta(days=5)).isoformat(),
        }
    )
    headers = {**stand_in.bearer(), "Idempotency-Key": "people-1"}
    answer = stand_in.ask("POST", path, headers=headers, body=body)
    assert (answer.status, answer.json()["code"]) == (403, "who")
    stranger = stand_in.ask(
        "POST", path, headers={**headers, "Idempotency-Key": "people-2", "Interlock-Person": "nemo"}, body=body
    )
    assert stranger.status == 404
    made = stand_in.ask(
        "POST", path, headers={**headers, "Idempotency-Key": "people-3", "Interlock-Person": "iris"}, body=body
    )
    assert (made.status, made.json()["to_name"], made.json()["limit"]["amount"]) == (201, "Olaf Fenwick", "900.00")
    shown = stand_in.ask("GET", f"/api/v1/businesses/{slug}/people").json()
    assert [each["from_name"] for each in shown["delegations"]] == ["Iris Fenwick"]
    end = f"{path}/{made.json()['delegation_id']}"
    other = stand_in.ask("DELETE", end, headers={**stand_in.bearer(), "Interlock-Person": "wren"})
    assert (other.status, other.json()["code"]) == (403, "refused")
    own = stand_in.ask("DELETE", end, headers={**stand_in.bearer(), "Interlock-Person": "iris"})
    assert own.status == 204
