"""A process's own part of a budget, kept to on this side: nothing starts without a token, a place and a quiet second.

Lives on one event loop. It asks for more before what it has runs out, gives everything back when it is idle, and stops
starting when its lease ends without an answer. No start waits for a trip to the database unless there is nothing left.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from interlock.infra.shares import LEASE_SECONDS, SECOND_SECONDS, Books, Lease, Limits, Report, settle

IDLE_SECONDS = 1.0
_TICK_SECONDS = 0.5
_AFTER_TROUBLE_SECONDS = 1.0
# Less than this may be lost in the sum of two floats, and a clock that doesn't move wakes nobody.
_SHORTEST_SECONDS = 0.001
# What is held up on its way (a connection to be made, a busy machine) arrives together with what was started after it.
_LATE_SECONDS = 0.25
_LATE_AT_FIRST_SECONDS = 5.0
_ANSWERS_ENOUGH, _ANSWERS_REMEMBERED = 10, 30
_FOREVER = float("inf")


class LeaseSource(Protocol):
    """Where leases come from."""

    async def ask(self, report: Report) -> Lease: ...
    async def pause(self, seconds: float) -> None:
        """Let nobody start for ``seconds``."""


class Paused(Exception):
    """Nobody starts anything for ``seconds``: the other side asked for it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(slots=True)
class Start:
    """When something was started, and how much later than that it may have reached the other side."""

    at: float
    late: float

    @property
    def arrives(self) -> float:
        """At the latest: the other side's seconds begin with this."""
        return self.at + self.late


class Alone:
    """The whole budget, for a process that shares it with nobody."""

    def __init__(self, limits: Limits, timer: Callable[[], float]) -> None:
        self._limits = limits
        self._timer = timer
        self._books = Books()

    async def ask(self, report: Report) -> Lease:
        return settle(self._books, self._limits, "alone", report, self._timer())

    async def pause(self, seconds: float) -> None:
        self._books.paused_until = max(self._books.paused_until or 0.0, self._timer() + seconds)


