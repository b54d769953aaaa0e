"""A worker killed in the middle of a sync: another one, or the next one, finishes it. Nothing is lost and nothing is doubled."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select

from interlock.app.house import House
from interlock.infra import translog
from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import upgrade
from interlock.infra.durable import workers
from interlock.infra.durable.workers import LEASES
from interlock.infra.translog import LogLine
from interlock.kernel.scope import Scope
from interlock.rails import schedule
from tests.support.commands import environment_of, running
from tests.support.house import house_over, take_on
from tests.support.mirror import differences, read_mirror
from tests.support.postgres import PostgresServer
from tests.support.sandbox import Sandbox
from tests.support.world import read_world, witness

_LATENCY_SECONDS = 0.5
_SECONDS = 45


@pytest.fixture
def slow(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Answers take their time, so that a sync has a middle; calmed once a worker is killed in it."""
    sandbox.fault("latency", seconds=_LATENCY_SECONDS)
    yield sandbox
    sandbox.calm()


@pytest.fixture
def file_house(slow: Sandbox, tmp_path: Path) -> Iterator[House]:
    database = open_database(f"sqlite:///{tmp_path / 'interlock.db'}")
    upgrade(database)
    with house_over(database, slow, tmp_path) as made:
        yield made


@pytest.fixture
def server_house(slow: Sandbox, postgres: PostgresServer, tmp_path: Path) -> Iterator[House]:
    with house_over(open_database(postgres.queued_database()), slow, tmp_path) as made:
        yield made


def wait_for(what: str, holds: Callable[[], bool]) -> None:
    """Look again and again until something another process does has happened."""
    pause, until = threading.Event(), time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < until, f"{what} did not happen within {_SECONDS} s"
        pause.wait(0.02)


def count(database: Database, scope: Scope, action: str) -> int:
    with database.reading(scope) as session:
        query = select(func.count()).select_from(LogLine)
        return session.execute(query.where(LogLine.action == action, LogLine.chain == scope.business_id)).scalar_one()


def in_mid_sync(database: Database, scope: Scope) -> bool:
    """Pages are in, and the sync is not at its end."""
    assert count(database, scope, "sync.finished") == 0, "the sync ended before it could be killed: raise the latency"
    return count(database, scope, "mirror.page") > 0


def holds_the_world(house: House, scope: Scope, slow: Sandbox) -> None:
    (client,) = slow.clients()[:1]
    assert differences(read_world(witness(slow, client.realm_id)), read_mirror(house.database, scope))[:20] == []
    with house.database.reading(scope) as session:
        log = list(translog.lines(session, str(scope.business_id)))
        assert translog.verify(log)[1] == []
        row = schedule.find(session, scope, "qbo")
        assert row is not None and (row.failures, row.holder) == (0, None)
    pages = [json.loads(line.body) for line in log if line.action == "mirror.page"]
    roots = [page["root"] for page in pages]
    assert len(roots) == len(set(roots)), "a page was written twice"


def test_serve_is_killed_in_mid_sync_and_its_successor_finishes(file_house: House, slow: Sandbox) -> None:
    (client,) = slow.clients()[:1]
    business, scope = take_on(file_house, client)
    environment = environment_of(file_house.settings)
    with running("serve", "--port", "0", environment=environment) as first:
        wait_for("the middle of a sync", lambda: in_mid_sync(file_house.database, scope))
        first.kill()
        first.wait()
    slow.calm()
    assert count(file_house.database, scope, "sync.finished") == 0
    with running("serve", "--port", "0", environment=environment) as second:
        wait_for("the end of the sync", lambda: count(file_house.database, scope, "sync.finished") == 1)
        began = time.monotonic()
        second.send_signal(signal.SIGINT)
        assert second.stderr is not None
        assert (second.wait(10), second.stderr.read()) == (130, ""), "an interrupt ends it without a word"
        took = time.monotonic() - began
    assert took < 3, f"ending took {took:.1f} s"

    holds_the_world(file_house, scope, slow)
    assert business.business_id == scope.business_id


def worker_of(process: "subprocess.Popen[str]", database: Database) -> str:
    with database.reading(LEASES) as session:
        (found,) = [each.executor_id for each in workers.living(session) if f":{process.pid}:" in each.executor_id]
    return found


def test_of_two_workers_one_is_killed_in_mid_sync_and_the_other_finishes(server_house: House, slow: Sandbox) -> None:
    database = server_house.database
    environment = environment_of(server_house.settings)
    (client,) = slow.clients()[:1]
    with ExitStack() as both:
        processes = [both.enter_context(running("worker", environment=environment)) for _ in range(2)]
        of = {worker_of(process, database): process for process in processes}
        _, scope = take_on(server_house, client)
        wait_for("the middle of a sync", lambda: in_mid_sync(database, scope))
        begun = "SELECT executor_id FROM dbos.workflow_status WHERE status = 'PENDING'"
        with database.engine.connect() as connection:
            (at_work,) = connection.exec_driver_sql(begun).scalars()
        of[at_work].kill()
        of[at_work].wait()
        slow.calm()
        (other,) = set(of) - {at_work}
        wait_for("the end of the sync", lambda: count(database, scope, "sync.finished") == 1)
        with database.engine.connect() as connection:
            by = connection.exec_driver_sql(
                "SELECT executor_id, status, recovery_attempts FROM dbos.workflow_status"
            ).all()
        assert [each.executor_id for each in by] == [other], "one run, and the living worker ended it"
        began = time.monotonic()
        of[other].send_signal(signal.SIGTERM)
        assert of[other].wait(10) == 0
        took = time.monotonic() - began
    assert took < 3, f"ending took {took:.1f} s"
    holds_the_world(server_house, scope, slow)
    with database.reading(LEASES) as session:
        assert workers.living(session) == [], "a worker that is told to end gives its lease back"


def test_on_sqlite_a_worker_of_its_own_is_refused_with_what_to_do(file_house: House) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "interlock", "worker"],
        capture_output=True,
        text=True,
        env={**os.environ, **environment_of(file_house.settings)},
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "interlock serve" in done.stderr and "PostgreSQL" in done.stderr


def test_pages_are_answered_where_workers_can_not_start(
    sandbox: Sandbox, postgres: PostgresServer, tmp_path: Path
) -> None:
    with house_over(open_database(postgres.migrated_database()), sandbox, tmp_path) as house:
        environment = environment_of(house.settings)
    with running("serve", "--port", "0", environment=environment) as serving:
        assert serving.stderr is not None
        said = serving.stderr.readline()
        with urllib.request.urlopen(f"{serving.address}/api/v1/health") as answer:
            assert json.load(answer)["status"] == "empty"
    assert "Workers can't start" in said and "interlock db upgrade" in said
