"""A real sandbox process, driven by other people's clients."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from intuitlib.client import AuthClient
from quickbooks import QuickBooks

AS_OF = "2026-09-30"


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """The sandbox's address: five clients, seed 3."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "interlock_sandbox", "--data", folder, "--clients", "5", "--seed", "3"]
        with subprocess.Popen([*command, "--as-of", AS_OF], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, "the sandbox did not start: run `python -m interlock_sandbox --help` and read its stderr"
            yield str(json.loads(line)["url"])
            process.terminate()


@pytest.fixture(autouse=True)
def plain_http() -> Iterator[None]:
    """requests-oauthlib refuses http unless told; the sandbox is loopback only."""
    before = os.environ.get("OAUTHLIB_INSECURE_TRANSPORT")
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    yield
    if before is None:
        del os.environ["OAUTHLIB_INSECURE_TRANSPORT"]
    else:
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = before


@pytest.fixture
def control(url: str) -> Callable[..., dict[str, Any]]:
    """``control("POST", "/faults", json=…)`` answers the body."""

    def call(method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = requests.request(method, f"{url}/control{path}", timeout=30, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return call


@pytest.fixture
def firm(control: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Credentials and clients with a fresh grant each."""
    return control("GET", "/clients")


@pytest.fixture
def auth(url: str, firm: dict[str, Any]) -> AuthClient:
    """Intuit's own OAuth client; it finds the endpoints through the discovery document."""
    return AuthClient(
        firm["client_id"],
        firm["client_secret"],
        "http://127.0.0.1/callback",
        f"{url}/.well-known/openid_sandbox_configuration/",
        refresh_token=firm["clients"][0]["refresh_token"],
    )


@pytest.fixture
def quickbooks(url: str, auth: AuthClient, firm: dict[str, Any]) -> Iterator[QuickBooks]:
    """python-quickbooks on the first client, amounts as exact decimals."""

    class_values = {"api_url_v3": f"{url}/v3", "sandbox_api_url_v3": f"{url}/v3"}
    here: Any = type("Here", (QuickBooks,), class_values)
    client: QuickBooks = here(
        auth_client=auth, refresh_token=auth.refresh_token, company_id=firm["clients"][0]["realm_id"],
        minorversion=75, use_decimal=True,
    )  # fmt: skip
    yield client
    client.session.close()
    auth.close()
