"""Plaid's limits, kept on our side: so many calls a minute for a login, and for all of ours together (plaid.md §9).

A login's own minute is counted in this process, which is the only one that reads a business at a time; what all share is
leased from the governor. Plaid sends no header that says how much is left.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from interlock.infra.allowance import Allowance, Alone, LeaseSource, Paused
from interlock.infra.shares import Limits

__all__ = ["BALANCES", "CALLS", "Pacer", "Paused"]

CALLS = Limits(a_second=40, a_minute=2_000, in_flight=20)
"""All calls but live balances: as the tightest of their kinds (``/identity/get``) allows."""
BALANCES = Limits(a_second=20, a_minute=1_200, in_flight=20)

LIVE = "accounts/balance/get"
_A_LOGINS_MINUTE = {LIVE: 5, "transactions/sync": 50, "item/remove": 30}
_OTHERS_A_MINUTE = 15
_MINUTE_SECONDS = 60.3
_MOST_MINUTES = 4_096


class Pacer:
    """Starts calls no faster than Plaid allows. ``limited=False`` lifts it, for measuring and for tests without a timer."""

    def __init__(
        self,
        *,
        limited: bool = True,
        calls: LeaseSource | None = None,
        balances: LeaseSource | None = None,
        timer: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limited = limited
        self._timer = timer or _loop_time
        self._sleep = sleep
        self._calls = Allowance(calls or Alone(CALLS, self._timer), timer=self._timer, sleep=sleep)
        self._balances = Allowance(balances or Alone(BALANCES, self._timer), timer=self._timer, sleep=sleep)
        self._minutes: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    @asynccontextmanager
    async def slot(self, resource: str, login: str | None, patience: float = float("inf")) -> AsyncIterator[None]:
        """Wait until ``resource`` may be asked for ``login``, and hold the place while it runs.

        ``Paused`` when that would take longer than ``patience`` seconds.
        """
        if not self._limited:
            yield
            return
        if login is not None:
            await self._logins_turn(resource, login, patience)
        shared = self._balances if resource == LIVE else self._calls
        async with shared.turn:
            await shared.until_ready(patience)
            start = shared.start()
        try:
            yield
        finally:
            shared.end(start)

    def used_up(self, resource: str, login: str | None) -> None:
        """Plaid says that this login's minute is used up, whoever used it."""
        if login is not None and self._limited:
            started = self._minute(resource, login)
            started.extend([self._timer()] * (_most(resource) - len(started)))

    async def close(self) -> None:
        """Give back what is leased."""
        await self._calls.close()
        await self._balances.close()

    async def _logins_turn(self, resource: str, login: str, patience: float) -> None:
        started = self._minute(resource, login)
        while True:
            now = self._timer()
            while started and started[0] <= now - _MINUTE_SECONDS:
                started.popleft()
            if len(started) < _most(resource):
                started.append(now)
                return
            wait = started[0] + _MINUTE_SECONDS - now
            if wait > patience:
                raise Paused(wait)
            await self._sleep(wait)

    def _minute(self, resource: str, login: str) -> deque[float]:
        key = (resource, login)
        found = self._minutes.setdefault(key, deque())
        self._minutes.move_to_end(key)
        if len(self._minutes) > _MOST_MINUTES:
            self._minutes.popitem(last=False)
        return found


def _most(resource: str) -> int:
    return _A_LOGINS_MINUTE.get(resource, _OTHERS_A_MINUTE)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
