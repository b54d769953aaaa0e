"""Two processes that record the same thing, and one that is killed in the middle, leave one document."""

import contextlib
import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from interlock.infra.db import Database
from tests.recording.kinds import BILL, INVOICE, Kind
from tests.recording.office import Office, new_key, office_over
from tests.support.house import house_over
from tests.support.sandbox import Sandbox

_KILLS = int(os.environ.get("INTERLOCK_KILLS", "8"))
_SEED = 20_261_124
_RECORD_SECONDS = 0.2  # about what one takes: a kill strikes anywhere in it
_PATIENCE_SECONDS = 60


@dataclass
class Recorders:
    """Processes that record when told, one after another or at once."""

    process: "subprocess.Popen[str]"
    waiting: SimpleQueue[int] = field(default_factory=SimpleQueue)
    endings: dict[int, SimpleQueue[str]] = field(default_factory=lambda: defaultdict(SimpleQueue))

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            pid, _, words = line.strip().partition(" ")
            if words == "ready":
                self.waiting.put(int(pid))
            else:
                self.endings[int(pid)].put(words)

    def ready(self, office: Office, kind: Kind, key: str, owed: dict[str, Any], *, hang: bool = False) -> int:
        """The id of a process that has opened its house and waits to be told."""
        settings = dataclasses.asdict(office.house.settings) | {"key_file": str(office.house.settings.key_file)}
        scope = [office.client.scope.firm_id, office.client.scope.business_id]
        job = {"settings": settings, "scope": scope, "kind": kind.entity, "key": key, "owed": owed, "hang": hang}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job, default=str) + "\n")
        self.process.stdin.flush()
        return self.waiting.get(timeout=_PATIENCE_SECONDS)

    def ended(self, pid: int) -> str:
        """How it ended: with a document's id, or an error's code."""
        return self.endings[pid].get(timeout=_PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def recorders() -> Iterator[Recorders]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.recording.recorder"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline(), "the recorders ended at once; run `python -m tests.recording.recorder` by hand"
    found = Recorders(process)
    listening = threading.Thread(target=found.listen)
    listening.start()
    yield found
    process.stdin.close()
    process.wait(_PATIENCE_SECONDS)
    listening.join()
    process.stdout.close()


@pytest.fixture
def several(database: Database, world: Sandbox, tmp_path: Path) -> Iterator[Office]:
    """An office of its own on each database, over the same world."""
    house = house_over(database, world, tmp_path)
    yield office_over(house, world, tmp_path)
    house.transport.close()
    world.calm()


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # done before it could be killed
        os.kill(pid, signal.SIGKILL)


def test_two_at_once_leave_one_and_both_know_it(several: Office, recorders: Recorders, kind: Kind) -> None:
    owed, key = kind.owes(several.sandbox, several.client.realm_id), new_key()
    racing = [recorders.ready(several, kind, key, owed) for _ in range(2)]
    for pid in racing:
        os.kill(pid, signal.SIGUSR1)
    answers = [recorders.ended(pid) for pid in racing]
    (row,) = several.recorded(kind, key)
    assert answers == [row["Id"], row["Id"]], "the second waits for the first, and finds what it wrote"


def test_killed_between_the_sending_and_its_answer_the_same_key_finds_it(
    several: Office, recorders: Recorders, kind: Kind
) -> None:
    owed, key = kind.owes(several.sandbox, several.client.realm_id), new_key()
    pid = recorders.ready(several, kind, key, owed, hang=True)
    os.kill(pid, signal.SIGUSR1)
    while not several.recorded(kind, key):
        os.kill(pid, 0)  # it lives: it has not been answered yet
    os.kill(pid, signal.SIGKILL)
    several.sandbox.calm()
    answer = several.record(kind, kind.paid(key, owed))
    assert answer.found, "killed before it could say so, but it stands"
    assert [row["Id"] for row in several.recorded(kind, key)] == [answer.document_id]


def test_killed_at_any_moment_a_retry_leaves_one(office: Office, recorders: Recorders) -> None:
    chance = random.Random(_SEED)
    for number in range(_KILLS):
        kind = (BILL, INVOICE)[number % 2]
        owed, key = kind.owes(office.sandbox, office.client.realm_id), new_key()
        pid = recorders.ready(office, kind, key, owed)
        strike = threading.Timer(chance.uniform(0.0, _RECORD_SECONDS), kill, (pid,))
        os.kill(pid, signal.SIGUSR1)
        strike.start()
        answer = office.record(kind, kind.paid(key, owed))  # waits for the other, dead or done
        strike.join()
        found = office.recorded(kind, key)
        assert [row["Id"] for row in found] == [answer.document_id], f"seed {_SEED}, kill {number}"
        assert office.open_balance(kind, owed) == 0
