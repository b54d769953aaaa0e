"""Several processes at one budget, in virtual time: each with an allowance of its own, the books in one place, trips between."""

import asyncio
from random import Random

from interlock.domains.qbo.pacing import BATCHES, REQUESTS, Pacer
from interlock.infra.shares import Books, Lease, Limits, Report, settle


class Unreachable(Exception):
    """The books can't be reached just now."""


class Trips:
    """A way to the books that takes ``seconds`` at most each way, and fails now and then, before or after it got there."""

    def __init__(self, town: "Town", holder: str, books: Books, limits: Limits) -> None:
        self.town = town
        self.holder = holder
        self.books = books
        self.limits = limits
        self.asked = 0

    async def ask(self, report: Report) -> Lease:
        self.asked += 1
        await self.town.travel()
        gone = frozenset(self.town.dead & set(self.books.shares)) if self.town.deaths_are_seen else frozenset()
        lease = settle(self.books, self.limits, self.holder, report, now(), gone)
        await self.town.travel()
        return lease

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(self.town.trip_seconds)
        self.books.paused_until = max(self.books.paused_until or 0.0, now() + seconds)


class Office:
    """One process."""

    def __init__(self, town: "Town", name: str) -> None:
        self.town = town
        self.name = name
        self.trips = Trips(town, name, town.books, REQUESTS)
        self.pacer = Pacer(
            requests=self.trips, batches=Trips(town, name, town.batch_books, BATCHES), sleep=town.sleep_late
        )
        self.tasks: list[asyncio.Task[None]] = []
        self.starts: list[float] = []

    async def request(self, arrives: float, lasts: float, *, batch: bool = False) -> None:
        await asyncio.sleep(arrives)
        while True:
            try:
                async with self.pacer.slot(batch=batch):
                    self.town.started(self, batch)
                    try:
                        await asyncio.sleep(lasts)
                    finally:
                        self.town.running -= 1
                return
            except Unreachable:
                continue

    def busy(self, number: int, within: float, lasts: float, *, batch: bool = False, begins: float = 0.0) -> None:
        """That many requests, each arriving ``within`` seconds of ``begins`` and lasting ``lasts`` at most."""
        chance = self.town.chance
        self.tasks += [
            asyncio.ensure_future(self.request(begins + chance.random() * within, chance.random() * lasts, batch=batch))
            for _ in range(number)
        ]

    async def die(self, after: float) -> None:
        """Without a word to anybody; what it had under way breaks off."""
        await asyncio.sleep(after)
        self.town.dead.add(self.name)
        mine = [task for task in (*self.tasks, *self._own_tasks()) if not task.done()]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)

    def _own_tasks(self) -> list["asyncio.Task[None]"]:
        found = []
        for allowance in (self.pacer._requests, self.pacer._batches):
            found += [task for task in (allowance._asking, allowance._keeping) if task is not None]
        return found


class Town:
    """All of them, and what the rail sees: ``starts`` of requests, ``batches`` among them, and the ``most`` at once."""

    def __init__(
        self,
        seed: int = 1,
        *,
        late: float = 0.0,
        trip_seconds: float = 0.005,
        fails: float = 0.0,
        deaths_are_seen: bool = False,
    ) -> None:
        self.chance = Random(seed)
        self.late = late
        self.trip_seconds = trip_seconds
        self.fails = fails
        self.deaths_are_seen = deaths_are_seen
        self.dead: set[str] = set()
        self.books = Books()
        self.batch_books = Books()
        self.offices: list[Office] = []
        self.starts: list[float] = []
        self.batches: list[float] = []
        self.running = self.most = 0

    def open(self) -> Office:
        self.offices.append(Office(self, f"office {len(self.offices)}"))
        return self.offices[-1]

    async def finished(self) -> None:
        """Everything that was asked for has been done, by those who live."""
        tasks = [task for office in self.offices for task in office.tasks]
        await asyncio.gather(*tasks, return_exceptions=True)

    def started(self, office: Office, batch: bool) -> None:
        self.starts.append(now())
        office.starts.append(now())
        if batch:
            self.batches.append(now())
        self.running += 1
        self.most = max(self.most, self.running)

    async def travel(self) -> None:
        await asyncio.sleep(self.chance.random() * self.trip_seconds)
        if self.chance.random() < self.fails:
            raise Unreachable

    async def sleep_late(self, seconds: float) -> None:
        """A busy loop wakes nobody in time."""
        await asyncio.sleep(seconds + self.chance.random() * self.late)


def now() -> float:
    return asyncio.get_running_loop().time()


def shortest(starts: list[float], most: int) -> float:
    """The least time in which ``most + 1`` requests began."""
    return min(
        (later - earlier for earlier, later in zip(starts, starts[most:], strict=False)),
        default=float("inf"),
    )
