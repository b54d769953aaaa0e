"""What depends on the database: keys kept sealed, one token for all, one sending at a time, rows written once. And the commands."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock.app.house import House
from interlock.infra.db import Database, open_database
from interlock.kernel.errors import Busy
from tests.rails.ramp.at_ramp import Client, with_ramp
from tests.rails.ramp.conftest import Takes
from tests.support.commands import environment_of
from tests.support.house import house_over
from tests.support.sandbox import Sandbox


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "sqlite":
        yield request.getfixturevalue("embedded")
    else:
        opened = open_database(request.getfixturevalue("postgres").migrated_database())
        yield opened
        opened.close()


@pytest.fixture
def house(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = with_ramp(house_over(database, sandbox, tmp_path), sandbox)
    yield made
    made.end_calls()
    sandbox.calm()


def test_linked_read_paid_and_read_again(takes: Takes) -> None:
    client = takes(0)
    client.link()
    client.sync.sync()
    order = client.instruction_without_a_token()
    ended = _at_once(3, client, order)
    made = [each for each in ended if not isinstance(each, Exception)]
    assert made and {each.rail_id for each in made} == {each["id"] for each in client.under(order.key)}
    assert all(isinstance(each, Busy) for each in ended if isinstance(each, Exception)), ended
    client.sync.sync()
    again = client.sync.sync()
    assert made[0].rail_id in client.bills() and [each.upserted for each in again.entities] == [0, 0, 0]


def _at_once(many: int, client: Client, order: Any) -> list[Any]:
    """The same order from as many threads, each with a rail of its own."""
    together, ended = threading.Barrier(many), list[Any]()

    def pay() -> None:
        rail = client.rail
        together.wait(10)
        try:
            ended.append(client.run(rail.pay_bill(order)))
        except Exception as trouble:  # noqa: BLE001 - whatever a thread met is judged by the test
            ended.append(trouble)

    threads = [threading.Thread(target=pay) for _ in range(many)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return ended


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_commands_take_the_secret_from_stdin_or_environment_and_never_from_the_line(takes: Takes) -> None:
    client = takes(1)
    there, settings = client.there(), client.house.settings
    environment = {**environment_of(settings), "INTERLOCK_RAMP_API_URL": settings.ramp_api_url}

    def said(*command: str, secret: str = "", **more: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "interlock", *command],
            input=secret,
            env={**environment, **more},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout + done.stderr

    connect = ("connect", "ramp", client.business.slug, "--client-id", there["client_id"])
    code, words = said(*connect, "--client-secret", there["client_secret"])
    assert code == 2 and there["client_secret"] not in words, words
    code, words = said(*connect)
    assert code == 2 and "INTERLOCK_RAMP_CLIENT_SECRET" in words.replace("\n", "")
    code, words = said(*connect, "--client-secret", "-", secret=f"{there['client_secret']}\n")
    assert code == 0 and there["business_id"] in words.replace("\n", ""), words
    code, words = said(*connect, INTERLOCK_RAMP_CLIENT_SECRET=there["client_secret"])
    assert code == 0, words
    code, words = said("disconnect", "ramp", client.business.slug, "--json")
    assert code == 0 and '"revoked": true' in words, words
