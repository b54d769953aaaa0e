"""The courier all vendors share: who is due, in which order, what is lost or doubled on purpose, what gives up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock_sandbox.notices.notices import Manner, Notice, Notices, Wrong

NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)
MANNER = Manner(lambda body, now: {"signed": body.decode(), "at": now.isoformat()}, waits=(10, 20, 40))


def posted(notices: Notices, number: int, *, party: str = "ramp") -> list[Notice]:
    return [
        notices.post(party, f"http://here/{each}", b"%d" % each, MANNER, at=NOW + timedelta(seconds=each))
        for each in range(number)
    ]


def attempt(notices: Notices, now: datetime, status: int | None) -> Notice | None:
    notice = notices.take(now)
    if notice is not None and notices.settle(notice, status, now):
        notices.done_with([notice.number])
    return notice


def test_each_goes_when_it_is_due_and_only_once_at_a_time() -> None:
    notices = Notices()
    first, second = posted(notices, 2)
    assert notices.due() == NOW
    assert notices.take(NOW) is first
    assert notices.take(NOW) is None, "the first is under way, the second is not due"
    assert notices.take(NOW, early=True) is second
    assert notices.due() is None


@given(st.lists(st.sampled_from([200, 204, 302, 404, 429, 500, None]), min_size=1, max_size=12))
def test_it_is_tried_until_it_is_taken_or_all_pauses_are_over(answers: list[int | None]) -> None:
    notices, now, made = Notices(), NOW, 0
    [notice] = posted(notices, 1)
    for status in answers:
        if notices.due() is None:
            break
        now = max(now, notice.due_at)
        attempt(notices, now, status)
        made += 1
    taken = next((number for number, status in enumerate(answers, start=1) if status in {200, 204}), 99)
    assert made == min(taken, len(MANNER.waits) + 1, len(answers))
    assert (notices.due() is None) == (made in {taken, len(MANNER.waits) + 1})


def test_one_vendors_trouble_is_not_anothers() -> None:
    notices = Notices()
    posted(notices, 1)
    [other] = posted(notices, 1, party="stripe")
    notices.wrong["ramp"] = Wrong(delay_seconds=60)
    assert notices.take(NOW) is other
    assert notices.due() == NOW + timedelta(seconds=60)


def test_reordering_leaves_nothing_out() -> None:
    notices = Notices()
    every = posted(notices, 12)
    notices.wrong["ramp"] = Wrong(reorder=3)
    came = [attempt(notices, NOW + timedelta(hours=1), 200) for _ in every]
    assert sorted(each.number for each in came if each) == [each.number for each in every]
    assert came != every


def test_a_doubled_one_comes_twice_and_a_lost_one_is_believed_to_have_come() -> None:
    notices = Notices()
    [notice] = posted(notices, 1)
    notices.wrong["ramp"] = Wrong(duplicate=1, drop=1)
    assert notices.lost(notice)
    assert not notices.lost(notice)
    assert attempt(notices, NOW, 200) is notice
    assert attempt(notices, NOW, 200) is notice
    assert notices.due() is None


def test_signatures_are_made_anew_at_each_attempt() -> None:
    notices = Notices()
    [notice] = posted(notices, 1)
    assert notices.headers(notice, NOW) != notices.headers(notice, NOW + timedelta(seconds=1))
    notices.wrong["ramp"] = Wrong(bad_signature=1)
    assert notices.headers(notice, NOW)["signed"] != "0"
    assert notices.headers(notice, NOW)["signed"] == "0"


@pytest.mark.parametrize("status", [200, 500])
def test_what_was_forgotten_meanwhile_is_not_sent_again(status: int) -> None:
    notices = Notices()
    [notice] = posted(notices, 1)
    assert notices.take(NOW) is notice
    notices.forget("ramp", notice.url)
    assert not notices.settle(notice, status, NOW)
    assert notices.due() is None
