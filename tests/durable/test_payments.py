"""Workers move released payments on: each thing once, many side by side, and nothing is lost with the queue."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.app.worker import Workers
from interlock.infra.db import Database
from interlock.infra.durable.store import work_file
from tests.rails.ramp.at_ramp import Client, with_ramp
from tests.support.clock import clock_of
from tests.support.house import house_over, take_on
from tests.support.paying import Payments, new_intent
from tests.support.sandbox import Sandbox

_SECONDS = 45


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=1) as running:
        running.control("POST", "ramp/limit", {"requests": 100_000})
        yield running


@pytest.fixture
def client(queued: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[Client]:
    """Linked to Ramp, and not due for any reading: what workers do here is about payments."""
    house = with_ramp(house_over(queued, sandbox, tmp_path), sandbox)
    taken = sandbox.clients()[0]
    business, _ = take_on(house, taken)
    client = Client(house, sandbox, business, taken.realm_id)
    sandbox.control(
        "POST", f"ramp/{taken.realm_id}/begin-anew"
    )  # what it has in the books would speak against creating there
    client.link()
    yield client
    house.transport.close()
    sandbox.calm()


@contextmanager
def working(house: House) -> Iterator[Workers]:
    here = Workers(house)
    here.start()
    try:
        yield here
    finally:
        here.stop(_SECONDS)


def wait_until(what: str, holds: Callable[[], bool]) -> None:
    pause, until = threading.Event(), time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < until, f"{what} did not happen within {_SECONDS} s"
        pause.wait(0.05)


def test_what_is_released_is_sent_once_each(client: Client) -> None:
    payments = Payments(client.house, client.scope)
    made = [client.instruction(10_000 + number, key=new_intent(client.house)) for number in range(12)]
    with working(client.house):
        intents = payments.release(*made)
        wait_until("sending all", lambda: all(row.stage == "under_way" for row in payments.rows()))
    for intent in intents:
        assert len(client.under(intent)) == 1 and payments.steps(intent)[:2] == ["SendBegun", "SendMade"]
    payments.prove_the_log()


def test_losing_the_queue_loses_no_payment(client: Client) -> None:
    payments = Payments(client.house, client.scope)
    (intent,) = payments.release(client.instruction(key=new_intent(client.house)))
    client.sandbox.fault("drop", path="/v1/bills", method="POST", count=1)
    with working(client.house):
        wait_until("losing its answer", lambda: payments.row(intent).stage == "unknown")
    if client.house.database.dialect == "sqlite":
        for part in ("", "-wal", "-shm"):
            work_file(client.house.database).with_name(work_file(client.house.database).name + part).unlink(True)
    else:
        with client.house.database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM dbos.workflow_status")
    clock = clock_of(client.house)
    with working(client.house):
        for span in ({"minutes": 2}, {"minutes": 10}, {"hours": 1}):
            was = payments.row(intent).steps
            clock.wait(**span)
            wait_until("another look", lambda was=was: payments.row(intent).steps > was)  # type: ignore[misc]
    row = payments.row(intent)
    assert (row.stage, row.needs_person, client.under(intent)) == ("unknown", True, [])
    payments.prove_the_log()


def test_a_run_that_ended_without_moving_its_row_is_begun_anew(client: Client) -> None:
    """As when a database is restored from its backup, and its queue is not."""
    payments = Payments(client.house, client.scope)
    order = client.instruction(key=new_intent(client.house))
    first = f"pay:{order.key}:send:0"
    with working(client.house) as here:
        wait_until("working", here.working.is_set)
        wait_until(
            "the end of that run", lambda: not here._queue.enqueue("pay", payments.business_id, first, lane=None)
        )
        payments.release(order)
        wait_until("sending it", lambda: payments.row(order.key).stage == "under_way")
    assert (len(client.under(order.key)), payments.row(order.key).attempt) == (1, 2)
    payments.prove_the_log()
