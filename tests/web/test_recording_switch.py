"""The switch that lets Interlock record: by the API and from the connection page, told in words and logged."""

import json
from collections.abc import Iterator

import pytest

from tests.web.conftest import Site
from tests.web.serving import Answer


@pytest.fixture
def path(site: Site) -> Iterator[str]:
    """A client's switch, found off and left off."""
    path = f"/api/v1/businesses/{site.businesses[-1].slug}/recording"
    yield path
    turn(site, path, on=False)


def turn(site: Site, path: str, *, on: object) -> Answer:
    return site.ask("PUT", path, headers=site.bearer(), body=json.dumps({"on": on}))


def test_it_is_off_until_somebody_turns_it_and_the_log_says_who(site: Site, path: str) -> None:
    before = site.ask("GET", path).json()
    assert (before["on"], before["state"]) == (False, "off") and before["say"].startswith("No. Interlock only reads")
    after = turn(site, path, on=True).json()
    assert after["on"] and "No money moves by it" in after["say"] and "[Interlock …]" in after["means"]
    assert after["command"].startswith("interlock recording off ")
    assert site.ask("GET", path).json()["on"]
    lines = site.ask("GET", path.replace("recording", "log?most=1")).json()["lines"]
    assert lines[-1]["action"] == "connection.records_switched" and lines[-1]["actor"] == "person at this machine"


@pytest.mark.parametrize("body", ['{"on": "yes"}', '{"on": 1}', "{}", '{"on": true, "by": "me"}', "on", ""])
def test_anything_but_a_plain_yes_or_no_is_refused(site: Site, path: str, body: str) -> None:
    answer = site.ask("PUT", path, headers=site.bearer(), body=body)
    assert answer.status == 422 and answer.json()["code"] == "bad_input"
    assert not site.ask("GET", path).json()["on"]


def test_a_client_nobody_knows(site: Site) -> None:
    answer = turn(site, "/api/v1/businesses/nobody/recording", on=True)
    assert (answer.status, answer.json()["code"]) == (404, "not_found")


def test_the_connection_page_tells_what_it_means_and_turns_it(site: Site, path: str) -> None:
    slug = site.businesses[-1].slug
    shown = site.page(f"/b/{slug}/connection")
    for words in ("Switched on, it means: ", "No money moves by it", "Switch recording on"):
        assert words in shown.text
    token = shown.text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "text/html",
        "Cookie": shown.headers["Set-Cookie"].split(";")[0],
    }
    answer = site.ask("POST", f"/b/{slug}/recording", headers=form, body=f"csrf_token={token}&to=on")
    assert (answer.status, answer.headers["Location"]) == (303, f"/b/{slug}/connection")
    assert "Switch recording off" in site.page(f"/b/{slug}/connection").text
    refused = site.ask("POST", f"/b/{slug}/recording", headers=form, body=f"csrf_token={token}&to=perhaps")
    assert refused.status == 422
    assert site.ask("POST", f"/b/{slug}/recording", headers=form, body="to=off").status == 403, "no token, no turn"
    assert site.ask("GET", path).json()["on"], "neither turned it"
