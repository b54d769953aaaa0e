"""The same sandbox in-process: what a simulation of a whole product talks to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from interlock_sandbox.direct import Cut, Direct
from interlock_sandbox.sandbox import Sandbox

Call = Callable[..., requests.Response]
REALM = "9341450000000042"
COMPANY = f"http://127.0.0.1:1/v3/company/{REALM}"
VENDORS = f"{COMPANY}/query?{urlencode({'query': 'select * from Vendor orderby Id'})}"


def run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner() as runner:
        return runner.run(work)


async def connected(direct: Direct) -> dict[str, str]:
    """Headers with an access token of the tiny company."""
    answer = await direct.answer("GET", "/control/clients")
    assert not isinstance(answer, Cut)
    known = json.loads(answer[2])
    form = {
        "grant_type": "refresh_token", "refresh_token": known["clients"][0]["refresh_token"],
        "client_id": known["client_id"], "client_secret": known["client_secret"],
    }  # fmt: skip
    asked = {"Content-Type": "application/x-www-form-urlencoded"}
    tokens = await direct.answer("POST", "/oauth2/v1/tokens/bearer", asked, urlencode(form).encode())
    assert not isinstance(tokens, Cut)
    return {"Authorization": f"Bearer {json.loads(tokens[2])['access_token']}", "Accept": "application/json"}


@pytest.mark.parametrize(
    "path", ["query?query=select%20*%20from%20Vendor", "companyinfo/1", "bill/9", "nothing/at/all"]
)
def test_answers_are_those_of_the_socket(sandbox: Sandbox, api: Call, path: str) -> None:
    async def ask() -> Any:
        direct = Direct(sandbox)
        return await direct.answer("GET", f"{COMPANY}/{path}", await connected(direct))

    status, headers, body = run(ask())
    over_socket = api("GET", path)
    assert status == over_socket.status_code
    assert headers["content-type"] == over_socket.headers["Content-Type"]
    assert _timeless(json.loads(body)) == _timeless(over_socket.json())


def test_a_write_and_its_replay_by_requestid(sandbox: Sandbox) -> None:
    async def ask() -> Any:
        direct = Direct(sandbox)
        headers = {**await connected(direct), "Content-Type": "application/json"}
        sent = json.dumps({"DisplayName": "Tollgate Glue"}).encode()
        return [await direct.answer("POST", f"{COMPANY}/vendor?requestid=one", headers, sent) for _ in range(2)]

    first, second = run(ask())
    assert first[0] == 200
    assert first[2] == second[2]


@pytest.mark.parametrize(("kind", "made"), [("cut_after_commit", 3), ("down", 2)])
def test_a_cut_line_is_told_as_such(sandbox: Sandbox, kind: str, made: int) -> None:
    async def ask() -> Any:
        direct = Direct(sandbox)
        headers = await connected(direct)
        await direct.answer("POST", "/control/faults", {}, json.dumps({"kind": kind, "count": 1}).encode())
        sent = json.dumps({"DisplayName": "Tollgate Glue"}).encode()
        return [
            await direct.answer("POST", f"{COMPANY}/vendor", headers, sent),
            await direct.answer("GET", VENDORS, headers),
        ]

    cut, after = run(ask())
    assert cut == Cut(b"")
    assert len(json.loads(after[2])["QueryResponse"]["Vendor"]) == made


def test_many_at_once_and_a_loop_after_another(sandbox: Sandbox) -> None:
    direct = Direct(sandbox)

    async def ask() -> Any:
        headers = await connected(direct)
        answers = await asyncio.gather(*(direct.answer("GET", VENDORS, headers) for _ in range(30)))
        await direct.close()
        return answers

    for _ in range(2):
        assert {answer[0] for answer in run(ask())} == {200}


def test_latency_is_slept_by_the_callers_sleeper(sandbox: Sandbox) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def ask() -> Any:
        direct = Direct(sandbox)
        sandbox.disruptions.sleep = sleep
        await direct.answer("POST", "/control/faults", {}, b'{"kind": "latency", "seconds": 300, "count": 1}')
        return await direct.answer("GET", "/.well-known/openid_configuration")

    assert run(ask())[0] == 200
    assert slept == [300.0]


def _timeless(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "time"}
