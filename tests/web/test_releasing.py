"""Releasing over the API: approved payments are let go, row by row, and people say what became of them; the schedule too."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from interlock.app.local_token import local_token
from interlock.app.releasing import pay_run_work
from interlock.app.web import create_app
from interlock.domains.firm.pay_run_times import PAY_RUN
from interlock.domains.firm.services.calendar_service import find_due
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.timetable import BusinessDue
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from interlock.kernel.scope import Scope
from tests.support.clock import clock_of
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.web.conftest import Site
from tests.web.serving import served
from tests.web.test_console_decides import bills, get, post

PEOPLE = (("wren", "firm", "controller"), ("mara", "client", "client_approver"), ("iris", "client", "client_owner"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One client with its books alone, on a clock that the tests move."""
    folder = tmp_path_factory.mktemp("releasing")
    database = open_database(f"sqlite:///{folder / 'interlock.db'}")
    upgrade(database)
    with Sandbox.started(folder / "world", clients=1) as sandbox:
        house = house_over(database, sandbox, folder)
        business, scope = take_on(house, sandbox.clients()[0])
        house.sync_of(business).sync()
        now = house.clock.now()
        with database.writing(Scope(business.firm_id)) as session:
            people = PeopleService(session, business.firm_id)
            for handle, side, _ in PEOPLE:
                people.add(handle, f"{handle.title()} Fenwick", side=side, email=None, now=now, actor="a test")
        with database.writing(scope) as session:
            people = PeopleService(session, business.firm_id)
            for handle, _, role in PEOPLE:
                people.grant(business.business_id, handle, role, now=now, actor="a test")
        with served(create_app(house), local_token(house.settings.key_file)) as at:
            yield Site(at.port, at.token, house, [business])
        house.close()


def wait(site: Site, **span: float) -> None:
    clock_of(site.house).wait(**span)


def approved(site: Site) -> dict[str, Any]:
    """A small bill's payment, approved for the next pay run; the clock stands on that day."""
    open_ = [each for each in bills(site) if each["blocked"] is None and not each["foreign"] and not each["credits"]]
    free = [each for each in open_ if not each["intents"] and float(each["rest"]["amount"]) > 0]
    bill = min(free, key=lambda each: float(each["balance"]["amount"]))
    day = get(site, "console")["runs"][0]["run"]
    said = {"bills": [{"bill_id": bill["id"], "pay_on": day}], "acknowledge_warning": True}
    made = post(site, "approvals", "iris", said)
    assert made.status == 201, made.text
    wait(site, minutes=1)
    today = get(site, "console")["as_of"]
    ahead = (datetime.fromisoformat(f"{day}T15:00:00+00:00") - datetime.fromisoformat(today)).total_seconds()
    if ahead > 0 and day > today[:10]:
        wait(site, seconds=ahead)
        site.house.sync_of(site.client).sync()
    (subject,) = made.json()["subjects"]
    return {**subject, "bill": bill}


def test_an_approved_payment_is_let_go_and_taken_back(site: Site) -> None:
    payment = approved(site)
    body = {"intents": [payment["intent_id"]], "comment": "Check run", "acknowledge_warning": True}
    nobody = post(site, "payments/release", None, body)
    assert (nobody.status, nobody.json()["code"]) == (403, "who")
    done = post(site, "payments/release", "mara", body)
    assert done.status == 200, done.text
    told = done.json()
    (row,) = told["rows"]
    assert (row["outcome"], row["way"]) == ("released", "outside"), row
    assert told["balance"] == "No bank is linked: the balance in the books was judged."
    assert told["words"].startswith("1 payment released")
    again = post(site, "payments/release", "mara", body).json()
    assert again["decision_id"] is None and again["rows"][0]["why"] == "It was released already."
    decision = get(site, f"decisions/{told['decision_id']}")
    assert decision["act"] == "release" and decision["replayable"]
    assert get(site, f"decisions/{told['decision_id']}/replay")["identical"]
    spoken = [each for each in bills(site) if each["id"] == payment["bill_id"]]
    assert all(float(each["rest"]["amount"]) == 0 for each in spoken), "what is under way isn't decided on again"

    said = {"says": "take_back", "comment": "Paid from the other account"}
    back = post(site, f"payments/{payment['intent_id']}/say", "mara", said)
    assert back.status == 200 and back.json()["stage"] == "cancelled", back.text
    twice = post(site, f"payments/{payment['intent_id']}/say", "mara", said)
    assert twice.status == 422 and "changes nothing there" in twice.json()["message"], twice.text


def test_a_request_sent_twice_releases_once(site: Site) -> None:
    payment = approved(site)
    headers = {**site.bearer(), "Interlock-Person": "mara"}
    body = f'{{"intents": ["{payment["intent_id"]}"], "acknowledge_warning": true}}'
    path = f"/api/v1/businesses/{site.client.slug}/payments/release"
    first = site.ask("POST", path, headers=headers, body=body)
    second = site.ask("POST", path, headers=headers, body=body)
    assert first.status == 200 and first.json()["decision_id"], first.text
    assert second.text == first.text and second.headers["Idempotency-Replayed"] == "true"


