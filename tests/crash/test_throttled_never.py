"""Four processes at one company whose limits are enforced: not one request too many, and the limits are used."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock.infra.db import Database
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox

_PROCESSES = 4
_SECONDS = float(os.environ.get("INTERLOCK_PACE_SECONDS", "6"))
_ROUNDS = 3  # a machine with other things to do may be too slow once
_SHARE = 0.85
_A_SECOND, _A_MINUTE = 10, 500


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.started(tmp_path_factory.mktemp("strict"), clients=2, extra=("--enforce-limits",)) as running:
        yield running


def allowed(seconds: float) -> float:
    """What the limits allow in so long a time: ten a second, until a minute has seen five hundred."""
    minutes, rest = divmod(seconds, 60.0)
    return minutes * _A_MINUTE + min(rest * _A_SECOND, _A_MINUTE)


def test_four_processes_are_never_throttled_and_use_what_they_may(
    database: Database, strict: Sandbox, tmp_path: Path
) -> None:
    client = strict.clients()[0 if database.dialect == "sqlite" else 1]
    house = house_over(database, strict, tmp_path)
    business, scope = take_on(house, client)
    house.close()
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({**dataclasses.asdict(house.settings), "key_file": str(house.settings.key_file)}))
    command = [sys.executable, "-m", "tests.support.calling", str(file), business.business_id, scope.firm_id]
    rounds = []
    for _ in range(_ROUNDS):
        told, made = one_round([*command, client.realm_id, str(_SECONDS)], strict, client.realm_id)
        assert told["refused"] == 0, f"throttled: {told}"
        assert min(made) > 0, f"somebody was left out: {made}"
        rounds.append((told["requests"], made))
        if told["requests"] >= _SHARE * allowed(_SECONDS):
            return
    raise AssertionError(
        f"{_SHARE:.0%} of {allowed(_SECONDS):.0f} requests were never reached; by each process: {rounds}"
    )


def one_round(command: list[str], strict: Sandbox, realm_id: str) -> tuple[dict[str, Any], list[int]]:
    """What the sandbox counted while all of them read, and what each of them did."""
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(_PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n", "run tests.support.calling by hand to see why it ended"
    strict.control("DELETE", "limits")
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    made = [process.communicate(timeout=_SECONDS + 60)[0] for process in processes]
    told = strict.control("GET", "limits")["realms"][realm_id]
    assert [process.returncode for process in processes] == [0] * _PROCESSES, f"throttled: {told}"
    return told, [int(each) for each in made]
