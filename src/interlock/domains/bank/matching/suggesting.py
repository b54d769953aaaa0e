"""What a person may want to look at: pairings that equal to the cent, but that more than one thing could be."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import msgspec

from interlock.domains.bank.matching.edges import Edge, Strength, Unit, another_check, units_of
from interlock.domains.bank.matching.owed_sums import OwedSums
from interlock.domains.bank.matching.subsets import SubsetSums
from interlock.domains.bank.matching.values import EXACT, OWED, SUM, Group, Line, Movement, Pairing
from interlock.domains.firm.naming import likeness, named_in

A_LINE_MOST = 3
SUM_MOST_MEMBERS = 4
SUM_CANDIDATES_MOST = 12
SUM_FOUND_MOST = 50
SUM_LINES_MOST = 200
WIDER_DAYS = 45
WIDER_MOST_ALIKE = 50
_ONLY_ONE = 75
_ONE_OF_SEVERAL = 55
_CONTRADICTED = 35
_OUT_OF_TIME = 45
_A_SUM = 50
_BY_DATE_MOST = 15
_BY_NAME_MOST = 10
_MOST = 95


def suggestions_for(
    book: str,
    lines: Sequence[Line],
    movements: Sequence[Movement],
    edges: Sequence[Edge],
    apart: frozenset[Pairing],
    explained: frozenset[str],
) -> list[Group]:
    """At most ``A_LINE_MOST`` for a line, the likeliest first. Of lines that another book has ``explained``, only what is

    likely: the same amount within its days.
    """
    of_line: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        of_line[edge.line.id].append(edge)
    wider = _Wider(() if book == OWED else movements)
    by_account = _by_account(movements)
    owed = OwedSums(movements if book == OWED else ())
    sums_left = SUM_LINES_MOST
    found: list[Group] = []
    for line in reversed(lines):  # the newest first: sums are looked for in so many only
        mine = [_of_edge(book, edge, len(of_line[line.id])) for edge in of_line[line.id]]
        if not mine and line.id not in explained:
            mine = list(wider.around(book, line))
        if not mine and sums_left and line.id not in explained:
            sums_left -= 1
            mine = list(_sums(book, line, by_account.get((line.account_id, line.currency), ())))
        if book == OWED and line.id not in explained:
            mine += owed.around(book, line)
        mine = [each for each in mine if each.pairing not in apart]
        found += sorted(mine, key=lambda each: (-each.score, each.movements))[:A_LINE_MOST]
    return found


def _of_edge(book: str, edge: Edge, candidates: int) -> Group:
    base = _ONLY_ONE if candidates == 1 else _ONE_OF_SEVERAL
    several = () if candidates == 1 else (f"one of {candidates} that equal it",)
    if edge.strength is Strength.CONTRADICTED:
        base = _CONTRADICTED
    score = _scored(base, edge.line, edge.unit)
    rule = EXACT if len(edge.unit.keys) == 1 else SUM
    return Group(book, edge.line.id, edge.unit.keys, rule, score, (edge.why, *several))


class _Wider:
    """Same account and amount, but dated out of time."""

    def __init__(self, movements: Sequence[Movement]) -> None:
        self._units: dict[tuple[str, int], list[Unit]] = defaultdict(list)
        for unit in units_of(msgspec.structs.replace(each, batch=None) for each in movements):
            self._units[unit.currency, unit.minor].append(unit)

    def around(self, book: str, line: Line) -> Iterator[Group]:
        by_days = timedelta(days=WIDER_DAYS)
        same = self._units.get((line.currency, line.minor), ())
        for unit in same if len(same) <= WIDER_MOST_ALIKE else ():
            elsewhere = unit.account_id is not None and unit.account_id != line.account_id
            if elsewhere or another_check(line, unit):
                continue
            if unit.first - by_days <= line.dated <= unit.last + by_days:
                days = abs((line.dated - unit.dated).days)
                yield Group(
                    book,
                    line.id,
                    unit.keys,
                    EXACT if len(unit.keys) == 1 else SUM,
                    _scored(_OUT_OF_TIME, line, unit),
                    ("account and amount", f"dated {days} days apart"),
                )


def _by_account(movements: Sequence[Movement]) -> dict[tuple[str, str], list[Movement]]:
    found: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    for each in movements:
        if each.account_id is not None:
            found[each.account_id, each.currency].append(each)
    return found


def _sums(book: str, line: Line, movements: Sequence[Movement]) -> Iterator[Group]:
    """Two to ``SUM_MOST_MEMBERS`` of the ``SUM_CANDIDATES_MOST`` nearest movements that make up the line."""
    near = sorted(
        (
            each
            for each in movements
            if each.first <= line.dated <= each.last and 0 < each.minor * _sign(line) < line.minor * _sign(line)
        ),
        key=lambda each: (abs((each.dated - line.dated).days), each.key),
    )[:SUM_CANDIDATES_MOST]
    sums = SubsetSums([abs(each.minor) for each in near], SUM_MOST_MEMBERS)
    for places in sums.making(abs(line.minor), SUM_FOUND_MOST):
        members = [near[place] for place in places]
        alike = len({each.dated for each in members}) == 1 or len({each.party for each in members}) == 1
        why = f"{len(members)} of one day or party make it up" if alike else f"{len(members)} make it up"
        score = _A_SUM + (_BY_DATE_MOST if alike else 0)
        yield Group(book, line.id, tuple(sorted(each.key for each in members)), SUM, score, (why,))


def _scored(base: int, line: Line, unit: Unit) -> int:
    named = named_in(unit.party, line.text) or named_in(unit.party, line.counterparty)
    by_name = _BY_NAME_MOST if named else likeness(unit.party, line.counterparty) * _BY_NAME_MOST // 100
    return min(_MOST, base + by_name + _by_date(line.dated, unit.dated))


def _by_date(one: date, other: date) -> int:
    return max(0, _BY_DATE_MOST - abs((one - other).days))


def _sign(line: Line) -> int:
    return 1 if line.minor > 0 else -1
