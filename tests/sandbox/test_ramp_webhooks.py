"""Ramp's webhooks: nothing before the challenge came back, thin bodies, signed, tried ten times, each on its own way."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from interlock_sandbox.notices.courier import NoticeCourier
from interlock_sandbox.notices.notices import Notice
from interlock_sandbox.parties import Step
from tests.support.ramp import RampDesk, ramp_desk

URL = "http://127.0.0.1:9/hooks"
EVENTS = ["bills.created", "bills.approved", "bills.paid", "payments.updated"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RampDesk]:
    with ramp_desk(tmp_path / "data") as opened:
        yield opened


def register(desk: RampDesk, url: str = URL, **more: Any) -> dict[str, Any]:
    answer = desk.ask("POST", "/webhooks", {"endpoint_url": url, "event_types": EVENTS, **more})
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.body
    return made


def verified(desk: RampDesk, url: str = URL) -> dict[str, Any]:
    """A webhook whose challenge came and was answered; nothing of it waits any more."""
    hook = register(desk, url)
    [said] = waiting(desk)
    assert desk.ask("POST", f"/webhooks/{hook['id']}/verify", {"challenge": said["challenge"]}).status == 200
    attempt(desk, 200)
    return hook


def waiting(desk: RampDesk) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in desk.sandbox.notices.waiting("ramp")]


def attempt(desk: RampDesk, status: int | None) -> Notice:
    """The next attempt, answered with this status (``None``: too late)."""
    notices, now = desk.sandbox.notices, desk.sandbox.clock.now()
    notice = notices.take(now, party="ramp", early=True)
    assert notice is not None, "nothing waits to be sent"
    notices.headers(notice, now)
    if notices.settle(notice, status, now):
        desk.sandbox.act("notices", Step(now, {"act": "done", "numbers": [notice.number]}))
    return notice


def test_nothing_but_the_challenge_is_sent_before_it_came_back(desk: RampDesk) -> None:
    hook = register(desk)
    assert hook["status"] == "pending_verification"
    desk.bill()
    [said] = waiting(desk)
    assert said["type"] == "webhooks.verification"
    assert desk.ask("POST", f"/webhooks/{hook['id']}/verify", {"challenge": "guessed"}).status == 400
    answer = desk.ask("POST", f"/webhooks/{hook['id']}/verify", {"challenge": said["challenge"]})
    assert answer.body["status"] == "active"
    assert "secret" not in answer.body, "the secret is told once, when the webhook is made"
    desk.bill()
    assert [each["type"] for each in waiting(desk)[1:]] == ["bills.created", "bills.approved"]


def test_bodies_are_thin_and_name_the_business(desk: RampDesk) -> None:
    verified(desk)
    bill = desk.bill()
    first = waiting(desk)[0]
    assert set(first) == {"id", "type", "created_at", "business_id", "object"}
    assert first["object"] == {"id": bill["id"]}
    assert first["business_id"] == desk.ask("GET", "/business").body["id"]


def test_paying_is_told_and_so_is_what_a_person_decides(desk: RampDesk) -> None:
    verified(desk)
    bill = desk.bill()
    desk.at_ramp(bill["id"], "pay")
    told = [(each["type"], each["object"]["id"]) for each in waiting(desk)]
    assert ("bills.paid", bill["id"]) in told
    assert ("payments.updated", bill["payment"]["id"]) in told


@pytest.mark.parametrize("header", ["X-Ramp-Signature", "X-Ramp-Webhook-Signature"])
def test_the_raw_body_is_signed_under_either_name(desk: RampDesk, header: str) -> None:
    desk.settings(signature_header=header)
    hook = verified(desk)
    desk.bill()
    notices, now = desk.sandbox.notices, desk.sandbox.clock.now()
    notice = notices.waiting("ramp")[0]
    expected = hmac.new(hook["secret"].encode(), notice.body, hashlib.sha256).hexdigest()
    assert notices.headers(notice, now)[header] == expected
    desk.control("POST", "/notices/distort", {"party": "ramp", "bad_signature": 1})
    assert notices.headers(notice, now)[header] != expected
    assert notices.headers(notice, now)[header] == expected, "one attempt only"


def test_ten_tries_with_growing_pauses_and_the_same_id(desk: RampDesk) -> None:
    verified(desk)
    desk.bill()
    first = desk.sandbox.notices.waiting("ramp")[0]
    pauses: list[timedelta] = []
    for _ in range(9):
        before = desk.sandbox.clock.now()
        first.due_at = before - timedelta(days=1)  # it alone is next
        assert attempt(desk, 503).number == first.number
        pauses.append(first.due_at - before)
    assert first.number in desk.sandbox.notices.queue
    first.due_at -= timedelta(days=30)
    attempt(desk, None)
    assert first.number not in desk.sandbox.notices.queue, "the tenth failure is the last"
    assert timedelta(seconds=1) <= pauses[0] <= timedelta(seconds=75)
    assert all(later > earlier for earlier, later in pairwise(pauses))


@pytest.mark.parametrize(("status", "again"), [(200, 0), (204, 0), (302, 0), (400, 0), (404, 0), (429, 1), (500, 1)])
def test_only_what_may_pass_is_tried_again(desk: RampDesk, status: int, again: int) -> None:
    verified(desk)
    desk.bill()
    number = attempt(desk, status).number
    assert len([each for each in desk.sandbox.notices.queue if each == number]) == again


def test_a_failing_event_does_not_hold_up_the_next(desk: RampDesk) -> None:
    verified(desk)
    desk.bill()
    first, second = desk.sandbox.notices.waiting("ramp")
    assert attempt(desk, 500).number == first.number
    assert attempt(desk, 200).number == second.number


def test_a_deleted_webhook_hears_nothing_more(desk: RampDesk) -> None:
    hook = verified(desk)
    desk.bill()
    assert desk.ask("DELETE", f"/webhooks/{hook['id']}").status == 204
    assert waiting(desk) == []
    desk.bill()
    assert waiting(desk) == []
    assert desk.ask("GET", "/webhooks").body["data"] == []
    assert desk.ask("GET", f"/webhooks/{hook['id']}").status == 404


def test_what_cannot_be_registered_is_refused(desk: RampDesk) -> None:
    for body, field in (
        ({"endpoint_url": URL, "event_types": ["bills.eaten"]}, "event_types"),
        ({"endpoint_url": URL, "event_types": []}, "event_types"),
        ({"endpoint_url": "ftp://example.com", "event_types": EVENTS}, "endpoint_url"),
        ({"endpoint_url": URL, "event_types": EVENTS, "secret": "mine"}, "secret"),
        ({"endpoint_url": URL, "event_types": EVENTS, "additional_headers": dict.fromkeys("abcdef", "x")},
         "additional_headers"),
    ):  # fmt: skip
        answer = desk.ask("POST", "/webhooks", body)
        assert answer.status == 422, body
        assert field in answer.body["error_v2"]["additional_info"]
    answer = desk.ask("POST", "/webhooks", {"endpoint_url": URL, "event_types": EVENTS}, scope="vendors:read")
    assert answer.status == 403, "events of bills take bills:read"


def test_after_a_restart_only_what_was_not_taken_is_sent(tmp_path: Path) -> None:
    with ramp_desk(tmp_path / "data") as desk:
        verified(desk)
        desk.bill()
        first = attempt(desk, 200)
        attempt(desk, 500)
        left = [(each.number, each.body) for each in desk.sandbox.notices.waiting("ramp")]
        assert [number for number, _ in left] == [first.number + 1]
    with ramp_desk(tmp_path / "data") as desk:
        assert [(each.number, each.body) for each in desk.sandbox.notices.waiting("ramp")] == left


def test_over_a_socket_they_arrive_signed_and_a_duplicate_has_the_same_id(desk: RampDesk) -> None:
    came: list[tuple[dict[str, str], bytes]] = []
    arrived = asyncio.Event()

    async def hear(request: web.Request) -> web.Response:
        came.append((dict(request.headers), await request.read()))
        arrived.set()
        return web.Response(status=204)

    async def listen() -> tuple[web.AppRunner, str]:
        app = web.Application()
        app.router.add_post("/hooks", hear)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"

    runner, url = desk.loop.run_until_complete(listen())
    hook = verified(desk, url)
    desk.bill()
    desk.control("POST", "/notices/distort", {"party": "ramp", "duplicate": 1})

    async def sent(events: int) -> None:
        running = NoticeCourier(desk.sandbox).running(web.Application())
        await anext(running)
        while len(came) < events:
            arrived.clear()
            await asyncio.wait_for(arrived.wait(), 20)
        while desk.sandbox.notices.waiting("ramp"):
            await asyncio.sleep(0)
        with pytest.raises(StopAsyncIteration):
            await anext(running)

    desk.loop.run_until_complete(sent(3))
    desk.loop.run_until_complete(runner.cleanup())
    for headers, body in came:
        assert headers["X-Ramp-Signature"] == hmac.new(hook["secret"].encode(), body, hashlib.sha256).hexdigest()
        assert headers["X-Ramp-Webhook-ID"] == json.loads(body)["id"]
    ids = [json.loads(body)["id"] for _, body in came]
    assert (len(ids), len(set(ids))) == (3, 2)
