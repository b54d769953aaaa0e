"""However many processes share a realm, and however they come, go, dawdle and die: together they keep its limits, and use them."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.domains.qbo.pacing import (
    BATCHES_A_MINUTE,
    IN_FLIGHT,
    REQUESTS,
    REQUESTS_A_MINUTE,
    REQUESTS_A_SECOND,
)
from interlock.infra.shares import GRACE_SECONDS, LEASE_SECONDS, Books, Report, settle
from tests.support.offices import Town, shortest
from tests.support.virtual_time import in_virtual_time

# Two sums of floats that should be equal may differ in their last digits.
_ROUNDING_SECONDS = 1e-6


def keeps_the_limits(town: Town) -> None:
    """One who can't reach the books for longer than a lease and its grace starts nothing, but what it has under way goes on."""
    assert shortest(town.starts, REQUESTS_A_SECOND) >= 1 - _ROUNDING_SECONDS, "eleven starts in a second"
    assert shortest(town.starts, REQUESTS_A_MINUTE) >= 60 - _ROUNDING_SECONDS, "501 starts in a minute"
    assert shortest(town.batches, BATCHES_A_MINUTE) >= 60 - _ROUNDING_SECONDS, "41 batches in a minute"
    assert town.most <= IN_FLIGHT or town.fails, f"{town.most} requests at once"


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    offices=st.integers(1, 14),
    number=st.integers(5, 60),
    within=st.sampled_from([0.0, 1.0, 8.0, 40.0]),
    lasts=st.sampled_from([0.0, 0.1, 1.5, 20.0]),
    late=st.sampled_from([0.0, 0.01, 0.9]),
    trip=st.sampled_from([0.0, 0.02, 1.5]),
    fails=st.sampled_from([0.0, 0.1]),
    deaths=st.integers(0, 3),
    seen=st.booleans(),
    come_within=st.sampled_from([0.0, 4.0]),
)
def test_no_interleaving_of_processes_exceeds_a_limit(
    seed: int,
    offices: int,
    number: int,
    within: float,
    lasts: float,
    late: float,
    trip: float,
    fails: float,
    deaths: int,
    seen: bool,
    come_within: float,
) -> None:
    town = Town(seed, late=late, trip_seconds=trip, fails=fails, deaths_are_seen=seen)

    async def story() -> None:
        for _ in range(offices):
            town.open().busy(number, within, lasts, begins=town.chance.random() * come_within)
        town.offices[0].busy(5, within, lasts, batch=True)
        await asyncio.gather(
            *(office.die(town.chance.random() * 10) for office in town.offices[1 : deaths + 1]), town.finished()
        )

    in_virtual_time(story())
    keeps_the_limits(town)
    living = [office for office in town.offices if office.name not in town.dead]
    expected = number * len(living) + 5
    assert sum(len(office.starts) for office in living) == expected, "everybody who lives gets done"


def test_a_part_given_up_is_free_once_its_holder_says_that_it_keeps_to_less() -> None:
    books = Books()

    def ask(holder: str, at: float, report: Report) -> tuple[int, int]:
        lease = settle(books, REQUESTS, holder, report, at)
        return lease.a_second, lease.in_flight

    assert ask("first", 0.0, Report()) == (10, 10)
    assert ask("second", 1.0, Report()) == (0, 0)
    assert ask("first", 2.0, Report(a_second=10, in_flight=10)) == (5, 5)
    assert ask("second", 2.1, Report()) == (0, 0), "the first may not have heard yet and still start ten"
    assert ask("first", 2.2, Report(a_second=5, in_flight=8, running=8)) == (5, 5)
    assert ask("second", 2.3, Report()) == (5, 2), "eight of the first's requests still run"
    assert ask("first", 2.4, Report(a_second=5, in_flight=5, running=1)) == (5, 5)
    assert ask("second", 2.5, Report(a_second=5, in_flight=2)) == (5, 5)


def test_a_minutes_limit_holds_for_all_together() -> None:
    town = Town(3, trip_seconds=0.02)

    async def story() -> None:
        for _ in range(3):
            town.open().busy(500, 20.0, 0.2)
        await town.finished()

    in_virtual_time(story())
    keeps_the_limits(town)
    assert len(town.starts) == 1_500
    assert town.starts[-1] < 185, "1,500 requests fit into a little over two minutes and a half"


def test_batches_have_a_limit_of_their_own_and_hold_nothing_else_up() -> None:
    town = Town(3)

    async def story() -> None:
        for _ in range(2):
            town.open().busy(50, 0.0, 0.2, batch=True)
            town.offices[-1].busy(100, 30.0, 0.2)
        await town.finished()

    in_virtual_time(story())
    keeps_the_limits(town)
    assert len(town.batches) == 100
    single = sorted(set(town.starts) - set(town.batches))
    assert single[-1] < 45, "a query waited for a batch"


@pytest.mark.parametrize(
    ("number", "latency", "alone_seconds"),
    [(100, 0.1, 9.1), (500, 0.1, 49.1), (1_000, 0.1, 109.1), (400, 1.0, 40.0), (300, 3.0, 90.0)],
)
def test_a_lone_process_is_not_slowed(number: int, latency: float, alone_seconds: float) -> None:
    """``alone_seconds``: what the limits alone allow, ten at a time, five hundred a minute, ten at once."""
    town = Town(1, trip_seconds=0.03)

    async def story() -> float:
        office = town.open()
        office.tasks += [asyncio.ensure_future(office.request(0.0, latency)) for _ in range(number)]
        await town.finished()
        return asyncio.get_running_loop().time()

    took = in_virtual_time(story())
    keeps_the_limits(town)
    assert alone_seconds / took >= 0.9, f"{took:.1f} s where the limits allow {alone_seconds} s"


