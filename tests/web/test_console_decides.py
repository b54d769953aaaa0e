"""Deciding on the console: impact without a trace, approval and undo, a block that keeps the ticks, and who may do what."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.scope import Scope
from tests.web.conftest import Site
from tests.web.serving import Answer

ROLES = (("wren", "firm", "controller"), ("iris", "client", "client_owner"), ("bo", "firm", "bookkeeper"))


@pytest.fixture
def site(stand_in: Site) -> Iterator[Site]:
    """A client with a controller, an owner and a bookkeeper; what was decided stands no more when a test ends."""
    client, house = stand_in.client, stand_in.house
    now = house.clock.now()
    with house.database.writing(Scope(client.firm_id)) as session:
        people = PeopleService(session, client.firm_id)
        known = {each.handle for each in people.people()}
        for handle, side, _ in ROLES:
            if handle not in known:
                people.add(handle, f"{handle.title()} Fenwick", side=side, email=None, now=now, actor="a test")
    with house.database.writing(Scope(client.firm_id, client.business_id)) as session:
        people = PeopleService(session, client.firm_id)
        held = {(person.handle, role) for person, roles in people.at(client.business_id) for role in roles}
        for handle, _, role in ROLES:
            if (handle, role) not in held:
                people.grant(client.business_id, handle, role, now=now, actor="a test")
    yield stand_in
    standing = [
        intent["bill_id"] for bill in bills(stand_in) for intent in bill["intents"] if intent["state"] != "voided"
    ]
    for bill_id in dict.fromkeys(standing):
        post(stand_in, f"bills/{bill_id}/reject", "iris", {})


def get(site: Site, path: str) -> Any:
    answer = site.ask("GET", f"/api/v1/businesses/{site.client.slug}/{path}", headers=site.bearer())
    assert answer.status == 200, answer.text
    return answer.json()


def post(site: Site, path: str, who: str | None, body: dict[str, Any]) -> Answer:
    headers = {**site.bearer(), **({"Interlock-Person": who} if who else {})}
    return site.ask("POST", f"/api/v1/businesses/{site.client.slug}/{path}", headers=headers, body=json.dumps(body))


def bills(site: Site) -> list[dict[str, Any]]:
    return [bill for group in get(site, "console?most=500")["groups"] for bill in group["bills"]]


def payable(site: Site) -> dict[str, Any]:
    """The smallest bill that can be decided on at once, and on which nothing stands."""
    free = [
        bill
        for bill in bills(site)
        if bill["blocked"] is None and not bill["foreign"] and not bill["intents"] and not bill["credits"]
    ]
    return min(free, key=lambda bill: float(bill["balance"]["amount"]))


def test_impact_says_what_would_happen_and_leaves_no_trace(site: Site) -> None:
    before, bill = get(site, "log")["head"], payable(site)
    answer = post(site, "impact", None, {"bills": [{"bill_id": bill["id"]}]})
    assert answer.status == 200, answer.text
    told = answer.json()
    assert told["count"] == 1 and told["total"] == bill["balance"]
    last = told["path"][-1]
    paid = round(float(last["before"]["amount"]) - float(last["after"]["amount"]), 2)
    assert paid in {0, float(bill["balance"]["amount"])}, (
        "after is before less the bill, unless it is in before already"
    )
    assert get(site, "log")["head"] == before


def test_an_approval_stands_in_the_row_and_is_undone_by_its_maker_alone(site: Site) -> None:
    bill = payable(site)
    made = post(site, "approvals", "iris", {"bills": [{"bill_id": bill["id"]}], "acknowledge_warning": True})
    assert made.status == 201, made.text
    decision = made.json()
    assert decision["outcome"] in {"allow", "warn"} and decision["replayable"]
    (intent,) = next(each for each in bills(site) if each["id"] == bill["id"])["intents"]
    assert (intent["state"], intent["undo"]) == ("approved", decision["decision_id"])
    again = get(site, f"decisions/{decision['decision_id']}/replay")
    assert again["identical"], again["differences"]
    others = post(site, f"decisions/{decision['decision_id']}/undo", "wren", {})
    assert others.status == 403 and "Only who decided" in others.json()["message"]
    undone = post(site, f"decisions/{decision['decision_id']}/undo", "iris", {})
    assert undone.status == 200, undone.text
    assert not next(each for each in bills(site) if each["id"] == bill["id"])["intents"]
    assert [each["act"] for each in get(site, "decisions")["decisions"][:2]] == ["undo", "approve"]


def test_a_proposal_waits_for_another_person(site: Site) -> None:
    bill = payable(site)
    half = f"{float(bill['balance']['amount']) / 2:.2f}"
    made = post(site, "proposals", "bo", {"bills": [{"bill_id": bill["id"], "amount": half}], "comment": "A part now"})
    assert made.status == 201, made.text
    (intent,) = next(each for each in bills(site) if each["id"] == bill["id"])["intents"]
    assert (intent["state"], intent["amount"]["amount"], intent["prepared_by"]) == ("proposed", half, "Bo Fenwick")
    own = post(site, "approvals", "bo", {"bills": [{"bill_id": intent["intent_id"]}]})
    assert own.status == 403 and "bookkeeper" in own.json()["message"]
    yes = post(site, "approvals", "iris", {"bills": [{"bill_id": intent["intent_id"]}], "acknowledge_warning": True})
    assert yes.status == 201, yes.text
    assert yes.json()["subjects"][0]["amount"]["amount"] == half


def test_hold_snooze_and_comment_each_leave_their_decision(site: Site) -> None:
    bill = payable(site)
    held = post(site, f"bills/{bill['id']}/hold", "bo", {"reason": "Not delivered", "until": "2099-01-01"})
    assert held.status == 200 and held.json()["act"] == "hold", held.text
    row = next(each for each in bills(site) if each["id"] == bill["id"])
    assert row["held"] and "Not delivered" in row["blocked"]
    assert post(site, f"bills/{bill['id']}/hold", "bo", {}).json()["act"] == "release_hold"
    day = get(site, "console")["runs"][-1]["run"]
    assert post(site, f"bills/{bill['id']}/snooze", "bo", {"until": day}).status == 200
    assert bill["id"] not in {each["id"] for each in bills(site)}, "out of sight"
    shown = get(site, "console?show=snoozed")["groups"]
    assert bill["id"] in {each["id"] for group in shown for each in group["bills"]}
    assert post(site, f"bills/{bill['id']}/wake", "bo", {}).json()["act"] == "wake"
    assert post(site, f"bills/{bill['id']}/comment", "bo", {"comment": "Asked them twice"}).status == 200
    (said, *_) = next(each for each in bills(site) if each["id"] == bill["id"])["comments"]
    assert (said["by"], said["words"]) == ("Bo Fenwick", "Asked them twice")
    assert get(site, f"decisions?bill_id={bill['id']}")["decisions"][0]["comment"] == "Asked them twice"


@pytest.mark.parametrize("path", ["approvals", "proposals", "schedules"])
def test_nobody_decides_without_a_name(site: Site, path: str) -> None:
    answer = post(site, path, None, {"bills": [{"bill_id": payable(site)["id"]}]})
    assert (answer.status, answer.json()["code"]) == (403, "who")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"bills": []}, 422),
        ({"bills": [{"bill_id": "nonsense"}]}, 404),
        ({"bills": [{"bill_id": "nonsense", "paid": True}]}, 422),
        ({"bills": [{"bill_id": "x"}], "pay_on": "someday"}, 422),
    ],
)
def test_what_cannot_be_decided_is_said_and_changes_nothing(site: Site, body: dict[str, Any], status: int) -> None:
    before = get(site, "log")["head"]
    assert post(site, "approvals", "iris", body).status == status
    assert get(site, "log")["head"] == before


class Browser:
    """Cookies and the form's token, as a browser keeps them."""

    def __init__(self, site: Site, who: str) -> None:
        self.site = site
        answer = site.page(f"/b/{site.client.slug}/console")
        token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        assert token is not None
        self.token = token[1]
        cookie = str(answer.headers["set-cookie"]).partition(";")[0]
        self.headers = {
            "Cookie": f"{cookie}; interlock_person={who}",
            "Accept": "text/html",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def send(self, path: str, **fields: Any) -> Answer:
        body = urlencode({"csrf_token": self.token, **fields}, doseq=True)
        return self.site.ask("POST", f"/b/{self.site.client.slug}/console{path}", headers=self.headers, body=body)

    def open(self, path: str = "") -> Answer:
        return self.site.ask("GET", f"/b/{self.site.client.slug}/console{path}", headers=self.headers)


def test_without_javascript_a_selection_is_judged_approved_and_undone(site: Site) -> None:
    browser, bill = Browser(site, "iris"), payable(site)
    judged = browser.send("", act="judge", bill=bill["id"])
    assert judged.status == 200 and re.search(rf'value="{bill["id"]}"[^>]* checked', judged.text)
    assert "1 selected" in judged.text
    approved = browser.send("", act="approve", bill=bill["id"], acknowledge="yes")
    assert approved.status == 303, approved.text
    place = str(approved.headers["location"])
    page = browser.site.ask("GET", place, headers=browser.headers)
    assert "1 bill approved" in page.text and 'id="undo"' in page.text
    decision = re.search(r"done=(dec_\w+)", place)
    assert decision is not None
    assert browser.send("/undo", decision=decision[1]).status == 303


def test_a_refusal_keeps_the_ticks_and_says_why(site: Site) -> None:
    browser, bill = Browser(site, "bo"), payable(site)
    refused = browser.send("", act="approve", bill=bill["id"])
    assert refused.status == 403
    assert "may not approve" in refused.text and re.search(rf'value="{bill["id"]}"[^>]* checked', refused.text)


def test_the_impact_part_brings_path_verdict_and_bar(site: Site) -> None:
    browser, bill = Browser(site, "iris"), payable(site)
    part = browser.send("/impact", bill=bill["id"])
    assert part.status == 200 and "<html" not in part.text
    assert 'id="verdict"' in part.text and 'hx-swap-oob="true"' in part.text and 'class="chart wide"' in part.text


def test_the_pulse_is_silent_until_something_changes(site: Site) -> None:
    browser = Browser(site, "iris")
    mark = get(site, "log")["head"]["seq"]
    assert browser.open(f"/pulse?mark={mark}").status == 204
    assert browser.open(f"/pulse?mark={mark - 1}").json() == {"mark": mark}


@pytest.mark.parametrize("what", ["hold", "more"])
def test_a_row_opens_in_place_and_without_htmx_above_the_table(site: Site, what: str) -> None:
    browser, bill = Browser(site, "iris"), payable(site)
    path = f"/bills/{bill['id']}/{what}"
    assert browser.open(path).headers["location"].endswith(f"?bill={bill['id']}&what={what}")
    assert 'class="opened"' in browser.open(f"?bill={bill['id']}&what={what}").text
    browser.headers["HX-Request"] = "true"
    assert browser.open(path).text.lstrip().startswith("<tr")
