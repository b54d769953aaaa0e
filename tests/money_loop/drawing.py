"""The loop as ``docs/money-loop.md`` draws it, made from ``step`` itself: ``python -m tests.money_loop.drawing`` draws it anew."""

import sys
from collections.abc import Iterable
from pathlib import Path

from interlock.domains.ap.policy import happenings as happening
from interlock.domains.ap.policy.course import SETTLED, STAGES, Stage, Way
from tests.money_loop.reachable import Edge, beginnings, table, walk

PAGE = Path(__file__).parents[2] / "docs" / "money-loop.md"
BEGIN, END = "<!-- the loop, drawn from the code: begin -->", "<!-- the loop, drawn from the code: end -->"
_USUAL = (
    happening.SendBegun(), happening.SendMade("waiting"), happening.SendRefused(), happening.SendLost(),
    happening.Found("waiting"), happening.NotFound(), happening.RailSaid("under_way"), happening.RailSaid("paid"),
    happening.RailSaid("failed"), happening.RailSaid("cancelled"), happening.BankShowed(), happening.BankReturned(),
    happening.LedgerShowed(), happening.PersonSaid("not_made"), happening.PersonSaid("take_back"), happening.TimePassed(),
)  # fmt: skip
"""What the diagram shows. Witnesses that take back their word, differ, or come in another order are in the table."""
_ORDERLY: tuple[Stage, ...] = ("to_send", "sending", "unknown", "to_pay", "waiting", "under_way", "executed", "cleared")


def drawn() -> str:
    """All that stands between the markers."""
    parts = [
        "### At a rail (hand-off and create)", _diagram("create"), "### Outside", _diagram("outside"),
        "### Every event in every stage", _legend(), _table(),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _diagram(way: Way) -> str:
    pairs: dict[tuple[Stage, Stage], set[str]] = {}
    for edges in walk(beginnings(way, records=False), _USUAL).values():
        for edge in edges:
            if edge.stage != edge.to and edge.stage in _ORDERLY and _usual(edge):
                pairs.setdefault((edge.stage, edge.to), set()).add(_words(edge.event))
    begin = "to_pay" if way == "outside" else "to_send"
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {begin}: Released"]
    for was, to in sorted(pairs, key=_place):
        lines.append(f"    {was} --> {to}: {', '.join(sorted(pairs[was, to]))}")
    ends = sorted({to for _, to in pairs} & SETTLED, key=STAGES.index)
    return "\n".join([*lines, *(f"    {end} --> [*]" for end in ends), "```"])


def _usual(edge: Edge) -> bool:
    """Nothing came back before it left, and no rail speaks of what was not sent."""
    from_a_rail = isinstance(edge.event, happening.SendMade | happening.Found | happening.RailSaid)
    return not edge.was.returned and not (from_a_rail and edge.was.sending == "to_send")


def _table() -> str:
    """One row a stage: what each event may lead to, in whichever way to pay; an event that is missing changes nothing there."""
    met: dict[Stage, dict[str, set[Stage]]] = {stage: {} for stage in STAGES}
    ways: tuple[Way, ...] = ("outside", "create")
    for way in ways:
        for (stage, event), stages in table(way).items():
            met[stage].setdefault(event, set()).update(stages)
    rows = ["| stage | what may happen → where it may stand then |", "| --- | --- |"]
    for stage in STAGES:
        told = [_told(stage, event.__name__, met[stage].get(event.__name__, set())) for event in happening.EVENTS]
        rows.append(f"| `{stage}` | {' · '.join(filter(None, told))} |")
    return "\n".join(rows)


def _told(stage: Stage, event: str, to: Iterable[Stage]) -> str:
    ends = ["same" if each == stage else each for each in sorted(to, key=STAGES.index)]
    return f"{event} → {', '.join(ends)}" if ends else ""


def _legend() -> str:
    return (
        "*same*: something else is known then, and the stage stays. Which of several it is depends on what else is known; an event "
        "that a row does not name changes nothing there."
    )


def _words(event: happening.Event) -> str:
    word = getattr(event, "word", None) or getattr(event, "says", None)
    return type(event).__name__ if word is None else f"{type(event).__name__} {word}"


def _place(pair: tuple[Stage, Stage]) -> tuple[int, int]:
    return STAGES.index(pair[0]), STAGES.index(pair[1])


def redrawn(page: str) -> str:
    """The page with the loop as it is now; raises ``ValueError`` where it has no markers."""
    before, after = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:before]}\n\n{drawn()}\n\n{page[after:]}"


def main() -> int:
    PAGE.write_text(redrawn(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
