"""When bills are paid: pay runs around holidays, the run a bill belongs to, and until when it can be decided."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.firm.policy.values import PayRunPolicy
from interlock.kernel.workdays import add_workdays, is_workday
from interlock.runway.services.calculators.pay_runs import decide_by, run_for, runs

TUESDAYS_AND_THURSDAYS = PayRunPolicy(days=(1, 3), lead_workdays=2)
TODAY = date(2026, 11, 24)  # a Tuesday; Thursday is Thanksgiving

policies = st.builds(
    PayRunPolicy,
    days=st.sets(st.integers(0, 4), max_size=5).map(lambda days: tuple(sorted(days))),
    lead_workdays=st.integers(0, 5),
)
days = st.dates(date(2025, 1, 1), date(2030, 12, 31))


def test_a_run_on_a_bank_holiday_is_made_on_the_workday_before() -> None:
    assert runs(TUESDAYS_AND_THURSDAYS, TODAY, date(2026, 12, 4)) == (
        date(2026, 11, 24),
        date(2026, 11, 25),  # for Thanksgiving, the 26th
        date(2026, 12, 1),
        date(2026, 12, 3),
    )


def test_a_run_moved_out_of_the_time_asked_for_is_not_in_it_and_one_moved_into_it_is() -> None:
    only_thursdays = PayRunPolicy(days=(3,))
    assert runs(only_thursdays, date(2026, 11, 26), date(2026, 11, 30)) == ()
    assert runs(only_thursdays, date(2026, 11, 23), date(2026, 11, 25)) == (date(2026, 11, 25),)


def test_a_policy_without_weekdays_pays_on_every_workday() -> None:
    assert runs(PayRunPolicy(days=()), date(2026, 11, 25), date(2026, 11, 30)) == (
        date(2026, 11, 25),
        date(2026, 11, 27),
        date(2026, 11, 30),
    )


@pytest.mark.parametrize(
    ("due", "run"),
    [
        (date(2026, 12, 9), date(2026, 12, 3)),  # Wednesday: Tuesday's run would arrive on Thursday
        (date(2026, 12, 10), date(2026, 12, 8)),  # Thursday: Tuesday's run arrives that day
        (date(2026, 12, 13), date(2026, 12, 8)),  # Sunday: Thursday's run arrives on Monday, too late
        (date(2026, 12, 1), date(2026, 11, 25)),  # the run moved from Thanksgiving arrives on Monday
    ],
)
def test_a_bill_is_paid_with_the_last_run_that_arrives_by_its_due_date(due: date, run: date) -> None:
    assert run_for(due, TUESDAYS_AND_THURSDAYS, TODAY) == run


@pytest.mark.parametrize("due", [None, date(2026, 10, 1), TODAY, date(2026, 11, 25)])
def test_what_is_overdue_undated_or_too_late_for_any_run_is_paid_with_the_next_one(due: date | None) -> None:
    assert run_for(due, TUESDAYS_AND_THURSDAYS, TODAY) == TODAY
    assert run_for(due, TUESDAYS_AND_THURSDAYS, date(2026, 11, 27)) == date(2026, 12, 1)


def test_a_bill_due_far_ahead_waits_for_its_own_run() -> None:
    assert run_for(date(2027, 11, 3), TUESDAYS_AND_THURSDAYS, TODAY) == date(2027, 10, 28)


@given(policy=policies, due=days, today=days)
def test_no_later_run_would_have_been_in_time(policy: PayRunPolicy, due: date, today: date) -> None:
    run = run_for(due, policy, today)
    assert run >= today and is_workday(run)
    upcoming = runs(policy, today, max(due, today) + timedelta(days=21))
    in_time = [each for each in upcoming if add_workdays(each, policy.lead_workdays) <= due]
    assert run == (in_time[-1] if in_time else upcoming[0])


def test_decide_by_is_the_clients_own_time_of_day() -> None:
    policy = PayRunPolicy(decide_by="16:00")
    assert decide_by(date(2026, 11, 24), policy, "America/New_York") == datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    assert decide_by(date(2026, 7, 21), policy, "America/New_York") == datetime(2026, 7, 21, 20, 0, tzinfo=UTC)
    assert decide_by(date(2026, 7, 21), policy, "America/Phoenix") == datetime(2026, 7, 21, 23, 0, tzinfo=UTC)
