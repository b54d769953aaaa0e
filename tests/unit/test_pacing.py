"""Intuit's limits hold in every window, however late this machine wakes up and whoever gives up waiting."""

import asyncio
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.domains.qbo.pacing import IN_FLIGHT, REQUESTS_A_MINUTE, REQUESTS_A_SECOND, Pacer
from interlock.infra.shares import SECOND_SECONDS
from tests.support.virtual_time import in_virtual_time

# Two sums of floats that should be equal may differ in their last digits.
_ROUNDING_SECONDS = 1e-6


class Traffic:
    """Requests through one pacer in virtual time. ``starts`` are when they really began; ``most`` how many ran at once."""

    def __init__(self, seed: int, *, late_seconds: float, limited: bool = True) -> None:
        self.random = Random(seed)
        self.late_seconds = late_seconds
        self.pacer = Pacer(limited=limited, sleep=self.sleep_late)
        self.starts: list[float] = []
        self.running = self.most = 0

    async def sleep_late(self, seconds: float) -> None:
        """A busy loop wakes nobody in time."""
        await asyncio.sleep(seconds + self.random.random() * self.late_seconds)

    async def request(self, arrives: float, lasts: float) -> None:
        await asyncio.sleep(arrives)
        async with self.pacer.slot():
            self.starts.append(asyncio.get_running_loop().time())
            self.running += 1
            self.most = max(self.most, self.running)
            await asyncio.sleep(lasts)
            self.running -= 1

    async def all_of(self, number: int, within: float, lasts: float) -> None:
        requests = [self.request(self.random.random() * within, self.random.random() * lasts) for _ in range(number)]
        await asyncio.gather(*requests)


def shortest(starts: list[float], most: int) -> float:
    """The least time in which ``most + 1`` requests began."""
    return min(
        (later - earlier for earlier, later in zip(starts, starts[most:], strict=False)),
        default=float("inf"),
    )


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    number=st.integers(11, 150),
    within=st.sampled_from([0.0, 0.5, 3.0, 20.0]),
    lasts=st.sampled_from([0.0, 0.05, 1.5]),
    late=st.sampled_from([0.0, 0.01, 0.9]),
)
def test_never_more_than_ten_starts_in_any_second(
    seed: int, number: int, within: float, lasts: float, late: float
) -> None:
    traffic = Traffic(seed, late_seconds=late)
    in_virtual_time(traffic.all_of(number, within, lasts))
    assert len(traffic.starts) == number
    assert shortest(traffic.starts, REQUESTS_A_SECOND) >= 1 - _ROUNDING_SECONDS
    assert traffic.most <= IN_FLIGHT


@pytest.mark.parametrize("late", [0.0, 0.3])
def test_never_more_than_five_hundred_starts_in_any_minute(late: float) -> None:
    traffic = Traffic(7, late_seconds=late)
    in_virtual_time(traffic.all_of(1_300, 30.0, 0.2))
    assert shortest(traffic.starts, REQUESTS_A_MINUTE) >= 60 - _ROUNDING_SECONDS
    assert shortest(traffic.starts, REQUESTS_A_SECOND) >= 1 - _ROUNDING_SECONDS


def test_the_limits_are_used_and_not_merely_kept() -> None:
    traffic = Traffic(1, late_seconds=0.0)
    in_virtual_time(traffic.all_of(500, 0.0, 0.0))
    assert traffic.starts[-1] == pytest.approx(49 * SECOND_SECONDS, abs=0.01), "ten at a time, a second apart"


def test_whoever_gives_up_waiting_takes_no_place_with_them() -> None:
    async def story() -> float:
        pacer = Pacer()
        for _ in range(REQUESTS_A_SECOND):
            async with pacer.slot():
                pass
        impatient = [asyncio.create_task(pacer.slot().__aenter__()) for _ in range(IN_FLIGHT)]
        await asyncio.sleep(0.1)
        for task in impatient:
            task.cancel()
        await asyncio.gather(*impatient, return_exceptions=True)
        async with pacer.slot():
            return asyncio.get_running_loop().time()

    assert in_virtual_time(story()) == pytest.approx(SECOND_SECONDS, abs=0.01)


def test_without_limits_only_the_bound_on_requests_in_flight_is_left() -> None:
    traffic = Traffic(1, late_seconds=0.0, limited=False)
    in_virtual_time(traffic.all_of(300, 0.0, 0.001))
    assert traffic.most == IN_FLIGHT
    assert traffic.starts[-1] < 1
