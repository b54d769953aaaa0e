"""OpenID scopes: an ID token with the company in it, and userinfo that shows what was asked for."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from interlock_sandbox.sandbox import Sandbox

Call = Callable[..., requests.Response]
REALM = "9341450000000042"
ACCOUNTING = "com.intuit.quickbooks.accounting"


@pytest.fixture
def exchanged(sandbox: Sandbox, token_call: Call) -> Callable[..., dict[str, Any]]:
    """The token answer for a consent to these scopes."""

    def exchange(*scopes: str) -> dict[str, Any]:
        made = sandbox.grants.code(REALM, sandbox.clock.now(), scopes)
        sandbox.record(made)
        body: dict[str, Any] = token_call(grant_type="authorization_code", code=made["code"]).json()
        return body

    return exchange


def test_an_id_token_names_user_and_company(
    exchanged: Callable[..., dict[str, Any]], clients: dict[str, Any], url: str, http: requests.Session
) -> None:
    header, claims, _ = exchanged("openid", ACCOUNTING)["id_token"].split(".")
    document = http.get(f"{url}/.well-known/openid_configuration", timeout=10).json()
    keys = http.get(document["jwks_uri"], timeout=10).json()["keys"]
    assert [key["kid"] for key in keys] == [_opened(header)["kid"]]
    told = _opened(claims)
    assert (told["realmid"], told["aud"], told["iss"]) == (REALM, [clients["client_id"]], document["issuer"])


def test_userinfo_shows_what_the_scopes_say(
    exchanged: Callable[..., dict[str, Any]], url: str, http: requests.Session
) -> None:
    token = exchanged("openid", "email", ACCOUNTING)["access_token"]
    told = http.get(
        f"{url}/v1/openid_connect/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=10
    ).json()
    assert set(told) == {"sub", "email", "emailVerified"}


def test_without_openid_there_is_neither(
    exchanged: Callable[..., dict[str, Any]], url: str, http: requests.Session
) -> None:
    body = exchanged(ACCOUNTING)
    assert "id_token" not in body
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert http.get(f"{url}/v1/openid_connect/userinfo", headers=headers, timeout=10).status_code == 401


def test_openid_alone_opens_no_books(exchanged: Callable[..., dict[str, Any]], api: Call) -> None:
    answer = api("GET", "companyinfo/1", token=exchanged("openid")["access_token"])
    assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (403, "3100")


def _opened(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
