"""A simulation takes the next webhook out of the sandbox itself: no address is called, nothing waits."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

from interlock_sandbox.direct import Cut, Direct
from interlock_sandbox.sandbox import Sandbox
from interlock_sandbox.webhooks.bodies import signature
from interlock_sandbox.webhooks.outbox import Distortions

REALM = "9341450000000042"
HERE = {"url": "http://127.0.0.1:1/webhooks/qbo", "verifier_token": "secret", "shape": "classic"}


async def control(direct: Direct, path: str, body: object) -> None:
    answer = await direct.answer("POST", f"/control{path}", {}, json.dumps(body).encode())
    assert not isinstance(answer, Cut)
    assert answer[0] == 200, answer[2]


def test_bytes_and_headers_of_the_next_delivery(sandbox: Sandbox) -> None:
    async def work() -> None:
        direct = Direct(sandbox)
        await control(direct, "/webhooks", HERE)
        for name in ("One", "Two", "Three"):
            body = {"entity": "Vendor", "body": {"DisplayName": name}}
            await control(direct, f"/companies/{REALM}/create", body)
        await asyncio.sleep(0)
        await direct.close()

    asyncio.run(work())
    box = sandbox.outbox
    assert len(box.queue) == 3, "nobody took them away"
    box.distortions = Distortions(duplicate=1, drop=1, reorder=3)
    now = sandbox.clock.served() + timedelta(seconds=1)
    first = box.take(now)
    assert first is not None
    assert first.headers["intuit-signature"] == signature(first.body, "secret")
    assert len(first.events) == 2
    sandbox.delivered(first, 204)
    again = box.take(now)
    assert again is not None
    assert again.events == first.events[:1], "the same event comes a second time"
    sandbox.delivered(again, 200)
    assert box.take(now, early=True) is None
