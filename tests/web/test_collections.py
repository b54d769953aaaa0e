"""Who is asked to pay: switched on, read, decided and left again, on the page and through the API."""

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import delete

from interlock.app.chasing import unsubscribe_link
from interlock.domains.ar.chasing_models import Chase, ChasePromise, ChaseTemplate, ChasingSetup, ContactOptOut
from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.scope import Scope
from tests.web.conftest import PUBLIC_URL, Site
from tests.web.serving import Answer

MANNER = {"on": True, "sender_name": "Wren Fenwick", "reply_to": "wren@example.com"}


@dataclass
class Case:
    site: Site
    slug: str

    def api(self, method: str, path: str = "", body: Any = None, *, who: str | None = "cora") -> Answer:
        headers = self.site.bearer()
        if who is not None:
            headers["Interlock-Person"] = who
        sent = None if body is None else json.dumps(body)
        return self.site.ask(method, f"/api/v1/businesses/{self.slug}/collections{path}", headers=headers, body=sent)

    def form(self, path: str = "", *, who: str = "cora", **fields: Any) -> Answer:
        shown = self.site.page(f"/b/{self.slug}/collections")
        token = shown.text.split('name="csrf_token" value="')[1].split('"')[0]
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        headers["Cookie"] = f"{shown.headers['Set-Cookie'].split(';')[0]}; interlock_person={who}"
        body = urlencode({"csrf_token": token, **fields}, doseq=True)
        return self.site.ask("POST", f"/b/{self.slug}/collections{path}", headers=headers, body=body)

    def view(self) -> Any:
        answer = self.api("GET")
        assert answer.status == 200, answer.text
        return answer.json()


@pytest.fixture
def case(site: Site) -> Iterator[Case]:
    client, house = site.client, site.house
    scope, now = Scope(client.firm_id, client.business_id), house.clock.now()
    roles = {"cora": "controller", "bo": "bookkeeper", "vi": "reviewer"}
    with house.database.writing(Scope(client.firm_id)) as session:
        people = PeopleService(session, client.firm_id)
        known = {each.handle for each in people.people()}
        for handle in roles.keys() - known:
            people.add(handle, f"{handle.title()} Fenwick", side="firm", email=None, now=now, actor="a test")
    with house.database.writing(scope) as session:
        people = PeopleService(session, client.firm_id)
        held = {person.handle for person, _ in people.at(client.business_id)}
        for handle in roles.keys() - held:
            people.grant(client.business_id, handle, roles[handle], now=now, actor="a test")
    yield Case(site, client.slug)
    with house.database.writing(scope) as session:
        for model in (Chase, ChasePromise, ChaseTemplate, ChasingSetup, ContactOptOut):
            session.execute(delete(model).where(model.business_id == client.business_id))


def test_the_page_says_what_the_api_says_in_the_order_to_chase(case: Case) -> None:
    view, page = case.view(), case.site.page(f"/b/{case.slug}/collections")
    assert page.status == 200 and html.escape(view["ask"]) in page.text and view["rows"], page.text[:300]
    places = [page.text.index(f'<tr id="i{each["invoice_id"]}"') for each in view["rows"]]
    assert places == sorted(places)
    headers = case.site.bearer()
    queue = case.site.ask("GET", f"/api/v1/businesses/{case.slug}/receivables", headers=headers).json()["queue"]
    assert [each["invoice_id"] for each in view["rows"]] == [each["invoice_id"] for each in queue]
    assert "Reminders are off" in view["say"].replace("reminders are off", "Reminders are off")


def test_words_are_read_the_chase_is_switched_on_and_the_page_says_when_it_looks(case: Case) -> None:
    for each in case.view()["words"]:
        assert "{" not in each["sample_body"] and not each["accepted"]
        assert case.form(f"/words/{each['stage']}", act="accept", digest=each["digest"]).status == 303
    assert all(each["accepted"] for each in case.view()["words"])
    answer = case.api("PUT", "/manner", MANNER)
    assert answer.status == 200 and answer.json()["manner"]["looks_at"] is not None
    page = case.site.page(f"/b/{case.slug}/collections").text
    assert "Looked for next on" in page and page.count("read and accepted") == 3
    changed = case.form("/words/firm", act="write", subject="Invoice {invoice}", body="{invoice} {amount} please")
    assert changed.status == 303
    assert [each["accepted"] for each in case.view()["words"]] == [True, False, True], "new words are read again"


def test_a_batch_is_decided_whole_or_not_at_all(case: Case) -> None:
    ids = [each["invoice_id"] for each in case.view()["rows"][:2]]
    refused = case.api("POST", "/decisions", {"invoices": [*ids, "nothing"], "act": "stop", "why": "a test"})
    assert refused.status == 404 and {each["state"] for each in case.view()["rows"]} == {"chased"}
    done = case.api("POST", "/decisions", {"invoices": ids, "act": "stop", "why": "a test"}, who="bo")
    assert (done.status, done.json()["invoices"]) == (200, ids)
    states = {each["invoice_id"]: each["state"] for each in case.view()["rows"]}
    assert [states[id_] for id_ in ids] == ["stopped", "stopped"]
    assert case.form(invoice=ids, act="chase").status == 303
    assert {each["state"] for each in case.view()["rows"]} == {"chased"}


