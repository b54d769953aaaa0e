"""What to drop: fewest bills, then fewest dollars, held against trying every set."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.runway.services.calculators.dropping import PROVEN_TO, Bound, Drop, smallest

NONE: frozenset[int] = frozenset()


def fits(kept: frozenset[int], bounds: list[Bound]) -> bool:
    return all(sum(bound.weights[at] for at in kept) <= bound.headroom for bound in bounds)


def by_trying_all(
    dollars: list[int], bounds: list[Bound], forced: frozenset[int], reluctant: frozenset[int]
) -> tuple[int, int] | None:
    """Number and dollars of the best set to drop."""
    everything = frozenset(range(len(dollars)))
    for movable in (everything - reluctant, everything):
        helpful = [
            (number, sum(dollars[at] for at in chosen))
            for number in range(len(movable) + 1)
            for chosen in map(frozenset, combinations(sorted(movable), number))
            if forced <= chosen and fits(everything - chosen, bounds)
        ]
        if helpful:
            return min(helpful)
    return None


@st.composite
def batches(
    draw: st.DrawFn, least: int = 0, most: int = 8, lifts: int = 0
) -> tuple[list[int], list[Bound], frozenset[int], frozenset[int]]:
    """``lifts``: how far a weight may be below zero, as where a bill is moved to a later day."""
    size = draw(st.integers(least, most))
    weight = st.integers(-lifts, 9)
    bounds = [
        Bound(draw(st.integers(-2, 30)), tuple(draw(st.lists(weight, min_size=size, max_size=size))))
        for _ in range(draw(st.integers(0, 4)))
    ]
    some = st.frozensets(st.integers(0, max(size - 1, 0)), max_size=2 if size else 0)
    return draw(st.lists(st.integers(1, 9), min_size=size, max_size=size)), bounds, draw(some), draw(some)


@settings(max_examples=300, deadline=None)
@given(batches(lifts=3))
def test_no_smaller_and_no_cheaper_set_exists(
    batch: tuple[list[int], list[Bound], frozenset[int], frozenset[int]],
) -> None:
    found = smallest(*batch)
    best = by_trying_all(*batch)
    assert (found is None) == (best is None)
    if found:
        assert found.proven
        assert (len(found.positions), sum(batch[0][at] for at in found.positions)) == best


@settings(max_examples=12, deadline=None)
@given(batches(least=PROVEN_TO, most=PROVEN_TO))
def test_it_is_proven_up_to_twelve(batch: tuple[list[int], list[Bound], frozenset[int], frozenset[int]]) -> None:
    found = smallest(*batch)
    best = by_trying_all(*batch)
    assert (found and (len(found.positions), sum(batch[0][at] for at in found.positions))) == best


@settings(max_examples=100, deadline=None)
@given(batches(least=PROVEN_TO + 1, most=40))
def test_of_more_than_twelve_none_that_is_dropped_can_come_back(
    batch: tuple[list[int], list[Bound], frozenset[int], frozenset[int]],
) -> None:
    dollars, bounds, forced, _ = batch
    found = smallest(dollars, bounds, forced, NONE)
    everything = frozenset(range(len(dollars)))
    if found is None:
        assert any(bound.headroom < 0 for bound in bounds)
        return
    kept = everything.difference(found.positions)
    assert fits(kept, bounds)
    assert forced <= set(found.positions)
    for back in set(found.positions) - forced:
        assert not fits(kept | {back}, bounds)


def test_many_bills_are_said_to_be_unproven() -> None:
    alike = tuple([5] * 20)
    assert smallest(alike, [Bound(60, alike)], NONE, NONE) == Drop((12, 13, 14, 15, 16, 17, 18, 19), proven=False)


def test_what_weighs_nothing_in_a_broken_bound_is_no_candidate() -> None:
    bounds = [Bound(5, (4, 4, *[0] * 30)), Bound(10_000, tuple([9] * 32))]
    assert smallest([4, 4, *[9] * 30], bounds, NONE, NONE) == Drop((1,), proven=True)


@pytest.mark.parametrize(
    ("dollars", "expected"),
    [
        ([4, 8, 12], (2,)),  # one bill rather than two
        ([13, 12, 20], (1,)),  # of single ones the cheapest
        ([6, 6, 6], (1, 2)),  # of equals the later ones
    ],
)
def test_fewest_bills_then_fewest_dollars_then_the_later_ones(dollars: list[int], expected: tuple[int, ...]) -> None:
    found = smallest(dollars, [Bound(sum(dollars) - 12, tuple(dollars))], NONE, NONE)
    assert found == Drop(expected, proven=True)


def test_what_must_be_paid_goes_only_when_nothing_else_helps() -> None:
    assert smallest([10, 4, 4], [Bound(10, (10, 4, 4))], NONE, frozenset({0})) == Drop((1, 2), proven=True)
    assert smallest([10, 4, 4], [Bound(9, (10, 4, 4))], NONE, frozenset({0})) == Drop((0,), proven=True)


def test_where_nothing_at_all_may_be_kept_and_that_is_not_enough_no_set_helps() -> None:
    assert smallest([3, 4], [Bound(-1, (3, 4))], NONE, NONE) is None
