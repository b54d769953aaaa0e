"""What a measurement is, and how it is told beside its aim."""

import os
import resource
import statistics
import time
from collections.abc import Callable, Sequence

import msgspec


class Run(msgspec.Struct, frozen=True):
    """One run: rows (objects of the ledger; their lines and links are extra work, not extra rows), seconds, peak in MiB."""

    rows: int
    wall: float
    cpu: float
    peak: float = 0.0
    calls: int = 0

    @property
    def cpu_a_row(self) -> float:
        """Microseconds of this process's CPU a row, all threads."""
        return self.cpu / max(self.rows, 1) * 1e6


def measured(work: Callable[[], int]) -> Run:
    began, cpu = time.perf_counter(), time.process_time()
    rows = work()
    return Run(rows, time.perf_counter() - began, time.process_time() - cpu, peak_mib())


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def least(runs: Sequence[Run]) -> Run:
    """The run with the least wall time: what others on the machine cost is not ours to count."""
    return min(runs, key=lambda run: run.wall)


def tell(name: str, runs: Sequence[Run]) -> None:
    best = least(runs)
    print(
        f"{name:38} {best.rows:9,} rows {best.wall:8.2f} s {best.rows / best.wall:10,.0f} rows/s"
        f" {statistics.median(run.cpu_a_row for run in runs):7.1f} µs CPU/row",
        flush=True,
    )


def against(what: str, value: float, aim: str, *, holds: bool) -> None:
    print(f"{what}: {value:.2f} (aim {aim}) {'holds' if holds else 'FALLS SHORT'}", flush=True)


def headline(text: str) -> None:
    print(f"\n{text} [load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores]", flush=True)
