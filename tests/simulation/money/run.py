"""One seed's run and what it tells: ``python -m tests.simulation.money.run SEED WEEKS FOLDER TEMPLATE`` prints its journal."""

import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from interlock.domains.ap.payment_models import DisbursementStep
from interlock.kernel.scope import SystemScope
from tests.simulation.money.edges import Edge
from tests.simulation.money.play import Play
from tests.simulation.money.theatre import MoneyTheatre, money_staged


class Told(NamedTuple):
    """``met``: troubles by name; ``steps``: each step of each payment; ``journal``: requests, then steps, one a line."""

    met: Counter[str]
    steps: Counter[Edge]
    journal: list[str]


def run(seed: int, weeks: int, folder: Path, template: Path) -> Told:
    """Raises with the seed in a note when something doesn't hold."""
    at = Path(tempfile.mkdtemp(dir=folder))
    try:
        with money_staged(seed, at, template) as theatre:
            play = Play(theatre, seed)
            try:
                play.weeks(weeks)
            except Exception as broken:
                broken.add_note(f"seed {seed}, {weeks} weeks, met {dict(play.met)}; again: make sim SEEDS={seed}")
                raise
            return Told(play.met, play.judge.steps, theatre.journal + _steps(theatre))
    finally:
        shutil.rmtree(at)


def _steps(theatre: MoneyTheatre) -> list[str]:
    with theatre.house.database.reading(SystemScope("the simulation's journal")) as session:
        query = select(
            DisbursementStep.at, DisbursementStep.intent_id, DisbursementStep.number, DisbursementStep.was,
            DisbursementStep.event,
        ).order_by(DisbursementStep.intent_id, DisbursementStep.number)  # fmt: skip
        return [" ".join(map(str, row)) for row in session.execute(query)]


if __name__ == "__main__":
    print("\n".join(run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])).journal))
