"""Connecting a company: codes, rotation, expiry, revocation, and what each refusal looks like (qbo.md §1, §8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

Call = Callable[..., requests.Response]
OTHER_REALM = "9341450000000043"


@pytest.fixture
def refresh(token_call: Call) -> Call:
    return lambda token: token_call(grant_type="refresh_token", refresh_token=token)


def test_a_refresh_rotates_and_the_old_token_is_dead_at_once(refresh: Call, clients: dict[str, Any]) -> None:
    old = clients["clients"][0]["refresh_token"]
    body = refresh(old).json()
    assert (body["token_type"], body["expires_in"], body["x_refresh_token_expires_in"]) == ("bearer", 3600, 8_726_400)
    assert body["refresh_token"] != old
    again = refresh(old)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert refresh(body["refresh_token"]).status_code == 200


def test_grants_handed_out_by_the_control_api_are_independent(
    refresh: Call, clients: dict[str, Any], control: Call
) -> None:
    other = control("GET", "/clients").json()["clients"][0]["refresh_token"]
    assert refresh(other).status_code == 200
    assert refresh(clients["clients"][0]["refresh_token"]).status_code == 200


def test_a_code_is_good_once(token_call: Call, control: Call, api: Call) -> None:
    code = control("POST", "/companies/9341450000000042/code").json()["code"]
    body = token_call(grant_type="authorization_code", code=code, redirect_uri="http://localhost/back").json()
    assert api("GET", "companyinfo/1", token=body["access_token"]).status_code == 200
    again = token_call(grant_type="authorization_code", code=code, redirect_uri="http://localhost/back")
    assert again.json()["error"] == "invalid_grant"


def test_wrong_credentials(url: str, http: requests.Session, clients: dict[str, Any]) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": clients["clients"][0]["refresh_token"]}
    answer = http.post(f"{url}/oauth2/v1/tokens/bearer", data=form, auth=("nobody", "nothing"), timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(("form", "error"), [({}, "invalid_request"), ({"grant_type": "p"}, "unsupported_grant_type")])
def test_odd_token_requests(token_call: Call, form: dict[str, str], error: str) -> None:
    answer = token_call(**form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_an_access_token_ends_after_an_hour_in_the_gateway_shape(api: Call, control: Call) -> None:
    assert api("GET", "companyinfo/1").status_code == 200
    control("POST", "/clock/advance", json={"seconds": 3601})
    answer = api("GET", "companyinfo/1")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    body = answer.json()
    assert body["fault"]["error"][0]["code"] == "3200"
    assert body["warnings"] is None
    assert isinstance(body["time"], int)


def test_another_companys_realm_is_refused(api: Call) -> None:
    answer = api("GET", "companyinfo/1", realm=OTHER_REALM)
    assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (403, "3100")


def test_revoking_kills_the_grant(
    url: str, http: requests.Session, refresh: Call, clients: dict[str, Any], api: Call
) -> None:
    token = refresh(clients["clients"][1]["refresh_token"]).json()
    who = (clients["client_id"], clients["client_secret"])
    path = f"{url}/v2/oauth2/tokens/revoke"
    assert http.post(path, json={"token": token["refresh_token"]}, auth=who, timeout=10).status_code == 200
    assert refresh(token["refresh_token"]).json()["error"] == "invalid_grant"
    assert api("GET", "companyinfo/1", realm=OTHER_REALM, token=token["access_token"]).status_code == 401
    assert http.post(path, json={"token": "unknown"}, auth=who, timeout=10).status_code == 400


def test_the_hard_limit_is_told_when_asked_for(url: str, http: requests.Session, clients: dict[str, Any]) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": clients["clients"][0]["refresh_token"]}
    answer = http.post(
        f"{url}/oauth2/v1/tokens/bearer", data=form, auth=(clients["client_id"], clients["client_secret"]),
        headers={"x-include-refresh-token-hard-expires-in": "true"}, timeout=10,
    )  # fmt: skip
    assert 157_679_000 < answer.json()["x_refresh_token_hard_expires_in"] <= 157_680_000, "five years from consent"


def test_discovery_names_this_server(url: str, http: requests.Session) -> None:
    document = http.get(f"{url}/.well-known/openid_sandbox_configuration/", timeout=10).json()
    assert document["token_endpoint"] == f"{url}/oauth2/v1/tokens/bearer"


def test_only_the_loopback_host_is_answered(url: str, http: requests.Session) -> None:
    answer = http.get(f"{url}/control/clock", headers={"Host": "books.example.com"}, timeout=10)
    assert answer.status_code == 403
