"""A grant's life as both sides see it: rotation once a day, the hard end, theft, a company that disconnects."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from interlock_sandbox.grants import Grants
from interlock_sandbox.sandbox import Sandbox

Call = Callable[..., requests.Response]
REALM = "9341450000000042"
HARD = {"x-include-refresh-token-hard-expires-in": "true"}


@pytest.fixture
def refresh(url: str, http: requests.Session, clients: dict[str, Any]) -> Call:
    def call(token: str, **headers: str) -> requests.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        who = (clients["client_id"], clients["client_secret"])
        return http.post(f"{url}/oauth2/v1/tokens/bearer", data=form, auth=who, headers={**HARD, **headers}, timeout=10)

    return call


@pytest.fixture
def token(clients: dict[str, Any], control: Call) -> str:
    """Of a grant that nothing else in the test uses; the newest of the tiny company."""
    del clients
    return str(control("GET", "/clients").json()["clients"][0]["refresh_token"])


@pytest.fixture
def grant(control: Call) -> Callable[[], dict[str, Any]]:
    """What the control API tells about the tiny company's newest grant."""
    return lambda: dict(control("GET", "/grants", params={"realm": REALM}).json()["grants"][-1])


def test_daily_rotation_keeps_the_value_for_a_day(refresh: Call, token: str, control: Call) -> None:
    assert control("POST", "/tokens", json={"rotation": "daily"}).json() == {"rotation": "daily"}
    first = refresh(token).json()
    assert first["refresh_token"] == token, "a value younger than 24 hours stays"
    control("POST", "/clock/advance", json={"seconds": 86_401, "live": False})
    second = refresh(token).json()
    assert second["refresh_token"] != token
    assert refresh(token).json()["error"] == "invalid_grant", "the old value is dead at once"
    assert refresh(second["refresh_token"]).json()["refresh_token"] == second["refresh_token"]


def test_each_use_lengthens_a_refresh_tokens_life(refresh: Call, token: str, control: Call) -> None:
    control("POST", "/tokens", json={"rotation": "daily"})
    for _ in range(3):
        control("POST", "/clock/advance", json={"days": 60, "live": False})
        body = refresh(token).json()
        assert body["x_refresh_token_expires_in"] == 8_726_400
        token = body["refresh_token"]
    control("POST", "/clock/advance", json={"days": 102, "live": False})
    assert refresh(token).json()["error"] == "invalid_grant", "101 days unused"


def test_the_hard_end_ends_every_token(refresh: Call, token: str, control: Call, api: Call) -> None:
    fresh = control("GET", "/clients").json()["clients"][0]["refresh_token"]
    assert control("POST", "/grants/hard-expiry", json={"realm": REALM, "seconds": 1000}).status_code == 200
    body = refresh(fresh).json()
    assert 990 <= body["x_refresh_token_hard_expires_in"] <= 1000
    assert body["x_refresh_token_expires_in"] <= 1000, "nothing outlives the hard end"
    assert api("GET", "companyinfo/1", token=body["access_token"]).status_code == 200
    control("POST", "/clock/advance", json={"seconds": 1001, "live": False})
    assert refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
    assert api("GET", "companyinfo/1", token=body["access_token"]).status_code == 401
    assert token != fresh


def test_a_stolen_token_is_dead_for_its_owner(
    refresh: Call, token: str, control: Call, api: Call, grant: Callable[[], dict[str, Any]]
) -> None:
    mine = refresh(token).json()
    control("POST", "/faults", json={"kind": "steal_tokens", "realm": REALM})
    assert api("GET", "companyinfo/1", token=mine["access_token"]).status_code == 200, "the access token still works"
    assert refresh(mine["refresh_token"]).json()["error"] == "invalid_grant"
    told = grant()
    assert (told["refreshes"], told["stolen"], told["invalid_grants"], told["revoked"]) == (1, 1, 1, False)


def test_theft_under_daily_rotation_too(refresh: Call, token: str, control: Call) -> None:
    control("POST", "/tokens", json={"rotation": "daily"})
    control("POST", "/faults", json={"kind": "steal_tokens"})
    assert refresh(token).json()["error"] == "invalid_grant"


