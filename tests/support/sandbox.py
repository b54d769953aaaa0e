"""The outside world as a process of its own, and what tests ask of its control API."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AS_OF = "2026-11-24"
SEED = 7
_READY_SECONDS = 60


@dataclass
class SandboxClient:
    name: str
    character: str
    realm_id: str
    refresh_token: str


class Sandbox:
    """A running sandbox. ``clients`` carry a fresh refresh token each time they are asked for."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, command: Sequence[str] = ()) -> None:
        self.process = process
        self.url = url
        self._command = command

    @classmethod
    @contextmanager
    def started(cls, folder: Path, *, clients: int = 3, extra: tuple[str, ...] = ()) -> Iterator["Sandbox"]:
        command = [sys.executable, "-m", "interlock_sandbox", "--port", "0", "--data", str(folder)]
        command += ["--clients", str(clients), "--seed", str(SEED), "--as-of", AS_OF, *extra]
        process, url = _begun(command)
        running = cls(process, url, command)
        try:
            yield running
        finally:
            running.process.send_signal(signal.SIGTERM)
            running._over()

    def kill_and_start_again(self) -> None:
        """SIGKILL, then the same world at the same address; what it only kept in mind (faults, limits) is gone."""
        self.process.kill()
        self._over()
        command = list(self._command)
        command[command.index("--port") + 1] = self.url.rpartition(":")[2]
        self.process, _ = _begun(command)

    def _over(self) -> None:
        self.process.wait(_READY_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/control/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def app(self) -> tuple[str, str]:
        """Client id and secret of the sandbox's app."""
        said = self.control("GET", "clients")
        return said["client_id"], said["client_secret"]

    def clients(self) -> list[SandboxClient]:
        return [
            SandboxClient(each["name"], each["character"], each["realm_id"], each["refresh_token"])
            for each in self.control("GET", "clients")["clients"]
        ]

    def create(self, realm_id: str, entity: str, body: dict[str, Any]) -> Any:
        return self.control("POST", f"companies/{realm_id}/create", {"entity": entity, "body": body})

    def update(self, realm_id: str, entity: str, body: dict[str, Any]) -> Any:
        return self.control("POST", f"companies/{realm_id}/update", {"entity": entity, "body": body})

    def delete(self, realm_id: str, entity: str, id_: str) -> Any:
        return self.control("POST", f"companies/{realm_id}/delete", {"entity": entity, "id": id_})

    def void(self, realm_id: str, entity: str, id_: str) -> Any:
        return self.control("POST", f"companies/{realm_id}/void", {"entity": entity, "id": id_})

    def fault(self, kind: str, **how: Any) -> Any:
        return self.control("POST", "faults", {"kind": kind, **how})

    def calm(self) -> Any:
        return self.control("DELETE", "faults")


def _begun(command: Sequence[str]) -> "tuple[subprocess.Popen[str], str]":
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the sandbox ended with {process.wait()} before it was ready; run it by hand: {' '.join(command)}"
    return process, json.loads(line)["url"]
