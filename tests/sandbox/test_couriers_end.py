"""The senders of webhooks end with the application, also when they are woken at that very moment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from interlock_sandbox.notices.courier import NoticeCourier
from interlock_sandbox.notices.notices import Manner
from interlock_sandbox.sandbox import Sandbox, Write
from interlock_sandbox.webhooks.courier import Courier
from interlock_sandbox.webhooks.outbox import Endpoint

REALM = "9341450000000042"
TURNS = range(8)
LONGEST_SECONDS = 2.0


def _unsigned(body: bytes, now: datetime) -> Mapping[str, str]:
    del body, now
    return {}


@pytest.mark.parametrize("kind", [NoticeCourier, Courier])
def test_a_sender_woken_as_it_ends_ends(kind: Callable[[Sandbox], Any], sandbox: Sandbox, at: datetime) -> None:
    """Something waits for later, so that the sender waits until a moment, not for ever."""
    later = sandbox.clock.now() + timedelta(hours=1)
    sandbox.notices.post("stripe", "http://127.0.0.1:9/hook", b"{}", Manner(_unsigned, ()), at=later)
    sandbox.register_webhook(Endpoint("http://127.0.0.1:9/hook", "token", "classic"))
    sandbox.write(Write(REALM, "create", "Vendor", {"DisplayName": "Later Ltd"}, at + timedelta(days=60)))
    assert sandbox.outbox.due() is not None

    async def ended_after(turns: int) -> None:
        running = kind(sandbox).running(web.Application())
        await anext(running)
        for _ in range(20):
            await asyncio.sleep(0)
        for wake in (*sandbox.notices.wakes, *sandbox.outbox.wakes):
            wake()
        for _ in range(turns):
            await asyncio.sleep(0)
        began = asyncio.get_running_loop().time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_SECONDS):
                await anext(running, None)
        took = asyncio.get_running_loop().time() - began
        assert took < LONGEST_SECONDS, (
            f"woken {turns} turns of the loop before its end, {kind} goes on: its wait lost it"
        )

    for turns in TURNS:
        asyncio.run(ended_after(turns))
