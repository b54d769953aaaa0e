"""The queue: once however often it is asked for, one run a business, nobody waits for a slow neighbour, the dead are replaced."""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from interlock.infra.db import Database, DatabaseBroken, open_database
from interlock.infra.durable.queue import Durable, Work
from interlock.infra.durable.store import prepare, queue_engine
from tests.support.postgres import PostgresServer

_SECONDS = 15


@contextmanager
def launched(database: Database, work: Work, *, executor: str = "here", side_by_side: int = 8) -> Iterator[Durable]:
    queue = Durable(database, executor, {"sync": work}, side_by_side=side_by_side)
    queue.launch()
    try:
        yield queue
    finally:
        queue.wait_idle(_SECONDS)
        queue.close()


class Runs:
    """Remembers what ran; a business in ``held`` waits until it is let go."""

    def __init__(self, *held: str) -> None:
        self.ended: list[tuple[str, str]] = []
        self.most = 0
        self._held = {business: threading.Event() for business in held}
        self._begun = 0
        self._running: list[str] = []
        self._changed = threading.Condition()

    def __call__(self, business_id: str, run_id: str) -> None:
        with self._changed:
            assert business_id not in self._running, "two runs of one business at once"
            self._running.append(business_id)
            self.most = max(self.most, len(self._running))
            self._begun += 1
            self._changed.notify_all()
        if business_id in self._held:
            assert self._held[business_id].wait(_SECONDS), "nobody let this run go"
        with self._changed:
            self._running.remove(business_id)
            self.ended.append((business_id, run_id))
            self._changed.notify_all()

    def let_go(self, business: str) -> None:
        self._held[business].set()

    def wait_begun(self, number: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._begun >= number, _SECONDS), f"only {self._begun} runs began"

    def wait_ended(self, number: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.ended) >= number, _SECONDS), f"only {self.ended} ended"


def test_asked_for_often_it_runs_once(queued: Database) -> None:
    runs = Runs()
    with launched(queued, runs) as queue:
        assert queue.enqueue("sync", "alder", "sync:alder:1")
        queue.enqueue("sync", "alder", "sync:alder:1")
        runs.wait_ended(1)
        assert queue.wait_idle(_SECONDS)
        wait_recorded(queued, "sync:alder:1", "SUCCESS")
        assert not queue.enqueue("sync", "alder", "sync:alder:1"), "what has ended says so instead of running again"
        assert queue.enqueue("sync", "alder", "sync:alder:2")
        runs.wait_ended(2)
    assert runs.ended == [("alder", "sync:alder:1"), ("alder", "sync:alder:2")]


def test_a_slow_business_delays_only_itself(queued: Database) -> None:
    runs = Runs("slow")
    with launched(queued, runs, side_by_side=2) as queue:
        queue.enqueue("sync", "slow", "sync:slow:1")
        queue.enqueue("sync", "slow", "sync:slow:2")
        runs.wait_begun(1)
        for name in ("alder", "birch", "cedar"):
            queue.enqueue("sync", name, f"sync:{name}:1")
        runs.wait_ended(3)
        assert {business for business, _ in runs.ended} == {"alder", "birch", "cedar"}
        runs.let_go("slow")
        runs.wait_ended(5)
    assert runs.most == 2


def test_short_works_of_one_business_run_side_by_side_and_one_that_a_dead_worker_left_is_taken_up(
    queued: Database,
) -> None:
    together, ended = threading.Barrier(3), threading.Semaphore(0)

    def work(_business_id: str, run_id: str) -> None:
        if not run_id.endswith("again"):
            together.wait(_SECONDS)  # in a lane the second would never come
        ended.release()

    with launched(queued, work) as queue:
        for number in range(3):
            assert queue.enqueue("sync", "alder", f"pay:{number}", lane=None)
        assert all(ended.acquire(timeout=_SECONDS) for _ in range(3))
        assert queue.enqueue("sync", "alder", "pay:again", lane=None)
        assert ended.acquire(timeout=_SECONDS)
        wait_recorded(queued, "pay:again", "SUCCESS")
        with looking_into(queued) as (connection, prefix):
            left = "status = 'PENDING', executor_id = 'dead', completed_at = NULL"
            connection.execute(text(f"UPDATE {prefix}workflow_status SET {left} WHERE workflow_uuid = 'pay:again'"))
        assert queue.recover({"here"}) == 1
        assert ended.acquire(timeout=_SECONDS), "it is run again, in the queue it was in"


def test_what_a_dead_worker_had_begun_is_taken_up_in_its_own_queue(queued: Database) -> None:
    runs = Runs()
    with launched(queued, runs) as queue:
        queue.enqueue("sync", "alder", "sync:alder:0")
        runs.wait_ended(1)
        wait_recorded(queued, "sync:alder:0", "SUCCESS")
        # As a worker leaves a run when it is killed.
        with looking_into(queued) as (connection, prefix):
            left = "status = 'PENDING', executor_id = 'dead', completed_at = NULL"
            connection.execute(text(f"UPDATE {prefix}workflow_status SET {left}"))
        assert queue.recover({"dead", "here"}) == 0, "whoever lives keeps what it has begun"
        assert queue.recover({"here"}) == 1
        queue.recover({"here"})
        runs.wait_ended(2)
        wait_recorded(queued, "sync:alder:0", "SUCCESS")
        assert queue.recover({"here"}) == 0
    assert runs.ended == [("alder", "sync:alder:0")] * 2, "at least once, and not a third time"


