"""Each rail's class has what its public API can do, row by row, and every "no" is refused by design."""

from functools import partial
from typing import Any

import pytest

from interlock.app.abilities import build_abilities
from interlock.kernel.scope import Scope
from interlock.rails import matrix
from interlock.rails.capabilities import capabilities_of, has, name_of
from interlock.rails.matrix import Link
from interlock.rails.registry import CapabilityParked, Registry
from tests.capabilities.tables import TABLES, Row

RAILS = build_abilities().rails
ROWS = [pytest.param(rail, row, id=f"{rail}: {row.names[:40]}") for rail, rows in TABLES.items() for row in rows]
_EVERYTHING_LINKED = {rail: Link("connected", records=True) for rail in RAILS}


@pytest.fixture(scope="module")
def registry() -> Registry:
    """This build's classes, every business linked to all of them."""
    made = Registry()
    for name, rail in RAILS.items():
        made.add(name, rail, partial(_bare, rail))
    return made


def _bare(rail: type[Any], _scope: Scope) -> Any:
    """A rail of this class without anything to speak to: here only its type counts."""
    return object.__new__(rail)


def test_there_is_a_table_for_every_rail_of_the_build() -> None:
    assert set(RAILS) == set(TABLES), "a rail joins the build with its table, and leaves it with it"


@pytest.mark.parametrize(("rail", "row"), ROWS)
def test_what_is_claimed_is_what_the_class_inherits(rail: str, row: Row) -> None:
    missing = [claim.__name__ for claim in row.claims if not has(RAILS[rail], claim)]
    assert missing == [], f"{rail} can ({row.names}: {row.says}), and its class does not say so"


@pytest.mark.parametrize("rail", TABLES)
def test_nothing_is_claimed_without_a_row(rail: str) -> None:
    known = {claim for row in TABLES[rail] for claim in row.claims}
    assert {each.__name__ for each in capabilities_of(RAILS[rail])} == {each.__name__ for each in known}


@pytest.mark.parametrize(("rail", "row"), [each for each in ROWS if each.values[1].lacks])  # type: ignore[union-attr]
def test_every_no_is_refused_by_design(registry: Registry, rail: str, row: Row) -> None:
    of_this = {rail: RAILS[rail]}
    for lack in row.lacks:
        assert not has(RAILS[rail], lack), f"{row.names}: {row.says}, and {rail}'s class claims {name_of(lack)}"
        verdict = matrix.verdict((lack,), of_this, _EVERYTHING_LINKED)
        assert verdict.code == f"parked:{name_of(lack)}", "linked to everything, it is parked all the same"
        if isinstance(lack, str):
            continue
        methods = [name for name in vars(lack) if not name.startswith("_") and callable(getattr(lack, name))]
        assert methods and [name for name in methods if hasattr(RAILS[rail], name)] == [], (
            "not even a method of that name"
        )
        with pytest.raises(CapabilityParked, match="waits for a rail that") as refused:
            registry.require(Scope("firm", "business"), lack, rail=rail)
        assert (refused.value.code, refused.value.status) == ("capability_parked", 409)


def test_who_can_is_given_and_is_of_that_type(registry: Registry) -> None:
    for rail, rows in TABLES.items():
        for claim in {claim for row in rows for claim in row.claims}:
            assert isinstance(registry.require(Scope("firm", "business"), claim, rail=rail), RAILS[rail])
