"""The matcher: exact, by reference, by the sum of a batch. What is ambiguous is suggested, never chosen.

A pairing is kept only when it is the strongest for its line and for each of its movements, and the only one so strong on either
side. What is kept may leave another pairing alone on both sides, so it is looked again until nothing more is certain: a second
run over the rest finds nothing new, and no order of the input changes anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from interlock.domains.bank.matching.edges import Edge, Strength, Unit, edges_of, units_of
from interlock.domains.bank.matching.suggesting import suggestions_for
from interlock.domains.bank.matching.values import (
    BOOKS,
    EXACT,
    OWED,
    PROVISIONAL,
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
    taken: frozenset[Key] = frozenset(),
) -> Outcome:
    """Every book on its own; our own payments and open invoices take only lines that no other book explains.

    ``apart``: pairings a person refused or undid; ``served``: (book, line id) already matched; ``taken``: movements
    already matched, given all the same: a batch without one of its members is not the batch.
    """
    ordered = sorted(lines, key=lambda line: (line.dated, line.id))
    by_book: dict[str, list[Movement]] = defaultdict(list)
    for each in sorted(movements, key=lambda each: each.key):
        by_book[each.book].append(each)
    groups: list[Group] = []
    doubtful: list[tuple[str, list[Line], list[Movement], list[Edge]]] = []
    for book in BOOKS:
        theirs = _told(groups, served) if book in PROVISIONAL else frozenset()
        free = [line for line in ordered if (book, line.id) not in served and line.id not in theirs]
        if free and by_book[book]:
            units = [unit for unit in units_of(by_book[book]) if not taken.intersection(unit.keys)]
            found, left = _match_book(book, free, units, apart)
            groups += found
            matched, now_taken = _members(found)
            waiting = [each for each in by_book[book] if each.key not in taken and each.key not in now_taken]
            doubtful.append((book, [line for line in free if line.id not in matched], waiting, left))
    explained = _told(groups, served)
    suggestions = [
        each
        for book, free, waiting, left in doubtful
        for each in suggestions_for(book, free, waiting, left, apart, explained)
    ]
    return Outcome(tuple(groups), tuple(suggestions))


def _told(groups: Iterable[Group], served: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Lines that some book explains."""
    return frozenset({*(line_id for _, line_id in served), *(group.line_id for group in groups)})


def _match_book(
    book: str, lines: Sequence[Line], units: Sequence[Unit], apart: frozenset[Pairing]
) -> tuple[list[Group], list[Edge]]:
    """What is certain, and the edges that are left."""
    edges = edges_of(lines, units, apart)
    groups: list[Group] = []
    while certain := _certain(edges, Strength.REFERENCE if book == OWED else Strength.PLAIN):
        fresh = [_group(book, edge) for edge in certain]
        groups += fresh
        taken_lines, taken = _members(fresh)
        edges = [edge for edge in edges if edge.line.id not in taken_lines and not taken.intersection(edge.unit.keys)]
    groups.sort(key=lambda group: (group.line_id, group.movements))
    return groups, edges


def _members(groups: Sequence[Group]) -> tuple[set[str], set[Key]]:
    return {group.line_id for group in groups}, {key for group in groups for key in group.movements}


def _certain(edges: Sequence[Edge], least: Strength) -> list[Edge]:
    """Edges that are alone at the top on both sides, and strong enough. Disjoint by construction.

    That an invoice is open doesn't say that money moved: only its number on the line does.
    """
    best_of_line: dict[str, Strength] = {}
    best_of_key: dict[Key, Strength] = {}
    for edge in edges:
        best_of_line[edge.line.id] = max(edge.strength, best_of_line.get(edge.line.id, edge.strength))
        for key in edge.unit.keys:
            best_of_key[key] = max(edge.strength, best_of_key.get(key, edge.strength))
    top = [
        edge
        for edge in edges
        if edge.strength >= least
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
