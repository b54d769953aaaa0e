"""Eight processes refresh one connection two hundred times, and no token is ever burnt."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from interlock.app.house import House
from interlock.infra.db import Database
from interlock.infra.locks import held
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections
from tests.support.at_once import at_once
from tests.support.house import take_on
from tests.support.sandbox import Sandbox

_PROCESSES = 8
_REFRESHES_EACH = 25


def worker(file: Path, scope: Scope) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.support.refreshing", str(file), str(scope.business_id), scope.firm_id]
    return subprocess.Popen([*command, str(_REFRESHES_EACH)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_eight_processes_refresh_two_hundred_times_and_none_is_refused(
    house: House, sandbox: Sandbox, tmp_path: Path
) -> None:
    client = sandbox.clients()[0]
    _, scope = take_on(house, client)
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({**dataclasses.asdict(house.settings), "key_file": str(house.settings.key_file)}))
    before = _grant(sandbox, client.realm_id)
    workers = [worker(file, scope) for _ in range(_PROCESSES)]
    for each in workers:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n", (
            "the worker ended before it began; run tests.support.refreshing by hand"
        )
    troubles = []
    for each in workers:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in workers:
        said, _ = each.communicate(timeout=120)
        troubles += said.splitlines()
        assert each.returncode == 0
    after = _grant(sandbox, client.realm_id)
    assert troubles == []
    assert after["invalid_grants"] == before["invalid_grants"] == 0
    assert after["refreshes"] - before["refreshes"] == _PROCESSES * _REFRESHES_EACH
    with house.database.reading(scope) as session:
        assert connections.find(session, scope, "qbo").state == connections.CONNECTED
    rail = house._ledger(scope)
    house.transport.run(rail.preferences(1))  # what is stored is the newest, or this would be refused


def test_more_who_wait_than_there_are_connections_leave_the_holder_enough(database: Database) -> None:
    everything = SystemScope("tests look at everything")

    def work(_: int) -> None:
        with held(database, "token refresh:biz_alder", wait=True), database.writing(everything) as session:
            session.scalars(select(connections.Connection)).all()

    at_once(40, work)


def _grant(sandbox: Sandbox, realm_id: str) -> dict[str, int]:
    """The newest consent: every look at the sandbox's clients gives another one."""
    found: list[dict[str, int]] = sandbox.control("GET", f"grants?realm={realm_id}")["grants"]
    return max(found, key=lambda each: each["id"])
