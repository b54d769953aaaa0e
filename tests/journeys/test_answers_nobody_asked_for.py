"""What comes to the callback is believed only in time, once, in the browser that asked, and when it proves itself."""

import urllib.parse

import pytest
from sqlalchemy import delete

from interlock.app.consents import Consents, NotAsked
from interlock.infra.db import Database
from interlock.rails.attempts import ConnectAttempt
from interlock.rails.ports import ConsentAnswer
from tests.journeys.conftest import Journey
from tests.journeys.test_connecting_in_a_browser import NOTHING, WHOLE, standing
from tests.journeys.traveller import Page, Traveller

PUBLIC_URL = "https://desk.example.com"


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


def asked(journey: Journey) -> tuple[Page, str]:
    """A list of one whose browser was sent to Intuit, and the state it was sent with."""
    page = journey.names(journey.companies[0].name)
    (state,) = urllib.parse.parse_qs(urllib.parse.urlsplit(page.onward).query)["state"]
    return page, state


def callback(journey: Journey, person: Traveller, **said: str) -> Page:
    return person.follow(f"{journey.desk.url}/oauth/qbo/callback?{urllib.parse.urlencode(said)}")


def code(journey: Journey) -> dict[str, str]:
    company = journey.companies[0]
    given = journey.sandbox.control("POST", f"companies/{company.realm_id}/code", {})
    return {"code": given["code"], "realmId": company.realm_id}


def test_a_state_that_is_no_text_is_turned_away_at_the_gate(journey: Journey) -> None:
    refused = callback(journey, journey.person, state="\u0000", code="AB11-code", realmId="1")
    assert (refused.status, standing(journey)) == (422, NOTHING)


@pytest.mark.parametrize("state", ["", "made-up", "x" * 5_000, "'; DROP TABLE connection"])
def test_a_state_never_given_out_is_refused(journey: Journey, state: str) -> None:
    refused = callback(journey, journey.person, state=state, code="AB11-code", realmId="1")
    assert refused.status == 400
    assert "belongs to no connection that was begun here" in refused.said
    assert standing(journey) == NOTHING


def test_a_made_up_state_keeps_no_sync_from_writing(journey: Journey) -> None:
    """Whoever is outside may call this address as often as they like."""
    answer = ConsentAnswer(state="made-up", code="AB11-code", external_id="1", error="")
    with journey.house.database.writing(WHOLE) as session:
        session.execute(delete(ConnectAttempt))  # a sync that writes holds SQLite's one lock for writers
        with pytest.raises(NotAsked):
            Consents(journey.house).receive(answer, browser=None, host="desk.example.com")


def test_another_browser_cannot_bring_the_answer_and_does_not_spend_it(journey: Journey) -> None:
    page, state = asked(journey)
    refused = callback(journey, Traveller(), state=state, **code(journey))
    assert refused.status == 400
    assert "another browser" in refused.said
    assert standing(journey) == NOTHING
    assert "is connected" in journey.person.follow(journey.at_intuit(page, journey.companies[0]).onward).said


def test_an_answer_counts_once(journey: Journey) -> None:
    page, state = asked(journey)
    journey.at_intuit(page, None)
    again = callback(journey, journey.person, state=state, **code(journey))
    assert "the answer was no" in journey.person.follow(again.onward).said
    assert standing(journey) == NOTHING


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"code": "AB11-made-up", "realmId": "9341450000001000"}, "no longer takes this consent"),
        ({"code": "", "realmId": "9341450000001000"}, "brought no code"),
        ({"code": "AB11-made-up"}, "named no company"),
        ({"code": "c" * 600, "realmId": "1"}, "brought no code"),
        ({"error": "invalid_scope"}, "could not ask you (invalid_scope)"),
        ({"error": "access_denied", "code": "AB11-code", "realmId": "1"}, "the answer was no"),
    ],
    ids=["a made-up code", "no code", "no company", "an endless code", "a wrong scope", "no, with a code"],
)
def test_an_answer_that_is_none_is_said_in_words(journey: Journey, said: dict[str, str], words: str) -> None:
    _, state = asked(journey)
    shown = journey.person.follow(callback(journey, journey.person, state=state, **said).onward)
    assert words in shown.said
    assert "othing was saved" in shown.said
    assert standing(journey) == NOTHING


