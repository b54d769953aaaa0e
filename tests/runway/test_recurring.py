"""What recurs: found among what doesn't, said ahead on its own calendar, and noticed when it doesn't happen."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.workdays import add_workdays, is_workday
from interlock.runway.services.calculators.calendars import CADENCES, Cadence, Coming, Standing, coming
from interlock.runway.services.calculators.categories import category_of
from interlock.runway.services.calculators.recurring import (
    Detected,
    Movement,
    detect,
    occurrences,
    parties_of,
    typical,
)

TODAY = date(2026, 11, 24)
CHECKING_FEES: dict[str, Any] = {"account_ids": ("27",), "account_names": ("Bank Fees",), "account_kinds": ("Expense",)}
WAGES: dict[str, Any] = {
    "kind": "journal_entry",
    "account_ids": ("19", "20", "6"),
    "account_names": ("Payroll Wages", "Payroll Taxes", "Payroll Liabilities"),
    "account_kinds": ("Expense", "Expense", "Other Current Liability"),
}


def moved(dated: date, minor: int = 100_00, **said: Any) -> Movement:
    known: dict[str, Any] = {
        "kind": "purchase",
        "inflow": False,
        "party_id": None,
        "party": None,
        "note": None,
        **CHECKING_FEES,
        **said,
    }
    return Movement(id=f"{dated}-{minor}", dated=dated, minor=minor, **known)


def months(day: int, count: int = 12, until: date = TODAY) -> list[date]:
    """The day of each month, or the workday after it, latest last."""
    found = []
    for back in range(count):
        month = until.year * 12 + until.month - 1 - back
        nominal = date(month // 12, month % 12 + 1, day)
        if (on := add_workdays(nominal, 0)) <= until:
            found.append(on)
    return found[::-1]


def fridays(last: date, count: int, step: int = 14) -> list[date]:
    return [last - timedelta(days=step * back) for back in range(count)][::-1]


def only(history: Sequence[Movement], today: date = TODAY) -> Detected:
    (found,) = detect(history, today, "USD")
    return found


def test_a_monthly_fee_is_found_whatever_weekends_did_to_its_days() -> None:
    found = only([moved(day, 25_00, note="Account maintenance") for day in months(3)])
    assert (found.cadence, found.days, found.amount_minor) == ("monthly", (3,), 25_00)
    assert (found.name, found.category, found.signature) == ("Account maintenance", "recurring", "purchase:accounts:27")
    assert (found.last_on, found.next_on, found.missed) == (date(2026, 11, 3), date(2026, 12, 3), False)


def test_wages_every_second_friday_are_payroll_though_a_holiday_moves_one() -> None:
    juneteenth = date(2026, 6, 19)
    days = fridays(date(2026, 11, 20), 20)
    days[days.index(juneteenth)] = date(2026, 6, 18)
    found = only([moved(day, 14_000_00, **WAGES) for day in days])
    assert (found.cadence, found.days, found.category, found.name) == ("biweekly", (4,), "payroll", "Payroll")
    assert found.next_on == date(2026, 12, 4)


def test_wages_on_the_fifteenth_and_the_last_are_paid_before_a_weekend() -> None:
    days = list(occurrences("semimonthly", (15, 31), TODAY, TODAY - timedelta(days=300), TODAY, True))
    assert date(2026, 8, 14) in days and date(2026, 5, 29) in days, "Saturday the 15th, Sunday the 31st"
    found = only([moved(day, 9_000_00, **WAGES) for day in days])
    assert (found.cadence, found.days, found.anchor) == ("semimonthly", (15, 31), date(2026, 11, 15))
    assert found.next_on == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        ("weekly", fridays(date(2026, 11, 20), 12, 7)),
        ("quarterly", [date(2026, 1, 15), date(2026, 4, 15), date(2026, 7, 15), date(2026, 10, 15)]),
    ],
)
def test_other_cadences_are_found(cadence: str, days: list[date]) -> None:
    assert only([moved(day) for day in days]).cadence == cadence


def test_what_a_shop_happens_to_sell_is_no_series() -> None:
    days = [TODAY - timedelta(days=ago) for ago in (3, 9, 31, 44, 47, 80, 118, 121, 163, 170, 222, 260)]
    assert detect([moved(day, party_id="9", party="Corner Shop") for day in days], TODAY, "USD") == ()


def test_one_series_of_a_vendor_is_found_though_something_else_was_bought_there_once() -> None:
    days = [*months(10), date(2026, 6, 24)]
    assert only([moved(day, party_id="9", party="Lessor") for day in days]).days == (10,)


def test_too_few_times_are_not_enough() -> None:
    assert detect([moved(day) for day in months(10, count=2)], TODAY, "USD") == ()


def test_the_usual_amount_is_the_median_of_the_last_six_and_of_receipts_what_four_of_five_reach() -> None:
    assert typical([900, 10, 20, 30, 40, 50, 61], inflow=False) == 35
    assert typical([10, 20, 31], inflow=False) == 20
    assert typical([900, 10, 20, 30, 40, 50, 61], inflow=True) == 20
    grant = only([moved(day, minor, inflow=True) for day, minor in zip(months(5, 6), (5, 9, 9, 9, 9, 9), strict=True)])
    assert (grant.inflow, grant.category, grant.amount_minor) == (True, "sales", 9)


def test_a_signature_stays_while_amounts_and_days_move() -> None:
    at_first = only([moved(day, 10_00 + at) for at, day in enumerate(months(20, 8))])
    later_on = only([moved(day, 99_00) for day in months(21, 12)])
    assert at_first.signature == later_on.signature
    assert parties_of(at_first.signature) == ("accounts", ("27",))
    assert parties_of("in:deposit:party:31") == ("party", ("31",))


def test_a_long_list_of_accounts_still_has_a_short_signature() -> None:
    accounts = tuple(str(number) for number in range(100_000, 100_060))
    said: dict[str, Any] = {"account_ids": accounts, "account_names": accounts, "account_kinds": ("Expense",) * 60}
    found = only([moved(day, **said) for day in months(20)])
    assert len(found.signature) <= 120 and len(found.name) <= 120
    assert parties_of(found.signature) == ("of", ())


def test_payroll_that_did_not_come_is_missed_two_days_after_its_day() -> None:
    history = [moved(day, **WAGES) for day in fridays(date(2026, 11, 6), 10)]
    on_time, missed = (only(history, date(2026, 11, 20) + timedelta(days=late)) for late in (2, 3))
    assert (on_time.missed, on_time.next_on) == (False, date(2026, 12, 4))
    assert missed.missed


def test_what_stopped_is_no_longer_said_to_recur() -> None:
    stopped = [moved(day) for day in months(10, until=date(2026, 8, 31))]
    assert detect(stopped, TODAY, "USD") == ()


def test_a_bill_that_is_entered_counts_though_it_is_due_later() -> None:
    rent: dict[str, Any] = {
        "kind": "bill",
        "party_id": "4",
        "party": "Harbour Properties",
        "account_ids": ("16",),
        "account_names": ("Rent or Lease",),
        "account_kinds": ("Expense",),
    }
    days = [*months(16, 8, until=date(2026, 11, 20)), date(2026, 12, 16)]
    found = only([moved(day, 4_800_00, **rent) for day in days])
    assert (found.category, found.last_on, found.next_on) == ("rent", date(2026, 12, 16), date(2027, 1, 19))


@pytest.mark.parametrize(
    ("name", "kind", "category"),
    [
        ("Payroll Wages", "Expense", "payroll"),
        ("Payroll Liabilities", "Other Current Liability", "tax"),
        ("Sales Tax Payable", "Other Current Liability", "tax"),
        ("Rent or Lease", "Expense", "rent"),
        ("Telephone and Internet", "Expense", "utilities"),
        ("Line of Credit", "Other Current Liability", "debt"),
        ("Equipment Note", "Long Term Liability", "debt"),
        ("Business Card", "Credit Card", "card"),
        ("Office Supplies", "Expense", "recurring"),
        ("Current Expenses", "Expense", "recurring"),
    ],
)
def test_accounts_say_what_a_payment_is_for(name: str, kind: str, category: str) -> None:
    assert category_of([name], [kind]) == category


def test_payroll_on_weekends_and_holidays_is_paid_before_and_everything_else_after() -> None:
    new_year = (date(2026, 12, 28), date(2027, 1, 8))
    assert occurrences("monthly", (1,), date(2026, 1, 1), *new_year, True) == (date(2026, 12, 31),)
    assert occurrences("monthly", (1,), date(2026, 1, 1), *new_year, False) == (date(2027, 1, 4),)


def test_a_year_of_fortnights_has_two_months_with_three_paydays() -> None:
    paydays = occurrences("biweekly", (4,), date(2026, 1, 2), date(2026, 1, 1), date(2026, 12, 30), True)
    by_month = [sum(day.month == month for day in paydays) for month in range(1, 13)]
    assert len(paydays) == 26
    assert [month for month, count in enumerate(by_month, 1) if count == 3] == [1, 7]
    # From 1 January 2027, a Friday and a holiday: its payday falls into the year before.
    longer = occurrences("biweekly", (4,), date(2026, 1, 2), date(2026, 12, 1), date(2026, 12, 31), True)
    assert longer == (date(2026, 12, 4), date(2026, 12, 18), date(2026, 12, 31))


def test_the_last_of_the_month_is_its_last_day_however_long_it_is() -> None:
    assert occurrences("monthly", (31,), TODAY, date(2026, 1, 1), date(2026, 4, 30), True) == (
        date(2026, 1, 30),
        date(2026, 2, 27),
        date(2026, 3, 31),
        date(2026, 4, 30),
    )


def test_what_happened_replaces_its_projection_and_only_its_own() -> None:
    tenth: tuple[Cadence, tuple[int, ...], date] = ("monthly", (10,), date(2026, 9, 10))
    found = coming(*tenth, False, [date(2026, 11, 12), date(2026, 12, 9)], TODAY, date(2027, 1, 31))
    assert found == (Coming(date(2026, 10, 13), "variance"), Coming(date(2027, 1, 11), "to_come"))


def test_what_was_not_seen_is_expected_for_seven_days_and_then_a_variance() -> None:
    standings: list[tuple[int, Standing]] = [
        (0, "to_come"),
        (1, "not_seen"),
        (7, "not_seen"),
        (8, "variance"),
        (40, "variance"),
    ]
    for late, standing in standings:
        today = date(2026, 11, 10) + timedelta(days=late)
        (first, *_) = coming("monthly", (10,), date(2026, 10, 10), False, [date(2026, 10, 12)], today, today)
        assert first == Coming(date(2026, 11, 10), standing), f"{late} days later"


calendars = st.sampled_from(CADENCES).flatmap(
    lambda cadence: st.tuples(
        st.just(cadence),
        st.integers(1, 16).map(lambda day: (day, day + 15) if cadence == "semimonthly" else (day,)),
        st.dates(date(2026, 1, 1), date(2026, 11, 20)),
        st.booleans(),
    )
)


@given(calendar=calendars, split=st.integers(0, 200))
def test_days_are_workdays_and_do_not_depend_on_how_much_is_asked_at_once(
    calendar: tuple[Cadence, tuple[int, ...], date, bool], split: int
) -> None:
    cadence, days, anchor, before = calendar
    since, until, middle = TODAY, TODAY + timedelta(days=200), TODAY + timedelta(days=split)
    whole = occurrences(cadence, days, anchor, since, until, before)
    assert all(map(is_workday, whole)) and list(whole) == sorted(set(whole))
    first = occurrences(cadence, days, anchor, since, middle, before)
    assert first + occurrences(cadence, days, anchor, middle + timedelta(days=1), until, before) == whole


@given(calendar=calendars, seen=st.lists(st.dates(date(2026, 10, 1), date(2027, 2, 1)), max_size=12))
def test_each_real_event_replaces_one_projection_at_the_most(
    calendar: tuple[Cadence, tuple[int, ...], date, bool], seen: list[date]
) -> None:
    cadence, days, anchor, before = calendar
    until = TODAY + timedelta(days=91)
    all_of_them = coming(cadence, days, anchor, before, [], TODAY, until)
    left = coming(cadence, days, anchor, before, seen, TODAY, until)
    assert set(left) <= set(all_of_them)
    assert len(all_of_them) - len(left) <= len(seen)


@given(calendar=calendars)
def test_what_a_calendar_made_is_found_again(calendar: tuple[Cadence, tuple[int, ...], date, bool]) -> None:
    cadence, days, anchor, _ = calendar
    made = occurrences(cadence, days, anchor, TODAY - timedelta(days=395), TODAY, False)
    found = only([moved(day) for day in made])
    upcoming = occurrences(cadence, days, anchor, TODAY, TODAY + timedelta(days=100), False)
    assert found.cadence == cadence
    assert min(abs((found.next_on - day).days) for day in upcoming[:2]) <= 3
