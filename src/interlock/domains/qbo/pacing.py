"""Intuit's limits, kept on our side: requests a second, requests a minute, and in flight, per realm (qbo.md §7)."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

REQUESTS_A_SECOND = 10
REQUESTS_A_MINUTE = 500
IN_FLIGHT = 10


class Pacer:
    """Lets at most ``IN_FLIGHT`` requests run and never starts more than the limits allow in any window.

    ``limited=False`` keeps only the bound on requests in flight. ``timer`` (seconds) and ``sleep`` can be given.
    """

    def __init__(
        self,
        *,
        limited: bool = True,
        timer: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limited = limited
        self._timer = timer
        self._sleep = sleep
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self._turn = asyncio.Lock()
        self._windows = ((REQUESTS_A_SECOND, 1.0), (REQUESTS_A_MINUTE, 60.0))
        self._started: deque[float] = deque(maxlen=REQUESTS_A_MINUTE)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it while the request runs."""
        async with self._room:
            if self._limited:
                await self._wait_for_turn()
            yield

    async def _wait_for_turn(self) -> None:
        timer = self._timer or asyncio.get_running_loop().time
        async with self._turn:  # one waits, the rest queue behind it
            # Real starts are what counts: a busy loop wakes us late, and a start booked in advance would then crowd the next.
            while (pause := self._free_at() - timer()) > 0:
                await self._sleep(pause)
            self._started.append(timer())

    def _free_at(self) -> float:
        """When the windows have room for one more start."""
        return max(
            (self._started[-most] + seconds for most, seconds in self._windows if len(self._started) >= most),
            default=float("-inf"),
        )
