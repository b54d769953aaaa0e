"""What a person does while an answer of theirs is on its way: the last word stands, and nothing is half done."""

import threading
import urllib.parse
from datetime import timedelta

import pytest
from sqlalchemy import select

from interlock.app import taking
from interlock.app.consents import Consents
from interlock.kernel.errors import BadInput
from interlock.kernel.scope import SystemScope
from interlock.rails import attempts
from interlock.rails.attempts import ConnectAttempt
from interlock.rails.ports import ConsentAnswer
from tests.journeys.conftest import Journey
from tests.journeys.test_connecting_in_a_browser import NOTHING, standing
from tests.journeys.traveller import Traveller

WHOLE = SystemScope("tests look at everything")
AT_ONCE = 6


def answered(journey: Journey, name: str) -> tuple[str, str, ConsentAnswer]:
    """A client whose person said yes at Intuit: the attempt, its state, and the answer that is on its way."""
    company = journey.companies[0]
    page = journey.names(name)
    (state,) = urllib.parse.parse_qs(urllib.parse.urlsplit(page.onward).query)["state"]
    given = journey.sandbox.control("POST", f"companies/{company.realm_id}/code", {})
    with journey.house.database.reading(WHOLE) as session:
        attempt = attempts.by_state(session, state)
        assert attempt is not None
        return attempt.attempt_id, state, ConsentAnswer(state, given["code"], company.realm_id, "")


def outcome(journey: Journey, attempt_id: str) -> str | None:
    with journey.house.database.reading(WHOLE) as session:
        return attempts.attempt_of(session, attempt_id).outcome


def test_left_out_while_its_answer_is_being_tried_it_stays_out(journey: Journey) -> None:
    attempt_id, _, answer = answered(journey, journey.companies[0].name)
    Consents(journey.house).leave_out(attempt_id)
    taking.take(journey.house, attempt_id, f"{journey.desk.url}/oauth/qbo/callback", answer)
    assert outcome(journey, attempt_id) == "left out", "a person's no must not be overtaken by the answer before it"
    assert standing(journey) == NOTHING


def test_connected_once_no_later_answer_says_otherwise(journey: Journey) -> None:
    attempt_id, _, answer = answered(journey, journey.companies[0].name)
    redirect_uri = f"{journey.desk.url}/oauth/qbo/callback"
    taking.take(journey.house, attempt_id, redirect_uri, answer)
    taking.take(journey.house, attempt_id, redirect_uri, answer)  # its code is used up
    assert outcome(journey, attempt_id) == "connected"


def test_an_answer_shown_in_several_tabs_at_once_is_taken_once_and_shown_in_all(journey: Journey) -> None:
    _, state, answer = answered(journey, journey.companies[0].name)
    said = urllib.parse.urlencode({"state": state, "code": answer.code, "realmId": answer.external_id})
    statuses: list[int] = []
    ready = threading.Barrier(AT_ONCE)

    def tab() -> None:
        person = Traveller({host: dict(kept) for host, kept in journey.person.cookies.items()})
        ready.wait()
        statuses.append(person.get(f"{journey.desk.url}/oauth/qbo/callback?{said}").status)

    tabs = [threading.Thread(target=tab) for _ in range(AT_ONCE)]
    for each in tabs:
        each.start()
    for each in tabs:
        each.join()
    assert statuses == [200] * AT_ONCE, "the browser that asked is no stranger because another of its tabs was faster"
    assert standing(journey)["connection"] == 1


def test_a_grant_nobody_decides_on_is_not_kept_longer_than_the_question(journey: Journey) -> None:
    attempt_id, _, answer = answered(journey, "Quite Another Company")
    taking.take(journey.house, attempt_id, f"{journey.desk.url}/oauth/qbo/callback", answer)
    assert outcome(journey, attempt_id) == "unsure"
    with journey.house.database.writing(WHOLE) as session:
        asked = attempts.attempt_of(session, attempt_id)
        asked.used_at = journey.house.clock.now() - attempts.GOOD_FOR - timedelta(seconds=1)
    Consents(journey.house).begin(["Birch"], actor="ana")
    with journey.house.database.reading(WHOLE) as session:
        left = session.scalars(select(ConnectAttempt).where(ConnectAttempt.sealed.is_not(None))).all()
        assert list(left) == [], "a live grant that nobody may use any more must not lie about"
    assert outcome(journey, attempt_id) == "failed"


@pytest.mark.parametrize("firm_name", ["Wren\0Lark", "Wren\x07Lark", "Wren \u202ekraL"])
def test_a_firm_name_that_cannot_be_printed_is_said(journey: Journey, firm_name: str) -> None:
    with pytest.raises(BadInput, match="firm’s name"):
        Consents(journey.house).begin(["Alder"], actor="ana", firm_name=firm_name)
