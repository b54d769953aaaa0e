"""Simulated time and a wire without sockets: hours of back-off pass at once, and every run of a seed is the same."""

import asyncio
import random
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from interlock.infra.transport import Reply, Request, Transport, TransportError, Usage
from interlock_sandbox.clock import SandboxClock

T = TypeVar("T")
BEGINNING = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


class _Skipping(selectors.SelectSelector):
    """Where a loop would wait for its next timer, time moves on instead, unless a thread of ours is still at work."""

    loop: "StageLoop"

    def select(self, timeout: float | None = None) -> Any:
        if self.loop.threads_at_work and timeout != 0:
            return super().select(0.05)
        if timeout:
            self.loop.seconds += timeout
        return super().select(0)


class StageLoop(asyncio.SelectorEventLoop):
    """``time()`` begins at 0 and moves when nothing is ready to run."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.threads_at_work = 0
        selector = _Skipping()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.seconds

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":  # type: ignore[override]
        self.threads_at_work += 1
        running = super().run_in_executor(executor, func, *args)
        running.add_done_callback(self._returned)
        return running

    def _returned(self, _: Any) -> None:
        self.threads_at_work -= 1


class StageClock:
    """The product's clock, driven by the loop."""

    def __init__(self, loop: StageLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self._loop.seconds)


class FarClock(SandboxClock):
    """Intuit's clock: the same time, shifted by ``offset_seconds``."""

    def __init__(self, loop: StageLoop) -> None:
        super().__init__(0.0)
        self._loop = loop

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self._loop.seconds + self.offset_seconds)


class Killed(BaseException):
    """The process ended here; whatever was not committed is gone."""


class StageWire(Transport):
    """The transport seam over ``answer`` (the sandbox's handlers) instead of sockets, on one thread.

    ``meanwhile`` is called around every request: what others do in the books while a sync runs. ``kill_at`` ends the
    process at that many requests from now. ``distort`` is what becomes of an answer's body on its way.
    """

    def __init__(
        self,
        loop: StageLoop,
        answer: Callable[[Request], Coroutine[Any, Any, tuple[int, dict[str, str], bytes] | None]],
        chance: random.Random,
    ) -> None:
        self._loop = self._stage = loop
        self._session = None
        self._answer = answer
        self._chance = chance
        self.answer_seconds = 125.0
        self.meanwhile: Callable[[], None] | None = None
        self.distort: Callable[[bytes], bytes] | None = None
        self.kill_at: int | None = None

    def run(self, work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        if self._loop.is_running():  # from a thread of the loop's own executor, which now waits for the loop
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
            self._stage.threads_at_work -= 1
            try:
                return future.result(timeout)
            finally:
                self._stage.threads_at_work += 1
        return self._loop.run_until_complete(work)

    def stream(self, source: AsyncIterator[T], ahead: int = 1) -> Iterator[T]:
        del ahead
        try:
            while True:
                try:
                    item = self._loop.run_until_complete(anext(source))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            closing = getattr(source, "aclose", None)
            if closing is not None:
                self._loop.run_until_complete(closing())

    async def send(self, request: Request, usage: Usage | None = None) -> Reply:
        await asyncio.sleep(self._chance.uniform(0.01, 0.4))
        self._strike()
        self._others_work()
        answer = await self._answer(request)
        self._others_work()
        if answer is None:
            raise TransportError("The line was cut.", sent=True)
        status, headers, body = answer
        if self.distort is not None:
            body = self.distort(body)
        if usage is not None:
            usage.calls += 1
            usage.bytes += len(body)
        return Reply(status, headers, body)

    def close(self) -> None:
        """The loop belongs to the stage."""

    def _others_work(self) -> None:
        if self.meanwhile is not None:
            self.meanwhile()

    def _strike(self) -> None:
        if self.kill_at is None:
            return
        self.kill_at -= 1
        if self.kill_at <= 0:
            self.kill_at = None
            raise Killed
