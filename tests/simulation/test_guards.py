"""Each guard of the money loop earns its place: without it the drill fails, and with all of them it does not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.money.drill import GUARDS

_ROOT = Path(__file__).parents[2]
_DRILL_SECONDS = 400


def drilled(folder: Path, template: Path, *guard: str) -> subprocess.CompletedProcess[str]:
    """The drill in a process of its own, since the product has to be loaded anew."""
    command = [sys.executable, "-m", "tests.simulation.money.drill", str(folder), str(template), *guard]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=_DRILL_SECONDS, check=False)


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_the_text_of_a_guard_stands_in_the_product(name: str) -> None:
    guard = GUARDS[name]
    found = guard.file.read_text().count(guard.before)
    assert found == 1, f"{guard.file} has {guard.before!r} {found} times: say in drill.py how it is taken out now"


def test_with_every_guard_the_drill_is_passed(folder: Path, template: Path) -> None:
    done = drilled(folder, template)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_without_a_guard_the_drill_fails(name: str, folder: Path, template: Path) -> None:
    done = drilled(folder, template, name)
    assert done.returncode == 1, f"without the guard that {name}, nothing was noticed"
    assert "Error" in done.stderr.splitlines()[-1], f"it must fail by what happened, not before it began: {done.stderr}"
    assert "scenes.py" in done.stderr, f"it must fail in a scene: {done.stderr}"
