"""A rail's limits, kept on our side: for rails that count all requests alike (QuickBooks and Plaid count theirs by kind)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import ClassVar

from interlock.infra.allowance import Allowance, Alone, LeaseSource
from interlock.infra.shares import Limits


class BudgetPacer:
    """Starts requests under one budget no faster than ``limits`` allow, all processes together where leases come from a governor.

    ``limited=False`` keeps only the bound on requests in flight. ``timer`` (seconds) and ``sleep`` can be given.
    """

    limits: ClassVar[Limits]

    def __init__(
        self,
        *,
        limited: bool = True,
        requests: LeaseSource | None = None,
        timer: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        timer = timer or _loop_time
        self._limited = limited
        self._room = asyncio.Semaphore(self.limits.in_flight)
        self._requests = Allowance(requests or Alone(self.limits, timer), timer=timer, sleep=sleep)

    @asynccontextmanager
    async def slot(self, *, patience: float = float("inf")) -> AsyncIterator[None]:
        """Wait for a place, and hold it while the request runs. ``Paused`` when that would be longer than ``patience`` seconds."""
        if not self._limited:
            async with self._room:
                yield
            return
        async with self._requests.turn:
            await self._requests.until_ready(patience)
            start = self._requests.start()
        try:
            yield
        finally:
            self._requests.end(start)

    async def pause(self, seconds: float) -> None:
        """Whoever is asked is throttling us: start nothing for ``seconds``, in no process."""
        if self._limited:
            await self._requests.pause(seconds)

    async def close(self) -> None:
        """Give back what is leased, so that others needn't wait for its end."""
        await self._requests.close()


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
