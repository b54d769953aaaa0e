"""Another process that holds a lock until it is told to end, or killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from interlock.infra.db import Database

_HOLD = """
import sys
from interlock.infra.db import open_database
from interlock.infra.locks import held
with held(open_database(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process_holds(database: Database, name: str) -> Iterator["subprocess.Popen[str]"]:
    """Runs until the block ends; the lock is held when the block begins."""
    url = database.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, url, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ},
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "held\n", "the other process didn't get the lock; run _HOLD by hand"
        try:
            yield process
        finally:
            process.stdin.close()
            process.wait(30)
