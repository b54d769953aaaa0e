"""Clients are connected as people do it: names, Intuit's page, back to the list, whatever comes of each."""

import urllib.parse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select

from interlock.domains.firm.models import Business, Firm
from interlock.kernel.scope import SystemScope
from interlock.rails.attempts import ConnectAttempt
from interlock.rails.connections import Connection
from interlock.rails.schedule import SyncDue
from tests.journeys.conftest import Journey
from tests.journeys.traveller import Page, Traveller

WHOLE = SystemScope("tests look at everything")


def standing(journey: Journey) -> dict[str, int]:
    """What a connection leaves behind, counted."""
    with journey.house.database.reading(WHOLE) as session:
        tables = (Firm, Business, Connection, SyncDue)
        return {
            table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }


NOTHING = {"firm": 0, "business": 0, "connection": 0, "sync_due": 0}


def test_the_first_client_founds_the_firm_and_is_due_to_be_read(journey: Journey) -> None:
    alder = journey.companies[0]
    done = journey.connect(alder.name, alder)
    assert f"{alder.name} is connected" in done.said
    assert standing(journey) == {"firm": 1, "business": 1, "connection": 1, "sync_due": 1}
    shown = journey.api("/connections")["connections"][0]  # type: ignore[index]
    assert shown["state"] == "connected"
    passport = shown["passport"]
    assert (passport["realm_id"], passport["scopes"]) == (alder.realm_id, ["com.intuit.quickbooks.accounting"])
    assert passport["next_consent_at"] is not None, "Intuit was asked how long a consent lasts at most"
    assert shown["reading"]["reads_this_month"] == 2, "the two reads that proved it count"
    assert "Wren & Lark Accounting" in journey.open("/connections").text.replace("&amp;", "&")


def test_a_name_left_open_is_the_one_quickbooks_has(journey: Journey) -> None:
    company = journey.companies[1]
    done = journey.connect("", company)
    assert f"{company.name} is connected" in done.said


def test_several_in_a_row_and_nobody_loses_their_place(journey: Journey) -> None:
    first, second, third = journey.companies
    row = journey.names(first.name, second.name, third.name)
    assert "0 of 3 clients connected" in row.said

    def go(place: int, company: object) -> None:
        nonlocal row
        attempt = journey.api(f"/connect/qbo/{row.url.rpartition('/')[2]}")["places"][place]["attempt_id"]  # type: ignore[index]
        onward = journey.person.send(row, f"{urllib.parse.urlsplit(row.url).path}/{attempt}/go")
        row = journey.person.follow(journey.at_intuit(onward, company).onward)  # type: ignore[arg-type]

    go(0, first)
    go(1, None)
    assert "Not allowed" in row.said and "1 of 3 clients connected. 2 are left." in row.said
    go(2, first)
    assert f"is the books of your client {first.name} already" in row.said
    go(2, third)
    go(1, second)
    assert "3 of 3 clients connected. None is left." in row.said
    assert standing(journey)["connection"] == 3


def test_a_realm_of_another_firm_is_refused_without_saying_whose(journey: Journey) -> None:
    alder, birch = journey.companies[:2]
    journey.connect(alder.name, alder)
    with journey.house.database.writing(WHOLE) as session:
        linked = session.scalars(select(Connection)).one()
        session.add(
            Connection(
                firm_id="firm_other", business_id="biz_secret", rail="qbo", external_id=birch.realm_id,
                state="connected", sealed=b"", connected_at=linked.connected_at, refreshed_at=linked.refreshed_at,
            )
        )  # fmt: skip
    refused = journey.connect(birch.name, birch)
    assert "serves another firm" in refused.said
    assert "biz_secret" not in refused.text


def test_a_known_client_with_another_company_is_refused(journey: Journey) -> None:
    alder, birch = journey.companies[:2]
    journey.connect(alder.name, alder)
    before = standing(journey)
    refused = journey.connect(alder.name, birch)
    assert "A client’s books stay with one company" in refused.said
    assert alder.realm_id in refused.said and birch.realm_id in refused.said
    assert standing(journey) == before


def test_a_company_that_goes_by_another_name_is_asked_about_before_anything_is_saved(journey: Journey) -> None:
    alder = journey.companies[0]
    asked = journey.connect("Somebody Quite Different", alder)
    assert "Which company?" in asked.said
    assert standing(journey) == NOTHING
    path = urllib.parse.urlsplit(asked.url).path
    attempt = journey.api(f"/connect/qbo/{path.rpartition('/')[2]}")["places"][0]["attempt_id"]  # type: ignore[index]
    settled = journey.person.send(asked, f"{path}/{attempt}/settle", {"name": "theirs"})
    assert f"{alder.name} is connected" in journey.open(settled.headers["location"]).said
    with journey.house.database.reading(WHOLE) as session:
        assert session.scalars(select(ConnectAttempt.sealed)).all() == [None], "the tokens that waited are forgotten"
    settled = journey.person.send(asked, f"{path}/{attempt}/settle", {"name": "ours"})
    assert f"{alder.name} is connected" in journey.open(settled.headers["location"]).said, "settled is settled"


def test_the_same_company_again_is_the_same_client(journey: Journey) -> None:
    alder = journey.companies[0]
    journey.connect(alder.name, alder)
    again = journey.connect(alder.name.upper(), alder)
    assert "is connected again" in again.said
    assert standing(journey)["business"] == 1


def test_showing_the_callback_again_shows_what_came_of_it(journey: Journey) -> None:
    alder = journey.companies[0]
    back = journey.at_intuit(journey.names(alder.name), alder)
    shown = journey.person.follow(back.onward)
    again = journey.person.follow(journey.person.follow(back.url).onward)
    assert again.said == shown.said
    assert "is connected" in again.said
    assert standing(journey)["connection"] == 1


def test_the_list_shows_an_attempt_that_is_over_time(journey: Journey) -> None:
    alder = journey.companies[0]
    page = journey.names(alder.name)
    with journey.house.database.writing(WHOLE) as session:
        attempt = session.scalars(select(ConnectAttempt)).one()
        assert attempt.expires_at is not None
        attempt.expires_at -= timedelta(minutes=10)
    shown = journey.person.follow(journey.at_intuit(page, alder).onward)
    assert "longer than ten minutes" in shown.said
    assert standing(journey) == NOTHING


def test_two_first_clients_at_once_found_one_firm(journey: Journey) -> None:
    alder, birch = journey.companies[:2]
    backs: list[Callable[[], Page]] = []
    for company in (alder, birch):
        person = Traveller()
        begun = replace(journey, person=person).names(company.name)
        asked = person.get(begun.onward)
        sent = person.send(asked, "/connect/oauth2", {"decision": "connect", "realm": company.realm_id})
        backs.append(partial(person.follow, sent.headers["location"]))
    with ThreadPoolExecutor() as at_once:
        shown = list(at_once.map(lambda back: back(), backs))
    assert [page.status for page in shown] == [200, 200]
    assert standing(journey) == {"firm": 1, "business": 2, "connection": 2, "sync_due": 2}