def test_without_the_paying_rail_only_outside_can_be_chosen(site: Site) -> None:
    paying = get(site, "paying")
    assert paying["way"] == "outside" and paying["against"] == []
    for way in ("hand_off", "create"):
        refused = post(site, "paying", "iris", {"way": way, "no_accounting": True})
        assert refused.status == 422 and "Connect Ramp first" in refused.json()["message"], refused.text
    done = post(site, "paying", "iris", {"way": "outside", "method": "check"})
    assert done.status == 200 and done.json()["method"] == "check", done.text
    assert done.json()["changed_by"] == "Iris Fenwick"
    assert post(site, "paying", "wren", {"way": "outside"}).status == 403


def test_the_schedule_releases_where_the_policy_says_so(site: Site) -> None:
    payment = approved(site)
    text = '[pay_runs]\ndecide_by = "12:00"\nautomatic_release = true\n'
    headers = {**site.bearer(), "Interlock-Person": "iris"}
    path = f"/api/v1/businesses/{site.client.slug}/policy"
    wanted = json.dumps({"text": text, "reason": "The schedule pays", "base_version": 0})
    written = site.ask("PUT", path, headers=headers, body=wanted)
    assert written.status == 200, written.text
    row = due(site)
    assert row is not None and row.due_at > site.house.clock.now(), "the next run is on the calendar at once"
    wait(site, seconds=(row.due_at - site.house.clock.now() + timedelta(minutes=1)).total_seconds())
    site.house.sync_of(site.client).sync()
    pay_run_work(site.house, site.client.business_id, f"{PAY_RUN}:{site.client.business_id}")
    after = due(site)
    assert after is not None and after.due_at > row.due_at and after.trouble is None
    decision = get(site, f"decisions?bill_id={payment['bill_id']}")["decisions"][0]
    assert (decision["act"], decision["by"]) == ("release", "Interlock"), decision
    wait(site, days=8)
    pay_run_work(site.house, site.client.business_id, f"{PAY_RUN}:{site.client.business_id}")
    missed = due(site)
    assert missed is not None and "a person releases" in (missed.trouble or "")


def due(site: Site) -> BusinessDue | None:
    with site.house.database.reading(Scope(site.client.firm_id, site.client.business_id)) as session:
        found = find_due(session, Scope(site.client.firm_id, site.client.business_id), PAY_RUN)
        if found is not None:
            session.expunge(found)
        return found


def test_the_boards_page_and_its_answer_sum_to_the_same(site: Site) -> None:
    payment = approved(site)
    answer = get(site, "payments")
    places = sum((Decimal(each["total"]["amount"]["amount"]) for each in answer["places"]), Decimal(0))
    assert answer["sums"] and answer["off_by"]["amount"] == "0.00"
    assert places == Decimal(answer["placed"]["amount"]["amount"]) == Decimal(answer["approved"]["amount"]["amount"])
    assert places >= Decimal(payment["bill"]["rest"]["amount"]) > 0
    shown = site.page(f"/b/{site.client.slug}/payments")
    total = shown.text.split("<tfoot")[1].split("</tfoot>")[0]
    assert shown.status == 200 and f"{places:,.2f}" in total, total
    assert "The places sum to it, to the cent." in total


def test_each_answer_about_payments_is_that_of_its_page(site: Site) -> None:
    payment = approved(site)
    intent_id = payment["intent_id"]
    run = get(site, "pay-run")
    rows = [row["payment"]["intent_id"] for each in run["runs"] for row in each["rows"]]
    assert intent_id in rows
    assert intent_id in site.page(f"/b/{site.client.slug}/pay-run").text
    one = get(site, f"payments/{intent_id}")
    assert one["payment"]["intent_id"] == intent_id and one["payment"]["place"] == "approved"
    assert site.page(f"/b/{site.client.slug}/payments/{intent_id}").status == 200
    assert get(site, "paying")["ways"], "each way is named with what stands against it"


@pytest.mark.parametrize(
    "query",
    [
        "stage=paid",
        "stage=",
        "offset=-1",
        "offset=1000001",
        "offset=one",
        "most=0",
        "most=101",
    ],
)
def test_a_board_that_can_not_be_asked_for_is_refused_in_words(site: Site, query: str) -> None:
    answer = site.ask("GET", f"/api/v1/businesses/{site.client.slug}/payments?{query}")
    assert (answer.status, answer.json()["code"]) == (422, "bad_input"), answer.text
    assert query.split("=")[0] in answer.json()["message"], "it says what can't be used"


@pytest.mark.parametrize("path", ["payments", "payments/pint_none", "payments/pint_none/evidence", "pay-run", "paying"])
def test_of_a_client_nobody_knows_there_is_no_answer(site: Site, path: str) -> None:
    answer = site.ask("GET", f"/api/v1/businesses/nobody/{path}")
    assert (answer.status, answer.json()["code"]) == (404, "not_found"), answer.text


@pytest.mark.parametrize(
    ("intent_id", "status"),
    [("pint_none", 404), ("%00", 422), ("%27%3B--", 404), ("x" * 81, 422), ("%F0%9F%92%B8", 404)],
)
@pytest.mark.parametrize("what", ["", "/evidence"])
def test_of_a_payment_nobody_knows_there_is_no_answer(site: Site, intent_id: str, status: int, what: str) -> None:
    answer = site.ask("GET", f"/api/v1/businesses/{site.client.slug}/payments/{intent_id}{what}")
    assert answer.status == status and answer.json()["message"], answer.text
