"""What holds in every course a payment can take: every reachable one is visited, and every event tried on it."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from interlock.domains.ap.policy import happenings as happening
from interlock.domains.ap.policy.course import REOPENED, SETTLED, STAGES, Course, RailWord, Way, contradictions
from interlock.domains.ap.policy.loop import LEAVES_WITHIN, LOOK_UPS_AFTER, SENDS_MOST, may_leave, released, step
from tests.money_loop.reachable import NOW, PLAIN_HAPPENINGS, Edge, beginnings, come, courses, table, walk

pytestmark = pytest.mark.xdist_group("money_loop")
_LONG_AFTER = NOW + timedelta(days=400)


def everything() -> list[Course]:
    """``hand_off`` differs from ``create`` in its name alone: the last test here holds that."""
    return [*courses("outside"), *courses("create")]


def edges(wanted: Callable[[Edge], bool] = lambda _: True) -> list[Edge]:
    every = [*courses("outside").values(), *courses("create").values()]
    found = [edge for edges in every for edge in edges if wanted(edge)]
    assert found, "a property over no edge says nothing: mend its condition"
    return found


def happened(edge: Edge, *events: type[happening.Event]) -> bool:
    return isinstance(edge.event, events)


def test_every_stage_is_reached() -> None:
    assert {course.stage for course in everything()} == set(STAGES)


def test_an_event_that_comes_twice_is_taken_once() -> None:
    for edge in edges():
        again, commands = step(edge.after, edge.event, NOW)
        assert (again, commands) == (edge.after, ()), (
            f"{edge.event} twice at {edge.was} gives {again}, not {edge.after}"
        )


def test_a_bill_is_reopened_and_held_in_turns() -> None:
    for edge in edges():
        was, is_ = edge.stage in REOPENED, edge.to in REOPENED
        wanted = {(False, True): ("reopen_bill",), (True, False): ("hold_bill",)}.get((was, is_), ())
        assert edge.commands == wanted, f"{edge.event} from {edge.stage} to {edge.to} gave {edge.commands}"


def test_closed_needs_the_bank_and_the_ledger_and_no_open_contradiction() -> None:
    for course in everything():
        if course.stage == "closed":
            assert course.cleared and course.recorded, f"closed without both witnesses: {course}"
            assert not set(contradictions(course)) - set(course.vouched), f"closed against a witness: {course}"


def test_only_the_witnesses_say_cleared_and_recorded() -> None:
    for edge in edges(lambda edge: edge.after.cleared and not edge.was.cleared):
        assert isinstance(edge.event, happening.BankShowed), f"{edge.event} isn't the bank's word"
    for edge in edges(lambda edge: edge.after.recorded and not edge.was.recorded):
        assert isinstance(edge.event, happening.LedgerShowed | happening.RecordMade), f"{edge.event} isn't the ledger's"


def test_paid_at_the_rail_is_the_rails_word() -> None:
    said = happening.RailSaid | happening.Found | happening.SendMade
    for edge in edges(lambda edge: edge.after.rail != edge.was.rail):
        assert isinstance(edge.event, said), f"{edge.event} changed the rail's word from {edge.was.rail}"


def test_it_is_sent_from_to_send_alone() -> None:
    for edge in edges(lambda edge: happened(edge, happening.SendBegun)):
        assert edge.stage == "to_send" and edge.was.todo == "send", f"sending began at {edge.was}"
        assert edge.to == "sending" and edge.after.todo == "look_up", "an answer that is lost is looked up"


def test_after_a_sending_only_the_certainty_that_nothing_was_made_sends_again() -> None:
    for edge in edges(lambda edge: edge.after.sending == "to_send" and edge.was.sending != "to_send"):
        assert isinstance(edge.event, happening.NotSent), f"{edge.event} at {edge.was} sends once more"
        assert edge.was.sending == "sending" and edge.was.tried < edge.after.tried < SENDS_MOST
    for edge in edges(lambda edge: edge.after.todo == "send" and edge.was.todo != "send"):
        assert isinstance(edge.event, happening.NotSent), f"{edge.event} at {edge.was} sends once more"


def test_what_was_taken_back_or_paid_otherwise_is_never_sent() -> None:
    for course in everything():
        if course.todo == "send":
            assert not (course.taken_back or course.cleared or course.recorded), f"about to be sent: {course}"


def test_a_person_is_asked_or_something_is_to_be_done_until_it_is_settled() -> None:
    for course in everything():
        if course.stage in SETTLED:
            assert course.todo in {None, "record", "look_up", "cancel"}, f"{course} is settled and watched"
            continue
        assert course.todo is not None or course.needs_person, f"nobody goes on with {course}"
        if course.sending == "unknown" and course.todo is None:
            assert course.needs_person, f"nobody was told that an answer is missing: {course}"


def test_waiting_alone_ends_with_a_person_or_a_settled_payment() -> None:
    """Nothing but time: every watch ends."""
    for course in everything():
        if course.todo == "watch":
            after, _ = step(course, happening.TimePassed(), _LONG_AFTER)
            assert after.needs_person, f"{course} can be waited for without an end"


def test_a_settled_payment_still_listens() -> None:
    late_words = (happening.BankShowed, happening.RailSaid, happening.LedgerShowed, happening.BankReturned)
    spoken = edges(lambda edge: happened(edge, *late_words))
    for stage in sorted(SETTLED):
        heard = [edge for edge in spoken if edge.stage == stage]
        assert heard, f"a payment that is {stage} must still hear its witnesses"


def test_the_ledger_is_written_only_while_it_is_certain() -> None:
    for edge in edges(lambda edge: happened(edge, happening.RecordBegun)):
        course = edge.was
        assert course.records and not course.recorded, f"it stands there already: {course}"
        assert course.cleared or (course.rail == "paid" and not course.expects_bank), f"nobody saw it paid: {course}"
        assert course.stage not in REOPENED | {"mismatched"}, f"written in doubt: {course}"


def test_what_a_bookkeeper_took_out_is_not_written_again() -> None:
    for edge in edges(lambda edge: happened(edge, happening.LedgerTookBack)):
        assert edge.after.todo != "record", f"written once more after {edge.was}"


def test_what_the_bank_shows_is_not_cancelled() -> None:
    assert not [course for course in everything() if course.todo == "cancel" and course.cleared]


def test_a_return_after_clearing_reopens_the_bill() -> None:
    for edge in edges(lambda edge: edge.was.cleared and happened(edge, happening.BankReturned)):
        assert edge.to == "returned"


def test_three_looks_without_a_find_ask_a_person_and_never_sooner_than_a_request_can_live() -> None:
    course = step(released(beginnings("create")[0], NOW), happening.SendBegun(), NOW)[0]
    at = NOW
    for after in LOOK_UPS_AFTER:
        early, _ = step(course, happening.NotFound(), at)
        assert early == course, "a look before its time says nothing"
        assert not course.needs_person
        at += after
        unanswered, _ = step(course, happening.NotFound(answered=False), at)
        assert unanswered.asked == course.asked, "a rail that wasn't asked has not said that it isn't there"
        course, _ = step(course, happening.NotFound(), at)
    assert course.needs_person and course.stage == "unknown" and course.todo is None
    assert step(course, happening.PersonSaid("not_made"), at)[1] == ("reopen_bill",)


def test_what_was_begun_leaves_only_while_a_look_follows_long_before_a_person_is_asked() -> None:
    begun = step(released(beginnings("create")[0], NOW), happening.SendBegun(), NOW)[0]
    due = NOW + LOOK_UPS_AFTER[0]
    assert may_leave(begun, NOW) and may_leave(begun, due + LEAVES_WITHIN - timedelta(seconds=1))
    assert not may_leave(begun, due + LEAVES_WITHIN), "who was held up for so long begins anew"
    once = step(begun, happening.NotFound(), due)[0]
    assert may_leave(once, due), "the last look is an hour away yet"
    twice = step(once, happening.NotFound(), due + LOOK_UPS_AFTER[1])[0]
    assert not may_leave(twice, due + LOOK_UPS_AFTER[1]), "only one look is left before a person is asked"
    assert not may_leave(step(begun, happening.BankShowed(), NOW)[0], NOW), "the bank shows it paid already"
    for course in everything():
        if may_leave(course, NOW):
            assert course.stage in {"sending", "unknown"}, f"something else than a begun sending leaves: {course}"


def test_nothing_made_so_many_times_is_refused() -> None:
    course = released(beginnings("create")[0], NOW)
    for _ in range(SENDS_MOST):
        assert course.stage == "to_send"
        course, _ = step(course, happening.SendBegun(), NOW)
        course, commands = step(course, happening.NotSent(NOW), NOW)
    assert course.stage == "refused" and commands == ("reopen_bill",)


def test_a_persons_word_on_a_difference_does_not_hold_for_the_next_one() -> None:
    for edge in edges(lambda edge: edge.was.vouched != ()):
        fresh = set(contradictions(edge.after)) - set(contradictions(edge.was))
        if fresh and not isinstance(edge.event, happening.PersonSaid):
            assert edge.to in {"mismatched", "returned"}, f"{fresh} went unseen: {edge}"


def test_a_bill_is_never_open_again_while_the_rail_has_what_would_pay_it() -> None:
    there = {"waiting", "under_way", "paid", "unknown"}
    for edge in edges(lambda edge: edge.after.rail in there and not edge.after.returned):
        assert edge.to not in {"refused", "failed", "cancelled"}, f"a second payment may be made beside it: {edge}"


def _kind(fact: object) -> str:
    return type(fact).__name__


FACTS: tuple[happening.Event, ...] = (
    happening.RailSaid("under_way"), happening.BankShowed(), happening.BankReturned(), happening.LedgerShowed(),
    happening.BankShowed(differs=True), happening.LedgerShowed(differs=True),
)  # fmt: skip


@given(
    st.sampled_from([*beginnings("outside"), *beginnings("create")]),
    st.lists(st.sampled_from(FACTS), max_size=5, unique_by=_kind),
    st.sampled_from(["waiting", "paid", "failed", "cancelled"]),
)
def test_the_order_in_which_witnesses_speak_makes_no_difference(
    begin: Course, facts: list[happening.Event], word: RailWord
) -> None:
    """What each says is taken as its last word; the rail's comes among them once."""
    made = _made(begin)
    others = [fact for fact in facts if not isinstance(fact, happening.RailSaid)]
    ends = set()
    for order in permutations([*others, happening.RailSaid(word)]):
        course = made
        for event in order:
            course, _ = step(course, event, NOW)
        ends.add((course.stage, course.cleared, course.recorded, course.differs, course.todo == "record"))
    assert len(ends) == 1, f"the stage depends on who spoke first: {ends} after {others}, {word}"


