"""Workers in this process, over a house and a sandbox: what is due gets done, and nobody waits for a slow neighbour."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from interlock.app.house import House
from interlock.app.worker import Workers
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.infra.durable import workers
from interlock.infra.durable.store import work_file
from interlock.infra.durable.workers import LEASES
from interlock.infra.translog import LogLine
from interlock.kernel.scope import Scope
from interlock.rails import schedule
from tests.support.house import house_over, take_on
from tests.support.mirror import differences, read_mirror
from tests.support.sandbox import Sandbox
from tests.support.world import read_world, witness

_SECONDS = 30


@pytest.fixture
def house(queued: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = house_over(queued, sandbox, tmp_path)
    yield made
    made.transport.close()
    sandbox.calm()


class Ends:
    """Counts the runs that ended, by business."""

    def __init__(self) -> None:
        self.of: list[str] = []
        self._changed = threading.Condition()

    def __call__(self, business_id: str) -> None:
        with self._changed:
            self.of.append(business_id)
            self._changed.notify_all()

    def wait(self, *business_ids: str, times: int = 1) -> None:
        with self._changed:
            assert self._changed.wait_for(
                lambda: all(self.of.count(business) >= times for business in business_ids), _SECONDS
            ), f"runs ended for {self.of} only"


@contextmanager
def working(house: House) -> Iterator[tuple[Workers, Ends]]:
    ends = Ends()
    here = Workers(house, ended=ends)
    here.start()
    try:
        yield here, ends
    finally:
        here.stop(_SECONDS)


def lines(database: Database, scope: Scope, action: str) -> list[dict[str, object]]:
    with database.reading(scope) as session:
        query = (
            select(LogLine.body)
            .where(LogLine.chain == scope.business_id, LogLine.action == action)
            .order_by(LogLine.seq)
        )
        return [json.loads(body) for body in session.scalars(query)]


def due_at(house: House, scope: Scope) -> datetime:
    with house.database.reading(scope) as session:
        row = schedule.find(session, scope, "qbo")
        assert row is not None
        return row.due_at


def hasten(house: House, scope: Scope) -> None:
    with house.database.writing(scope) as session:
        schedule.hasten(session, scope, "qbo", due_at=house.clock.now(), reason="notice")


def test_a_connected_client_is_synced_by_itself_and_then_left_alone(house: House, sandbox: Sandbox) -> None:
    client = sandbox.clients()[0]
    business, scope = take_on(house, client)
    with working(house) as (here, ends):
        ends.wait(business.business_id)
        with house.database.reading(LEASES) as session:
            assert [worker.executor_id for worker in workers.living(session)] == [here.executor_id]
        assert here.tick() == 0, "what was just synced is not due"
    world = read_world(witness(sandbox, client.realm_id), business.home_currency)
    assert differences(world, read_mirror(house.database, scope))[:20] == []
    assert due_at(house, scope) > house.clock.now()
    (line,) = lines(house.database, scope, "sync.finished")
    assert {"entities", "calls", "bytes", "milliseconds"} <= line.keys()
    with house.database.reading(LEASES) as session:
        assert workers.living(session) == [], "a worker that ends gives its lease back"


def test_a_hint_wakes_one_client_and_no_other(house: House, sandbox: Sandbox) -> None:
    ours = [take_on(house, client) for client in sandbox.clients()[:2]]
    with working(house) as (here, ends):
        ends.wait(*(business.business_id for business, _ in ours))
        (moved, scope), (still, _) = ours
        hasten(house, scope)
        here.wake()
        ends.wait(moved.business_id, times=2)
        assert ends.of.count(still.business_id) == 1
    assert [line["mode"] for line in lines(house.database, scope, "sync.finished")] == ["full", "changes"]


def test_a_slow_client_delays_no_other(house: House, sandbox: Sandbox) -> None:
    slow_client, *others = sandbox.clients()
    slow, slow_scope = take_on(house, slow_client)
    quick = [take_on(house, client)[0] for client in others]
    sandbox.fault("latency", seconds=10, path=f"/{slow_client.realm_id}/")
    here = Workers(house, ended=(ends := Ends()))
    here.start()
    ends.wait(*(business.business_id for business in quick))
    assert slow.business_id not in ends.of
    assert due_at(house, slow_scope) > house.clock.now(), "it is under way, so nobody else should begin it"
    began = time.monotonic()
    assert here.stop(0.2), "a sync that waits for an answer is cut off from it"
    assert time.monotonic() - began < 5
    assert due_at(house, slow_scope) <= house.clock.now(), "what was cut off is due at once, for whoever comes next"


def test_what_ended_in_the_queue_but_not_in_its_row_is_given_a_new_chance(house: House, sandbox: Sandbox) -> None:
    business, scope = take_on(house, sandbox.clients()[0])
    with working(house) as (here, ends):
        ends.wait(business.business_id)
        before = house.clock.now()
        for _ in range(2):  # the same instant again: as when a database is restored from its backup, its queue is not
            with house.database.writing(scope) as session:
                schedule.put_off(session, scope, "qbo", until=before)
            times = ends.of.count(business.business_id) + 1
            here.wake()
            ends.wait(business.business_id, times=times)
    assert len(lines(house.database, scope, "sync.finished")) == 3
    with house.database.reading(scope) as session:
        assert translog.verify(translog.lines(session, business.business_id))[1] == []
        assert session.execute(select(func.count()).select_from(LogLine)).scalar_one() > 0


def test_losing_the_queue_loses_nothing(house: House, sandbox: Sandbox) -> None:
    business, scope = take_on(house, sandbox.clients()[0])
    with working(house) as (_, ends):
        ends.wait(business.business_id)
    if house.database.dialect == "sqlite":
        for part in ("", "-wal", "-shm"):
            work_file(house.database).with_name(work_file(house.database).name + part).unlink(missing_ok=True)
    else:
        with house.database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM dbos.workflow_status")
    hasten(house, scope)
    with working(house) as (_, ends):
        ends.wait(business.business_id)
    assert len(lines(house.database, scope, "sync.finished")) == 2
