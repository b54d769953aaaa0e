"""Commands as processes without paying for their imports each time: everything is imported once, then forked.

Run by its path. A line of JSON asks for a command (arguments, environment, files for the standard streams); the line
that comes back is its exit code. Each command is a process of its own that ends as any does.
"""

import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

COMMAND_SECONDS = 120


class Forker:
    """The client's side: one process that commands are forked from."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, arguments: list[str], env: dict[str, str], typed: str | None) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of ``interlock`` with ``arguments``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with TemporaryDirectory() as folder:
            streams = [Path(folder) / name for name in ("in", "out", "err")]
            for path, text in zip(streams, (typed or "", "", ""), strict=True):
                path.write_text(text)
            asked = {"arguments": arguments, "env": env, "streams": [str(path) for path in streams]}
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
            assert answer, f"the process that commands are forked from ended; run {__file__} by hand"
            return int(answer), streams[1].read_text(), streams[2].read_text()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(COMMAND_SECONDS)
        self._process.stdout.close()


def _import_everything() -> None:
    import interlock

    for module in pkgutil.walk_packages(interlock.__path__, "interlock."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def _become(asked: dict[str, Any]) -> None:
    """In the child: turn into the command."""
    signal.alarm(COMMAND_SECONDS)
    for number, path in enumerate(asked["streams"]):
        handle = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["interlock", *asked["arguments"]]
    from interlock.__main__ import main

    main()


def _serve() -> None:
    _import_everything()
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    _serve()
