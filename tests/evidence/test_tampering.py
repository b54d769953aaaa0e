"""Whatever is changed in a payment's evidence shows, also where whoever changed it made the seal fit again."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from interlock.app.payment_evidence import examine_bundle
from interlock.runway.evidence_bundle import Bundle, as_file, read_file, sealed
from tests.evidence.conftest import Paying

Path = tuple[str | int, ...]


@pytest.fixture
def closed(paying: Paying) -> Bundle:
    paying.approve()
    paying.let_go()
    paying.seen()
    return paying.bundle()


def leaves(said: Any, at: Path = ()) -> Iterator[Path]:
    if isinstance(said, dict):
        for name, inside in said.items():
            yield from leaves(inside, (*at, name))
    elif isinstance(said, list):
        for place, inside in enumerate(said):
            yield from leaves(inside, (*at, place))
    else:
        yield at


def value(said: Any, at: Path) -> Any:
    for part in at:
        said = said[part]
    return said


def flipped(said: Any, at: Path) -> Any:
    """The same document with one value changed to another of its kind."""
    changed = json.loads(json.dumps(said))
    inside = value(changed, at[:-1])
    was = inside[at[-1]]
    inside[at[-1]] = (
        not was if isinstance(was, bool) else was + 1 if isinstance(was, int) else "x" if was is None else another(was)
    )
    return changed


def another(text: str) -> str:
    """One character of it is another."""
    middle = len(text) // 2
    return f"{text[:middle]}{'b' if text[middle : middle + 1] == 'a' else 'a'}{text[middle + 1 :]}"


def found_out(said: Any, *, resealed: bool) -> bool:
    """Whether the document is refused, or its examination finds it broken."""
    try:
        bundle = read_file(json.dumps(said).encode())
    except msgspec.DecodeError:
        return True
    return not examine_bundle(sealed(bundle) if resealed else bundle).holds


def test_every_value_changed_by_itself_shows(closed: Bundle) -> None:
    said = json.loads(as_file(closed))
    places = list(leaves(said))
    assert len(places) > 90, f"only {len(places)} values: the bundle lost most of what it is to hold"
    missed = [at for at in places if not found_out(flipped(said, at), resealed=False)]
    assert missed == []


@pytest.mark.parametrize("place", range(8))
def test_what_a_witness_said_is_bound_to_the_log_word_for_word(closed: Bundle, place: int) -> None:
    """Not only its amount: the payload's hash stands in the step that it was heard in."""
    for at, seen in enumerate(closed.seen):
        if seen.kind == "bill":
            continue  # no step is about the bill: its content is what the approval bound to
        letters = [index for index, each in enumerate(seen.payload) if each.isalpha()]
        index = letters[place * (len(letters) - 1) // 7]
        payload = f"{seen.payload[:index]}{'q' if seen.payload[index] != 'q' else 'r'}{seen.payload[index + 1 :]}"
        other = replace(closed, seen=(*closed.seen[:at], replace(seen, payload=payload), *closed.seen[at + 1 :]))
        found = examine_bundle(sealed(other))
        shows = not found.holds or any("word for word" in each and seen.id in each for each in found.unproven)
        assert shows and not any(seen.id in each for each in examine_bundle(closed).unproven)


def test_every_value_changed_under_a_new_seal_shows(closed: Bundle) -> None:
    said = json.loads(as_file(closed))
    missed = [at for at in leaves(said) if at != ("seal",) and not found_out(flipped(said, at), resealed=True)]
    assert missed == []
