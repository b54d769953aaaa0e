"""docs/rails.md is what the classes and rows say, to the letter, and its tables are those of what is known of the rails."""

import re
from pathlib import Path

from interlock.app.abilities import build_abilities
from interlock.app.cli.showing.rails_page import markdown
from interlock.runway.services.experiences.capabilities import CapabilitiesService
from tests.capabilities.tables import TABLES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rails.md"
_NAMES = {"qbo": "QuickBooks", "ramp": "Ramp", "plaid": "Plaid", "stripe": "Stripe"}


def test_the_page_is_what_the_code_says() -> None:
    said = markdown(CapabilitiesService(build_abilities()).of_build())
    assert PAGE.read_text() == said, "write it anew: interlock capabilities --markdown > docs/rails.md"


def test_its_first_table_agrees_with_every_row_we_know() -> None:
    lines = [line.strip("| \n").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    heads = next(line for line in lines if line[0] == "Capability")
    said = {
        (rail, re.sub("`", "", line[0])): line[heads.index(_NAMES[rail])]
        for line in lines
        for rail in TABLES
        if len(line) == len(heads) and line[0].startswith("`") and line[1] in ("yes", "no")
    }
    for rail, rows in TABLES.items():
        for row in rows:
            assert {said[rail, claim.__name__] for claim in row.claims} <= {"yes"}, f"{rail}, {row.names}"
            lacked = {said.get((rail, lack if isinstance(lack, str) else lack.__name__), "no") for lack in row.lacks}
            assert lacked <= {"no"}, f"{rail}, {row.names}"
