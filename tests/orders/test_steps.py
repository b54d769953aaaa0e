"""Where an order stands after whatever may happen to it, in whatever order: pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.ar.policy.orders import (
    LOOKED_UP_AFTER,
    TRIES_MOST,
    Absent,
    Act,
    Begun,
    Declined,
    Event,
    HeldBack,
    LetGo,
    Lost,
    Made,
    Partly,
    PersonSaid,
    SaidYes,
    Stand,
    Withdrawn,
    step,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
ACTS: tuple[Act, ...] = ("invoice", "void", "uncollectible", "refund")
EVENTS: tuple[Event, ...] = (
    SaidYes(False, NOW),
    SaidYes(True, NOW),
    LetGo(),
    Withdrawn(),
    HeldBack(),
    Begun(),
    Made(),
    Declined(),
    Lost(),
    Lost(30.0),
    Absent(),
    Partly(),
    PersonSaid("look_again"),
    PersonSaid("not_made"),
)


def after(act: Act, *events: Event) -> Stand:
    stand = Stand(act)
    for event in events:
        stand = step(stand, event, NOW)
    return stand


@pytest.mark.parametrize("act", ["invoice", "void", "uncollectible"])
def test_what_asks_for_money_goes_out_once_the_approval_stands(act: Act) -> None:
    approved = after(act, SaidYes(True, NOW + timedelta(seconds=10)))
    assert (approved.todo, approved.due_at) == ("send", NOW + timedelta(seconds=10))


def test_money_that_leaves_waits_for_its_release_and_for_the_undo() -> None:
    approved = after("refund", SaidYes(True, NOW + timedelta(seconds=10)))
    assert approved.todo is None, "it would leave by itself"
    assert step(approved, LetGo(), NOW) == approved, "it left while its approval could be undone"
    assert step(approved, LetGo(), NOW + timedelta(seconds=10)).todo == "send"


@pytest.mark.parametrize("act", ["invoice", "refund"])
def test_what_was_begun_is_looked_up_and_sent_again_only_when_nothing_stands_there(act: Act) -> None:
    begun = after(act, SaidYes(True, NOW), LetGo(), Begun())
    assert (begun.state, begun.todo, begun.due_at) == ("committed", "look_up", NOW + LOOKED_UP_AFTER)
    assert step(begun, Begun(), NOW) == begun, "it was sent twice without a look"
    assert step(begun, Lost(), NOW).todo == "look_up"
    assert step(begun, Absent(), NOW).todo == "send"


def test_an_order_keeps_the_moment_it_was_first_committed_at() -> None:
    """The rail is told the same each time: what it makes of the date may not move between two tries."""
    first = after("invoice", SaidYes(True, NOW), Begun())
    again = step(step(first, Absent(), NOW), Begun(), NOW + timedelta(hours=3))
    assert (again.committed_at, again.attempt) == (NOW, 2)


def test_after_enough_tries_a_person_is_asked_and_their_word_ends_it() -> None:
    stand = after("refund", SaidYes(True, NOW), LetGo(), Begun())
    for _ in range(TRIES_MOST):
        stand = step(Stand("refund", "committed", "look_up", NOW, stand.attempt + 1, NOW, NOW), Lost(), NOW)
    assert (stand.state, stand.todo) == ("unknown", None)
    assert step(stand, PersonSaid("look_again"), NOW).todo == "look_up"
    gone = step(stand, PersonSaid("not_made"), NOW)
    assert gone.state == "refused"
    assert step(gone, Made(), NOW).state == "standing", "what stands there after all must not be forgotten"


@given(st.sampled_from(ACTS), st.lists(st.sampled_from(EVENTS), max_size=30))
def test_whatever_comes_nothing_goes_out_unapproved_and_no_end_begins_again(act: Act, events: list[Event]) -> None:
    stand, approved, released = Stand(act), False, False
    for event in events:
        was, stand = stand, step(stand, event, NOW)
        approved |= isinstance(event, SaidYes) and event.complete and was.state in {"proposed", "half"}
        released |= isinstance(event, LetGo) and was.state == "approved"
        if stand.todo is not None or stand.attempt:
            assert approved and (released or act != "refund"), f"{event} let it out: {was} to {stand}"
        if was.state in {"standing", "withdrawn", "voided"}:
            assert stand == was, f"{event} moved what had ended: {was} to {stand}"
        assert (stand.todo is None) == (stand.due_at is None), stand
        assert stand.attempt >= was.attempt
        counted = isinstance(event, SaidYes | Lost | Begun)  # each of these is one more of its kind
        assert counted or step(stand, event, NOW) == stand, f"{event} twice is not once"
