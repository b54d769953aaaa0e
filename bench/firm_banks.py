"""A round of bank syncs over a firm whose books we hold: balances, new lines, and what settling makes of them.

    python -m bench.firm_banks [--clients 100] [--lines 500] [--times 3] [--at-once 4] [--no-limits]

Each client has its books, three or four bank accounts at one or two banks, and ``--lines`` lines; a day brings as many again, two
thirds of which are documents of its books. Every take begins with the same database, and the sandbox is a process of its own on
this machine, so it shares the cores: its CPU is told apart.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.bank_round import Place, Round, Wanted, round_of
from bench.measuring import against, headline
from bench.world import Served
from interlock.app.bank_taking import connect_plaid
from interlock.app.connecting import connect_qbo
from interlock.app.house import House
from interlock.domains.firm.models import Business

_AIM_SECONDS = 60.0
_SIDE_BY_SIDE = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--lines", type=int, default=500, help="of each client: before, and new")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--at-once", type=int, default=_SIDE_BY_SIDE)
    parser.add_argument("--no-limits", action="store_true", help="faster than Plaid allows")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="interlock-bench") as name, _served(asked.clients, asked.lines) as served:
        folder = Path(name)
        place = _installed(served, folder / "linked")
        takes = _Takes(served, place, folder, not asked.no_limits, asked.at_once)
        wanted = asked.clients * asked.lines
        what = f"{asked.clients} clients, three or four accounts and {asked.lines:,} lines each"
        read = takes.told(f"From the first cursor: {what}", folder / "linked", asked.times, wanted)
        brought = served.control("POST", "bench/day", {})["lines"]
        after = takes.told(
            f"Since the last cursor, after a day of {brought:,} lines: {what}", read, asked.times, brought
        )
        takes.told(f"Again, when nothing is new: {what}", after, asked.times, 0)


class _Takes:
    """Rounds over copies of one installation, each in a process of its own."""

    def __init__(self, served: Served, place: Place, folder: Path, limited: bool, at_once: int) -> None:
        self.served, self.place, self.folder = served, place, folder
        self.limited, self.at_once = limited, at_once

    def told(self, title: str, start: Path, times: int, lines: int) -> Path:
        """The folder of the last take; the fastest is the one told of."""
        rounds: list[tuple[Round, float]] = []
        for number in range(times):
            take = self.folder / f"{start.name}-{number}"
            shutil.copytree(start, take)
            before = _cpu(self.served)
            run = round_of(Wanted(self.place.at(take), self.limited, self.at_once))
            rounds.append((run, _cpu(self.served) - before))
        headline(title)
        for run, theirs in rounds:
            _tell(run, theirs)
            if run.lines != lines or run.problems:
                raise SystemExit(f"{run.lines:,} lines came in with {run.problems} problems, where {lines:,} were to.")
        best = min(run.wall for run, _ in rounds)
        against("least wall seconds", best, f"< {_AIM_SECONDS:.0f}", holds=best < _AIM_SECONDS)
        least = min(run.cpu for run, _ in rounds)
        share = min(run.settling for run, _ in rounds)
        each = f", {least / lines * 1e6:.0f} µs a line" if lines else ""
        print(f"least CPU of ours {least:.2f} s{each}; least settling {share:.2f} s", flush=True)
        return take


def _tell(run: Round, theirs: float) -> None:
    print(
        f"{run.wall:6.2f} s wall, CPU {run.cpu:6.2f} s ours ({run.settling:.2f} s settling) and {theirs:.2f} s the sandbox's,"
        f" {run.lines / run.wall:7,.0f} lines/s, {run.calls} calls, {run.peak:.0f} MiB;"
        f" {run.accounts} accounts, {run.lines:,} lines, {run.matched:,} matched, {run.suggested:,} suggested",
        flush=True,
    )


def _installed(served: Served, folder: Path) -> Place:
    """Every client taken on, its books read whole, its banks linked and not read yet."""
    folder.mkdir()
    there = {each["name"]: each for each in served.control("GET", "rails")["clients"]}
    keys = next(iter(there.values()))["plaid"]
    place = Place(
        url=served.url,
        client_id=served.client_id,
        client_secret=served.client_secret,
        plaid_client_id=keys["client_id"],
        plaid_secret=keys["secret"],
        folder=str(folder),
    )
    tokens = served.refresh_tokens()
    with place.open(limited=False) as house, ThreadPoolExecutor(_SIDE_BY_SIDE) as workers:
        clients = [
            connect_qbo(house, name=name, realm_id=realm, refresh_token=tokens[realm], actor="bench")
            for realm, name in served.names.items()
        ]
        list(workers.map(lambda business: house.sync_of(business).sync(), clients))
        list(workers.map(lambda business: _link(house, served, business, there[business.name]), clients))
    return place


def _link(house: House, served: Served, business: Business, there: dict[str, Any]) -> None:
    """Each of the client's banks, as if its owner had been at Plaid's page."""
    keys = there["plaid"]
    for login in keys["logins"]:
        asked = {
            "client_id": keys["client_id"],
            "secret": keys["secret"],
            "institution_id": login["institution_id"],
            "initial_products": ["transactions"],
            "options": {"override_username": there["slug"], "transactions": {"days_requested": 730}},
        }
        url = f"{served.url}/plaid/sandbox/public_token/create"
        sent = urllib.request.Request(url, json.dumps(asked).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(sent) as answer:
            token = json.load(answer)["public_token"]
        connect_plaid(house, business, public_token=token, actor="bench")


def _cpu(served: Served) -> float:
    """Seconds of CPU the sandbox's process has used (Linux)."""
    fields = Path(f"/proc/{served.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _served(clients: int, lines: int) -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="interlock-bench") as folder:
        command = [sys.executable, "-m", "bench.bank_world", "--data", str(Path(folder) / "world")]
        command += ["--clients", str(clients), "--lines", str(lines)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
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


if __name__ == "__main__":
    main()
