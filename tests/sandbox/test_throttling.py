"""Intuit's limits as a client meets them: counted always, enforced on request, and the plan's monthly reads."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from interlock_sandbox.direct import Cut, Direct
from interlock_sandbox.qbo.throttle import Limits, Throttle, Window
from interlock_sandbox.sandbox import Sandbox

Call = Callable[..., requests.Response]
Limited = Callable[..., dict[str, Any]]
REALM = "9341450000000042"
OTHER_REALM = "9341450000000043"
ASK = "companyinfo/1"


class Timer:
    """Seconds that move when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def timer(sandbox: Sandbox) -> Timer:
    sandbox.throttle.timer = timer = Timer()
    return timer


@pytest.fixture
def limit(control: Call) -> Limited:
    """Change settings; answers what is told then."""

    def change(**settings: Any) -> dict[str, Any]:
        answer = control("POST", "/limits", json=settings)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    return change


@pytest.fixture
def counted(control: Call) -> Callable[[], dict[str, Any]]:
    """What has been counted of the tiny company."""
    return lambda: dict(control("GET", "/limits").json()["realms"][REALM])


def test_without_enforcement_everything_is_answered_and_counted(
    api: Call, timer: Timer, counted: Callable[[], dict[str, Any]]
) -> None:
    assert {api("GET", ASK).status_code for _ in range(15)} == {200}
    timer.now += 1.0
    api("GET", ASK)
    told = counted()
    assert (told["requests"], told["refused"]) == (16, 0)
    assert (told["most_in_a_second"], told["most_in_a_minute"], told["most_in_flight"]) == (15, 16, 1)


def test_ten_in_any_second_and_the_eleventh_is_refused_as_xml(
    api: Call, limit: Limited, timer: Timer, counted: Callable[[], dict[str, Any]]
) -> None:
    limit(enforced=True)
    for _ in range(5):
        assert api("GET", ASK).status_code == 200
    timer.now += 0.6
    assert [api("GET", ASK).status_code for _ in range(6)] == [200] * 5 + [429]
    timer.now += 0.4
    assert [api("GET", ASK).status_code for _ in range(6)] == [200] * 5 + [429], "the second slides"
    refused = api("GET", ASK)
    assert refused.headers["Content-Type"].startswith("application/xml")
    assert "message=ThrottleExceeded; errorCode=003001; statusCode=429" in refused.text
    assert "Retry-After" not in refused.headers
    told = counted()
    assert (told["requests"], told["refused"], told["refused_for"]) == (18, 3, {"second": 3})
    assert told["most_in_a_second"] == 11


def test_five_hundred_in_any_minute(api: Call, limit: Limited, timer: Timer) -> None:
    limit(enforced=True, per_minute=20)
    for _ in range(20):
        timer.now += 1.0
        assert api("GET", ASK).status_code == 200
    timer.now += 40.0
    assert api("GET", ASK).status_code == 429, "the first of the twenty was 59 s ago"
    timer.now += 1.0
    assert [api("GET", ASK).status_code for _ in range(2)] == [200, 429]


def test_forty_batches_a_minute_whatever_they_hold(
    api: Call, limit: Limited, timer: Timer, counted: Callable[[], dict[str, Any]]
) -> None:
    limit(enforced=True)
    body = {"BatchItemRequest": [{"bId": "a", "Query": "select count(*) from Vendor"}]}
    for _ in range(40):
        timer.now += 0.2
        assert api("POST", "batch", json=body).status_code == 200
    timer.now += 0.2
    assert api("POST", "batch", json=body).status_code == 429
    assert api("GET", ASK).status_code == 200, "other requests are still answered"
    told = counted()
    assert (told["batches"], told["most_batches_in_a_minute"], told["refused_for"]) == (41, 41, {"batches": 1})


def test_ten_in_flight(sandbox: Sandbox, access_token: str) -> None:
    headers = {"Authorization": f"Bearer {access_token}"}
    ends: list[asyncio.Event] = []

    async def slow(seconds: float) -> None:
        del seconds
        ends.append(asyncio.Event())
        await ends[-1].wait()

    async def ask() -> Any:
        direct = Direct(sandbox)
        sandbox.disruptions.sleep = slow
        sandbox.disruptions.add({"kind": "latency", "seconds": 5}, sandbox.clock.now())
        sandbox.throttle.limits = Limits(enforced=True, per_second=100)
        path = f"/v3/company/{REALM}/{ASK}"
        waiting = [asyncio.create_task(direct.answer("GET", path, headers)) for _ in range(10)]
        while len(ends) < 10:
            await asyncio.sleep(0)
        eleventh = await direct.answer("GET", path, headers)
        for end in ends:
            end.set()
        answers = await asyncio.gather(*waiting)
        sandbox.disruptions.clear()
        answers.append(await direct.answer("GET", path, headers))
        return [None if isinstance(answer, Cut) else answer[0] for answer in [eleventh, *answers]]

    assert asyncio.run(ask()) == [429] + [200] * 11
    assert sandbox.throttle.traffic[REALM].told()["refused_for"] == {"in_flight": 1}


