"""Who lives is who renews a lease; one of them leads, and another when it is gone."""

from datetime import timedelta

from interlock.infra.db import Database
from interlock.infra.durable import workers
from interlock.infra.durable.workers import LEASES
from tests.support.at_once import at_once

LONG, OVER = timedelta(minutes=5), timedelta(seconds=-1)


def renew(database: Database, executor: str, lease: timedelta = LONG) -> bool:
    with database.writing(LEASES) as session:
        return workers.renew(session, executor, lease=lease, version="1")


def living(database: Database) -> list[str]:
    with database.reading(LEASES) as session:
        return [worker.executor_id for worker in workers.living(session)]


def test_the_first_leads_and_goes_on_leading(database: Database) -> None:
    assert renew(database, "a")
    assert not renew(database, "b")
    assert renew(database, "a")
    assert living(database) == ["a", "b"]


def test_another_leads_once_the_leader_is_silent(database: Database) -> None:
    assert renew(database, "a", OVER)
    assert living(database) == []
    assert renew(database, "b")
    assert not renew(database, "a"), "who was silent and comes back does not take the lead back"
    assert living(database) == ["a", "b"]


def test_a_lease_that_is_given_back_is_free_at_once(database: Database) -> None:
    renew(database, "a")
    renew(database, "b")
    with database.writing(LEASES) as session:
        workers.give_back(session, "a")
    assert living(database) == ["b"]
    assert renew(database, "b")


def test_the_dead_are_forgotten_and_the_living_are_not(database: Database) -> None:
    renew(database, "a", OVER)
    renew(database, "b")
    with database.writing(LEASES) as session:
        workers.forget_dead(session)
        assert {row.executor_id for row in session.query(workers.Worker)} == {"b"}


def test_of_many_that_begin_at_once_exactly_one_leads(database: Database) -> None:
    leaders: list[int] = []

    def begin(number: int) -> None:
        if renew(database, f"worker {number}"):
            leaders.append(number)

    at_once(8, begin)
    assert len(leaders) == 1
    assert len(living(database)) == 8
