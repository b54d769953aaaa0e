"""A client is disconnected: Intuit is told, the grant is forgotten, the history stays, the same company comes back."""

import base64
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from interlock.app.disconnecting import disconnect_qbo
from interlock.domains.firm.models import Business
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.infra.transport import Request
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections
from interlock.rails.connections import Connection
from interlock.rails.ports import Disconnected
from tests.journeys.conftest import Journey

WHOLE = SystemScope("tests look at everything")
AT_ONCE = 4


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


@pytest.fixture
def slug(journey: Journey) -> str:
    """A connected and synced client."""
    journey.connect(journey.companies[0].name, journey.companies[0])
    (listed,) = journey.api("/businesses")["businesses"]  # type: ignore[index]
    journey.house.sync_of(_business(journey, listed["slug"])).sync()
    return str(listed["slug"])


def _business(journey: Journey, slug: str) -> Business:
    with journey.house.database.reading(WHOLE) as session:
        found = session.scalars(select(Business).where(Business.slug == slug)).one()
        session.expunge(found)
        return found


def connection(journey: Journey, slug: str) -> dict[str, Any]:
    answer = journey.api(f"/businesses/{slug}/connection")
    assert isinstance(answer, dict)
    shown: dict[str, Any] = answer["connection"]
    return shown


def by_page(journey: Journey, slug: str) -> None:
    page = journey.open(f"/b/{slug}/connection")
    assert journey.person.send(page, f"/b/{slug}/disconnect").status == 303


def by_api(journey: Journey, slug: str) -> None:
    answer = journey.desk.ask("POST", f"/api/v1/businesses/{slug}/disconnect", headers=journey.desk.bearer(), body="")
    assert answer.status == 200 and answer.json()["revoked"] is True, answer.text


@pytest.mark.parametrize("act", [by_page, by_api])
def test_a_client_is_disconnected_at_intuit_too(
    journey: Journey, slug: str, act: Callable[[Journey, str], None]
) -> None:
    token = _refresh_token(journey, slug)
    act(journey, slug)
    assert _refreshes(journey, token) == 400, "the grant has ended at Intuit"
    shown = connection(journey, slug)
    assert (shown["state"], shown["mend"]["act"]) == ("disconnected", "connect")
    with journey.house.database.reading(WHOLE) as session:
        assert session.scalars(select(Connection)).one().sealed == b""
    by_api(journey, slug)
    assert _actions(journey, slug).count("connection.disconnected") == 1


def test_its_pages_stay_readable_and_say_how_to_go_on(journey: Journey, slug: str) -> None:
    by_api(journey, slug)
    for page in ("tray", "console", "digest", "bills", "invoices", "aging", "connection", "log"):
        shown = journey.open(f"/b/{slug}/{page}")
        assert shown.status == 200
        assert "Disconnected on" in shown.said or page == "log", f"{page} hides that nothing is read any more"
    assert "QuickBooks is disconnected" in journey.open("/").said
    refused = journey.desk.ask("POST", f"/api/v1/businesses/{slug}/sync", headers=journey.desk.bearer(), body="")
    assert refused.status == 409, refused.text


def test_the_same_company_again_goes_on_where_it_stopped(journey: Journey, slug: str) -> None:
    business = _business(journey, slug)
    by_api(journey, slug)
    page = journey.open(f"/b/{slug}/connection")
    onward = journey.person.send(page, "/connect/qbo")
    back = journey.at_intuit(onward, journey.companies[0])
    assert "is connected again" in journey.person.follow(back.onward).said
    assert connection(journey, slug)["state"] == "connected"
    assert journey.house.sync_of(business).sync().mode == "changes", "what was read before need not be read again"


