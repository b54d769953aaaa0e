"""Trouble on purpose: what a client of QuickBooks has to live with, on request of a test."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

Call = Callable[..., requests.Response]
Query = Callable[[str], dict[str, Any]]
COUNT = {"query": "select count(*) from Vendor"}


def test_throttling_is_xml_whatever_was_asked_for(api: Call, control: Call) -> None:
    control("POST", "/faults", json={"kind": "throttle", "count": 2})
    codes = [api("GET", "query", params=COUNT) for _ in range(3)]
    assert [answer.status_code for answer in codes] == [429, 429, 200]
    assert codes[0].headers["Content-Type"].startswith("application/xml")
    assert 'code="3001"' in codes[0].text


def test_a_path_filter_spares_other_calls(api: Call, control: Call) -> None:
    control("POST", "/faults", json={"kind": "server_error", "path": "/cdc"})
    assert api("GET", "query", params=COUNT).status_code == 200
    broken = api("GET", "cdc", params={"entities": "Bill", "changedSince": "2026-06-01"})
    assert (broken.status_code, broken.json()["Fault"]["Error"][0]["code"]) == (500, "10000")
    assert control("DELETE", "/faults").json() == {"active": []}
    assert api("GET", "cdc", params={"entities": "Bill", "changedSince": "2026-06-01"}).status_code == 200


def test_unavailable_comes_as_a_page(api: Call, control: Call) -> None:
    control("POST", "/faults", json={"kind": "server_error", "status": 503, "count": 1})
    answer = api("GET", "query", params=COUNT)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (503, "text/html")


def test_a_cut_after_commit_has_happened(api: Call, control: Call, query: Query) -> None:
    control("POST", "/faults", json={"kind": "cut_after_commit", "count": 1})
    with pytest.raises(requests.ConnectionError):
        api("POST", "vendor", params={"requestid": "once"}, json={"DisplayName": "Tollgate Glue"})
    assert query("select count(*) from Vendor") == {"totalCount": 3}
    again = api("POST", "vendor", params={"requestid": "once"}, json={"DisplayName": "Tollgate Glue"})
    assert again.json()["Vendor"]["Id"] == "5", "the retry is answered what the cut call was"


def test_down_refuses_every_call(api: Call, control: Call) -> None:
    control("POST", "/faults", json={"kind": "down"})
    with pytest.raises(requests.ConnectionError):
        api("GET", "query", params=COUNT)
    control("DELETE", "/faults")
    assert api("GET", "query", params=COUNT).status_code == 200


def test_malformed_json(api: Call, control: Call) -> None:
    control("POST", "/faults", json={"kind": "malformed", "count": 1})
    with pytest.raises(requests.JSONDecodeError):
        api("GET", "query", params=COUNT).json()


def test_latency_is_felt(api: Call, control: Call) -> None:
    control("POST", "/faults", json={"kind": "latency", "seconds": 0.2, "count": 1})
    start = time.perf_counter()
    api("GET", "query", params=COUNT)
    assert time.perf_counter() - start >= 0.2


@pytest.mark.parametrize("kind", ["expire_tokens", "revoke_grant"])
def test_tokens_may_be_taken_away(api: Call, control: Call, kind: str) -> None:
    assert api("GET", "query", params=COUNT).status_code == 200
    control("POST", "/faults", json={"kind": kind, "realm": "9341450000000042"})
    assert api("GET", "query", params=COUNT).status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/faults", {"kind": "earthquake"}, 400),
        ("/faults", {"kind": "latency", "seconds": 9999}, 400),
        ("/clock/advance", {"seconds": -5}, 400),
        ("/clock/advance", {"days": "many"}, 400),
        ("/companies/1/create", {"entity": "Bill"}, 404),
        ("/companies/9341450000000042/paint", {"entity": "Bill"}, 404),
        ("/companies/9341450000000042/create", {"entity": "Bill", "body": {}}, 400),
        ("/companies/9341450000000042/create", {"entity": "Bill", "body": 5}, 400),
    ],
)
def test_the_control_api_says_what_is_wrong(control: Call, path: str, body: dict[str, Any], status: int) -> None:
    answer = control("POST", path, json=body)
    assert answer.status_code == status
    assert answer.json()["error"]
