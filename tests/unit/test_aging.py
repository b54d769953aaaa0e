"""Aging: every item stands in exactly one column, and the columns sum to what went in."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.firm.aging import (
    BUCKETS,
    CREDIT,
    DOCUMENT,
    FOREIGN,
    JOURNAL,
    UNAPPLIED,
    OpenItem,
    age,
    bucket,
)

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("late_days", "column"),
    [
        (-400, "Current"),
        (-1, "Current"),
        (0, "Current"),
        (1, "1–30"),
        (30, "1–30"),
        (31, "31–60"),
        (60, "31–60"),
        (61, "61–90"),
        (90, "61–90"),
        (91, "91+"),
        (4000, "91+"),
    ],
)
def test_the_columns_begin_and_end_where_quickbooks_has_them(late_days: int, column: str) -> None:
    assert BUCKETS[bucket(TODAY - timedelta(days=late_days), TODAY)] == column


def test_lateness_counts_calendar_days_through_leap_days_and_year_ends() -> None:
    assert bucket(date(2028, 2, 28), date(2028, 3, 29)) == 1  # 30 days, the 29th of February among them
    assert bucket(date(2027, 2, 28), date(2027, 3, 31)) == 2  # 31 days
    assert bucket(date(2026, 12, 31), date(2027, 1, 1)) == 1


parties = st.sampled_from([("1", "Alder Supply"), ("2", "Birch & Co"), ("3", "Alder Supply"), (None, "No vendor")])
items = st.lists(
    st.builds(
        lambda kind, party, late, minor: OpenItem(kind, party[0], party[1], TODAY - timedelta(days=late), minor),
        st.sampled_from([DOCUMENT, DOCUMENT, CREDIT, UNAPPLIED, JOURNAL, FOREIGN]),
        parties,
        st.integers(-200, 400),
        st.integers(-(10**12), 10**12),
    ),
    max_size=40,
)


@given(open_items=items)
def test_nothing_is_lost_between_the_items_and_the_foot(open_items: list[OpenItem]) -> None:
    aging = age(open_items, TODAY, "USD")
    assert aging.total.total_minor == sum(item.minor for item in open_items)
    assert sum(row.total_minor for row in aging.rows) == aging.total.total_minor
    for row in aging.rows:
        theirs = [
            item.minor for item in open_items if (item.party_id, item.party_name) == (row.party_id, row.party_name)
        ]
        assert row.total_minor == sum(theirs)


@given(open_items=items)
def test_each_cause_has_its_own_column(open_items: list[OpenItem]) -> None:
    foot = age(open_items, TODAY, "USD").total
    sums = {
        kind: sum(item.minor for item in open_items if item.kind == kind)
        for kind in (DOCUMENT, CREDIT, UNAPPLIED, JOURNAL, FOREIGN)
    }
    assert sum(foot.buckets) == sums[DOCUMENT]
    assert (foot.credit_minor, foot.unapplied_minor) == (sums[CREDIT], sums[UNAPPLIED])
    assert (foot.journal_minor, foot.foreign_minor) == (sums[JOURNAL], sums[FOREIGN])


def test_two_parties_of_one_name_stay_two_rows_and_rows_come_by_name() -> None:
    aging = age(
        [
            OpenItem(DOCUMENT, "3", "Birch & Co", TODAY, 100),
            OpenItem(DOCUMENT, "2", "Alder Supply", TODAY, 200),
            OpenItem(CREDIT, "1", "Alder Supply", TODAY, -50),
        ],
        TODAY,
        "USD",
    )
    assert [(row.party_id, row.total_minor) for row in aging.rows] == [("1", -50), ("2", 200), ("3", 100)]


def test_an_aging_of_nothing_sums_to_nothing() -> None:
    aging = age([], TODAY, "USD")
    assert (aging.rows, aging.total.total_minor) == ((), 0)
