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
ENTITIES = ("Account", "Vendor", "Customer", "Bill", "BillPayment", "Invoice", "Payment", "Deposit", "Purchase")


class Processes:
    """Sandboxes as their own processes."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen[str]] = []

    def start(self, folder: Path, *more: str) -> str:
        command = [sys.executable, "-m", "interlock_sandbox", "--data", str(folder), "--port", "0", *WORLD, *more]
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
