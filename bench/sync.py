"""How fast a large company comes in, beside others in the same run.

    python -m bench.sync [--rows 60000] [--rounds 3] [--latency 0.2]

Prints wall time, rows a second and CPU a row of a full sync, split into decode and map, store, and the rest; then the same
at a latency a call (with Intuit's pace limits, and without), and an incremental sync after 1 % of the rows changed.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.contenders import bare_loop, python_quickbooks
from bench.world import LargeCompany, large_company
from interlock.app.connecting import connect_qbo
from interlock.app.house import House
from interlock.app.opening import open_house
from interlock.app.settings import Settings
from interlock.domains.firm.models import Business
from interlock.rails.ports import SyncReport

_CHANGED_AT_MOST = 600


def measured(work: Callable[[], int]) -> tuple[int, float, float]:
    """Rows, wall seconds, CPU seconds of this process (both threads)."""
    began, cpu = time.perf_counter(), time.process_time()
    rows = work()
    return rows, time.perf_counter() - began, time.process_time() - cpu


def opened(company: LargeCompany, folder: Path, *, limited: bool) -> tuple[House, Business]:
    settings = Settings(
        database_url=f"sqlite:///{folder / 'interlock.db'}",
        key_file=folder / "interlock.key",
        secret_key=None,
        public_url=None,
        qbo_api_url=company.url,
        qbo_token_url=f"{company.url}/oauth2/v1/tokens/bearer",
        qbo_client_id=company.client_id,
        qbo_client_secret=company.client_secret,
    )
    house = open_house(settings, limited=limited)
    business = connect_qbo(
        house, name="Large", realm_id=company.realm_id, refresh_token=company.refresh_token(), actor="bench"
    )
    return house, business


def rows_of(report: SyncReport) -> int:
    return sum(entity.rows for entity in report.entities)


def interlock_full(company: LargeCompany, folder: Path, *, limited: bool) -> tuple[int, float, float]:
    house, business = opened(company, folder, limited=limited)
    with house:
        return measured(lambda: rows_of(house.sync_of(business).sync()))


def print_line(name: str, runs: list[tuple[int, float, float]]) -> float:
    rows = runs[0][0]
    wall, cpu = statistics.median(run[1] for run in runs), statistics.median(run[2] for run in runs)
    print(f"{name:34} {rows:8,} rows {wall:8.2f} s {rows / wall:10,.0f} rows/s {cpu / rows * 1e6:8.1f} µs CPU/row")
    return wall


def full_syncs(company: LargeCompany, rounds: int) -> None:
    ours, theirs, bare = [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            theirs.append(measured(lambda: python_quickbooks(company, Path(folder))))
            bare.append(measured(lambda: bare_loop(company, Path(folder))))
            ours.append(interlock_full(company, Path(folder), limited=False))
    print(f"\nFull sync, no latency, no pace limits (median of {rounds})")
    their_wall = print_line("python-quickbooks, dicts in SQLite", theirs)
    bare_wall = print_line("bare aiohttp + msgspec loop", bare)
    our_wall = print_line("interlock, typed rows, lines, log", ours)
    print(f"interlock / python-quickbooks wall: {our_wall / their_wall:.2f} (aim <= 1.00)")
    print(f"interlock / bare loop wall: {our_wall / bare_wall:.2f}")


def with_latency(company: LargeCompany, seconds: float) -> None:
    company.control("POST", "faults", {"kind": "latency", "seconds": seconds, "path": "/v3/"})
    with tempfile.TemporaryDirectory() as folder:
        theirs = measured(lambda: python_quickbooks(company, Path(folder)))
    walls = {}
    for limited in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            walls[limited] = interlock_full(company, Path(folder), limited=limited)
    company.control("DELETE", "faults")
    print(f"\nFull sync at {seconds * 1000:.0f} ms a call")
    their_wall = print_line("python-quickbooks", [theirs])
    paced = print_line("interlock, Intuit's limits", [walls[True]])
    free = print_line("interlock, limiter off", [walls[False]])
    print(f"faster than python-quickbooks: {their_wall / paced:.1f}x (aim >= 1.8) within Intuit's limits,")
    print(f"{their_wall / free:.1f}x (aim >= 3.5) with the limiter off")


def incremental(company: LargeCompany) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house, business = opened(company, Path(folder), limited=False)
        with house:
            full = measured(lambda: rows_of(house.sync_of(business).sync()))
            changed = change_some(company, house, business, min(full[0] // 100, _CHANGED_AT_MOST))
            report: list[SyncReport] = []
            again = measured(lambda: rows_of(report.append(house.sync_of(business).sync()) or report[0]))  # type: ignore[func-returns-value]
    print(
        f"\nIncremental sync after {changed} of {full[0]:,} rows changed: {report[0].calls} calls, {again[0]} rows read"
    )
    print(f"CPU {again[2]:.3f} s against {full[2]:.3f} s for all: 1/{full[2] / again[2]:.0f} (aim 1/20)")


def change_some(company: LargeCompany, house: House, business: Business, wanted: int) -> int:
    """Edit ``wanted`` bills' notes in QuickBooks, as a bookkeeper would."""
    bills = house.sync_of(business).get_bills()["rows"][:wanted]
    for bill in bills:
        body = {"Id": bill.id, "SyncToken": bill.version, "PrivateNote": "looked at"}
        company.control("POST", f"companies/{company.realm_id}/update", {"entity": "Bill", "body": body})
    return len(bills)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.2)
    wanted = parser.parse_args()
    with large_company(wanted.rows) as company:
        full_syncs(company, wanted.rounds)
        with_latency(company, wanted.latency)
        incremental(company)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of this process: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
