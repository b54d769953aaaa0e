"""The build's capabilities as a page of the documentation: whoever changes a rail's class changes it by writing it anew."""

from collections.abc import Iterable, Sequence

from interlock.runway.services.experiences.capabilities import CapabilitiesExperience, RailView

_HEAD = """\
# What each rail can do

Written by `interlock capabilities --markdown` from the rails' classes and the rows beside them; a test holds this page equal to
the code, so it is never edited by hand. A rail has a capability when its class inherits the type of that name, and no other list
says so.
"""
_FEATURES = """\
## Features, and what they need

Each works for a client once the rails named are connected. Where no rail of a build has a capability, what needs it is parked:
greyed on pages, refused by the API with `409 capability_parked`, which names what would un-park it.
"""
_PARKED = """\
## Parked

What people may look for and the public API of its rail can't do. That it is parked is computed from the rail's class; the row
says why, who says so, and what would change it.
"""
_DECLINED = """\
## Declined

What a rail's public API could do and Interlock chooses not to.
"""


def markdown(view: CapabilitiesExperience) -> str:
    """The page of a build (``of_build``), ending in one line break."""
    parts = [
        _HEAD,
        "## Capabilities\n",
        _table(
            ("Capability", *(rail.name for rail in view.rails)),
            (
                (f"`{each.capability}`", *("yes" if rail.rail in each.rails else "no" for rail in view.rails))
                for each in view.matrix
            ),
        ),
        _FEATURES,
        _table(
            ("Feature", "Key", "Needs", "Rails", "Screen"),
            (
                (
                    _sentence(each.name),
                    f"`{each.key}`",
                    ", ".join(f"`{need}`" for need in each.needs),
                    _names(view.rails, each.rails) if each.kind != "parked" else f"parked: {each.words}",
                    each.screen if each.built else "not built yet",
                )
                for each in view.features
            ),
        ),
        _PARKED,
        _table(
            ("Parked", "Rail", "Missing", "Why", "Source", "What would un-park it"),
            (
                (_sentence(row.name), row.rail_name, f"`{row.capability}`", row.reason, f"{row.source}.", row.unparks)
                for row in view.parked
            ),
        ),
        _DECLINED,
        _table(
            ("Declined", "Rail", "Why", "Source"),
            ((_sentence(row.name), row.rail_name, row.reason, f"{row.source}.") for row in view.declined),
        ),
    ]
    return "\n".join(parts)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _names(rails: Sequence[RailView], wanted: Sequence[str]) -> str:
    return ", ".join(rail.name for rail in rails if rail.rail in wanted)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
