"""How fast books come in, beside others in the same run, and how little it costs to keep them fresh.

    python -m bench.sync [--rows 60000] [--rounds 3] [--latency 0.1] [--clients 12] [--memory-rows 0] [--elt-python PATH]

Each part prints figures and ratios beside their aims; nothing fails by the clock. The full aims: ``--rows 60000
--memory-rows 1000000 --clients 200``.
"""

import argparse
import math
import tempfile
from pathlib import Path

from bench import elt
from bench.contenders import bare_loop, python_quickbooks, same_rows
from bench.firm import a_round
from bench.installation import connected, full_sync, house_for, rows_of
from bench.measuring import Run, against, headline, least, measured, tell
from bench.world import Served, firm_of, large_company
from interlock.app.house import House
from interlock.domains.firm.models import Business
from interlock.rails.ports import SyncReport
from tests.support.postgres import PostgresServer

_CHANGED_AT_MOST = 600
_CPU_A_ROW_MICROSECONDS = 40.0
_SHARE_OF_BARE = 0.625  # 25,000 rows a second where the bare loop does 40,000
_POSTGRES_TIMES = 2.5
_PEAK_MIB = 250.0
_OVER_LIMITS = 1.10
_CALLS_A_SECOND, _CALLS_A_MINUTE = 10, 500


def full_syncs(served: Served, rounds: int, elt_python: Path | None) -> None:
    """A first sync with no latency and no limits, into SQLite and PostgreSQL, beside the others, round by round."""
    theirs, bare, ours, same, postgres, tap = [], [], [], [], [], []
    with PostgresServer.started() as server:
        for number in range(rounds):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                theirs.append(measured(lambda folder=folder: python_quickbooks(served, folder)))  # type: ignore[misc]
                bare.append(measured(lambda folder=folder: bare_loop(served, folder)))  # type: ignore[misc]
                ours.append(full_sync(served, folder))
                same.append(same_rows(folder / "interlock.db", folder))
                postgres.append(full_sync(served, folder, database_url=server.migrated_database()))
                if elt_python and number == 0:
                    tap.append(elt.tap_quickbooks(served, folder, elt_python))
    headline(f"Full sync, no latency, no limits (best of {rounds}; CPU: median)")
    if tap:
        tell("tap-quickbooks, JSON in SQLite", tap)
    else:
        print(f"tap-quickbooks is not here: {elt.HOW}, then --elt-python or {elt.ENVIRONMENT}.")
    tell("python-quickbooks, JSON in SQLite", theirs)
    tell("bare aiohttp + msgspec + executemany", bare)
    tell("bare executemany of the rows we keep", same)
    tell("interlock, typed rows, lines, log", ours)
    tell("interlock, into PostgreSQL", postgres)
    for what, runs in (("HTTP and JSON", bare), ("the rows we keep", same)):
        share = least(runs).wall / least(ours).wall
        aim = f">= {_SHARE_OF_BARE}"
        against(f"share of the rows a second of a bare loop of {what}", share, aim, holds=share >= _SHARE_OF_BARE)
    cpu = min(run.cpu_a_row for run in ours)
    aim = f"<= {_CPU_A_ROW_MICROSECONDS:.0f} µs"
    against("CPU a row, least", cpu, aim, holds=cpu <= _CPU_A_ROW_MICROSECONDS)
    times = least(postgres).wall / least(ours).wall
    against("PostgreSQL, times SQLite's wall", times, f"<= {_POSTGRES_TIMES}", holds=times <= _POSTGRES_TIMES)
    print(f"times faster than python-quickbooks: {least(theirs).wall / least(ours).wall:.2f}")
    if tap:
        print(f"times faster than tap-quickbooks: {least(tap).wall / least(ours).wall:.2f}")