def test_what_another_version_left_behind_does_not_bar_its_business(queued: Database) -> None:
    runs = Runs()
    with launched(queued, runs) as queue:
        queue.enqueue("sync", "alder", "sync:alder:0")
        runs.wait_ended(1)
        wait_recorded(queued, "sync:alder:0", "SUCCESS")
        with looking_into(queued) as (connection, prefix):
            left = "status = 'PENDING', executor_id = 'dead', application_version = '0', completed_at = NULL"
            connection.execute(text(f"UPDATE {prefix}workflow_status SET {left}"))
        queue.enqueue("sync", "alder", "sync:alder:1")
        assert queue.recover({"here"}) == 0
        runs.wait_ended(2)
    assert runs.ended[-1] == ("alder", "sync:alder:1")


def test_a_run_that_fails_is_over_and_says_nothing_on_our_terminal(
    queued: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    def work(_business: str, _run: str) -> None:
        raise RuntimeError("of its own")

    with launched(queued, work) as queue:
        queue.enqueue("sync", "alder", "sync:alder:1")
        wait_recorded(queued, "sync:alder:1", "ERROR")
    assert capfd.readouterr() == ("", ""), "the library's own log lines belong on nobody's terminal"
    assert logging.getLogger("dbos").propagate is False


def test_only_ids_lie_in_the_queue_and_as_json(queued: Database) -> None:
    runs = Runs("alder")
    with launched(queued, runs) as queue:
        queue.enqueue("sync", "alder", "sync:alder:1")
        runs.wait_begun(1)
        with looking_into(queued) as (connection, prefix):
            (row,) = connection.execute(text(f"SELECT serialization, application_version FROM {prefix}workflow_status"))
            (kept,) = connection.execute(text(f"SELECT inputs FROM {prefix}workflow_input")).scalars()
        runs.let_go("alder")
    assert tuple(row) == ("portable_json", "2")
    assert kept == '{"namedArgs":{},"positionalArgs":["alder","sync:alder:1"]}'


def test_without_its_schema_the_owner_is_asked_for(postgres: PostgresServer) -> None:
    database = open_database(postgres.migrated_database())
    with pytest.raises(DatabaseBroken, match="interlock db upgrade"):
        Durable(database, "here", {}).launch()
    database.close()


def test_the_owner_prepares_once_and_the_apps_role_changes_no_schema(postgres: PostgresServer) -> None:
    owner = open_database(postgres.owner_database())
    with owner.engine.begin() as connection:
        connection.exec_driver_sql(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'interlock_app') THEN"
            " CREATE ROLE interlock_app NOLOGIN; END IF; END $$"
        )
    assert prepare(owner) is True
    assert prepare(owner) is False
    with owner.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE interlock_app")
        may = connection.exec_driver_sql("SELECT has_schema_privilege('dbos', 'CREATE')").scalar_one()
    owner.close()
    assert may is False


def test_it_launches_where_python_is_newer_than_sqlite(tmp_path: Path) -> None:
    """The library asks ``unixepoch('subsec')`` from Python 3.12 on, which SQLite before 3.42 answers with NULL."""
    code = """
import sys, threading
from interlock.infra.db import open_database
from interlock.infra.durable.queue import Durable
import dbos
sys.version_info = (3, 13, 0, "final", 0)
ran = threading.Event()
queue = Durable(open_database(sys.argv[1]), "here", {"sync": lambda business, run: ran.set()})
queue.launch()
queue.enqueue("sync", "alder", "sync:alder:1")
assert ran.wait(15)
queue.close()
"""
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path / 'interlock.db'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), (
        "the clock in store.py must answer what the library asks of SQLite"
    )


@pytest.mark.parametrize("question", ["unixepoch('subsec')", "strftime('%s', 'now')"])
def test_the_queues_clock_has_fractions_of_a_second_on_any_sqlite(tmp_path: Path, question: str) -> None:
    engine = queue_engine(open_database(f"sqlite:///{tmp_path / 'interlock.db'}"))
    with engine.connect() as connection:
        seen = {connection.execute(text(f"SELECT {question}")).scalar_one() for _ in range(5)}
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    engine.dispose()
    assert len(seen) > 1, "whole seconds let limits overshoot and make equal what came one after the other"


@contextmanager
def looking_into(database: Database) -> Iterator[tuple[Connection, str]]:
    """A connection to the queue's own tables, and what stands before their names."""
    engine = queue_engine(database)
    with engine.begin() as connection:
        yield connection, "dbos." if database.dialect == "postgresql" else ""
    engine.dispose()


def wait_recorded(database: Database, run_id: str, status: str) -> None:
    """Until the queue has written down how a run ended."""
    looked, found = threading.Event(), None
    for _ in range(_SECONDS * 20):
        with looking_into(database) as (connection, prefix):
            found = connection.execute(
                text(f"SELECT status FROM {prefix}workflow_status WHERE workflow_uuid = :id"), {"id": run_id}
            ).scalar()
        if found == status:
            return
        looked.wait(0.05)
    raise AssertionError(f"{run_id} is {found}, not {status}")
