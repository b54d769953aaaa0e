"""What all blocks of seeds met together: each block leaves its counts in a shared folder, and whoever comes last adds them up."""

import fcntl
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.simulation.money.edges import Edge


class Counts(NamedTuple):
    met: Counter[str]
    steps: Counter[Edge]


def leave(folder: Path, block: str, blocks: Iterable[str], counts: Counts) -> Counts | None:
    """Keep one block's counts; the sum of all, for the one block that completes them, else ``None``."""
    said = {"met": counts.met, "steps": [[*edge, count] for edge, count in counts.steps.items()]}
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / f"{block}.json").write_text(json.dumps(said))
        files = [folder / f"{each}.json" for each in blocks]
        if not all(file.exists() for file in files):
            return None
        found = [json.loads(file.read_text()) for file in files]
    met: Counter[str] = Counter()
    steps: Counter[Edge] = Counter()
    for each in found:
        met.update(each["met"])
        steps.update({(stage, event): count for stage, event, count in each["steps"]})
    return Counts(met, steps)
