"""The demo's client in trouble: blocked by its floor on a named day, cleared by the drop, approved by two, lost by an edit."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from interlock.app.cli.demo import _bring_in
from interlock.app.demo import Wish, opened, staged
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from tests.web.serving import Served, served

CLIENTS = 3  # the third is in trouble
TROUBLED = "/businesses/pellworth-joinery"
FIRM, OWNER = "wren", "ida"
_OTHER_BILLS = 9  # enough to break the floor, and few enough for every set of them to be tried


@dataclass
class Office:
    """People at the demo's API."""

    at: Served

    def ask(self, method: str, path: str, body: Any = None, who: str | None = None) -> tuple[int, Any]:
        headers = self.at.bearer() | ({"Interlock-Person": who} if who else {})
        answer = self.at.ask(method, f"/api/v1{path}", headers=headers, body=None if body is None else json.dumps(body))
        return answer.status, answer.json()

    def done(self, method: str, path: str, body: Any = None, who: str | None = None) -> Any:
        status, said = self.ask(method, path, body, who)
        assert status < 400, f"{method} {path}: {said}"
        return said

    def ready(self) -> list[Any]:
        """Bills at home that can be decided on, the largest first."""
        bills = self.done("GET", f"{TROUBLED}/console")["bills_ready"]
        return sorted((each for each in bills if not each["foreign"]), key=lambda each: -_worth(each))

    def impact(self, bill_ids: list[str]) -> Any:
        return self.done("POST", f"{TROUBLED}/impact", _batch(bill_ids))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("demo")
    with staged(Wish(CLIENTS, 7, folder)) as scene, opened(scene) as house:
        _bring_in(house, scene)
        with served(create_app(house), local_token(house.settings.key_file)) as at:
            yield Office(at)


def _worth(bill: Any) -> Decimal:
    return Decimal(bill["balance"]["amount"])


def _batch(bill_ids: list[str]) -> dict[str, Any]:
    return {"bills": [{"bill_id": each} for each in bill_ids]}


def test_the_floor_blocks_two_people_approve_what_is_left_and_an_edit_takes_it_away(office: Office) -> None:
    ready = office.ready()
    essential = [each["id"] for each in ready if each["must_pay"]][:2]
    wanted = essential + [each["id"] for each in ready if each["id"] not in essential][:_OTHER_BILLS]

    blocked = office.impact(wanted)
    assert blocked["outcome"] == "block"
    (floor,) = (each for each in blocked["reasons"] if each["binding"] == "floor")
    assert floor["on"] == blocked["after"]["on"] and Decimal(floor["shortfall"]["amount"]) > 0, (
        "the day and how much is short"
    )
    dropped = {each["bill_id"] for each in blocked["drop"]}
    assert dropped and blocked["drop_proven"], "of so few bills the fewest are named, and proven to be"
    kept = [each for each in wanted if each not in dropped]
    status, refused = office.ask("POST", f"{TROUBLED}/approvals", _batch(wanted), OWNER)
    assert (status, refused["code"]) == (409, "guardrail_blocked")
    assert office.impact(kept)["outcome"] == "allow", "what it suggested clears it"

    office.done("POST", f"{TROUBLED}/approvals", _batch(kept), FIRM)
    halves = [bill_id for bill_id, intent in _intents(office, kept).items() if intent["state"] == "half"]
    large = halves[0]
    office.done("POST", f"{TROUBLED}/approvals", _batch(halves), OWNER)
    intents = _intents(office, kept)
    assert {each["state"] for each in intents.values()} == {"approved"}

    listed = next(
        each for each in office.done("GET", "/demo")["payments"] if each["intent_id"] == intents[large]["intent_id"]
    )
    assert (listed["place"], [each["act"] for each in listed["acts"]]) == ("Approved", ["books_edit"])
    page = office.at.page("/demo").text
    assert "A bookkeeper edits the bill" in page and "Not released" in page
    said = {"business": "pellworth-joinery", "intent_id": intents[large]["intent_id"]}
    status, _ = office.ask("POST", "/demo/acts", {**said, "act": "bank_posts"})
    assert status == 409, "nothing is paid that nobody released"
    office.done("POST", "/demo/acts", {**said, "act": "books_edit"})
    left = {bill_id: intent["state"] for bill_id, intent in _intents(office, kept).items()}
    assert left[large] == "voided" and set(left.values()) == ({"approved", "voided"} if len(kept) > 1 else {"voided"})
    lost = office.done("GET", f"{TROUBLED}/decisions")["decisions"][0]
    assert "Due date moved" in lost["comment"]


def _intents(office: Office, bill_ids: list[str]) -> dict[str, Any]:
    """The last payment of each bill, with what has become of it."""
    found: dict[str, Any] = {}
    for group in office.done("GET", f"{TROUBLED}/console?most=500")["groups"]:
        found.update({each["id"]: each["intents"][-1] for each in group["bills"] if each["id"] in bill_ids})
    assert set(found) == set(bill_ids), "what is approved stays in sight until it is released"
    return found


def test_every_figure_of_its_overview_explains_itself(office: Office) -> None:
    path = office.done("GET", f"{TROUBLED}/path")
    assert path["figures"], "there are figures to explain"
    for figure in path["figures"]:
        told = office.done("GET", f"{TROUBLED}/explain/{figure['figure']}")
        assert told["formula"], figure["figure"]
        if told["amount"] is not None:
            counted = sum((Decimal(each["amount"]["amount"]) for each in told["inputs"] if each["counts"]), Decimal(0))
            assert counted == Decimal(told["amount"]["amount"]), figure["figure"]
