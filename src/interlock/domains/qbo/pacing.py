"""Intuit's limits, kept on our side: requests a second and a minute, in flight, and batches, per realm (qbo.md §7)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from interlock.infra.allowance import Allowance, Alone, LeaseSource, Paused, Start
from interlock.infra.shares import Limits

__all__ = ["BATCHES", "REQUESTS", "Pacer", "Paused"]

REQUESTS_A_SECOND = 10
REQUESTS_A_MINUTE = 500
IN_FLIGHT = 10
BATCHES_A_MINUTE = 40
_BATCHES_A_SECOND = 5  # ours: a lease then holds few of the forty

Started = list[tuple[Allowance, Start]]

REQUESTS = Limits(REQUESTS_A_SECOND, REQUESTS_A_MINUTE, IN_FLIGHT)
BATCHES = Limits(_BATCHES_A_SECOND, BATCHES_A_MINUTE, IN_FLIGHT)


class Pacer:
    """Starts requests of one realm no faster than its limits allow, all processes together where leases come from a governor.

    Without ``requests`` and ``batches`` this process has the realm to itself. ``limited=False`` keeps only the bound on requests
    in flight. ``timer`` (seconds) and ``sleep`` can be given.
    """

    def __init__(
        self,
        *,
        limited: bool = True,
        requests: LeaseSource | None = None,
        batches: LeaseSource | None = None,
        timer: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limited = limited
        timer = timer or _loop_time
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self._requests = Allowance(requests or Alone(REQUESTS, timer), timer=timer, sleep=sleep)
        self._batches = Allowance(batches or Alone(BATCHES, timer), timer=timer, sleep=sleep)

    @asynccontextmanager
    async def slot(self, *, batch: bool = False, patience: float = float("inf")) -> AsyncIterator[None]:
        """Wait for a place, and hold it while the request runs. A ``batch`` has a limit of its own besides.

        ``Paused`` when the realm is to be left alone for longer than ``patience`` seconds.
        """
        if not self._limited:
            async with self._room:
                yield
            return
        started = await (self._start_batch(patience) if batch else self._start(patience))
        try:
            yield
        finally:
            for allowance, start in started:
                allowance.end(start)

    async def pause(self, seconds: float) -> None:
        """The realm is throttled: start nothing for ``seconds``, in no process."""
        if self._limited:
            await self._requests.pause(seconds)

    async def close(self) -> None:
        """Give back what is leased, so that others needn't wait for its end."""
        await self._requests.close()
        await self._batches.close()

    async def _start(self, patience: float) -> Started:
        async with self._requests.turn:
            await self._requests.until_ready(patience)
            return [(self._requests, self._requests.start())]

    async def _start_batch(self, patience: float) -> Started:
        async with self._batches.turn:
            while True:
                await self._batches.until_ready()
                async with self._requests.turn:
                    await self._requests.until_ready(patience)
                    if self._batches.ready():  # its lease may have ended while the request's place was waited for
                        return [(each, each.start()) for each in (self._batches, self._requests)]


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
