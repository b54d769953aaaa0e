"""The sender of Plaid's webhooks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web

from interlock_sandbox.parties import Step
from interlock_sandbox.plaid.notices import Notice
from interlock_sandbox.plaid.party import Plaid
from interlock_sandbox.sandbox import Sandbox

ANSWER_SECONDS = 10.0


class PlaidCourier:
    """Posts what is due; sleeps while nothing is."""

    def __init__(self, sandbox: Sandbox, plaid: Plaid, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.sandbox = sandbox
        self.plaid = plaid
        self.answer_seconds = answer_seconds
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """For ``cleanup_ctx``: sends until the application ends."""
        del app
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._wake.set)

        self.plaid.notices.wakes.append(wake)
        task = asyncio.create_task(self._send())
        yield
        self.plaid.notices.wakes.remove(wake)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def deliver(self) -> dict[str, Any] | None:
        """One attempt now, due or not; the log's line about it, or ``None`` when nothing waits."""
        async with self._turn, aiohttp.ClientSession() as session:
            notice = self.plaid.notices.take(self.sandbox.clock.served(), early=True)
            return None if notice is None else await self._attempt(session, notice)

    async def _send(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                self._wake.clear()
                async with self._turn:
                    notice = self.plaid.notices.take(self.sandbox.clock.served())
                    if notice is not None:
                        await self._attempt(session, notice)
                        continue
                due = self.plaid.notices.due()
                wait = None if due is None else max(0.0, (due - self.sandbox.clock.served()).total_seconds())
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), wait)

    async def _attempt(self, session: aiohttp.ClientSession, notice: Notice) -> dict[str, Any]:
        notices = self.plaid.notices
        now = self.sandbox.clock.served()
        status: int | None = None
        trouble = ""
        if notices.lost():
            status, trouble = 200, "lost on the way on purpose"
        else:
            try:
                async with session.post(
                    notice.url, data=notice.body, headers=notices.headers(notice, now), allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=self.answer_seconds),
                ) as response:  # fmt: skip
                    status = response.status
            except TimeoutError:
                trouble = f"no answer within {self.answer_seconds:g} s"
            except (aiohttp.ClientError, ValueError) as failed:
                trouble = str(failed) or type(failed).__name__
        if notices.settle(notice, status, self.sandbox.clock.served(), trouble):
            self.sandbox.act("plaid", Step(now, {"act": "delivered", "numbers": [notice.number]}))
        return notices.log[-1]
