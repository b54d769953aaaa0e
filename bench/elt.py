"""An ELT tool beside us: Singer's ``tap-quickbooks``, its records loaded into SQLite as JSON text.

It wants libraries of other versions than ours, so it runs in an environment of its own, named by ``--elt-python`` or
``INTERLOCK_BENCH_ELT_PYTHON``; without one the bench says so and goes on.
"""

import json
import os
import resource
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import IO

from bench.contenders import ENTITIES
from bench.measuring import Run
from bench.world import Served

ENVIRONMENT = "INTERLOCK_BENCH_ELT_PYTHON"
HOW = "uv venv FOLDER && uv pip install --python FOLDER/bin/python tap-quickbooks"
# The tap knows Intuit's addresses only; this runs it against another one, with the streams that we sync too.
_DRIVER = """
import json, sys
from tap_quickbooks import client, discover, main, streams
url, wanted, catalog = sys.argv[1], set(sys.argv[2].split(",")), sys.argv[3]
client.PROD_ENDPOINT_BASE, client.TOKEN_REFRESH_URL = url, url + "/oauth2/v1/tokens/bearer"
known = {**streams.BATCH_STREAMS, **streams.STANDARD_STREAMS}
found = discover.do_discover().to_dict()
for stream in found["streams"]:
    if getattr(known.get(stream["tap_stream_id"]), "table_name", None) in wanted:
        for each in stream["metadata"]:
            each["metadata"]["selected"] = True
json.dump(found, open(catalog, "w"))
sys.argv = ["tap-quickbooks", "--config", sys.argv[4], "--catalog", catalog]
main()
"""


def python_of_tap(given: str | None) -> Path | None:
    """The Python that has the tap, or ``None``."""
    named = given or os.environ.get(ENVIRONMENT)
    if not named or not Path(named).exists():
        return None
    found = subprocess.run([named, "-c", "import tap_quickbooks"], capture_output=True, check=False)
    return Path(named) if found.returncode == 0 else None


def tap_quickbooks(served: Served, folder: Path, python: Path) -> Run:
    """One full run of the tap into a database; CPU is the tap's own and the loader's."""
    config = folder / "config.json"
    config.write_text(
        json.dumps(
            {
                "start_date": "2000-01-01T00:00:00Z",
                "user_agent": "bench",
                "realm_id": served.realm_id,
                "client_id": served.client_id,
                "client_secret": served.client_secret,
                "refresh_token": served.refresh_token(),
            }
        )
    )
    command = [str(python), "-c", _DRIVER, served.url, ",".join(ENTITIES), str(folder / "catalog.json"), str(config)]
    theirs = _cpu_of_children()
    began, cpu = time.perf_counter(), time.process_time()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OAUTHLIB_INSECURE_TRANSPORT": "1"},
    ) as tap:
        assert tap.stdout is not None
        rows = _load(tap.stdout, folder / "tap.db")
    if tap.returncode:
        raise RuntimeError(f"tap-quickbooks ended with {tap.returncode} after {rows} rows.")
    return Run(rows, time.perf_counter() - began, time.process_time() - cpu + _cpu_of_children() - theirs)


def _load(lines: IO[bytes], path: Path) -> int:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE row (stream TEXT, id TEXT, body TEXT, PRIMARY KEY (stream, id))")
    waiting: list[tuple[str, str, str]] = []
    rows = 0
    for line in lines:
        said = json.loads(line)
        if said["type"] == "RECORD":
            waiting.append((said["stream"], said["record"]["Id"], json.dumps(said["record"])))
        if len(waiting) == 1000 or (waiting and said["type"] != "RECORD"):
            with database:
                database.executemany("INSERT OR REPLACE INTO row VALUES (?, ?, ?)", waiting)
            rows += len(waiting)
            waiting.clear()
    database.close()
    return rows


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
