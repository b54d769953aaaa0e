"""How long people wait: for the portfolio, a tray, a console, and for commands to start.

    python -m bench.pages [--clients 12] [--times 50]

Pages are asked for one after the other over a real socket, read from the mirror of a firm's synced clients.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.installation import connected, house_for
from bench.measuring import headline
from bench.world import firm_of
from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from tests.web.serving import served

_COMMAND_RUNS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--times", type=int, default=50, help="how often each page is asked for")
    asked = parser.parse_args()
    with firm_of(asked.clients) as world, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database_url = f"sqlite:///{folder / 'interlock.db'}"
        with house_for(world, database_url, folder, limited=False) as house:
            tokens = world.refresh_tokens()
            businesses = [connected(house, client, realm, tokens[realm]) for realm, client in world.names.items()]
            rows = sum(entity.rows for each in businesses for entity in house.sync_of(each).sync().entities)
            pages(
                house,
                ["/", *(f"/b/{businesses[0].slug}/{screen}" for screen in ("tray", "console"))],
                rows,
                asked.times,
            )
        commands({**os.environ, "INTERLOCK_DATABASE_URL": database_url})


def pages(house: House, paths: list[str], rows: int, times: int) -> None:
    headline(f"Pages over {rows:,} rows, {times} times each")
    with served(create_app(house), local_token(house.settings.key_file)) as at:
        for path in paths:

            def ask(path: str = path) -> None:
                answer = at.page(path)
                if answer.status != 200:
                    raise SystemExit(f"{path} was answered {answer.status}.")

            first = _milliseconds(ask)
            told = [_milliseconds(ask) for _ in range(times)]
            print(
                f"{path:40} first {first:7.1f} ms, median {statistics.median(told):6.1f} ms, slowest {max(told):6.1f} ms"
            )


def commands(environment: dict[str, str]) -> None:
    headline(f"Commands, from start to end, median of {_COMMAND_RUNS}")
    for words in (["--help"], ["business", "list"], ["db", "--help"]):
        command = [sys.executable, "-m", "interlock", *words]

        def run(command: list[str] = command) -> None:
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)

        run()
        told = [_milliseconds(run) for _ in range(_COMMAND_RUNS)]
        print(f"interlock {' '.join(words):30} {statistics.median(told):7.0f} ms")


def _milliseconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


if __name__ == "__main__":
    main()
