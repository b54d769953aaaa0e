"""The sender of notices: posts what is due, several at once, and writes down what is done with."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web

from interlock_sandbox.notices.notices import Notice
from interlock_sandbox.parties import Step
from interlock_sandbox.sandbox import Sandbox

AT_ONCE = 8


class NoticeCourier:
    """Runs beside the application; sleeps while nothing is due."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.notices = sandbox.notices
        self._wake = asyncio.Event()

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """For ``cleanup_ctx``: sends until the application ends."""
        del app
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._wake.set)

        self.notices.wakes.append(wake)
        task = asyncio.create_task(self._send())
        yield
        self.notices.wakes.remove(wake)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def deliver(self, party: str | None = None) -> dict[str, Any] | None:
        """One attempt now, due or not; the log's line about it, or ``None`` when there is nothing to send."""
        notice = self.notices.take(self.sandbox.clock.served(), party=party, early=True)
        if notice is None:
            return None
        async with aiohttp.ClientSession() as session:
            return await self._attempt(session, notice)

    async def _send(self) -> None:
        going: set[asyncio.Task[dict[str, Any]]] = set()
        async with aiohttp.ClientSession() as session:
            try:
                while True:
                    self._wake.clear()
                    while len(going) < AT_ONCE:
                        notice = self.notices.take(self.sandbox.clock.served())
                        if notice is None:
                            break
                        task = asyncio.create_task(self._attempt(session, notice))
                        going.add(task)
                        task.add_done_callback(going.discard)
                        task.add_done_callback(lambda _: self._wake.set())
                    await self._sleep(full=len(going) >= AT_ONCE)
            finally:
                for task in going:
                    task.cancel()

    async def _sleep(self, *, full: bool) -> None:
        due = None if full else self.notices.due()
        wait = None if due is None else max(0.0, (due - self.sandbox.clock.served()).total_seconds())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):  # wait_for would lose the application's end when it is woken just then
                await self._wake.wait()

    async def _attempt(self, session: aiohttp.ClientSession, notice: Notice) -> dict[str, Any]:
        now = self.sandbox.clock.served()
        status: int | None = None
        trouble = ""
        if self.notices.lost(notice):
            status, trouble = 200, "lost on the way on purpose"
        else:
            try:
                async with session.post(
                    notice.url, data=notice.body, headers=self.notices.headers(notice, now), allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=notice.manner.answer_seconds),
                ) as response:  # fmt: skip
                    status = response.status
            except TimeoutError:
                trouble = f"no answer within {notice.manner.answer_seconds:g} s"
            except (aiohttp.ClientError, ValueError) as failed:
                trouble = str(failed) or type(failed).__name__
        if self.notices.settle(notice, status, self.sandbox.clock.served(), trouble):
            self.sandbox.act("notices", Step(now, {"act": "done", "numbers": [notice.number]}))
        return self.notices.log[-1]