@given(st.sampled_from(["outside", "create"]), st.lists(st.sampled_from(PLAIN_HAPPENINGS), max_size=25))
def test_any_run_of_events_stays_among_the_known_courses(way: Way, events: list[happening.Event]) -> None:
    course = come(released(beginnings(way)[0], NOW))
    for event in events:
        course = come(step(course, event, NOW)[0])
    assert course in courses(way)


def _made(begin: Course) -> Course:
    course = released(begin, NOW)
    for event in (happening.SendBegun(), happening.SendMade("waiting")):
        course, _ = step(course, event, NOW)
    return course


def test_a_payment_outside_hears_no_rail() -> None:
    events = {event for _, event in table("outside")}
    rail = {
        name for name in map(_named, happening.EVENTS) if name.startswith(("Send", "Rail", "Cancel", "Not", "Found"))
    }
    assert not events & rail, f"nothing was instructed, and yet {events & rail} changes it"


def test_handing_off_takes_the_same_steps_as_creating() -> None:
    handed = walk(beginnings("hand_off", records=False)[:1], PLAIN_HAPPENINGS)
    created = walk(beginnings("create", records=False)[:1], PLAIN_HAPPENINGS)
    assert {replace(course, way="create") for course in handed} == set(created)


def _named(event: type[happening.Event]) -> str:
    return event.__name__