def with_latency(served: Served, seconds: float, rounds: int) -> None:
    """At a latency a call: within Intuit's limits, against what they alone allow, and without them."""
    limited, free, theirs = [], [], []
    with served.latency(seconds):
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                limited.append(full_sync(served, Path(folder), limited=True))
        with tempfile.TemporaryDirectory() as folder:
            free.append(full_sync(served, Path(folder)))
        with tempfile.TemporaryDirectory() as name:
            folder_path = Path(name)
            theirs.append(measured(lambda: python_quickbooks(served, folder_path)))
    headline(f"Full sync at {seconds * 1000:.0f} ms a call")
    tell("python-quickbooks", theirs)
    tell("interlock, Intuit's limits", limited)
    tell("interlock, limits off", free)
    best = least(limited)
    floor = _least_seconds(best.calls, seconds)
    over = best.wall / floor
    against(
        f"times the {floor:.1f} s that the limits alone allow for {best.calls} calls",
        over,
        f"<= {_OVER_LIMITS}",
        holds=over <= _OVER_LIMITS,
    )


def _least_seconds(calls: int, latency: float) -> float:
    """When the last answer can be there at the earliest: ten starts in any second, five hundred in any minute."""
    minutes, left = divmod(max(calls - 1, 0), _CALLS_A_MINUTE)
    return minutes * 60.0 + math.floor(left / _CALLS_A_SECOND) + latency


def memory(rows: int) -> None:
    """The peak of a process that syncs a small company and of one that syncs a large one."""
    peaks: list[Run] = []
    for size in (max(rows // 8, 10_000), rows):
        with large_company(size) as served, tempfile.TemporaryDirectory() as folder:
            peaks.append(full_sync(served, Path(folder)))
    headline("Peak memory of a syncing process")
    for run in peaks:
        print(
            f"{run.rows:9,} rows: {run.peak:.0f} MiB, {run.rows / run.wall:,.0f} rows/s, {run.cpu_a_row:.1f} µs CPU/row"
        )
    against("MiB at the larger", peaks[-1].peak, f"< {_PEAK_MIB:.0f}", holds=peaks[-1].peak < _PEAK_MIB)


def incremental(served: Served) -> None:
    """One large company again after a hundredth of it changed."""
    with tempfile.TemporaryDirectory() as folder:
        house = house_for(served, f"sqlite:///{Path(folder) / 'interlock.db'}", Path(folder), limited=False)
        with house:
            business = connected(house, "Large", served.realm_id, served.refresh_token())
            full = measured(lambda: rows_of(house.sync_of(business).sync()))
            changed = change_some(served, house, business, min(full.rows // 100, _CHANGED_AT_MOST))
            reports: list[SyncReport] = []

            def work() -> int:
                reports.append(house.sync_of(business).sync())
                return rows_of(reports[0])

            again = measured(work)
    headline(f"Incremental sync after {changed} of {full.rows:,} rows changed")
    print(f"{reports[0].calls} calls, {again.rows} rows read, {again.wall * 1e3:.0f} ms")
    share = full.cpu / again.cpu
    against("the full sync's CPU, times this one's", share, ">= 20", holds=share >= 20)


def change_some(served: Served, house: House, business: Business, wanted: int) -> int:
    """Edit ``wanted`` bills' notes in QuickBooks, as a bookkeeper would."""
    bills = house.sync_of(business).get_bills()["rows"][:wanted]
    for bill in bills:
        body = {"Id": bill.id, "SyncToken": bill.version, "PrivateNote": "looked at"}
        served.control("POST", f"companies/{served.realm_id}/update", {"entity": "Bill", "body": body})
    return len(bills)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds a call")
    parser.add_argument("--clients", type=int, default=12, help="clients of the firm; 0 leaves that part out")
    parser.add_argument(
        "--memory-rows", type=int, default=0, help="measure memory at this size too (1000000: 10 minutes)"
    )
    parser.add_argument("--elt-python", help="Python of an environment that has tap-quickbooks")
    wanted = parser.parse_args()
    with large_company(wanted.rows) as served:
        full_syncs(served, wanted.rounds, elt.python_of_tap(wanted.elt_python))
        with_latency(served, wanted.latency, min(wanted.rounds, 2))
        incremental(served)
    if wanted.clients:
        with firm_of(wanted.clients) as served:
            a_round(served)
    if wanted.memory_rows:
        memory(wanted.memory_rows)


if __name__ == "__main__":
    main()
