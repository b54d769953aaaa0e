"""Which thing of a rail is which of the ledger's: exact keys that link by themselves, and likenesses that a person decides.

A key links only where it is one on each side: one thing of the rail has it, and one of the ledger's. Pure.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct, field

CLAIM = "ledger_id"
"""The rule of a rail's own word: it keeps the ledger's id of the same thing."""
CERTAIN = 100
LEAST_SCORE = 55
SUGGESTIONS_A_THING = 3
SUGGESTIONS_MOST = 200
_CANDIDATES_A_BLOCK = 200


class Thing(Struct, frozen=True):
    """A vendor, bill, customer, invoice or account as one side has it. ``keys``: by rule; ``party_id``: by the ledger's id."""

    id: str
    name: str
    keys: Mapping[str, str] = field(default_factory=dict)
    number: str | None = None
    party: str | None = None
    email: str | None = None
    dated: date | None = None
    minor: int | None = None
    currency: str | None = None
    kind: str | None = None


class Pair(Struct, frozen=True):
    """A thing of the rail and one of the ledger. ``score``: 0 to 100; ``why``: short, for people."""

    rail_id: str
    ledger_id: str
    rule: str
    score: int
    why: tuple[str, ...]


Score = Callable[[Thing, Thing], tuple[int, tuple[str, ...]]]
Blocks = Callable[[Thing], Iterable[str]]
Decided = frozenset[tuple[str, str]]


def exact_pairs(
    rail: Sequence[Thing],
    ledger: Sequence[Thing],
    rules: Mapping[str, str],
    *,
    linked: Decided = frozenset(),
    apart: Decided = frozenset(),
) -> list[Pair]:
    """What links by itself, rule by rule, the safest first. ``rules``: each rule and what it says; ``apart``: a person's no."""
    rail_taken, ledger_taken = {pair[0] for pair in linked}, {pair[1] for pair in linked}
    found: list[Pair] = []
    for rule, says in rules.items():
        here, there = _by_key(rail, rule), _by_key(ledger, rule)
        fresh = [
            Pair(mine[0].id, theirs[0].id, rule, CERTAIN, (says,))
            for value, mine in sorted(here.items())
            if len(mine) == 1 and len(theirs := there.get(value, [])) == 1
        ]
        for pair in fresh:
            both = (pair.rail_id, pair.ledger_id)
            if pair.rail_id not in rail_taken and pair.ledger_id not in ledger_taken and both not in apart:
                found.append(pair)
                rail_taken.add(pair.rail_id)
                ledger_taken.add(pair.ledger_id)
    return found


def suggested_pairs(
    rail: Sequence[Thing],
    ledger: Sequence[Thing],
    score: Score,
    blocks: Blocks,
    *,
    linked: Decided = frozenset(),
    apart: Decided = frozenset(),
) -> list[Pair]:
    """For things of the rail that are linked to nothing: the likeliest of the ledger's, best first. ``blocks``: what two

    things must share before they are compared. A thing already linked may be suggested again, and says so.
    """
    taken, rail_taken = {pair[1] for pair in linked}, {pair[0] for pair in linked}
    by_block: dict[str, list[Thing]] = defaultdict(list)
    for thing in ledger:
        for block in blocks(thing):
            by_block[block].append(thing)
    found: list[Pair] = []
    for mine in rail:
        if mine.id in rail_taken:
            continue
        near = {thing.id: thing for block in blocks(mine) for thing in by_block.get(block, ())[:_CANDIDATES_A_BLOCK]}
        pairs = [_scored(mine, theirs, score, taken) for theirs in near.values() if (mine.id, theirs.id) not in apart]
        likely = sorted(
            (each for each in pairs if each.score >= LEAST_SCORE), key=lambda each: (-each.score, each.ledger_id)
        )
        found += likely[:SUGGESTIONS_A_THING]
    return sorted(found, key=lambda each: (-each.score, each.rail_id, each.ledger_id))[:SUGGESTIONS_MOST]


def _scored(mine: Thing, theirs: Thing, score: Score, taken: set[str]) -> Pair:
    claims = mine.keys.get(CLAIM)
    points, why = score(mine, theirs)
    if claims is not None and claims == theirs.keys.get(CLAIM):
        points, why = max(points, 90), ("the rail says so, and of others too", *why)
    if theirs.id in taken:
        points, why = min(points, 60), (*why, "already linked to another")
    return Pair(mine.id, theirs.id, "likeness", min(points, CERTAIN - 1), why)


def _by_key(things: Sequence[Thing], rule: str) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        if value := thing.keys.get(rule):
            found[value].append(thing)
    return found
