"""A killed sandbox comes back as seed plus journal; what cannot be started says why in a sentence."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

WORLD = ("--clients", "1", "--seed", "5", "--as-of", "2026-06-15")
Start = Callable[..., str]
SMALL_DISK = (
    "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}));"
    "runpy.run_module('interlock_sandbox', run_name='__main__')"
)
ENTITIES = ("Account", "Vendor", "Customer", "Bill", "BillPayment", "Invoice", "Payment", "Deposit", "Purchase")


class Processes:
    """Sandboxes as their own processes."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen[str]] = []

    def start(self, folder: Path, *, largest_file_bytes: int | None = None) -> str:
        program = ["-m", "interlock_sandbox"]
        if largest_file_bytes is not None:
            program = ["-c", SMALL_DISK.format(largest_file_bytes)]
        command = [sys.executable, *program, "--data", str(folder), "--port", "0", *WORLD]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the sandbox ended before it was ready: {process.communicate()[1]}"
        return str(json.loads(line)["url"])

    def kill(self) -> None:
        process = self.running[-1]
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)


@pytest.fixture
def processes() -> Iterator[Processes]:
    made = Processes()
    yield made
    for process in made.running:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=10)


def tokens(url: str, clients: dict[str, Any], refresh_token: str) -> dict[str, Any]:
    answer = requests.post(
        f"{url}/oauth2/v1/tokens/bearer", data={"grant_type": "refresh_token", "refresh_token": refresh_token},
        auth=(clients["client_id"], clients["client_secret"]), timeout=10,
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def everything(url: str, realm: str, token: str) -> dict[str, bytes]:
    """Every row of every entity, as bytes without the envelope's time."""
    found: dict[str, bytes] = {}
    for entity in ENTITIES:
        statement = f"select * from {entity} orderby Id maxresults 1000"
        answer = requests.get(
            f"{url}/v3/company/{realm}/query", params={"query": statement},
            headers={"Authorization": f"Bearer {token}"}, timeout=10,
        )  # fmt: skip
        found[entity] = answer.content.rpartition(b',"time"')[0]
    return found


def test_killed_and_started_again_it_is_the_same_world(processes: Processes, tmp_path: Path) -> None:
    url = processes.start(tmp_path)
    clients = requests.get(f"{url}/control/clients", timeout=10).json()
    client = clients["clients"][0]
    realm, first = client["realm_id"], tokens(url, clients, client["refresh_token"])
    headers = {"Authorization": f"Bearer {first['access_token']}"}
    for number in range(5):
        made = requests.post(
            f"{url}/v3/company/{realm}/vendor", params={"requestid": f"k{number}"}, headers=headers,
            json={"DisplayName": f"Killed {number}", "CreditLimit": 10.10}, timeout=10,
        )  # fmt: skip
    requests.post(f"{url}/control/clock/advance", json={"days": 9}, timeout=10)
    removed = requests.post(
        f"{url}/control/companies/{realm}/update", timeout=10,
        json={"entity": "Vendor", "body": {"Id": made.json()["Vendor"]["Id"], "Active": False}},
    )  # fmt: skip
    assert removed.status_code == 200, removed.text
    second = tokens(url, clients, first["refresh_token"])
    before = everything(url, realm, second["access_token"])
    now = requests.get(f"{url}/control/clock", timeout=10).json()["now"]
    processes.kill()

    url = processes.start(tmp_path)
    assert requests.get(f"{url}/control/clock", timeout=10).json()["now"] > now
    assert everything(url, realm, second["access_token"]) == before
    again = requests.post(
        f"{url}/v3/company/{realm}/vendor", params={"requestid": "k4"}, timeout=10,
        headers={"Authorization": f"Bearer {second['access_token']}"}, json={"DisplayName": "Killed 4", "CreditLimit": 10.10},
    )  # fmt: skip
    assert again.content == made.content, "the idempotency key must be known after the restart"
    assert tokens(url, clients, second["refresh_token"])["refresh_token"] != second["refresh_token"]


def test_a_line_cut_short_by_a_crash_is_left_out(processes: Processes, tmp_path: Path) -> None:
    url = processes.start(tmp_path)
    requests.post(f"{url}/control/clock/advance", json={"seconds": 60}, timeout=10)
    processes.kill()
    journal = tmp_path / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"kind":"clock","offs')
    processes.start(tmp_path)
    assert journal.read_bytes() == whole


def test_a_full_disk_ends_it_and_what_was_answered_is_kept(processes: Processes, tmp_path: Path) -> None:
    url = processes.start(tmp_path, largest_file_bytes=2048)
    offsets: list[float] = []

    def advance_for_ever() -> None:
        while True:
            answer = requests.post(f"{url}/control/clock/advance", json={"seconds": 60}, timeout=10)
            offsets.append(answer.json()["offset_seconds"])

    with pytest.raises(requests.ConnectionError):
        advance_for_ever()
    ended = processes.running[-1]
    assert ended.wait(10) == 1
    said = ended.communicate()[1]
    assert "cannot be written" in said
    assert "Traceback" not in said
    url = processes.start(tmp_path)
    assert requests.get(f"{url}/control/clock", timeout=10).json()["offset_seconds"] == offsets[-1]


def test_a_folder_serves_one_sandbox_at_a_time(processes: Processes, tmp_path: Path) -> None:
    processes.start(tmp_path)
    assert "in use" in refused("--data", str(tmp_path), *WORLD)


def refused(*arguments: str) -> str:
    command = [sys.executable, "-m", "interlock_sandbox", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    return ended.stderr


def test_a_folder_of_another_world_is_refused(processes: Processes, tmp_path: Path) -> None:
    processes.start(tmp_path)
    processes.kill()
    said = refused("--data", str(tmp_path), "--clients", "1", "--seed", "6", "--as-of", "2026-06-15")
    assert "seed 5" in said


def test_a_taken_port_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in refused("--data", str(tmp_path), "--port", port, *WORLD)


def test_a_damaged_journal_and_a_bad_folder(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b"not json\n")
    assert "Line 1" in refused("--data", str(tmp_path), *WORLD)
    assert "cannot be used" in refused("--data", "/dev/null/here", *WORLD)
    assert "cannot be built" in refused("--data", str(tmp_path / "new"), "--clients", "0", *WORLD[2:])
