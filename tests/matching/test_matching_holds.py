"""What holds of matching whatever the lines and movements are."""

import random
from collections import Counter
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.domains.bank.matching.matcher import match
from interlock.domains.bank.matching.values import PROVISIONAL, Line, Movement
from tests.matching.values import check, line, paid

_CENTS = st.sampled_from((1_000, 2_000, 3_000, 5_000))
_PARTIES = st.sampled_from((None, "Copperfield Freight", "Quill Legal"))
_TEXTS = st.sampled_from(("ACH DEBIT", "QUILL LEGAL PMT", "COPPERFIELD FREIGHT", "CHECK"))


@st.composite
def lines(draw: st.DrawFn) -> list[Line]:
    return [
        line(
            f"L{at}",
            draw(st.sampled_from((-1, 1))) * draw(_CENTS),
            draw(st.integers(5, 20)),
            text=draw(_TEXTS),
            counterparty=draw(_PARTIES),
            account_id=draw(st.sampled_from(("1", "2"))),
            check_number=draw(st.sampled_from((None, "1181", "1182"))),
            reference=draw(st.sampled_from((None, "trace 777001"))),
        )
        for at in range(draw(st.integers(0, 8)))
    ]


@st.composite
def movements(draw: st.DrawFn) -> list[Movement]:
    found: list[Movement] = []
    for at in range(draw(st.integers(0, 8))):
        cents, on = draw(st.sampled_from((-1, 1))) * draw(_CENTS), draw(st.integers(5, 20))
        more: dict[str, Any] = {
            "party": draw(_PARTIES),
            "account_id": draw(st.sampled_from((None, "1", "2"))),
            "batch": draw(st.sampled_from((None, None, "run 7", "run 8"))),
            "references": draw(st.sampled_from(((), ("777001",)))),
            "book": draw(st.sampled_from(("ledger", "paying", "own", "owed"))),
        }
        if more["book"] == "owed":
            more |= {"kind": "invoice", "quoted": True, "batch": None, "account_id": None}
        number = draw(st.sampled_from((None, "1181", "1182")))
        found.append(check(f"m{at}", cents, number, on, **more) if number else paid(f"m{at}", cents, on, **more))
    return found


@settings(max_examples=300, deadline=None)
@given(lines(), movements())
def test_groups_equal_to_the_cent_and_nothing_serves_two(
    given_lines: list[Line], given_movements: list[Movement]
) -> None:
    found = match(given_lines, given_movements)
    by_line, by_key = {each.id: each for each in given_lines}, {each.key: each for each in given_movements}
    for group in (*found.groups, *found.suggestions):
        moved = [by_key[key] for key in group.movements]
        assert sum(each.minor for each in moved) == by_line[group.line_id].minor, group
        assert {each.currency for each in moved} == {by_line[group.line_id].currency}
        assert {each.account_id for each in moved} <= {None, by_line[group.line_id].account_id}
        assert {each.book for each in moved} == {group.book}
    twice = [each for each, times in Counter((g.book, g.line_id) for g in found.groups).items() if times > 1]
    shared = [key for key, times in Counter(key for g in found.groups for key in g.movements).items() if times > 1]
    assert not twice, "a line serves one group of a book"
    assert not shared, "a movement serves one group"
    told = {group.line_id for group in found.groups if group.book not in PROVISIONAL}
    assert not told & {group.line_id for group in found.groups if group.book in PROVISIONAL}, "it is theirs, not ours"


@settings(max_examples=200, deadline=None)
@given(lines(), movements(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(
    given_lines: list[Line], given_movements: list[Movement], chance: random.Random
) -> None:
    before = match(given_lines, given_movements)
    other_lines, other_movements = given_lines[:], given_movements[:]
    chance.shuffle(other_lines)
    chance.shuffle(other_movements)
    assert match(other_lines, other_movements) == before


@settings(max_examples=200, deadline=None)
@given(lines(), movements())
def test_a_second_run_over_the_rest_finds_nothing_more(
    given_lines: list[Line], given_movements: list[Movement]
) -> None:
    found = match(given_lines, given_movements)
    served = frozenset((group.book, group.line_id) for group in found.groups)
    taken = frozenset(key for group in found.groups for key in group.movements)
    assert match(given_lines, given_movements, served=served, taken=taken).groups == ()


@settings(max_examples=200, deadline=None)
@given(lines(), movements())
def test_a_twin_of_a_matched_line_is_never_chosen_over_it(
    given_lines: list[Line], given_movements: list[Movement]
) -> None:
    """Ambiguity is never guessed: with an exact copy of any line there, neither it nor the copy is matched for certain

    to a movement that both could be.
    """
    for group in match(given_lines, given_movements).groups:
        original = next(each for each in given_lines if each.id == group.line_id)
        twin = msgspec.structs.replace(original, id="twin")
        kept = {each.movements: each.line_id for each in match([*given_lines, twin], given_movements).groups}
        assert kept.get(group.movements) not in {original.id, "twin"}, "one of two alike was chosen"
