"""A person with access to the API who means harm: whatever is sent, nothing breaks, nothing moves, and the reason is said."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.people_service import PeopleService
from interlock.infra.db import Database
from interlock.kernel.scope import Scope
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.web.serving import Answer, Served, served

PEOPLE = (("wren", "firm", "controller"), ("iris", "client", "client_owner"), ("bo", "firm", "bookkeeper"))
LAST_DAY, FIRST_DAY = "9999-12-31", "0001-01-01"


@dataclass(frozen=True)
class Client:
    site: Served
    house: House
    business: Business
    stranger: Business

    @property
    def api(self) -> str:
        return f"/api/v1/businesses/{self.business.slug}"

    def get(self, path: str) -> Any:
        answer = self.site.ask("GET", f"{self.api}/{path}", headers=self.site.bearer())
        assert answer.status == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, *, who: str = "wren", key: str | None = None, method: str = "POST") -> Answer:
        headers = {**self.site.bearer(), "Interlock-Person": who, **({"Idempotency-Key": key} if key else {})}
        sent = body if isinstance(body, str) else json.dumps(body)
        return self.site.ask(method, f"{self.api}/{path}", headers=headers, body=sent)

    def bills(self) -> list[dict[str, Any]]:
        return [bill for group in self.get("console?most=500")["groups"] for bill in group["bills"]]

    def payable(self) -> dict[str, Any]:
        free = [
            each
            for each in self.bills()
            if each["blocked"] is None and not each["foreign"] and not each["intents"] and not each["credits"]
        ]
        return min(free, key=lambda bill: float(bill["balance"]["amount"]))


@pytest.fixture
def client(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[Client]:
    house = house_over(database, sandbox, tmp_path)
    try:
        taken = [take_on(house, each) for each in sandbox.clients()[:2]]
        for business, _ in taken:
            house.sync_of(business).sync()
        now, (own, scope) = house.clock.now(), taken[0]
        with database.writing(Scope(own.firm_id)) as session:
            for handle, side, _ in PEOPLE:
                PeopleService(session, own.firm_id).add(
                    handle, handle.title(), side=side, email=None, now=now, actor="a test"
                )
        with database.writing(scope) as session:
            for handle, _, role in PEOPLE:
                PeopleService(session, own.firm_id).grant(own.business_id, handle, role, now=now, actor="a test")
        with served(create_app(house), local_token(house.settings.key_file)) as site:
            yield Client(site, house, own, taken[1][0])
    finally:
        house.close()


def _attacks(bill: str, strange: str) -> Iterator[tuple[str, str, Any]]:
    """What is tried, where, and what is sent. Surrogates and NUL are written as JSON escapes: they are valid JSON."""
    one = {"bills": [{"bill_id": bill}]}
    amounts = (
        "-1",
        "0",
        "0.001",
        "1e3",
        "1e999999",
        "NaN",
        "-Infinity",
        "9" * 24,
        "1,50",
        "1,2,3",
        "1_0",
        "١",
        "",
        " ",
    )
    for said in amounts:
        yield f"the amount {said!r}", "impact", {"bills": [{"bill_id": bill, "amount": said}]}
    yield "the amount 1,50", "proposals", {"bills": [{"bill_id": bill, "amount": "1,50"}]}
    for day in (FIRST_DAY, LAST_DAY, "2026-02-30"):
        yield f"the pay day {day}", "schedules", {**one, "pay_on": day}
        yield f"its own pay day {day}", "approvals", {"bills": [{"bill_id": bill, "pay_on": day}]}
        yield f"a bill asleep until {day}", f"bills/{bill}/snooze", {"until": day}
    yield "a hold that is over", f"bills/{bill}/hold", {"reason": "x", "until": FIRST_DAY}
    for broken in ("\\u0000", "a\\\\\\u0000b", "\\ud800"):
        yield f"{broken} as comment", f"bills/{bill}/comment", f'{{"comment": "{broken}"}}'
        yield f"{broken} as reason", f"bills/{bill}/hold", f'{{"reason": "{broken}"}}'
        yield f"{broken} beside a batch", "proposals", f'{{"bills": [{{"bill_id": "{bill}"}}], "comment": "{broken}"}}'
        yield f"{broken} as bill", "approvals", f'{{"bills": [{{"bill_id": "{broken}"}}]}}'
        in_place = f'{{"bills": [{{"bill_id": "{bill}"}}], "instead_of": "{broken}"}}'
        yield f"in place of {broken}", "approvals", in_place
    yield "no bills", "approvals", {"bills": []}
    yield "a bill twice", "proposals", {"bills": [{"bill_id": bill}] * 2}
    yield "five hundred and one", "approvals", {"bills": [{"bill_id": str(at)} for at in range(501)]}
    yield "five hundred of nobody", "approvals", {"bills": [{"bill_id": f"no-{at}"} for at in range(500)]}
    yield "no such bill", "approvals", {"bills": [{"bill_id": strange}]}
    yield "no such credit", "approvals", {"bills": [{"bill_id": bill, "credits": ["1", strange]}]}
    yield "a field too many", "approvals", {**one, "state": "approved"}
    yield "in nobody's place", "approvals", {**one, "instead_of": "iris"}
    for name in ("bill/../../x", "%00", "..%2f..", "x" * 300, "'%20OR%201=1"):
        yield f"the bill {name[:20]}", f"bills/{name}/comment", {"comment": "x"}
        yield f"the decision {name[:20]}", f"decisions/{name}/undo", {}


def test_nothing_breaks_and_nothing_changes(client: Client) -> None:
    bill, strange = client.payable()["id"], "sub-99999"
    head, failed = client.get("log")["head"], []
    for name, path, body in _attacks(bill, strange):
        answer = client.post(path, body)
        if path == "impact" and answer.status == 200:
            failed.append(f"{name} at {path}: judged as if it were an amount")
        elif path != "impact" and not 400 <= answer.status < 500:
            failed.append(f"{name} at {path}: {answer.status} {answer.text[:160]}")
        elif not answer.json()["message"]:
            failed.append(f"{name} at {path}: {answer.status} without a word")
    assert not failed, "\n".join(failed)
    assert client.get("log")["head"] == head, "a refused request left a line"


def test_an_override_ends_in_time_or_is_none(client: Client) -> None:
    text = {"text": '[limits]\npayment = "0.01"\n', "reason": "A test", "base_version": 0}
    policy = client.post("policy", text, who="iris", method="PUT")
    assert policy.status == 200, policy.text
    one = {"bills": [{"bill_id": client.payable()["id"]}]}
    for until in (FIRST_DAY, LAST_DAY, "2026-01-01"):
        over = {"reason": "I want to", "until": until}
        answer = client.post("approvals", {**one, "override": over}, who="wren")
        assert 400 <= answer.status < 500 and "override" in answer.json()["message"].lower(), (until, answer.text)


def test_what_no_text_can_hold_is_refused_in_addresses_and_forms_too(client: Client) -> None:
    for path in ("console?bill=%00", "bills/%00", "log?action=a%00b"):
        answer = client.site.ask("GET", f"/b/{client.business.slug}/{path}", headers={"Accept": "text/html"})
        assert 400 <= answer.status < 500, (path, answer.status)
    # A backslash before the letters is no NUL: a person may write about one.
    said = client.post(f"bills/{client.payable()['id']}/comment", '{"comment": "it says \\\\u0000 there"}')
    assert said.status == 200 and said.json()["comment"] == "it says \\u0000 there", said.text


def test_a_person_can_tick_as_many_bills_as_a_batch_holds(client: Client) -> None:
    """The form's own token is among hundreds of fields."""
    path = f"/b/{client.business.slug}/console"
    page = client.site.page(path)
    cookie = (page.headers["Set-Cookie"] or "").split(";")[0]
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token, "the console has no form token"
    fields = [("bill", str(at)) for at in range(300)] + [("csrf_token", token[1]), ("act", "judge")]
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    answer = client.site.ask("POST", path, headers=headers, body=urlencode(fields))
    assert "form’s token" not in answer.text and "form's token" not in answer.text, answer.text[:300]
    assert answer.status in (200, 404), answer.status
