"""Intuit's OAuth client against the sandbox: refresh, rotation, code exchange, revocation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError

Control = Callable[..., dict[str, Any]]


def test_discovery_and_authorization_url(auth: AuthClient, url: str) -> None:
    assert auth.token_endpoint == f"{url}/oauth2/v1/tokens/bearer"
    asked = auth.get_authorization_url([Scopes.ACCOUNTING], state_token="s")
    assert asked.startswith(f"{url}/connect/oauth2?")


def test_refresh_rotates_and_the_old_token_dies(auth: AuthClient) -> None:
    old = auth.refresh_token
    auth.refresh()
    assert auth.expires_in == 3600
    assert auth.x_refresh_token_expires_in == 8_726_400
    assert auth.refresh_token != old
    with pytest.raises(AuthClientError) as refused:
        auth.refresh(refresh_token=old)
    assert refused.value.status_code == 400
    assert "invalid_grant" in str(refused.value.content)
    auth.refresh()


def test_a_code_is_exchanged_once(auth: AuthClient, firm: dict[str, Any], control: Control) -> None:
    realm = firm["clients"][1]["realm_id"]
    code = control("POST", f"/companies/{realm}/code")["code"]
    auth.get_bearer_token(code, realm_id=realm)
    assert auth.access_token
    with pytest.raises(AuthClientError):
        auth.get_bearer_token(code, realm_id=realm)


@pytest.mark.parametrize("scopes", [[Scopes.ACCOUNTING], [Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL]])
def test_a_user_consents_and_the_app_exchanges_the_code(
    auth: AuthClient, firm: dict[str, Any], scopes: list[Scopes]
) -> None:
    asked = urlsplit(auth.get_authorization_url(scopes, state_token="ours"))
    form = {name: values[0] for name, values in parse_qs(asked.query).items()}
    realm = firm["clients"][2]["realm_id"]
    page = f"{asked.scheme}://{asked.netloc}{asked.path}"
    pressed = requests.post(
        page, data={**form, "realm": realm, "decision": "connect"}, allow_redirects=False, timeout=30
    )
    back = {name: values[0] for name, values in parse_qs(urlsplit(pressed.headers["Location"]).query).items()}
    assert (pressed.status_code, back["state"], back["realmId"]) == (302, "ours", realm)
    auth.get_bearer_token(back["code"], realm_id=back["realmId"])
    assert auth.access_token
    assert (auth.id_token is not None) == (Scopes.OPENID in scopes), "Intuit's client keeps only an ID token it trusts"
    if auth.id_token is not None:
        assert auth.get_user_info().json()["emailVerified"] is True
    auth.refresh()


def test_revoke_ends_the_grant(auth: AuthClient) -> None:
    auth.refresh()
    assert auth.revoke() is True
    with pytest.raises(AuthClientError) as refused:
        auth.refresh()
    assert "invalid_grant" in str(refused.value.content)
