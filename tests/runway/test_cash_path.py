"""The dated cash path: the worked example to the cent, and what holds of any path."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.runway.services.calculators.cash_path import CashPath, decided, draw
from interlock.runway.services.calculators.floor import floor_of
from interlock.runway.services.calculators.flows import Flow
from interlock.runway.services.calculators.guardrail_values import FloorTerms, Low, Wanted
from tests.runway.movements import TODAY, day, flow, wanted

MONTH = (
    flow("payroll", -30_000_00, 3),
    flow("supplies", -12_000_00, 10),
    flow("payroll again", -30_000_00, 17),
    flow("sales", 90_000_00, 20),
    flow("rent", -12_000_00, 25),
)
START = 60_000_00

days = st.integers(0, 40)
amounts = st.integers(1, 10_000_00)
receipts = st.builds(
    lambda at, minor, on, more: flow(f"in{at}", minor, on, on + more), st.integers(0, 10**6), amounts, days, days
)
outflows = st.builds(
    lambda at, minor, on, bill: flow(f"out{at}", -minor, on, kind="bill", bill=bill),
    st.integers(0, 10**6),
    amounts,
    days,
    st.sampled_from(["one", "two", "three", None]),
)
batches = st.lists(st.builds(wanted, st.sampled_from(["One", "Two", "Three", "Four"]), amounts, days), max_size=4).map(
    tuple
)


def keyed(flows: Sequence[Flow]) -> list[Flow]:
    return list({each.key: each for each in flows}.values())


movements = st.lists(st.one_of(receipts, outflows), max_size=20).map(keyed)


def month(*more: Flow) -> CashPath:
    return draw(START, (*MONTH, *more), TODAY, day(30))


def test_the_worked_month_breaks_its_floor_on_day_three_and_is_lowest_on_day_seventeen() -> None:
    floor, term = floor_of(FloorTerms(buffer_days=14, essential_per_day_minor=2_800_00))
    assert (floor, term) == (39_200_00, "buffer")
    path = month()
    assert path.breach(floor) == day(3)
    assert path.breach(0) == day(17)
    assert path.low == Low(-12_000_00, day(17)) == path.likely_low
    assert path.days[-1].likely_minor == 66_000_00
    assert len(path.days) == 31


@pytest.mark.parametrize(("paid_on", "low"), [(2, -17_000_00), (12, -17_000_00), (21, -12_000_00)])
def test_a_bill_counts_on_its_day_and_not_by_its_size(paid_on: int, low: int) -> None:
    path = month(flow("bill", -5_000_00, paid_on))
    assert path.low == Low(low, day(17))
    assert path.days[-1].low_minor == 61_000_00


def test_what_is_overdue_falls_on_today_and_what_comes_later_is_not_drawn() -> None:
    path = draw(100, [flow("late", -30, -4), flow("far", -50, 11)], TODAY, day(10))
    assert [each.likely_minor for each in path.days] == [70] * 11


def test_a_receipt_lifts_the_low_side_only_at_its_late_date() -> None:
    path = draw(0, [flow("invoice", 500, 2, 5)], TODAY, day(6))
    assert [each.likely_minor for each in path.days] == [0, 0, 500, 500, 500, 500, 500]
    assert [each.low_minor for each in path.days] == [0, 0, 0, 0, 0, 500, 500]
    assert path.likely_breach(1) == TODAY


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (FloorTerms(), (0, "none")),
        (FloorTerms(absolute_minor=-5), (0, "none")),
        (FloorTerms(absolute_minor=10_00, buffer_days=3, essential_per_day_minor=4_00), (12_00, "buffer")),
        (FloorTerms(absolute_minor=10_00, covenant_minor=9_00), (10_00, "absolute")),
        (FloorTerms(absolute_minor=10_00, covenant_minor=10_00), (10_00, "covenant")),
    ],
)
def test_the_largest_term_is_the_floor(terms: FloorTerms, expected: tuple[int, str]) -> None:
    assert floor_of(terms) == expected


def test_a_part_leaves_the_rest_of_its_bill_where_it_was() -> None:
    bill = flow("bill", -1_000_00, 20, kind="bill", bill="acme")
    after = decided([bill], [wanted("Acme", 400_00, 2)])
    assert [(each.minor, each.likely) for each in after] == [(-600_00, day(20)), (-400_00, day(2))]


def test_a_whole_decision_takes_the_place_of_its_bill() -> None:
    bill = flow("bill", -1_000_00, 20, kind="bill", bill="acme")
    (paid,) = decided([bill], [wanted("Acme", 1_000_00, 2)])
    assert (paid.minor, paid.likely, paid.kind, paid.source) == (-1_000_00, day(2), "committed", bill.source)


def test_what_was_decided_before_stays_when_the_rest_is_decided() -> None:
    before = flow("part", -400_00, 2, kind="committed", bill="acme")
    rest = flow("bill", -600_00, 20, kind="bill", bill="acme")
    after = decided([before, rest], [wanted("Acme", 600_00, 9)])
    assert [(each.minor, each.likely) for each in after] == [(-400_00, day(2)), (-600_00, day(9))]


@given(st.integers(-(10**7), 10**7), movements)
def test_start_and_flows_sum_to_the_last_balance(start: int, flows: list[Flow]) -> None:
    path = draw(start, flows, TODAY, day(80))
    assert path.days[-1].likely_minor == path.days[-1].low_minor == start + sum(each.minor for each in flows)
    assert path.days[0].likely_minor == start + sum(each.minor for each in flows if each.likely == TODAY)


@given(st.integers(0, 10**7), movements)
def test_the_low_side_is_never_above_the_likely_one(start: int, flows: list[Flow]) -> None:
    assert all(each.low_minor <= each.likely_minor for each in draw(start, flows, TODAY, day(60)).days)


@given(movements, days, amounts)
def test_one_more_outflow_never_raises_any_balance(flows: list[Flow], on: int, minor: int) -> None:
    before = draw(0, flows, TODAY, day(60)).days
    after = draw(0, [*flows, flow("more", -minor, on)], TODAY, day(60)).days
    for then, now in zip(before, after, strict=True):
        assert then.low_minor - now.low_minor == (minor if now.day >= day(on) else 0)
        assert now.likely_minor <= then.likely_minor


@settings(max_examples=200)
@given(movements, batches, st.integers(0, 4))
def test_decisions_in_one_batch_or_two_give_the_same_path(
    flows: list[Flow], batch: tuple[Wanted, ...], cut: int
) -> None:
    at_once = draw(0, decided(flows, batch), TODAY, day(60))
    one_by_one = draw(0, decided(decided(flows, batch[:cut]), batch[cut:]), TODAY, day(60))
    assert at_once == one_by_one
