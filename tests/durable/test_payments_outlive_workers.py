"""Two workers on PostgreSQL, one of them killed in the midst of payments: the other finishes them all, each sent once."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from interlock.infra.db import Database, open_database
from tests.durable.test_killed_workers import wait_for, worker_of
from tests.rails.ramp.at_ramp import Client, with_ramp
from tests.support.clock import clock_of
from tests.support.commands import environment_of, running
from tests.support.house import house_over, take_on
from tests.support.paying import Payments, new_intent
from tests.support.postgres import PostgresServer
from tests.support.sandbox import Sandbox

_PAYMENTS = 24
_LATENCY_SECONDS = 0.2


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("sandbox"), clients=1) as running_sandbox:
        running_sandbox.control("POST", "ramp/limit", {"requests": 100_000})
        yield running_sandbox


@pytest.fixture
def client(sandbox: Sandbox, postgres: PostgresServer, tmp_path: Path) -> Iterator[Client]:
    """Its clock is the sandbox's, as that of the workers."""
    database = open_database(postgres.queued_database())
    house = with_ramp(house_over(database, sandbox, tmp_path), sandbox)
    taken = sandbox.clients()[0]
    business, _ = take_on(house, taken)
    client = Client(house, sandbox, business, taken.realm_id)
    client.link()
    yield client
    sandbox.calm()
    house.close()


def at_work(database: Database) -> list[str]:
    """The workers that have payments under way."""
    begun = "SELECT DISTINCT executor_id FROM dbos.workflow_status WHERE status = 'PENDING' AND name = 'pay'"
    with database.engine.connect() as connection:
        return list(connection.exec_driver_sql(begun).scalars())


def test_of_two_workers_one_is_killed_among_payments_and_the_other_finishes_them(client: Client) -> None:
    payments, database = Payments(client.house, client.scope), client.house.database
    settings, clock = client.house.settings, clock_of(client.house)
    environment = {**environment_of(settings), "INTERLOCK_RAMP_API_URL": settings.ramp_api_url}
    made = [client.hand_off(20_000 + number, key=new_intent(client.house)) for number in range(_PAYMENTS)]
    client.sandbox.fault("latency", seconds=_LATENCY_SECONDS, path="/v1/bills")
    with ExitStack() as both:
        processes = [both.enter_context(running("worker", environment=environment)) for _ in range(2)]
        of = {worker_of(process, database): process for process in processes}
        intents = payments.release(*made, way="hand_off")
        wait_for("both at work", lambda: len(at_work(database)) == 2)
        killed = at_work(database)[0]
        of[killed].kill()
        of[killed].wait()
        client.sandbox.calm()
        (other,) = set(of) - {killed}
        wait_for("the other's taking over", lambda: killed not in at_work(database))
        wait_for("sending all the others", lambda: all(row.todo != "send" for row in payments.rows()))
        wait_for("an end of that", lambda: not at_work(database))
        cut_off = [row.intent_id for row in payments.rows() if row.todo == "look_up"]
        for seconds in (150, 660, 3_660):
            client.sandbox.control("POST", "clock/advance", {"seconds": seconds, "live": False})
            clock.wait(seconds=seconds)
            wait_for("looking up what was cut off", lambda: nothing_is_due(payments, clock.now()))
        assert of[other].poll() is None
    for intent in intents:
        there, row, steps = client.under(intent), payments.row(intent), payments.steps(intent)
        assert (len(there), row.stage) in {(1, "waiting"), (0, "unknown")}, (
            f"{intent} is {row.stage}, and at Ramp {there}"
        )
        assert len(there) == 1 or row.needs_person, "what was cut off before it arrived is a person's to look at"
        assert steps.count("SendBegun") == 1 and ("SendMade" in steps) == (intent not in cut_off)
    payments.prove_the_log()


def nothing_is_due(payments: Payments, now: datetime) -> bool:
    return all(row.due_at is None or row.due_at > now for row in payments.rows())