def test_a_company_that_disconnects_says_3100(
    refresh: Call, token: str, control: Call, api: Call, grant: Callable[[], dict[str, Any]]
) -> None:
    mine = refresh(token).json()
    control("POST", "/faults", json={"kind": "disconnect", "realm": REALM})
    answer = api("GET", "companyinfo/1", token=mine["access_token"])
    assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (403, "3100")
    assert refresh(mine["refresh_token"]).json()["error"] == "invalid_grant"
    assert (grant()["revoked"], grant()["disconnected"]) == (True, True)
    control("POST", "/clock/advance", json={"seconds": 3601, "live": False})
    assert api("GET", "companyinfo/1", token=mine["access_token"]).status_code == 401, "expired comes before anything"


def test_consent_again_after_a_disconnect(refresh: Call, control: Call, api: Call) -> None:
    control("POST", "/faults", json={"kind": "disconnect", "realm": REALM})
    again = refresh(control("GET", "/clients").json()["clients"][0]["refresh_token"]).json()
    assert api("GET", "companyinfo/1", token=again["access_token"]).status_code == 200


def test_the_control_api_tells_scopes_and_ages(
    refresh: Call, token: str, control: Call, grant: Callable[[], dict[str, Any]]
) -> None:
    assert grant()["access_token_age_seconds"] is None
    refresh(token)
    control("POST", "/clock/advance", json={"seconds": 500, "live": False})
    told = grant()
    assert told["scopes"] == ["com.intuit.quickbooks.accounting"]
    assert 500 <= told["access_token_age_seconds"] < 520
    assert 500 <= told["refresh_token_age_seconds"] < 520
    refresh("RT1-nobody-gave-this-out")
    assert control("GET", "/grants").json()["refused_unknown"] == 1


def test_a_code_is_bound_to_its_redirect_address(sandbox: Sandbox) -> None:
    grants, now = sandbox.grants, sandbox.clock.now()
    made = grants.code(REALM, now, redirect="http://127.0.0.1/back")
    sandbox.record(made)
    assert grants.redeem(made["code"], "http://127.0.0.1/elsewhere", now)[-1]["kind"] == "refused"
    assert grants.redeem(made["code"], "http://127.0.0.1/back", now)[-1]["kind"] == "rotate"


def test_a_code_used_twice_ends_what_the_first_use_gave(token_call: Call, control: Call, api: Call) -> None:
    code = control("POST", f"/companies/{REALM}/code").json()["code"]
    mine = token_call(grant_type="authorization_code", code=code, redirect_uri="http://localhost/back").json()
    assert api("GET", "companyinfo/1", token=mine["access_token"]).status_code == 200
    assert token_call(grant_type="authorization_code", code=code).json()["error"] == "invalid_grant"
    assert api("GET", "companyinfo/1", token=mine["access_token"]).status_code == 401
    again = token_call(grant_type="refresh_token", refresh_token=mine["refresh_token"])
    assert again.json()["error"] == "invalid_grant"


def test_a_restart_remembers_it_all(refresh: Call, token: str, control: Call, sandbox: Sandbox) -> None:
    control("POST", "/tokens", json={"rotation": "daily"})
    refresh(token)
    refresh("RT1-nobody-gave-this-out")
    control("POST", "/faults", json={"kind": "steal_tokens"})
    control("POST", "/redirects", json={"uri": "https://books.example.com/back"})
    control("POST", "/grants/hard-expiry", json={"seconds": 5000})
    control("POST", "/faults", json={"kind": "disconnect", "realm": REALM})
    replayed = Grants()
    for line in _lines(sandbox.journal.path):
        replayed.apply(line)
    assert replayed == sandbox.grants


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/tokens", {"rotation": "weekly"}, 400),
        ("/grants/hard-expiry", {"at": "2026-06-20T10:00:00"}, 400),
        ("/grants/hard-expiry", {}, 400),
        ("/grants/hard-expiry", {"realm": "1", "seconds": 5}, 404),
        ("/redirects", {"uri": "books.example.com/back"}, 400),
        ("/faults", {"kind": "steal_tokens", "realm": "1"}, 404),
    ],
)
def test_what_cannot_be_done_is_said(control: Call, path: str, body: dict[str, Any], status: int) -> None:
    answer = control("POST", path, json=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
