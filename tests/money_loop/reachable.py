"""Every course that any run of events can lead to, found breadth-first from the release, with the time always come.

What was waited for is always over (``due_at`` and ``late_after`` are now), so nothing is left out because it would be early.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import get_args

from msgspec.structs import replace

from interlock.domains.ap.policy import happenings as happening
from interlock.domains.ap.policy.course import Course, RailWord, Stage, Way
from interlock.domains.ap.policy.loop import Command, released, step

NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
WORDS: tuple[RailWord, ...] = tuple(word for word in get_args(RailWord) if word != "none")


def happenings() -> tuple[happening.Event, ...]:
    """One of each event and each of its answers."""
    plain: list[happening.Event] = [
        happening.Released(), happening.SendBegun(), happening.SendRefused(), happening.NotSent(NOW), happening.SendLost(),
        happening.NotFound(), happening.NotFound(answered=False), happening.CancelMade(), happening.CancelRefused(),
        happening.BankTookBack(), happening.BankReturned(), happening.LedgerTookBack(), happening.RecordBegun(),
        happening.RecordMade(), happening.RecordRefused(), happening.RecordLost(NOW), happening.TimePassed(),
    ]  # fmt: skip
    for differs in (False, True):
        plain += [happening.BankShowed(differs=differs), happening.LedgerShowed(differs=differs)]
        plain += [happening.RailSaid(word, differs=differs) for word in WORDS]
    for word in WORDS:
        plain += [happening.SendMade(word), happening.Found(word)]
    said: list[happening.Event] = [happening.PersonSaid(says) for says in get_args(happening.PersonSays)]
    assert {type(event) for event in plain + said} == set(happening.EVENTS), "an event is missing here"
    return tuple(plain + said)


HAPPENINGS = happenings()
PLAIN_HAPPENINGS = tuple(
    event for event in HAPPENINGS
    if event != happening.PersonSaid("proven") and not (isinstance(event, happening.RailSaid) and event.differs)
)  # fmt: skip
"""Without two that multiply the courses and concern nothing but what stands beside them."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One course, what happened, and what came of it, as ``step`` gave it; only what changes something is an edge."""

    was: Course
    stage: Stage
    event: happening.Event
    after: Course
    to: Stage
    commands: tuple[Command, ...]


def beginnings(way: Way, *, records: bool | None = None) -> tuple[Course, ...]:
    """With and without a bank, with and without writing in the ledger."""
    writing = (False, True) if records is None else (records,)
    return tuple(
        Course(way, expects_bank=bank, late_after=NOW, records=writes) for bank in (True, False) for writes in writing
    )


def come(course: Course) -> Course:
    """The same course when everything it waits for is due, and without a count that nothing reads any more."""
    tried = course.tried if course.sending in {"to_send", "sending", "unknown"} else 0
    return replace(course, late_after=NOW, due_at=None if course.todo is None else NOW, tried=tried)


def edges_of(course: Course, events: tuple[happening.Event, ...]) -> tuple[Edge, ...]:
    stage, edges = course.stage, []
    for event in events:
        after, commands = step(course, event, NOW)
        if after is course or after == course:
            assert commands == (), f"{event} at {course} changed nothing and asked for {commands}"
            continue
        edges.append(Edge(course, stage, event, after, after.stage, commands))
    return tuple(edges)


Walked = Mapping[Course, tuple[Edge, ...]]


def walk(begin: Iterable[Course], events: tuple[happening.Event, ...]) -> Walked:
    """Every course that can be reached, with its edges."""
    waiting = deque(come(released(course, NOW)) for course in begin)
    known: dict[Course, tuple[Edge, ...]] = {}
    while waiting:
        course = waiting.popleft()
        if course in known:
            continue
        known[course] = edges_of(course, events)
        waiting.extend({after for edge in known[course] if (after := come(edge.after)) not in known})
    return known


@cache
def courses(way: Way) -> Walked:
    """Every course of a way to pay. Where we write in the ledger ourselves, without what stands beside."""
    writing = walk(beginnings(way, records=True), PLAIN_HAPPENINGS)
    return {
        **writing,
        **walk(beginnings(way, records=False)[:1], HAPPENINGS),
        **walk(beginnings(way, records=False)[1:], PLAIN_HAPPENINGS),
    }


Table = Mapping[tuple[Stage, str], frozenset[Stage]]


@cache
def table(way: Way) -> Table:
    """For a way to pay: from each stage, what each event (by its name) can lead to, where it changes anything."""
    met: dict[tuple[Stage, str], set[Stage]] = {}
    for edges in courses(way).values():
        for edge in edges:
            met.setdefault((edge.stage, type(edge.event).__name__), set()).add(edge.to)
    return {key: frozenset(stages) for key, stages in met.items()}
