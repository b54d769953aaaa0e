"""A request sent twice is carried out once: the same answer again, another request under its key refused."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.answered_service import KEPT, AnsweredService
from interlock.domains.firm.services.people_service import PeopleService
from interlock.infra.db import Database
from interlock.kernel.scope import Scope
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.web.serving import Answer, Served, served

ROUNDS, AT_ONCE = 8, 6


@dataclass(frozen=True)
class Case:
    site: Served
    house: House
    business: Business

    def ask(self, method: str, path: str, body: Any, *, key: str | None, who: str | None = "wren") -> Answer:
        headers = self.site.bearer()
        del headers["Idempotency-Key"]
        headers |= {"Idempotency-Key": key} if key is not None else {}
        headers |= {"Interlock-Person": who} if who is not None else {}
        sent = body if isinstance(body, str) else json.dumps(body)
        return self.site.ask(method, f"/api/v1/businesses/{self.business.slug}/{path}", headers=headers, body=sent)

    def set_aside(self, name: str, *, key: str | None, **more: Any) -> Answer:
        said = {"name": name, "category": "tax", "amount": "640.00"}
        return self.ask("POST", "earmarks", said, key=key, **more)

    def names(self) -> list[str]:
        """What is set aside now."""
        answer = self.site.ask("GET", f"/api/v1/businesses/{self.business.slug}/earmarks", headers=self.site.bearer())
        return [each["name"] for each in answer.json()["active"]]

    def answers(self) -> Any:
        return self.house.database.writing(Scope(self.business.firm_id))


@pytest.fixture
def case(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[Case]:
    """A client with two controllers, on SQLite and on PostgreSQL."""
    house = house_over(database, sandbox, tmp_path)
    try:
        business, scope = take_on(house, sandbox.clients()[0])
        house.sync_of(business).sync()
        now = house.clock.now()
        with database.writing(Scope(business.firm_id)) as session:
            people = PeopleService(session, business.firm_id)
            people.add("wren", "Wren Halloran", side="firm", email=None, now=now, actor="test")
            people.add("iris", "Iris Fenwick", side="firm", email=None, now=now, actor="test")
        with database.writing(scope) as session:
            for handle in ("wren", "iris"):
                PeopleService(session, business.firm_id).grant(
                    business.business_id, handle, "controller", now=now, actor="test"
                )
        with served(create_app(house), local_token(house.settings.key_file)) as site:
            yield Case(site, house, business)
    finally:
        house.close()


def test_a_request_sent_again_is_answered_as_the_first_time_and_changes_nothing(case: Case) -> None:
    first = case.set_aside("Sales tax", key="one")
    again = case.set_aside("Sales tax", key="one")
    assert (first.status, first.headers["Idempotency-Replayed"]) == (201, None)
    assert (again.status, again.text, again.headers["Idempotency-Replayed"]) == (201, first.text, "true")
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert case.names() == ["Sales tax"]
    assert case.set_aside("Sales tax", key="two").json()["earmark_id"] != first.json()["earmark_id"]


def test_another_request_or_another_person_needs_another_key(case: Case) -> None:
    assert case.set_aside("Rent", key="one").status == 201
    for refused in (case.set_aside("Payroll", key="one"), case.set_aside("Rent", key="one", who="iris")):
        assert (refused.status, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert case.names() == ["Rent"]


def test_an_act_without_a_key_is_refused_and_says_how_to_give_one(case: Case) -> None:
    for key in (None, ""):
        refused = case.set_aside("Rent", key=key)
        assert (refused.status, refused.json()["code"]) == (400, "idempotency_key_missing")
        assert "Idempotency-Key" in refused.json()["message"]
    assert case.set_aside("Rent", key="k" * 121).status == 422
    assert case.names() == []


def test_older_requests_and_those_that_write_nothing_need_no_key(case: Case) -> None:
    assert case.ask("POST", "policy/check", {"text": ""}, key=None).status == 200
    bill = case.site.ask("GET", f"/api/v1/businesses/{case.business.slug}/console").json()["bills_ready"][0]
    path = f"bills/{bill['id']}/annotation"
    assert case.ask("POST", path, {"hold_reason": "asked"}, key=None).status == 200
    first = case.ask("POST", path, {"note": "Asked them"}, key="note")
    again = case.ask("POST", path, {"note": "Asked them"}, key="note")
    assert (again.text, again.headers["Idempotency-Replayed"]) == (first.text, "true")


def test_a_refusal_is_not_kept_and_the_same_request_may_come_again(case: Case) -> None:
    nobody = case.set_aside("Rent", key="one", who=None)
    assert (nobody.status, nobody.json()["code"]) == (403, "who")
    assert case.set_aside("Rent", key="one").status == 201


def test_what_has_no_body_is_answered_without_one_again(case: Case) -> None:
    ends = (case.house.clock.now() + timedelta(days=5)).isoformat()
    said = {"to": "iris", "limit": "900.00", "reason": "on leave", "ends_at": ends}
    made = case.ask("POST", "delegations", said, key="one")
    path = f"delegations/{made.json()['delegation_id']}"
    assert [case.ask("DELETE", path, "", key="end").status for _ in range(2)] == [204, 204]


def test_an_act_whose_answer_was_lost_is_not_done_again(case: Case) -> None:
    """The process ended after the act was committed and before its answer was kept."""
    first = case.set_aside("Rent", key="one")
    with case.answers() as session:
        session.connection().exec_driver_sql("UPDATE answered_request SET status = NULL, body = NULL")
    again = case.set_aside("Rent", key="one")
    assert (again.status, again.json()["code"]) == (409, "idempotency_key_in_use")
    assert first.status == 201 and case.names() == ["Rent"]


def test_requests_that_race_under_one_key_are_carried_out_once(case: Case) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in range(ROUNDS):
            name, key = f"Tax {number}", f"race-{number}"
            answers = list(threads.map(lambda _, n=name, k=key: case.set_aside(n, key=k), range(AT_ONCE)))
            assert {each.status for each in answers} <= {201, 409}, [each.text for each in answers]
            assert len({each.text for each in answers if each.status == 201}) == 1
            busy = {each.json()["code"] for each in answers if each.status == 409}
            assert busy <= {"idempotency_key_in_use"}
            assert sum(each.headers["Idempotency-Replayed"] is None for each in answers if each.status == 201) == 1
            assert case.set_aside(name, key=key).status == 201
    assert sorted(case.names()) == sorted(f"Tax {number}" for number in range(ROUNDS))


def test_answers_are_kept_a_day_and_then_forgotten(case: Case) -> None:
    case.set_aside("Rent", key="one")
    now = case.house.clock.now()
    with case.answers() as session:
        answers = AnsweredService(session, case.business.firm_id)
        assert answers.find("one", now + timedelta(hours=24)) is not None
        assert answers.find("one", now + KEPT + timedelta(minutes=1)) is None
        assert answers.claim("one", "another", now + KEPT + timedelta(minutes=1)), "an old key is free again"
        assert answers.purge(now + KEPT) == 0
        assert answers.purge(now + 2 * KEPT + timedelta(minutes=2)) == 1
        assert answers.purge(now + 2 * KEPT + timedelta(minutes=2)) == 0
