"""Which bills to drop from a batch so that the rest is allowed: fewest bills, then fewest dollars (product-map §2.8). Pure.

Every constraint is a bound on a sum: what is kept may weigh no more than there is headroom. Up to ``PROVEN_TO`` candidates all
sets are tried; above that the largest helpful ones are taken one by one and what turns out not to be needed is put back.
"""

from collections.abc import Iterator, Sequence
from itertools import compress

from msgspec import Struct

PROVEN_TO = 12


class Bound(Struct, frozen=True, gc=False):
    """``sum(weights of what is kept) <= headroom``, in minor units; one weight for each bill of the batch."""

    headroom: int
    weights: tuple[int, ...]


class Drop(Struct, frozen=True, gc=False):
    """Positions in the batch, ascending. ``proven``: no smaller or cheaper set exists."""

    positions: tuple[int, ...]
    proven: bool


def smallest(
    dollars: Sequence[int], bounds: Sequence[Bound], forced: frozenset[int], reluctant: frozenset[int]
) -> Drop | None:
    """The set to drop, ``None`` where no set helps. ``dollars``: each bill's amount, bills in order of priority: of equal sets

    the one of the later bills is dropped. ``forced`` ones can't be kept in any case; ``reluctant`` ones (must be paid) stay
    unless nothing else helps.
    """
    if not forced & reluctant:
        kept_for_sure = sorted(reluctant)
        found = _smallest_of(
            dollars, bounds, forced, [k for k in range(len(dollars)) if k not in reluctant], kept_for_sure
        )
        if found or not reluctant:
            return found
    return _smallest_of(dollars, bounds, forced, list(range(len(dollars))), [])


def _smallest_of(
    dollars: Sequence[int], bounds: Sequence[Bound], forced: frozenset[int], movable: list[int], fixed: list[int]
) -> Drop | None:
    free = [k for k in movable if k not in forced]
    open_bounds = []
    for bound in bounds:
        headroom = bound.headroom - sum(bound.weights[k] for k in fixed)
        weights = [bound.weights[k] for k in free]
        only_adds = all(weight >= 0 for weight in weights)
        if only_adds and headroom < 0:
            return None
        if sum(weight for weight in weights if weight > 0) > headroom:
            open_bounds.append((headroom, weights, only_adds))
    candidates = list(range(len(free)))
    if all(only_adds for _, _, only_adds in open_bounds):
        # What weighs nothing in any broken bound can always be put back.
        candidates = [at for at in candidates if any(weights[at] for _, weights, _ in open_bounds)]
    standing = frozenset(range(len(free))).difference(candidates)
    reduced = [
        Bound(headroom - sum(weights[at] for at in standing), tuple(weights[at] for at in candidates))
        for headroom, weights, _ in open_bounds
    ]
    amounts = [dollars[free[at]] for at in candidates]
    proven = len(candidates) <= PROVEN_TO
    chosen = _exact(amounts, reduced) if proven else _greedy(amounts, reduced)
    if chosen is None:
        return None
    return Drop(tuple(sorted({*forced, *(free[candidates[at]] for at in chosen)})), proven)


def _exact(amounts: Sequence[int], bounds: Sequence[Bound]) -> list[int] | None:
    """All sets at once: the sum of every set is that of a smaller one and one bill more, so sets are numbered by their bits."""
    sets: Sequence[int] = range(1 << len(amounts))
    for bound in bounds:
        needed = sum(bound.weights) - bound.headroom
        sums = _sums(bound.weights)
        sets = [each for each in sets if sums[each] >= needed]
    if not sets:
        return None
    paid = _sums(amounts)
    best = min(sets, key=lambda each: (each.bit_count(), paid[each], -each))
    return [at for at in range(len(amounts)) if best >> at & 1]


def _sums(weights: Sequence[int]) -> list[int]:
    sums = [0]
    for weight in weights:
        sums += [each + weight for each in sums]
    return sums


def _greedy(amounts: Sequence[int], bounds: Sequence[Bound]) -> list[int] | None:
    """Each time the cheapest bill that alone finishes; without one, the heaviest in the bound that is broken furthest."""
    over = [sum(bound.weights) - bound.headroom for bound in bounds]
    dropped: list[int] = []
    left = set(range(len(amounts)))
    while max(over) > 0:
        worst = over.index(max(over))
        weights = bounds[worst].weights
        heavy = [at for at in left if weights[at] > 0]
        if not heavy:  # a bill moved to a later day lifts days that others then break: only without all of them
            if any(bound.headroom < 0 for bound in bounds):
                return None
            dropped, over = list(range(len(amounts))), [-bound.headroom for bound in bounds]
            break
        finishing = [
            at
            for at in heavy
            if weights[at] >= over[worst]
            and all(each.weights[at] >= excess for each, excess in zip(bounds, over, strict=True))
        ]
        if finishing:
            pick = min(finishing, key=lambda at: (amounts[at], -at))
        else:
            pick = min(heavy, key=lambda at: (-weights[at], amounts[at], -at))
        left.remove(pick)
        dropped.append(pick)
        over = [excess - bound.weights[pick] for excess, bound in zip(over, bounds, strict=True)]
    return list(_needed(dropped, over, amounts, bounds))


def _needed(dropped: Sequence[int], over: list[int], amounts: Sequence[int], bounds: Sequence[Bound]) -> Iterator[int]:
    """Those of ``dropped`` that can't be put back, the smallest tried first so that as many as possible return."""
    stay = [True] * len(dropped)
    for at in sorted(range(len(dropped)), key=lambda k: (amounts[dropped[k]], dropped[k])):
        back = [excess + bound.weights[dropped[at]] for excess, bound in zip(over, bounds, strict=True)]
        if all(excess <= 0 for excess in back):
            over, stay[at] = back, False
    return compress(dropped, stay)