@pytest.mark.parametrize("kind", ["down", "server_error"])
def test_when_intuit_cannot_be_told_the_grant_is_forgotten_all_the_same(journey: Journey, slug: str, kind: str) -> None:
    journey.sandbox.fault(kind, path="tokens/revoke")
    by_page(journey, slug)
    journey.sandbox.calm()
    shown = connection(journey, slug)
    assert shown["state"] == "disconnected"
    assert "could not be told" in shown["words"]
    assert "could not be told" in journey.open(f"/b/{slug}/connection").said
    with journey.house.database.reading(WHOLE) as session:
        assert session.scalars(select(Connection)).one().sealed == b""
        (line,) = [
            each for each in translog.lines(session, _business(journey, slug).business_id) if "disconn" in each.action
        ]
    assert '"revoked":false' in line.body


def test_asked_again_it_still_says_that_intuit_was_not_told(journey: Journey, slug: str) -> None:
    journey.sandbox.fault("server_error", path="tokens/revoke", count=1)
    first, again = (disconnect_qbo(journey.house, slug, actor="ana") for _ in range(2))
    assert (first.revoked, again.revoked) == (False, False), (
        "the grant may stand at Intuit; only a person can end it now"
    )
    assert "End it in QuickBooks too" in first.words and "End it in QuickBooks too" in again.words


def test_several_who_disconnect_at_once_hear_the_same(journey: Journey, slug: str) -> None:
    ready, said = threading.Barrier(AT_ONCE), list[Disconnected]()

    def ask() -> None:
        ready.wait()
        said.append(disconnect_qbo(journey.house, slug, actor="ana"))

    people = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert [each.revoked for each in said] == [True] * AT_ONCE, [each.words for each in said]


def test_a_grant_that_intuit_ended_before_is_just_forgotten(journey: Journey, slug: str) -> None:
    journey.sandbox.fault("revoke_grant", realm=journey.companies[0].realm_id)
    by_page(journey, slug)
    assert "could not be told" not in connection(journey, slug)["words"]


def test_a_connection_lost_at_intuit_says_so_everywhere_with_the_act_that_mends_it(journey: Journey, slug: str) -> None:
    journey.sandbox.fault("revoke_grant", realm=journey.companies[0].realm_id)
    journey.sandbox.fault("expire_tokens", realm=journey.companies[0].realm_id)
    answer = journey.desk.ask("POST", f"/api/v1/businesses/{slug}/sync", headers=journey.desk.bearer(), body="")
    assert answer.status == 502, answer.text
    shown = connection(journey, slug)
    assert (shown["state"], shown["tone"], shown["mend"]["label"]) == ("needs reconnect", "stop", "Connect again")
    ends = ("access_expires_at", "refresh_expires_at", "next_consent_at", "ends_at")
    assert [shown["passport"][name] for name in ends] == [None] * 4, "what was refused isn't good until any day"
    told = journey.open(f"/b/{slug}/connection").said
    assert "good until" not in told
    assert "refused by QuickBooks" in told
    assert "no longer accepts this connection" in journey.open(f"/b/{slug}/tray").said
    page = journey.open("/connections")
    assert "1 of 1 needs a person" in page.said
    onward = journey.person.send(page, "/connect/qbo")
    journey.person.follow(journey.at_intuit(onward, journey.companies[0]).onward)
    assert connection(journey, slug)["state"] == "connected"


def _refresh_token(journey: Journey, slug: str) -> str:
    business = _business(journey, slug)
    with journey.house.database.reading(WHOLE) as session:
        scope = Scope(business.firm_id, business.business_id)
        return connections.grant_of(session, scope, journey.house.vault, "qbo").refresh_token


def _refreshes(journey: Journey, token: str) -> int:
    transport, settings = journey.house.transport, journey.house.settings
    secret = base64.b64encode(":".join(settings.qbo_app()).encode()).decode()
    body = f"grant_type=refresh_token&refresh_token={token}".encode()
    headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/x-www-form-urlencoded"}
    return transport.run(transport.send(Request("POST", settings.qbo_token_url, headers=headers, body=body))).status


def _actions(journey: Journey, slug: str) -> list[str]:
    with journey.house.database.reading(WHOLE) as session:
        return [line.action for line in translog.lines(session, _business(journey, slug).business_id)]
