"""The books of a budget in the database: one short exchange at a time, told by the database's clock, free of the dead."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from interlock.infra.db import Database
from interlock.infra.governor import Budget, BudgetLease, Governor
from interlock.infra.shares import LEASE_SECONDS, Lease, Limits, Report
from interlock.kernel.scope import SystemScope
from tests.support.at_once import at_once

EVERYTHING = SystemScope("tests look at everything")
LIMITS = Limits(a_second=10, a_minute=500, in_flight=10)
NAME = "qbo:123"


@pytest.fixture
def governors(database: Database) -> Iterator[tuple[Governor, Governor]]:
    """Two processes, as far as the books can tell."""
    both = Governor(database, holder="first"), Governor(database, holder="second")
    yield both
    for each in both:
        each.close()


def standing(database: Database, name: str = NAME) -> dict[str, tuple[int, int]]:
    with database.reading(EVERYTHING) as session:
        query = select(BudgetLease).where(BudgetLease.name == name)
        return {lease.holder: (lease.a_second, lease.in_flight) for lease in session.scalars(query)}


def test_one_leases_all_two_share_and_whoever_gives_back_leaves_nothing(
    database: Database, governors: tuple[Governor, Governor]
) -> None:
    first, second = governors
    whole = first.ask(NAME, LIMITS, Report())
    assert (whole.a_second, whole.in_flight, whole.tokens) == (10, 10, 25)
    assert whole.lasts == LEASE_SECONDS
    assert second.ask(NAME, LIMITS, Report()).a_second == 0, "all of it is held"
    half = first.ask(NAME, LIMITS, Report(ages=(0.0,) * 5, a_second=10, in_flight=10))
    assert (half.a_second, half.in_flight) == (5, 5)
    first.ask(NAME, LIMITS, Report(a_second=5, in_flight=5))
    other = second.ask(NAME, LIMITS, Report())
    assert (other.a_second, other.in_flight) == (5, 5)
    assert other.second is not None
    assert len(other.second) == 5, "what the first just started still counts in the second's second"
    for each in governors:
        each.ask(NAME, LIMITS, Report(wants=False))
    assert standing(database) == {}


def test_budgets_do_not_touch_each_other(database: Database, governors: tuple[Governor, Governor]) -> None:
    first, second = governors
    assert first.ask(NAME, LIMITS, Report()).a_second == 10
    assert second.ask("qbo:456", LIMITS, Report()).a_second == 10
    assert standing(database) == {"first": (10, 10)}


def test_the_tokens_of_a_minute_are_given_once_whoever_asks_at_the_same_time(database: Database) -> None:
    limits = Limits(a_second=1_000, a_minute=100, in_flight=1_000)
    given: list[int] = []

    def work(number: int) -> None:
        governor = Governor(database, holder=f"process {number}")
        lease, used = Lease(), 0
        for _ in range(6):
            # Everything it was given was used at once.
            lease = governor.ask(NAME, limits, Report((0.0,) * lease.tokens, 0, lease.a_second, lease.in_flight))
            used += lease.tokens
        given.append(used)
        governor.close()

    at_once(4, work)
    assert sum(given) == 100, f"a minute's hundred were given as {given}"


def test_clocks_of_machines_may_differ_where_a_server_tells_the_time(database: Database) -> None:
    """On a server nobody looks at its own clock; an SQLite file is on one machine."""
    if database.dialect == "sqlite":
        shifted = Governor(database, holder="ahead"), Governor(database, holder="behind")
    else:
        shifted = (
            Governor(database, holder="ahead", wall=lambda: 9e9),
            Governor(database, holder="behind", wall=lambda: 1e9),
        )
    assert shifted[0].ask(NAME, LIMITS, Report()).a_second == 10
    assert shifted[1].ask(NAME, LIMITS, Report()).a_second == 0
    assert shifted[0].ask(NAME, LIMITS, Report(a_second=10, in_flight=10)).a_second == 5
    for each in shifted:
        each.close()


def test_a_pause_holds_for_everybody_and_a_shorter_one_does_not_end_it(governors: tuple[Governor, Governor]) -> None:
    first, second = governors
    first.ask(NAME, LIMITS, Report())
    first.pause(NAME, 60)
    second.pause(NAME, 1)
    assert 55 < first.paused(NAME) <= 60
    lease = second.ask(NAME, LIMITS, Report())
    assert (lease.a_second, lease.tokens) == (0, 0)
    assert 55 < lease.paused <= 60
    renewed = first.ask(NAME, LIMITS, Report(a_second=10, in_flight=10))
    assert (renewed.a_second, renewed.in_flight) == (0, 0), "a lease that stands ends with the pause too"
    assert first.paused("qbo:456") == 0.0


def test_what_a_process_held_that_was_killed_is_free_at_once(database: Database) -> None:
    code = (
        "import sys; from interlock.infra.db import open_database; from interlock.infra.governor import Governor;"
        "from interlock.infra.shares import Limits, Report;"
        f"Governor(open_database(sys.argv[1])).ask('{NAME}', Limits(10, 500, 10), Report());"
        "print('holds', flush=True); sys.stdin.read()"
    )
    url = database.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-c", code, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holds\n"
    governor = Governor(database)
    assert governor.ask(NAME, LIMITS, Report()).a_second == 0
    process.kill()
    process.communicate()
    lease = governor.ask(NAME, LIMITS, Report())
    assert (lease.a_second, lease.in_flight) == (10, 10)
    assert lease.second is not None
    assert len(lease.second) == 25, "what it may have started in its last second still counts"
    governor.close()


def test_a_minutes_worth_of_starts_stays_short_to_write_down(database: Database) -> None:
    governor = Governor(database, holder="first")
    for _ in range(20):
        governor.ask(NAME, LIMITS, Report(ages=tuple(number * 0.1 for number in range(25)), a_second=10))
    with database.reading(EVERYTHING) as session:
        spent = session.execute(select(func.length(Budget.spent)).where(Budget.name == NAME)).scalar_one()
    assert spent < 16_000
    governor.close()
