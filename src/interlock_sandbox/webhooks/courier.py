"""The sender: waits for what is due, posts it, and writes down what was acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp import web

from interlock_sandbox.sandbox import Sandbox
from interlock_sandbox.webhooks.outbox import Delivery, Endpoint

ANSWER_SECONDS = 3.0


class Courier:
    """Posts the sandbox's events to the registered address. It sleeps while nothing is due, and for good without one."""

    def __init__(self, sandbox: Sandbox, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.sandbox = sandbox
        self.answer_seconds = answer_seconds
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """For ``cleanup_ctx``: sends until the application ends."""
        del app
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._wake.set)

        wakes = self.sandbox.outbox.wakes
        wakes.append(wake)
        task = asyncio.create_task(self._send())
        yield
        wakes.remove(wake)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def deliver(self) -> dict[str, Any] | None:
        """One attempt now, due or not; the log's line about it, or ``None`` when there is nothing to send."""
        async with self._turn, aiohttp.ClientSession() as session:
            delivery = self.sandbox.outbox.take(self._now(), early=True)
            if delivery is None:
                return None
            return await self._attempt(session, delivery)

    async def _send(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                self._wake.clear()
                async with self._turn:
                    delivery = self.sandbox.outbox.take(self._now())
                    if delivery is not None:
                        await self._attempt(session, delivery)
                        continue
                due = self.sandbox.outbox.due()
                wait = None if due is None else max(0.0, (due - self._now()).total_seconds())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):  # wait_for would lose the application's end when woken just then
                        await self._wake.wait()

    async def _attempt(self, session: aiohttp.ClientSession, delivery: Delivery) -> dict[str, Any]:
        status: int | None = None
        trouble = ""
        try:
            timeout = aiohttp.ClientTimeout(total=self.answer_seconds)
            async with session.post(
                delivery.url, data=delivery.body, headers=delivery.headers, timeout=timeout, allow_redirects=False
            ) as response:
                status = response.status
        except TimeoutError:
            trouble = f"no answer within {self.answer_seconds:g} s"
        except aiohttp.ClientError as failed:
            trouble = str(failed) or type(failed).__name__
        self.sandbox.delivered(delivery, status, trouble)
        return self.sandbox.outbox.log[-1]

    def _now(self) -> datetime:
        return self.sandbox.clock.served()


def endpoint_of(url: str, verifier_token: str, shape: str) -> Endpoint:
    """An address as it may be registered; ValueError with a sentence otherwise."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("url must begin with http:// or https://.")
    if not verifier_token:
        raise ValueError("verifier_token must not be empty.")
    if shape == "classic":
        return Endpoint(url, verifier_token, "classic")
    if shape == "cloudevents":
        return Endpoint(url, verifier_token, "cloudevents")
    raise ValueError("shape must be cloudevents or classic.")
