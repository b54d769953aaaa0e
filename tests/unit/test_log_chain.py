"""The chain shows every edit, removal, reordering, duplication and insertion; a cut end and a rewrite only an anchor shows."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from interlock.infra.translog.chain import GENESIS, Line, canonical, line_hash, verify

Said = tuple[str, str, str]
words = st.text(st.characters(codec="utf-8"), max_size=12)
said = st.tuples(words, words, words)


def chained(entries: list[Said], chain: str = "biz_a") -> list[Line]:
    lines: list[Line] = []
    prev = GENESIS
    for seq, (actor, action, body) in enumerate(entries, start=1):
        parts: dict[str, Any] = {
            "chain": chain,
            "seq": seq,
            "at": f"2026-11-24T09:30:{seq % 60:02d}.000000+00:00",
            "actor": actor,
            "action": action,
            "body": canonical({"said": body}),
            "prev": prev,
        }
        prev = line_hash(**parts)
        lines.append(Line(**parts, hash=prev))
    return lines


chains = st.lists(said, min_size=1, max_size=8).map(chained)


@given(lines=chains)
def test_an_untouched_chain_holds_and_gives_its_head(lines: list[Line]) -> None:
    assert verify(lines) == ({"biz_a": (len(lines), lines[-1].hash)}, [])


@given(
    lines=chains,
    data=st.data(),
    field=st.sampled_from(["chain", "at", "actor", "action", "body", "prev", "hash", "seq"]),
)
def test_any_edit_is_found(lines: list[Line], data: st.DataObject, field: str) -> None:
    at = data.draw(st.integers(0, len(lines) - 1))
    value = data.draw(st.integers(-3, 30) if field == "seq" else words)
    assume(value != getattr(lines[at], field))
    change: dict[str, Any] = {field: value}
    edited = [*lines[:at], replace(lines[at], **change), *lines[at + 1 :]]
    assert verify(edited)[1], f"an edited {field} went unnoticed"


@given(lines=st.lists(said, min_size=2, max_size=8).map(chained), data=st.data())
def test_a_line_removed_before_the_end_is_found(lines: list[Line], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines) - 2))
    assert verify([*lines[:at], *lines[at + 1 :]])[1]


@given(lines=st.lists(said, min_size=2, max_size=8).map(chained), data=st.data())
def test_any_reordering_is_found(lines: list[Line], data: st.DataObject) -> None:
    order = data.draw(st.permutations(lines))
    assume(order != lines)
    assert verify(order)[1]


@given(lines=chains, data=st.data())
def test_a_line_written_twice_is_found(lines: list[Line], data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(lines))
    at = data.draw(st.integers(0, len(lines)))
    assert verify([*lines[:at], line, *lines[at:]])[1]


@given(lines=chains, entry=said, data=st.data())
def test_a_line_slipped_in_before_the_end_is_found(lines: list[Line], entry: Said, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines) - 1))
    prev = lines[at - 1].hash if at else GENESIS
    actor, action, body = entry
    parts: dict[str, Any] = {"chain": "biz_a", "seq": at + 1, "at": "2026-11-24", "actor": actor, "action": action}
    parts |= {"body": body, "prev": prev}
    forged = Line(**parts, hash=line_hash(**parts))
    assert verify([*lines[:at], forged, *lines[at:]])[1]


def test_one_edit_is_reported_once_and_names_its_line() -> None:
    lines = chained([("ana", "bill.held", str(n)) for n in range(5)])
    lines[2] = replace(lines[2], body=canonical({"said": "something else"}))
    (found,) = verify(lines)[1]
    assert (found.chain, found.seq) == ("biz_a", 3)


def test_chains_side_by_side_do_not_disturb_each_other() -> None:
    ours, theirs = chained([("ana", "a", "1")] * 3), chained([("ben", "b", "2")] * 3, "biz_b")
    mixed = [ours[0], theirs[0], theirs[1], ours[1], ours[2], theirs[2]]
    heads, breaks = verify(mixed)
    assert breaks == []
    assert set(heads) == {"biz_a", "biz_b"}
    assert verify([*ours, theirs[0], theirs[2]])[1][0].chain == "biz_b"


@given(lines=st.lists(said, min_size=2, max_size=8).map(chained), data=st.data())
def test_a_cut_off_end_shows_only_beside_an_anchor(lines: list[Line], data: st.DataObject) -> None:
    kept = lines[: data.draw(st.integers(0, len(lines) - 1))]
    anchor = {"biz_a": (lines[-1].seq, lines[-1].hash)}
    assert verify(kept)[1] == [], "the limit of a bare chain: what is left of it still holds"
    assert [found.why for found in verify(kept, anchor)[1]] == ["was anchored and is gone"]


@given(entries=st.lists(said, min_size=1, max_size=8), data=st.data())
def test_a_history_rewritten_whole_shows_only_beside_an_anchor_at_or_after_the_change(
    entries: list[Said], data: st.DataObject
) -> None:
    lines = chained(entries)
    at = data.draw(st.integers(0, len(lines) - 1))
    rewritten = chained([*entries[:at], ("mallory", "nothing.happened", "here"), *entries[at + 1 :]])
    assume(rewritten != lines)
    assert verify(rewritten)[1] == [], "the limit of a bare chain: whoever writes all of it anew is not seen"
    for anchored in lines:
        breaks = verify(rewritten, {"biz_a": (anchored.seq, anchored.hash)})[1]
        assert bool(breaks) is (anchored.seq > at), "an anchor vouches for the lines up to it, and for no later one"


def test_an_anchor_of_a_chain_without_lines_is_no_break() -> None:
    assert verify([], {"biz_new": (0, GENESIS)}) == ({}, [])
    assert verify(chained([("ana", "a", "1")]), {"biz_a": (0, GENESIS)})[1] == []


def nested(value: object) -> list[object]:
    return [value, {"a": value}, [value], (1, value), {"a": [{"b": (value,)}]}]


@pytest.mark.parametrize("value", nested(1.5) + nested(float("nan")) + [{1.5: "a float as a key"}])
def test_floats_never_reach_the_log_at_any_depth(value: object) -> None:
    with pytest.raises(TypeError, match="floats"):
        canonical(value)


@pytest.mark.parametrize("value", [Decimal("1.50"), {1: "whole number as a key"}, {"a": {2: "b"}}, {"set"}, b"bytes"])
def test_what_json_would_have_to_guess_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


@given(value=st.dictionaries(words, json_values, max_size=5))
def test_equal_values_have_equal_bytes_whatever_order_they_were_built_in(value: dict[str, Any]) -> None:
    rebuilt: Callable[[Any], Any] = lambda v: (  # noqa: E731
        {key: rebuilt(v[key]) for key in reversed(list(v))} if isinstance(v, dict) else v
    )
    assert canonical(rebuilt(value)) == canonical(value)
