"""The seed alone says what happens: the same requests with the same answers, and the same steps, in every process, on any day."""

import os
import subprocess
import sys
from pathlib import Path

from tests.simulation.money.run import run

_ROOT = Path(__file__).parents[2]
_SEED, _WEEKS = 5, 1
_A_RUN_SECONDS = 300
# Another order of sets, another zone, and a machine whose clock is days ahead.
_ELSEWHERE = """
import runpy, sys, time
told = time.time
time.time = lambda: told() + 40 * 86_400
sys.argv[0:1] = []
runpy.run_module("tests.simulation.money.run", run_name="__main__", alter_sys=True)
"""


def test_a_seed_is_the_same_run_twice_here_and_in_another_process_on_another_day(folder: Path, template: Path) -> None:
    here = run(_SEED, _WEEKS, folder, template).journal
    assert len(here) > 200, "a week has its requests and steps"
    again = run(_SEED, _WEEKS, folder, template).journal
    assert _first_difference(here, again) is None, "the same seed ran otherwise in the same process"
    command = [sys.executable, "-c", _ELSEWHERE, "run", str(_SEED), str(_WEEKS), str(folder), str(template)]
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland"}
    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=_A_RUN_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    assert _first_difference(here, done.stdout.splitlines()) is None, "the same seed ran otherwise in another process"


def _first_difference(one: list[str], other: list[str]) -> tuple[str, str] | None:
    """Where they part, or ``None``; one that ends early parts at its end."""
    for mine, theirs in zip([*one, "the end"], [*other, "the end"], strict=False):
        if mine != theirs:
            return mine, theirs
    return None
