"""Which movements a line can be at all, and how strongly each says so."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from enum import IntEnum

from msgspec import Struct

from interlock.domains.bank.matching.values import Key, Line, Movement, Pairing
from interlock.domains.bank.matching.windows import UNNUMBERED_CHECK_DAYS
from interlock.domains.firm.naming import key_of, named_in, numbers_in, share_a_word, words_of_number

BATCH_MOST_MEMBERS = 500
CROWDED_PAIRS = 10_000
_REFERENCE_LEAST_CHARACTERS = 4


class Strength(IntEnum):
    """How a line and what it may be agree beyond account, amount and dates."""

    CONTRADICTED = 0
    PLAIN = 1
    NAMED = 2
    REFERENCE = 3


class Unit(Struct, frozen=True):
    """Movements that the bank shows as one line: one, or all of a batch."""

    keys: tuple[Key, ...]
    account_id: str | None
    first: date
    last: date
    dated: date
    minor: int
    currency: str
    number: str | None
    party: str | None
    references: tuple[str, ...]
    paper: bool
    quoted: bool = False


class Edge(Struct, frozen=True):
    line: Line
    unit: Unit
    strength: Strength
    why: str


def units_of(movements: Iterable[Movement]) -> list[Unit]:
    """Each movement alone, and each whole batch of two or more; sorted, so that the order given doesn't matter."""
    batches: dict[tuple[str, str | None, str], list[Movement]] = defaultdict(list)
    units: list[Unit] = []
    for each in movements:
        units.append(_unit([each]))
        if each.batch is not None:
            batches[each.batch, each.account_id, each.currency].append(each)
    units += [
        _unit(sorted(members, key=lambda each: each.key))
        for members in batches.values()
        if 1 < len(members) <= BATCH_MOST_MEMBERS
    ]
    return sorted(units, key=lambda unit: unit.keys)


def edges_of(lines: Sequence[Line], units: Sequence[Unit], apart: frozenset[Pairing]) -> list[Edge]:
    """Every line with every unit it can be. Where one amount is everywhere (``CROWDED_PAIRS``), only by reference."""
    waiting: dict[tuple[str, int], list[Unit]] = defaultdict(list)
    for unit in units:
        waiting[unit.currency, unit.minor].append(unit)
    asked: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for line in lines:
        asked[line.currency, line.minor].append(line)
    found: list[Edge] = []
    for amount, same in asked.items():
        candidates = waiting.get(amount, [])
        crowded = len(same) * len(candidates) > CROWDED_PAIRS
        for line in same:
            for unit in candidates:
                edge = _edge(line, unit)
                if edge is None or (crowded and edge.strength < Strength.REFERENCE):
                    continue
                if (line.id, frozenset(unit.keys)) not in apart:
                    found.append(edge)
    return found


def _edge(line: Line, unit: Unit) -> Edge | None:
    if unit.account_id is not None and unit.account_id != line.account_id:
        return None
    if not unit.first <= line.dated <= unit.last:
        return None
    if said := _by_reference(line, unit):
        return Edge(line, unit, Strength.REFERENCE, said)
    if another_check(line, unit) or (unit.paper and (line.dated - unit.dated).days > UNNUMBERED_CHECK_DAYS):
        return None
    if named_in(unit.party, line.text) or named_in(unit.party, line.counterparty):
        return Edge(line, unit, Strength.NAMED, f"the line names {unit.party}")
    if not share_a_word(line.counterparty, unit.party):
        return Edge(line, unit, Strength.CONTRADICTED, f"the line names {line.counterparty}, not {unit.party}")
    return Edge(line, unit, Strength.PLAIN, "account, amount and dates")


def _by_reference(line: Line, unit: Unit) -> str | None:
    """A number that both carry: a check's, a trace, a payment's. Short ones say too little."""
    number = key_of(unit.number)
    if unit.paper and number and number == key_of(line.check_number):
        return f"check {unit.number}"
    said = words_of_number(line.reference)
    whole = "".join(said)
    for reference in unit.references:
        wanted = "".join(words_of_number(reference))
        if len(wanted) >= _REFERENCE_LEAST_CHARACTERS and (wanted == whole or wanted in said):
            return f"reference {reference}"
    if number and len(number) >= _REFERENCE_LEAST_CHARACTERS and number in {key_of(each) for each in (*said, whole)}:
        return f"number {unit.number}"
    return f"number {unit.number} on the line" if unit.quoted and _quotes(line, unit) else None


def _quotes(line: Line, unit: Unit) -> bool:
    """Whether the bank's text carries its number, and names nobody else, whose number may be the same."""
    wanted = "".join(words_of_number(unit.number))
    long_enough = len(wanted) >= _REFERENCE_LEAST_CHARACTERS
    return long_enough and wanted in numbers_in(line.text) and share_a_word(line.counterparty, unit.party)


def another_check(line: Line, unit: Unit) -> bool:
    """A check's line names another check than the ledger's."""
    stated, number = key_of(line.check_number), key_of(unit.number)
    return bool(unit.paper and stated and number and number.isdigit() and stated != number)


def _unit(members: Sequence[Movement]) -> Unit:
    one = members[0]
    parties = {each.party for each in members}
    return Unit(
        keys=tuple(each.key for each in members),
        account_id=one.account_id,
        first=min(each.first for each in members),
        last=max(each.last for each in members),
        dated=min(each.dated for each in members),
        minor=sum(each.minor for each in members),
        currency=one.currency,
        number=one.number if len(members) == 1 else None,
        party=one.party if len(parties) == 1 else None,
        references=tuple(sorted({said for each in members for said in each.references})),
        paper=one.paper and len(members) == 1,
        quoted=one.quoted and len(members) == 1,
    )
