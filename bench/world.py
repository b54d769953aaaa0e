"""The outside world for measuring: fictional companies, served by a process of their own."""

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Served:
    """Where the companies are served and how to sign in; ``process`` is the sandbox."""

    url: str
    client_id: str
    client_secret: str
    names: dict[str, str]
    """Realm to name."""
    process: "subprocess.Popen[str]"

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/control/{path}", data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def refresh_tokens(self) -> dict[str, str]:
        """A fresh grant of each realm."""
        return {each["realm_id"]: each["refresh_token"] for each in self.control("GET", "clients")["clients"]}

    @property
    def realm_id(self) -> str:
        """The one large company's."""
        return next(iter(self.names))

    def refresh_token(self) -> str:
        return self.refresh_tokens()[self.realm_id]

    @contextmanager
    def latency(self, seconds: float) -> Iterator[None]:
        self.control("POST", "faults", {"kind": "latency", "seconds": seconds, "path": "/v3/"})
        try:
            yield
        finally:
            self.control("DELETE", "faults")


@contextmanager
def large_company(rows: int) -> Iterator[Served]:
    """A company of about ``rows`` rows."""
    with _served("--rows", str(rows)) as served:
        yield served


@contextmanager
def firm_of(clients: int) -> Iterator[Served]:
    """A firm's clients as they are, a few hundred to a few thousand rows each."""
    with _served("--clients", str(clients)) as served:
        yield served


@contextmanager
def _served(*options: str) -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="interlock-bench") as folder:
        command = [sys.executable, "-m", "interlock_sandbox", "--port", "0", "--data", str(Path(folder) / "world")]
        process = subprocess.Popen(
            [*command, *options, "--seed", "7", "--as-of", "2026-11-24"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            with urllib.request.urlopen(f"{url}/control/clients") as answer:
                said = json.load(answer)
            names = {each["realm_id"]: each["name"] for each in said["clients"]}
            yield Served(url, said["client_id"], said["client_secret"], names, process)
        finally:
            process.terminate()
            process.wait()