def test_one_company_does_not_slow_another(api: Call, limit: Limited, timer: Timer) -> None:
    del timer
    limit(enforced=True, per_second=1)
    assert [api("GET", ASK).status_code for _ in range(2)] == [200, 429]
    assert api("GET", ASK, realm=OTHER_REALM).status_code == 403, "the other company is reached, and refuses the grant"


def test_tokens_and_control_are_not_limited(api: Call, limit: Limited, control: Call, token_call: Call) -> None:
    limit(enforced=True, per_second=0)
    assert api("GET", ASK).status_code == 429
    assert control("GET", "/clock").status_code == 200
    assert token_call(grant_type="refresh_token", refresh_token="unknown").status_code == 400


def test_the_older_forms_and_retry_after(api: Call, limit: Limited) -> None:
    limit(enforced=True, per_second=0, form="xml_403", retry_after=7)
    old = api("GET", ASK)
    assert (old.status_code, old.headers["Retry-After"]) == (403, "7")
    assert "ThrottleExceeded; errorCode=003001; statusCode=403" in old.text
    limit(form="json", retry_after=None)
    told = api("GET", ASK)
    assert (told.status_code, told.json()["fault"]["error"][0]["code"]) == (429, "3001")
    assert "Retry-After" not in told.headers


def test_a_months_reads_end_and_writes_do_not(api: Call, limit: Limited, control: Call) -> None:
    limit(monthly_reads=4)
    assert api("GET", ASK).status_code == 200
    assert api("GET", "bill/999").status_code == 400
    body = {"BatchItemRequest": [{"bId": str(n), "Query": "select * from Term"} for n in range(3)]}
    assert api("POST", "batch", json=body).status_code == 200
    assert control("GET", "/limits").json()["month"] == {"month": "2026-06", "reads": 4, "refused": 0}
    assert api("GET", ASK).status_code == 429
    assert api("POST", "batch", json=body).status_code == 429
    assert api("POST", "vendor", json={"DisplayName": "Tollgate Glue"}).status_code == 200
    control("POST", "/clock/advance", json={"days": 16, "live": False})
    assert control("GET", "/limits").json()["month"] == {"month": "2026-07", "reads": 0, "refused": 2}
    assert api("GET", ASK).status_code == 401, "the token is old by now, and the month is new"


def test_counting_anew(api: Call, control: Call, limit: Limited) -> None:
    limit(enforced=True, per_second=3)
    api("GET", ASK)
    told = control("DELETE", "/limits").json()
    assert (told["realms"][REALM]["requests"], told["limits"]["per_second"]) == (0, 3)


@pytest.mark.parametrize(
    "body",
    [
        {"per_second": -1}, {"per_minute": None}, {"in_flight": True}, {"enforced": 1}, {"form": "html"},
        {"retry_after": "soon"}, {"per_hour": 5}, {"form": ["xml"]},
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be(control: Call, body: dict[str, Any]) -> None:
    before = control("GET", "/limits").json()["limits"]
    answer = control("POST", "/limits", json=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert control("GET", "/limits").json()["limits"] == before


def test_limits_enforced_from_the_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "interlock_sandbox", "--data", str(tmp_path), "--as-of", "2026-06-15"]
    with subprocess.Popen(
        [*command, "--rows", "200", "--enforce-limits"], stdout=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the sandbox did not start; run it by hand: {' '.join(command)}"
        url = json.loads(line)["url"]
        told = requests.get(f"{url}/control/limits", timeout=10).json()["limits"]
        process.terminate()
    assert (told["enforced"], told["per_second"], told["per_minute"], told["in_flight"]) == (True, 10, 500, 10)
    assert told["batches_per_minute"] == 40


def test_a_window_slides() -> None:
    window = Window(1.0)
    for moment in (0.0, 0.5, 0.999):
        window.add(moment)
    assert [window.count(now) for now in (0.999, 1.0, 1.5, 1.9989, 1.999)] == [3, 2, 1, 1, 0]


def test_a_refused_request_does_not_count_against_the_next() -> None:
    timer = Timer()
    throttle = Throttle(Limits(enforced=True, per_second=1), timer)
    reasons = []
    for _ in range(5):
        reasons.append(throttle.enter(REALM, "2026-06", batch=False, reading=True))
        if reasons[-1] is None:
            throttle.leave(REALM, "2026-06", 1)
        timer.now += 0.5
    assert reasons == [None, "second", None, "second", None]
    assert json.loads(json.dumps(throttle.told("2026-06")))["month"]["reads"] == 3
