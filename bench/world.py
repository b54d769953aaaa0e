"""The outside world for measuring: one large fictional company, served by a process of its own."""

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
class LargeCompany:
    """Where it is served and how to sign in; ``process`` is the sandbox."""

    url: str
    client_id: str
    client_secret: str
    realm_id: str
    process: "subprocess.Popen[str]"

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/control/{path}", data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def refresh_token(self) -> str:
        """A fresh grant."""
        return str(self.control("GET", "clients")["clients"][0]["refresh_token"])


@contextmanager
def large_company(rows: int) -> Iterator[LargeCompany]:
    """A company of about ``rows`` rows."""
    with tempfile.TemporaryDirectory(prefix="interlock-bench") as folder:
        command = [sys.executable, "-m", "interlock_sandbox", "--port", "0", "--data", str(Path(folder) / "world")]
        process = subprocess.Popen(
            [*command, "--rows", str(rows), "--seed", "7", "--as-of", "2026-11-24"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            with urllib.request.urlopen(f"{url}/control/clients") as answer:
                said = json.load(answer)
            yield LargeCompany(url, said["client_id"], said["client_secret"], said["clients"][0]["realm_id"], process)
        finally:
            process.terminate()
            process.wait()
