"""The matcher: exact, by reference, by the sum of a batch. What is ambiguous is suggested, never chosen.

A pairing is kept only when it is the strongest for its line and for each of its movements, and the only one so strong on either
side. What is kept may leave another pairing alone on both sides, so it is looked again until nothing more is certain: a second
run over the rest finds nothing new, and no order of the input changes anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from interlock.domains.bank.matching.edges import Edge, Strength, edges_of, units_of
from interlock.domains.bank.matching.suggesting import suggestions_for
from interlock.domains.bank.matching.values import (
    BOOKS,
    EXACT,
    REFERENCE,
    SUM,
    Group,
    Key,
    Line,
    Movement,
    Outcome,
    Pairing,
)

_CERTAIN = 100


def match(
    lines: Iterable[Line],
    movements: Iterable[Movement],
    *,
    apart: frozenset[Pairing] = frozenset(),
    served: frozenset[tuple[str, str]] = frozenset(),
) -> Outcome:
    """Every book on its own. ``apart``: pairings a person refused or undid; ``served``: (book, line id) already matched."""
    ordered = sorted(lines, key=lambda line: (line.dated, line.id))
    by_book: dict[str, list[Movement]] = defaultdict(list)
    for each in sorted(movements, key=lambda each: each.key):
        by_book[each.book].append(each)
    groups: list[Group] = []
    suggestions: list[Group] = []
    for book in BOOKS:
        free = [line for line in ordered if (book, line.id) not in served]
        if not free or not by_book[book]:
            continue
        found, maybe = _match_book(book, free, by_book[book], apart)
        groups += found
        suggestions += maybe
    return Outcome(tuple(groups), tuple(suggestions))


def _match_book(
    book: str, lines: Sequence[Line], movements: Sequence[Movement], apart: frozenset[Pairing]
) -> tuple[list[Group], list[Group]]:
    edges = edges_of(lines, units_of(movements), apart)
    groups: list[Group] = []
    while certain := _certain(edges):
        groups += [_group(book, edge) for edge in certain]
        taken_lines = {edge.line.id for edge in certain}
        taken = {key for edge in certain for key in edge.unit.keys}
        edges = [edge for edge in edges if edge.line.id not in taken_lines and not taken.intersection(edge.unit.keys)]
    matched = {group.line_id for group in groups}
    taken = {key for group in groups for key in group.movements}
    free_lines = [line for line in lines if line.id not in matched]
    free = [each for each in movements if each.key not in taken]
    groups.sort(key=lambda group: (group.line_id, group.movements))
    return groups, suggestions_for(book, free_lines, free, edges, apart)


def _certain(edges: Sequence[Edge]) -> list[Edge]:
    """Edges that are alone at the top on both sides. Disjoint by construction."""
    best_of_line: dict[str, Strength] = {}
    best_of_key: dict[Key, Strength] = {}
    for edge in edges:
        best_of_line[edge.line.id] = max(edge.strength, best_of_line.get(edge.line.id, edge.strength))
        for key in edge.unit.keys:
            best_of_key[key] = max(edge.strength, best_of_key.get(key, edge.strength))
    top = [
        edge
        for edge in edges
        if edge.strength > Strength.CONTRADICTED
        and edge.strength == best_of_line[edge.line.id]
        and all(edge.strength == best_of_key[key] for key in edge.unit.keys)
    ]
    of_line: dict[str, int] = defaultdict(int)
    of_key: dict[Key, int] = defaultdict(int)
    for edge in top:
        of_line[edge.line.id] += 1
        for key in edge.unit.keys:
            of_key[key] += 1
    return [edge for edge in top if of_line[edge.line.id] == 1 and all(of_key[key] == 1 for key in edge.unit.keys)]


def _group(book: str, edge: Edge) -> Group:
    many = len(edge.unit.keys) > 1
    rule = SUM if many else REFERENCE if edge.strength is Strength.REFERENCE else EXACT
    why = (f"all {len(edge.unit.keys)} of a batch", edge.why) if many else (edge.why,)
    return Group(book, edge.line.id, edge.unit.keys, rule, _CERTAIN, why)