@pytest.mark.parametrize("realm", ["12 34", "../v3/company/1", "１２３", "9" * 39])
def test_a_company_that_is_no_number_is_not_asked_for(journey: Journey, realm: str) -> None:
    _, state = asked(journey)
    answer = {**code(journey), "realmId": realm}
    shown = journey.person.follow(callback(journey, journey.person, state=state, **answer).onward)
    assert "realm id is a number" in shown.said
    assert standing(journey) == NOTHING


def test_a_code_of_one_company_with_the_number_of_another_opens_nothing(journey: Journey) -> None:
    _, state = asked(journey)
    answer = {**code(journey), "realmId": journey.companies[1].realm_id}
    shown = journey.person.follow(callback(journey, journey.person, state=state, **answer).onward)
    assert "Nothing was saved" in shown.said
    assert standing(journey) == NOTHING


@pytest.mark.parametrize("kind", ["cut_after_commit", "drop", "server_error", "malformed"])
def test_tokens_that_never_arrive_leave_no_half_connection_and_the_next_try_works(journey: Journey, kind: str) -> None:
    page, _ = asked(journey)
    journey.sandbox.fault(kind, path="tokens/bearer", count=1)
    back = journey.at_intuit(page, journey.companies[0])
    shown = journey.person.follow(back.onward)
    assert "Nothing was saved" in shown.said and "Failed" in shown.said
    assert standing(journey) == NOTHING
    path = urllib.parse.urlsplit(shown.url).path
    attempt = journey.api(f"/connect/qbo/{path.rpartition('/')[2]}")["next_attempt"]  # type: ignore[index]
    again = journey.person.send(shown, f"{path}/{attempt}/go")
    assert "is connected" in journey.person.follow(journey.at_intuit(again, journey.companies[0]).onward).said


def test_a_company_that_cannot_be_read_is_not_connected(journey: Journey) -> None:
    page, _ = asked(journey)
    journey.sandbox.fault("server_error", path="preferences", status=403)
    shown = journey.person.follow(journey.at_intuit(page, journey.companies[0]).onward)
    assert "Nothing was saved" in shown.said
    assert standing(journey) == NOTHING


@pytest.mark.parametrize("public_url", [PUBLIC_URL])
def test_behind_a_public_address_the_answer_is_given_where_the_browser_began(journey: Journey) -> None:
    page, state = asked(journey)
    said = urllib.parse.parse_qs(urllib.parse.urlsplit(page.onward).query)
    assert said["redirect_uri"] == [f"{PUBLIC_URL}/oauth/qbo/callback"]
    query = urllib.parse.urlencode({"state": state, "error": "access_denied"})
    # What a tunnel passes on: our public name, and headers that say it was forwarded.
    through = {"Host": "desk.example.com", "X-Forwarded-For": "203.0.113.9"}
    sent = journey.desk.ask("GET", f"/oauth/qbo/callback?{query}", headers=through)
    assert sent.status == 303, sent.text
    assert sent.headers["location"] == f"{journey.desk.url}/oauth/qbo/callback?{query}"
    assert "the answer was no" in journey.person.follow(journey.person.follow(sent.headers["location"]).onward).said
    stranger = journey.desk.ask("GET", "/oauth/qbo/callback?state=made-up&code=1&realmId=1", headers=through)
    assert stranger.status == 400 and "belongs to no connection" in stranger.text


def test_the_callback_gives_no_form_token_away_and_leaves_open_forms_good(journey: Journey) -> None:
    page, _ = asked(journey)
    before = dict(journey.person.cookies[journey.desk.url.removeprefix("http://")])
    stranger = Traveller()
    answer = callback(journey, stranger, state="made-up")
    assert answer.headers.get_all("set-cookie") is None, "a strict cookie is withheld here, so none is replaced"
    journey.at_intuit(page, None)
    assert journey.person.cookies[journey.desk.url.removeprefix("http://")] == before