def test_a_promise_made_on_the_page_moves_the_path_and_is_told(case: Case) -> None:
    row = case.view()["rows"][0]
    answer = case.form(invoice=row["invoice_id"], act="promise", until="2026-12-11", amount=row["asked"]["amount"])
    assert answer.status == 303, answer.text[-400:]
    (now,) = [each for each in case.view()["rows"] if each["invoice_id"] == row["invoice_id"]]
    assert now["state"] == "promised" and "promised to pay" in now["next"]
    said = case.site.ask("GET", f"/api/v1/businesses/{case.slug}/explain/low_point", headers=case.site.bearer()).json()
    promised = [each for each in said["inputs"] if (each.get("because") or "").startswith("promised for 11 Dec")]
    assert len(promised) <= 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("vi", 403), ("nobody", 404), (None, 403), ("bo", 200)],
    ids=["viewer", "stranger", "none", "bookkeeper"],
)
def test_only_who_may_decides(case: Case, who: str | None, status: int) -> None:
    row = case.view()["rows"][0]["invoice_id"]
    answer = case.api("POST", "/decisions", {"invoices": [row], "act": "pause"}, who=who)
    assert answer.status == status, answer.text


def test_a_bookkeeper_writes_words_and_somebody_else_accepts_them_and_switches_it_on(case: Case) -> None:
    assert case.api("PUT", "/words/gentle", {"subject": "s", "body": "{invoice} {amount}"}, who="bo").status == 200
    digest = case.view()["words"][0]["digest"]
    assert case.api("POST", "/words/gentle/accept", {"digest": digest}, who="bo").status == 403
    assert case.api("PUT", "/manner", MANNER, who="bo").status == 403
    assert case.api("POST", "/words/gentle/accept", {"digest": digest}).status == 200
    assert case.api("POST", "/words/gentle/accept", {"digest": "0" * 64}).status == 409


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/decisions", {"invoices": [], "act": "chase"}),
        ("POST", "/decisions", {"invoices": ["1"] * 201, "act": "chase"}),
        ("POST", "/decisions", {"invoices": ["1"], "act": "forgive"}),
        ("POST", "/decisions", {"invoices": ["1"], "act": "promise", "until": "soon"}),
        ("POST", "/decisions", {"invoices": ["1"], "act": "promise", "until": "2026-12-01", "amount": "much"}),
        ("PUT", "/manner", {**MANNER, "from_hour": "25:00"}),
        ("PUT", "/manner", {**MANNER, "gentle_days": 40}),
        ("PUT", "/manner", {**MANNER, "reply_to": "nobody"}),
        ("PUT", "/manner", {**MANNER, "sender_name": 'a "b'}),
        ("PUT", "/words/angry", {"subject": "s", "body": "{invoice} {amount}"}),
        ("PUT", "/words/gentle", {"subject": "s", "body": "{invoice} {amount} {x.__class__}"}),
        ("POST", "/addresses", {"address": "not one"}),
        ("POST", "/messages/none", {"said": "sent"}),
    ],
)
def test_bad_wishes_are_told_and_change_nothing(case: Case, method: str, path: str, body: Any) -> None:
    before = case.view()
    answer = case.api(method, path, body)
    assert 400 <= answer.status < 500, f"{answer.status}: {answer.text}"
    assert answer.json().get("detail") or answer.json().get("error") or answer.json(), "a refusal has a sentence"
    assert case.view() == before


def test_a_customer_leaves_by_the_link_from_outside_and_only_looking_takes_nobody_off(case: Case) -> None:
    link = unsubscribe_link(case.site.house, case.site.client, "Pay@Customer.example")
    assert link is not None
    host, path = PUBLIC_URL.removeprefix("https://"), link.removeprefix(PUBLIC_URL)
    outside = {"Host": host, "Accept": "text/html"}
    shown = case.site.ask("GET", path, headers=outside)
    assert shown.status == 200 and "pay@customer.example" in shown.text and case.view()["opted_out"] == []
    one_click = {**outside, "Content-Type": "application/x-www-form-urlencoded"}
    done = case.site.ask("POST", path, headers=one_click, body="List-Unsubscribe=One-Click")
    assert done.status == 200 and "No more reminders" in done.text
    assert [each["address"] for each in case.view()["opted_out"]] == ["pay@customer.example"]
    assert case.site.ask("GET", path[:-4] + "AAAA", headers=outside).status == 404
    assert case.site.ask("GET", "/b/any/collections", headers=outside).status == 403, "nothing else is reached"
    again = case.api("POST", "/addresses", {"address": "pay@customer.example", "wanted": True})
    assert again.status == 200 and again.json()["opted_out"] == []