class Allowance:
    """Starts that a lease allows. ``turn`` is held by the one who waits; the rest queue behind it."""

    def __init__(
        self, source: LeaseSource, *, timer: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self.turn = asyncio.Lock()
        self._source = source
        self._timer = timer
        self._sleep = sleep
        self._lease = Lease()
        self._ends = self._paused_until = self._ask_at = self._used_at = -_FOREVER
        self._tokens = 0
        self._running = self._waiting = 0
        self._second: list[Start] = []
        self._unreported: list[Start] = []
        self._answers: deque[float] = deque(maxlen=_ANSWERS_REMEMBERED)
        self._asking: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._trouble: Exception | None = None
        self._changed = asyncio.Event()

    async def until_ready(self, patience: float = _FOREVER) -> None:
        """Return when something may start now; what kept the budget from answering is raised here.

        ``Paused`` when everybody has to wait longer than ``patience`` seconds.
        """
        self._waiting += 1
        try:
            while (wait := self._wait()) > 0:
                if (pause := self._paused_until - self._timer()) > patience:
                    raise Paused(pause)
                await self._nap(wait)
                if self._trouble is not None:
                    trouble, self._trouble = self._trouble, None
                    raise trouble
        finally:
            self._waiting -= 1

    def ready(self) -> bool:
        return self._wait() <= 0

    def start(self) -> "Start":
        """Use a token and a place, now; the caller has seen that it is ``ready``, and hands this back at the ``end``."""
        self._used_at = now = self._timer()
        self._tokens -= 1
        self._running += 1
        started = Start(now, self._late_at_most())
        self._second.append(started)
        self._unreported.append(started)
        if self._tokens < self._lease.a_second:
            self._ask()
        return started

    def end(self, started: "Start") -> None:
        """It was answered, so it had arrived. What it took longer than the quickest ones may have been the way there."""
        self._used_at = now = self._timer()
        self._running -= 1
        took = now - started.at
        usual = min(self._answers) if len(self._answers) >= _ANSWERS_ENOUGH else 0.0
        started.late = min(max(took - usual, 0.0), started.late)
        self._answers.append(took)
        self._changed.set()

    def _late_at_most(self) -> float:
        return _LATE_SECONDS if len(self._answers) >= _ANSWERS_ENOUGH else _LATE_AT_FIRST_SECONDS

    async def pause(self, seconds: float) -> None:
        """Nobody starts for ``seconds``, here at once and elsewhere from their next lease on."""
        self._paused_until = max(self._paused_until, self._timer() + seconds)
        await self._source.pause(seconds)

    async def close(self) -> None:
        """Give everything back."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._asking is not None:
            await asyncio.gather(self._asking, return_exceptions=True)
        if self._holds():
            await self._exchange(wants=False)

    def _wait(self) -> float:
        """Seconds until something may start, as far as is known; for ever until something changes."""
        now = self._timer()
        if self._paused_until > now:
            return self._paused_until - now
        if self._ends <= now or self._tokens <= 0 or not self._lease.a_second:
            if self._asking is None and self._ask_at <= now:
                self._ask()
            return _FOREVER if self._asking is not None else self._ask_at - now
        if self._running >= self._lease.in_flight:
            return _FOREVER
        self._second = [each for each in self._second if each.arrives > now - SECOND_SECONDS]
        if len(self._second) < self._lease.a_second:
            return 0.0
        return sorted(each.arrives for each in self._second)[-self._lease.a_second] + SECOND_SECONDS - now

    async def _nap(self, seconds: float) -> None:
        self._changed.clear()
        changed = asyncio.ensure_future(self._changed.wait())
        waits: list[asyncio.Future[object]] = [changed]  # type: ignore[list-item]
        if seconds != _FOREVER:
            waits.append(asyncio.ensure_future(self._sleep(max(seconds, _SHORTEST_SECONDS))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _ask(self) -> None:
        if self._asking is None and self._ask_at <= self._timer():
            self._asking = asyncio.ensure_future(self._exchange(wants=True))

    async def _exchange(self, *, wants: bool) -> None:
        asked_at = self._timer()
        if not wants:
            self._lease, self._ends, self._tokens = Lease(), -_FOREVER, 0  # what is given back starts nothing meanwhile
        reported, self._unreported = self._unreported, []
        held = self._ends > asked_at
        report = Report(
            tuple(asked_at - each.arrives for each in reported),
            self._running,
            self._lease.a_second if held else 0,
            max(self._lease.in_flight if held else 0, self._running),
            wants,
        )
        try:
            lease = await self._source.ask(report)
        except Exception as trouble:  # noqa: BLE001 - whatever the database said is raised to those who wait, and asked again
            self._unreported = reported + self._unreported
            self._ask_at = self._timer() + _AFTER_TROUBLE_SECONDS
            self._trouble = trouble if self._waiting and self._ends <= self._timer() else None
            self._asking = None
            self._changed.set()
            return
        self._asking = None
        self._apply(lease, asked_at)

    def _apply(self, lease: Lease, asked_at: float) -> None:
        now = self._timer()
        shrinks = lease.a_second < self._lease.a_second or lease.in_flight < self._lease.in_flight
        self._lease = lease
        self._tokens = lease.tokens - len(self._unreported)
        self._ends = asked_at + lease.lasts
        self._ask_at = now + lease.again
        self._paused_until = max(self._paused_until, now + lease.paused if lease.paused else -_FOREVER)
        if lease.second is not None:
            self._second = [*(Start(now - age, 0.0) for age in lease.second), *self._unreported]
        self._changed.set()
        if shrinks and lease.lasts:
            self._asking = asyncio.ensure_future(self._exchange(wants=True))  # say so, and the rest is somebody else's
        if self._keeping is None and lease.lasts:
            self._keeping = asyncio.ensure_future(self._keep())

    async def _keep(self) -> None:
        """While there is a lease: renew it in time, and give it back when nothing has used it for a while."""
        try:
            while self._holds():
                await self._sleep(_TICK_SECONDS)
                now = self._timer()
                quiet = not self._running and (self._paused_until > now or not self._waiting)
                if quiet and now - self._used_at >= IDLE_SECONDS and self._asking is None:
                    self._asking = asyncio.ensure_future(self._exchange(wants=False))
                    await asyncio.wait({self._asking})
                elif self._ends - now < LEASE_SECONDS / 2:
                    self._ask()
        finally:
            self._keeping = None

    def _holds(self) -> bool:
        return self._ends > self._timer() or bool(self._unreported) or self._asking is not None or bool(self._running)
