"""The money loop through weeks of bills, people, trouble and ended processes, over the sandbox's handlers without sockets.

Each run is one seed: four clients (outside with a bank, outside with the books alone, handed off, created), twenty bills a week.
What must hold is asked after each day, of the world rather than of our rows. A failing run prints its seed and replays exactly:
``make sim SEEDS=7`` or ``SEEDS=100-199``. What was met is counted over all blocks of seeds together, by the one that ends last.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.money.edges import EDGES, NEVER, TAKEN
from tests.simulation.money.gathering import Counts, leave
from tests.simulation.money.play import NAMED
from tests.simulation.money.run import run

WEEKS = 6
_SEEDS_OF_EVERY_COMMIT = int(os.environ.get("INTERLOCK_MONEY_RUNS", "20"))
_A_BLOCK = 2
_SEEDS = os.environ.get("INTERLOCK_MONEY_SEEDS")


def blocks() -> list[range]:
    """The seeds to run: those asked for (``7`` or ``100-199``), else those that every commit runs."""
    first, _, last = (_SEEDS or f"0-{_SEEDS_OF_EVERY_COMMIT - 1}").partition("-")
    seeds = range(int(first), int(last or first) + 1)
    return [seeds[at : at + _A_BLOCK] for at in range(0, len(seeds), _A_BLOCK)]


@pytest.fixture
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all of this run's blocks, whichever of pytest's workers has them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "money-loop"
    folder.mkdir(exist_ok=True)
    return folder


def test_the_tables_of_edges_speak_of_the_loop_as_it_is() -> None:
    assert TAKEN <= EDGES, f"the loop has no such edges any more: {sorted(TAKEN - EDGES)}"
    assert NEVER.keys() <= EDGES - TAKEN, f"the loop has no such edges any more: {sorted(NEVER.keys() - EDGES)}"


@pytest.mark.parametrize("seeds", blocks(), ids=str)
def test_weeks_of_trouble_pay_nothing_twice_lose_nothing_and_leave_nobody_unasked(
    seeds: range, folder: Path, template: Path, shared: Path
) -> None:
    counts = Counts(Counter(), Counter())
    for seed in seeds:
        told = run(seed, WEEKS, folder, template)
        counts.met.update(told.met)
        counts.steps.update(told.steps)
    strange = {edge for edge in counts.steps if edge not in EDGES and edge[1] != "Released"}
    assert strange == set(), "steps that no course can take by the pure loop: the rows and the loop disagree"
    everything = leave(shared, str(seeds), map(str, blocks()), counts)
    if everything is not None and _SEEDS is None:  # a seed or two that were asked for needn't meet everything
        _all_was_met(everything)


def _all_was_met(counts: Counts) -> None:
    assert [name for name in NAMED if counts.met[name] == 0] == [], (
        "these troubles were never met: this run proves less than it says"
    )
    missed = sorted(edge for edge in TAKEN if counts.steps[edge] == 0)
    assert missed == [], "these edges of the loop were never taken: this run proves less than it says"
    untrue = sorted(edge for edge in NEVER if counts.steps[edge])
    assert untrue == [], "these edges were taken although edges.py says that nothing leads there: take them out of it"
    judged, releases = counts.met["releases judged with every check"], counts.met["releases"]
    assert judged * 10 > releases, (
        f"{judged} of {releases} releases were judged as in production: more than a tenth must be"
    )
