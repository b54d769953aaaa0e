"""Simulated time and a wire without sockets: hours of back-off pass at once, and every run of a seed is the same."""

import asyncio
import contextvars
import random
import selectors
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from interlock.infra.transport import Reply, Request, Transport, TransportError, Usage
from interlock_sandbox.clock import SandboxClock

T = TypeVar("T")
BEGINNING = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


_ERRAND_SECONDS = 120.0
"""By the machine's clock: far longer than any errand takes, so that two which wait for each other are told and don't hang."""


class _Skipping(selectors.SelectSelector):
    """Where a loop would wait for its next timer, time moves on instead. Nothing comes from outside: there are no sockets."""

    loop: "StageLoop"

    def select(self, timeout: float | None = None) -> Any:
        assert timeout is not None, "the loop waits for something that nobody will bring about"
        if timeout > 0:
            self.loop.seconds += timeout
        return []


class _Errand:
    """A function on a thread of its own that takes turns with the loop: one of the two runs, never both.

    So a thread ends at the same place among everything else each time, however busy the machine is.
    """

    def __init__(self, loop: "StageLoop", work: Callable[[], Any]) -> None:
        self.done: asyncio.Future[Any] = loop.create_future()
        self._loop = loop
        self._work = work
        self._ours, self._loops = threading.Semaphore(0), threading.Semaphore(0)
        self._ended = False
        self._outcome: tuple[Any, BaseException | None] = (None, None)
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._run,), name="errand", daemon=True).start()

    def go_on(self, _: object = None) -> None:
        """From the loop: the thread's turn, until it ends or waits for the loop."""
        before, self._loop.errand = self._loop.errand, self
        self._ours.release()
        assert self._loops.acquire(timeout=_ERRAND_SECONDS), "a thread waits for what only another one can give back"
        self._loop.errand = before
        if not self._ended or self.done.done():
            return
        result, broken = self._outcome
        if broken is None:
            self.done.set_result(result)
        else:
            self.done.set_exception(broken)

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """From the thread: the loop's turn, until it has done this."""
        task = self._loop.create_task(work)
        task.add_done_callback(self.go_on)
        self._loops.release()
        self._ours.acquire()
        return task.result()

    def _run(self) -> None:
        self._ours.acquire()
        try:
            self._outcome = (self._work(), None)
        except BaseException as broken:  # noqa: BLE001 - whatever it was belongs to whoever awaits the errand
            self._outcome = (None, broken)
        self._ended = True
        self._loops.release()


class StageLoop(asyncio.SelectorEventLoop):
    """``time()`` begins at 0 and moves when nothing is ready to run. ``errand``: whose turn it is, when it isn't the loop's."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.errand: _Errand | None = None
        selector = _Skipping()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.seconds

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":  # type: ignore[override]
        del executor
        errand = _Errand(self, partial(func, *args))
        errand.go_on()
        return errand.done


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
        del timeout
        if self._stage.errand is not None:
            return self._stage.errand.wait_for(work)
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
