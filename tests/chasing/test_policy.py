"""Whether a customer is asked now: every reason against it wins over every stage, and no day brings two messages."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.ar.policy.chasing import STAGES, Ask, Case, Manner, Wait, next_message, next_opening
from interlock.kernel.workdays import is_workday

DUE = date(2026, 10, 1)
MANNER = Manner(on=True)
ZONE = "America/Denver"


def case(days_late: int, **said: Any) -> Case:
    known: dict[str, Any] = {"ask_minor": 10_000, "address": "office@example.com", **said}
    return Case(due=DUE, today=DUE + timedelta(days=days_late), **known)


@pytest.mark.parametrize(("days", "stage"), [(2, None), (3, "gentle"), (400, "gentle")])
def test_the_first_message_is_gentle_however_late_it_is(days: int, stage: str | None) -> None:
    said = next_message(case(days), MANNER)
    assert said == (Ask("gentle") if stage else Wait("The gentle message is due.", DUE + timedelta(days=3)))


def test_three_stages_come_each_once_in_their_order_and_then_a_person_is_asked() -> None:
    written: dict[Any, date] = {}
    last: date | None = None
    for day in range(120):
        said = next_message(case(day, written=dict(written), last_contact=last), MANNER)
        if isinstance(said, Ask):
            assert said.stage == STAGES[len(written)]
            assert last is None or (DUE + timedelta(days=day) - last).days >= MANNER.gap_days
            last = written[said.stage] = DUE + timedelta(days=day)
    assert [(when - DUE).days for when in written.values()] == [3, 14, 30]
    said = next_message(case(120, written=written), MANNER)
    assert isinstance(said, Wait) and said.person


def test_a_message_about_another_invoice_of_the_customer_keeps_the_gap() -> None:
    said = next_message(case(10, last_contact=DUE + timedelta(days=8)), MANNER)
    assert said == Wait("The gentle message is due.", DUE + timedelta(days=15))


@pytest.mark.parametrize(
    ("said", "words", "person"),
    [
        ({"ask_minor": 0}, "Nothing is left", False),
        ({"state": "stopped", "why": "a friend"}, "stopped: a friend", True),
        ({"state": "write_off"}, "written off in QuickBooks", True),
        ({"state": "disputed", "why": "wrong hours"}, "disputes it: wrong hours", True),
        ({"state": "paused"}, "is paused", True),
        ({"in_flight": "A card payment is processing."}, "A card payment", False),
        ({"differ": "QuickBooks shows 1 open; Stripe asks for 2."}, "Stripe asks", True),
        ({"blocked": "A05 unapplied payment"}, "A05", True),
        ({"unknown": True}, "Nobody knows", True),
        ({"address": None}, "no e-mail", True),
        ({"unwanted": "office@example.com unsubscribed."}, "unsubscribed", True),
    ],
)
def test_each_reason_against_it_holds_at_every_stage(said: dict[str, Any], words: str, person: bool) -> None:
    for days in (3, 14, 30, 200):
        found = next_message(case(days, **said), MANNER)
        assert isinstance(found, Wait) and words in found.why, found
        assert found.person is person


@pytest.mark.parametrize("state", ["promised", "planned", "paused"])
def test_a_day_that_was_given_is_waited_for_in_full_and_then_the_chase_goes_on_by_itself(state: Any) -> None:
    day = DUE + timedelta(days=20)
    assert next_message(case(20, state=state, until=day), MANNER) == Wait(
        {
            "promised": "The customer promised to pay.",
            "planned": "A payment plan runs.",
            "paused": "Its chase is paused.",
        }[state],
        day + timedelta(days=1),
    )
    assert next_message(case(21, state=state, until=day), MANNER) == Ask("gentle")


@given(
    at=st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    hours=st.sampled_from([("09:00", "17:00"), ("00:00", "23:59"), ("02:30", "03:00")]),
)
def test_messages_leave_on_workdays_between_the_hours_in_the_clients_own_time(
    at: datetime, hours: tuple[str, str]
) -> None:
    manner = Manner(on=True, from_hour=hours[0], to_hour=hours[1])
    opening = next_opening(manner, ZONE, at)
    local = opening.astimezone(ZoneInfo(ZONE))
    assert opening >= at and is_workday(local.date())
    assert next_opening(manner, ZONE, opening) == opening, "an opening is open"
    assert hours[0] <= local.strftime("%H:%M") <= hours[1]
