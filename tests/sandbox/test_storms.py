"""Trouble by the dozen: dropped requests, throttling for a while, and seeded storms that come the same again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from interlock_sandbox.disruptions import Disruptions

Call = Callable[..., requests.Response]
Query = Callable[[str], dict[str, Any]]
NOON = datetime(2026, 6, 15, 20, tzinfo=UTC)
COUNT = {"query": "select count(*) from Vendor"}
ROUGH = {"drop": 0.1, "throttle": 0.05, "server_error": 0.1, "cut_after_commit": 0.1, "malformed": 0.1, "latency": 0.2}


def met(storm: dict[str, Any], requests: int) -> list[dict[str, tuple[int, float]]]:
    """What each of so many requests runs into, by kind: status and seconds."""
    disruptions = Disruptions()
    disruptions.add({"kind": "storm", **storm}, NOON)
    return [
        {kind: (each.status, each.seconds) for kind, each in disruptions.meet("GET", "/v3/company/1/cdc", NOON).items()}
        for _ in range(requests)
    ]


def test_a_dropped_request_has_not_happened(api: Call, control: Call, query: Query) -> None:
    control("POST", "/faults", json={"kind": "drop", "count": 1, "path": "/vendor"})
    with pytest.raises(requests.ConnectionError):
        api("POST", "vendor", json={"DisplayName": "Tollgate Glue"})
    assert query("select count(*) from Vendor") == {"totalCount": 2}
    assert api("POST", "vendor", json={"DisplayName": "Tollgate Glue"}).status_code == 200


def test_a_spell_of_throttling_on_one_path(api: Call, control: Call) -> None:
    control("POST", "/faults", json={"kind": "throttle", "count": 3, "path": "/cdc", "form": "json", "retry_after": 2})
    since = {"entities": "Bill", "changedSince": "2026-06-01"}
    assert api("GET", "query", params=COUNT).status_code == 200
    answers = [api("GET", "cdc", params=since) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [429, 429, 429, 200]
    assert answers[0].headers["Retry-After"] == "2"
    assert answers[0].json()["fault"]["error"][0]["code"] == "3001"


def test_trouble_for_writes_alone(api: Call, control: Call) -> None:
    control("POST", "/faults", json={"kind": "server_error", "method": "post"})
    assert api("GET", "query", params=COUNT).status_code == 200
    assert api("POST", "vendor", json={"DisplayName": "Tollgate Glue"}).status_code == 500


def test_the_same_seed_strikes_the_same_requests() -> None:
    storm = {"seed": 7, "probability": ROUGH, "statuses": [500, 502, 503]}
    assert met(storm, 400) == met(storm, 400)
    assert met(storm, 400) != met({**storm, "seed": 8}, 400)
    assert met(storm, 400)[:100] == met(storm, 100), "what comes later changes nothing earlier"


def test_one_kind_does_not_depend_on_the_others() -> None:
    alone = met({"seed": 7, "probability": {"drop": 0.1}}, 300)
    among = met({"seed": 7, "probability": ROUGH}, 300)
    assert ["drop" in each for each in alone] == ["drop" in each for each in among]


def test_about_as_often_as_asked_for() -> None:
    struck = met({"seed": 3, "probability": ROUGH, "seconds": 2.0}, 4000)
    for kind, chance in ROUGH.items():
        share = sum(kind in each for each in struck) / 4000
        assert chance * 0.8 < share < chance * 1.2, f"{kind} struck {share:.3f} of the requests, not about {chance}"
    slow = [each["latency"][1] for each in struck if "latency" in each]
    assert 0 <= min(slow) < 0.2
    assert 1.8 < max(slow) <= 2.0
    assert {each["server_error"][0] for each in struck if "server_error" in each} == {500, 503}


def test_a_spell_lasts_its_length() -> None:
    struck = ["throttle" in each for each in met({"seed": 5, "probability": {"throttle": 0.01}}, 1000)]
    spells = ["throttle" in each for each in met(
        {"seed": 5, "probability": {"throttle": 0.01}, "lengths": {"throttle": 6}}, 1000
    )]  # fmt: skip
    assert any(struck)
    for number, began in enumerate(struck):
        assert not began or all(spells[number : number + 6])
    assert sum(spells) > sum(struck)


def test_a_storm_ends_with_its_count_or_when_calmed(api: Call, control: Call) -> None:
    storm = {"kind": "storm", "seed": 1, "probability": {"server_error": 1}, "statuses": [503], "count": 2}
    control("POST", "/faults", json=storm)
    assert [api("GET", "query", params=COUNT).status_code for _ in range(3)] == [503, 503, 200]
    told = control("POST", "/faults", json={**storm, "count": None, "path": "/query", "method": "GET"}).json()["active"]
    assert told == [{"kind": "storm", "seed": 1, "count": None, "path": "/query", "requests": 0, "struck": {}}]
    assert api("GET", "companyinfo/1").status_code == 200
    assert api("GET", "query", params=COUNT).status_code == 503
    told = control("POST", "/faults", json={"kind": "latency", "count": 0}).json()["active"]
    assert (told[0]["requests"], told[0]["struck"]) == (1, {"server_error": 1})
    control("DELETE", "/faults")
    assert api("GET", "query", params=COUNT).status_code == 200


@pytest.mark.parametrize(
    "storm",
    [
        {}, {"probability": {}}, {"probability": {"earthquake": 0.1}}, {"probability": {"down": 0.1}},
        {"probability": {"drop": 2}}, {"probability": {"drop": "often"}}, {"probability": [0.1]},
        {"probability": {"drop": 0.1}, "lengths": {"drop": 0}}, {"probability": {"drop": 0.1}, "lengths": {"throttle": 2}},
        {"probability": {"drop": 0.1}, "statuses": []}, {"probability": {"drop": 0.1}, "seed": "x"},
        {"probability": {"throttle": 0.1}, "form": "html"}, {"probability": {"latency": 0.1}, "seconds": 9999},
    ],
)  # fmt: skip
def test_a_storm_that_cannot_be_is_refused(control: Call, storm: dict[str, Any]) -> None:
    answer = control("POST", "/faults", json={"kind": "storm", **storm})
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert control("DELETE", "/faults").json() == {"active": []}