@pytest.mark.parametrize("offices", [2, 4, 10])
def test_together_they_use_what_the_limits_allow_and_share_it_fairly(offices: int) -> None:
    town = Town(1, trip_seconds=0.03)

    async def story() -> None:
        for _ in range(offices):
            town.open().busy(2_000 // offices, 0.0, 0.2)
        await asyncio.sleep(120)
        for office in town.offices:
            await office.die(0)

    in_virtual_time(story())
    keeps_the_limits(town)
    assert len(town.starts) >= 1_000 * 0.85
    shares = sorted(len(office.starts) for office in town.offices)
    assert shares[-1] < 2 * shares[0], f"unfair: {shares}"


def test_more_processes_than_the_limit_has_parts_take_turns() -> None:
    town = Town(1)

    async def story() -> None:
        for _ in range(25):
            town.open().busy(60, 0.0, 0.1)
        await asyncio.sleep(120)
        for office in town.offices:
            await office.die(0)

    in_virtual_time(story())
    keeps_the_limits(town)
    assert min(len(office.starts) for office in town.offices) > 5, "somebody never had a turn"


def test_whoever_comes_later_has_a_share_within_a_few_seconds() -> None:
    town = Town(1)

    async def story() -> None:
        town.open().busy(2_000, 0.0, 0.1)
        await asyncio.sleep(20)
        town.open().busy(10, 0.0, 0.1)
        await asyncio.gather(*town.offices[1].tasks)
        await town.offices[0].die(0)

    in_virtual_time(story())
    assert town.offices[1].starts[0] - 20 < LEASE_SECONDS
    keeps_the_limits(town)


def test_one_after_the_other_costs_nobody_a_pause() -> None:
    """Commands in a row: each gives back what it has when it ends, and the next begins at once."""
    town = Town(1, trip_seconds=0.0)

    async def story() -> float:
        for _ in range(3):
            office = town.open()
            await office.request(0.0, 0.05)
            await office.pacer.close()
            assert not town.books.shares
        return asyncio.get_running_loop().time()

    assert in_virtual_time(story()) == pytest.approx(0.15)


def test_an_idle_realm_holds_nothing_and_asks_nothing() -> None:
    town = Town(1)

    async def story() -> tuple[int, int]:
        office = town.open()
        await office.request(0.0, 0.05)
        await asyncio.sleep(3)
        after_a_moment = office.trips.asked
        await asyncio.sleep(3_600)
        return after_a_moment, office.trips.asked

    assert in_virtual_time(story()) == (2, 2), "once to lease, once to give back"
    assert not town.books.shares


def test_a_request_that_takes_long_keeps_its_place_all_the_while() -> None:
    town = Town(1)

    async def story() -> None:
        first = town.open()
        first.tasks.append(asyncio.ensure_future(first.request(0.0, 60.0)))
        await asyncio.sleep(30)
        assert town.books.shares["office 0"].in_flight >= 1, "what still runs was given to others"
        second = town.open()
        second.busy(200, 0.0, 1.0)
        await town.finished()

    in_virtual_time(story())
    keeps_the_limits(town)


@pytest.mark.parametrize("seen", [True, False], ids=["known to be dead", "merely silent"])
def test_the_share_of_the_dead_is_free_soon(seen: bool) -> None:
    town = Town(1, deaths_are_seen=seen)

    async def story() -> float:
        town.open().busy(100, 0.0, 1.0)
        await town.offices[0].die(3.0)
        second = town.open()
        await second.request(0.0, 0.0)
        return second.starts[0] - 3.0

    waited = in_virtual_time(story())
    assert waited <= (1.5 if seen else LEASE_SECONDS + GRACE_SECONDS + 0.5)
    keeps_the_limits(town)


def test_a_throttled_realm_is_left_alone_by_everybody_until_the_pause_ends() -> None:
    town = Town(1)

    async def story() -> float:
        for _ in range(3):
            town.open().busy(400, 60.0, 0.1)
        await asyncio.sleep(10)
        await town.offices[0].pacer.pause(60)
        return asyncio.get_running_loop().time()

    async def whole() -> float:
        began = await story()
        await town.finished()
        return began

    began = in_virtual_time(whole())
    # The others learn of it with their next lease, which they renew at least every half lease.
    quiet = [at for at in town.starts if began + LEASE_SECONDS < at < began + 60]
    assert quiet == []
    assert not [at for at in town.offices[0].starts if began < at < began + 60]
    assert len(town.starts) == 1_200


def test_a_clock_set_back_by_an_hour_locks_nobody_out() -> None:
    books = Books()
    for at in range(30):
        assert settle(books, REQUESTS, "first", Report(ages=(0.1,) * 10, a_second=10), 10_000.0 + at).lasts
    lease = settle(books, REQUESTS, "second", Report(), 6_400.0)
    assert lease.a_second == 10, "the first one's lease ends in an hour by this clock, which means nothing"
    later = settle(books, REQUESTS, "second", Report(), 6_400.0 + 61)
    assert later.tokens > 0
