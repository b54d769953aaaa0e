"""Every figure of the cash path is the sum of its items, whatever the plan; weeks, days and drawing say the same."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.domains.firm.policy.values import FloorPolicy, Policy
from interlock.kernel.errors import NotFound
from interlock.runway.services.calculators.burn import Moved
from interlock.runway.services.calculators.chart import SLIM, WIDE, Lane, draw_path
from interlock.runway.services.calculators.figure_values import Position, SetAside, Spending
from interlock.runway.services.calculators.figures import MONEY_FIGURES, OTHER_FIGURES, explain
from interlock.runway.services.calculators.flows import Flow, FlowKind, LeftOut, Plan, Source, Start, StartPart
from interlock.runway.services.calculators.position import position_of
from interlock.runway.services.calculators.spendable import OnItsWay
from interlock.runway.services.calculators.weeks import COLUMNS, column_of, last_day

TODAY = date(2026, 11, 24)
CELLS = ("opening", *COLUMNS, "closing", "low", "headroom")
KINDS: tuple[FlowKind, ...] = ("bill", "payroll", "tax", "card", "debt", "rent", "recurring", "receipt", "in_flight")


def flow(kind: FlowKind, minor: int, on: date, late: date | None = None, key: str = "", assumed: bool = False) -> Flow:
    name = key or f"{kind} of {on}"
    return Flow(
        key=name,
        kind=kind,
        standing="sure",
        minor=minor,
        likely=on,
        late=late or on,
        party=name,
        label=name,
        rule="bill_run",
        because="due then",
        source=Source("qbo", "invoice" if minor > 0 else "bill", name),
        assumed=assumed,
    )


def position(
    *flows: Flow, start: int = 10_000_00, floor: int = 4_000_00, spending: Spending | None = None, today: date = TODAY
) -> Position:
    parts = (StartPart("Operating ··4417", start, Source("plaid", "account", "a1"), None),)
    plan = Plan(
        today=today,
        currency="USD",
        start=Start("bank", start, parts, None, "From the banks' available cash."),
        flows=flows,
        essential_per_day_minor=100_00,
        left_out=(LeftOut("in a foreign currency", "EUR", 2, 900_00),),
    )
    moved = [Moved(today - timedelta(days=each), -50_00 if each % 2 else 40_00) for each in range(1, 95)]
    return position_of(plan, Policy(floor=FloorPolicy(absolute_minor=floor, buffer_days=14)), spending, moved)


@st.composite
def plans(draw: st.DrawFn) -> Position:
    flows = []
    for at in range(draw(st.integers(0, 25))):
        kind = draw(st.sampled_from(KINDS))
        minor = draw(st.integers(1, 5_000_00)) * (1 if kind == "receipt" else -1)
        on = TODAY + timedelta(days=draw(st.integers(-20, 120)))
        late = on + timedelta(days=draw(st.integers(0, 40))) if kind == "receipt" else on
        flows.append(flow(kind, minor, on, late, key=f"{at}"))
    minor = draw(st.integers(-1_000_00, 50_000_00))
    spending = Spending(
        available=(StartPart("Operating", minor, Source("plaid", "account", "a1"), None),),
        in_flight=(OnItsWay("ledger", "bill_payment", "p1", TODAY, draw(st.integers(1, 900_00)), "Acme", "104"),),
        earmarks=(SetAside("e1", "Sales tax", "tax", draw(st.integers(1, 900_00)), None),),
        restricted=(SetAside("e2", "Held in trust", "restricted", draw(st.integers(1, 900_00)), None),),
    )
    today = TODAY + timedelta(days=draw(st.integers(0, 6)))
    return position(*flows, start=minor, spending=draw(st.sampled_from([spending, None])), today=today)


@settings(max_examples=60, deadline=None)
@given(plans())
def test_the_leaves_of_every_figure_sum_to_it(at: Position) -> None:
    for name in MONEY_FIGURES:
        said = explain(at, name)
        assert said.minor is None or said.sum_minor == said.minor, name
    for week in at.weeks:
        for cell in CELLS:
            said = explain(at, f"week:{week.monday}:{cell}")
            assert said.minor is not None and said.sum_minor == said.minor, (week.monday, cell)
        for column in COLUMNS:
            assert explain(at, f"week:{week.monday}:{column}").minor == week.of(column)
        assert explain(at, f"week:{week.monday}:closing").minor == week.closing_minor
        assert explain(at, f"week:{week.monday}:low").minor == week.low_minor
        assert explain(at, f"week:{week.monday}:opening").minor == week.opening_minor
    for day in at.path.days[::9]:
        assert explain(at, f"balance:{day.day}:low").sum_minor == day.low_minor
        assert explain(at, f"balance:{day.day}:likely").sum_minor == day.likely_minor


@settings(max_examples=60, deadline=None)
@given(plans())
def test_weeks_open_where_the_last_one_closed_and_close_with_what_moved(at: Position) -> None:
    opening = at.plan.start.minor
    for week in at.weeks:
        assert week.opening_minor == opening
        assert week.closing_minor == opening + sum(week.columns)
        opening = week.closing_minor
    assert opening == at.path.days[-1].likely_minor
    assert min(week.low_minor for week in at.weeks) == at.low.minor
    for column in COLUMNS:
        assert explain(at, f"week:all:{column}").minor == sum(week.of(column) for week in at.weeks)


@settings(max_examples=30, deadline=None)
@given(plans())
def test_a_path_is_drawn_the_same_twice_and_inside_its_frame(at: Position) -> None:
    for size in (WIDE, SLIM):
        lanes = (Lane("Payroll", (TODAY,)), Lane("Tax", ()))
        drawn = [draw_path(at.path, at.floor_minor, "USD", lanes, "A path", size) for _ in range(2)]
        assert drawn[0] == drawn[1]
        levels = [float(each) for each in re.findall(r"V(-?[\d.]+)", drawn[0])]
        assert all(size.top - 0.1 <= each <= size.height - size.foot + 0.1 for each in levels)
        assert ("breach" in drawn[0]) == (at.breach is not None)


def test_a_figure_that_stands_on_another_names_it() -> None:
    at = position(flow("payroll", -8_000_00, date(2026, 12, 17)))
    said = explain(at, "headroom")
    assert said.minor == 2_000_00 - 4_000_00
    assert [each.figure for each in said.leaves] == ["balance:2026-12-17:low", "floor"]
    for leaf in said.leaves:
        assert leaf.figure is not None
        assert abs(explain(at, leaf.figure).minor or 0) == abs(leaf.minor)


def test_only_the_term_that_binds_counts_in_the_floor() -> None:
    said = explain(position(), "floor")  # 4,000.00 set, 14 days of 100.00 are 1,400.00
    assert said.minor == 4_000_00
    assert {each.key: each.counts for each in said.leaves} == {
        "floor:absolute": True,
        "floor:buffer": False,
        "floor:covenant": False,
    }


def test_path_runway_says_the_day_and_a_clear_one_how_far_it_looked() -> None:
    broken = explain(position(flow("payroll", -8_000_00, date(2026, 12, 17))), "path_runway")
    assert broken.value == "23 days, until 17 Dec"
    assert explain(position(), "path_runway").value == "> 89 days"


def test_without_a_bank_nothing_says_what_can_be_spent() -> None:
    at = position(spending=None)
    assert explain(at, "spendable").minor is None
    assert explain(at, "available").minor == at.plan.start.minor  # the books' cash, and it says so


def test_what_is_overdue_falls_on_today_and_what_comes_after_the_path_is_not_in_it() -> None:
    at = position(flow("bill", -100_00, date(2026, 11, 1)), flow("bill", -70_00, date(2027, 5, 1)))
    assert at.weeks[0].of("bills") == -100_00
    assert at.path.days[0].likely_minor == 9_900_00
    assert at.path.days[-1].likely_minor == 9_900_00


def test_thirteen_weeks_end_on_a_sunday_wherever_today_stands() -> None:
    assert last_day(date(2026, 11, 24), 91) == date(2027, 2, 21)
    assert all(last_day(TODAY + timedelta(days=each), 91).weekday() == 6 for each in range(14))


@pytest.mark.parametrize(
    ("kind", "minor", "column"),
    [
        ("receipt", 1, "receipts"),
        ("recurring", 1, "receipts"),
        ("payroll", -1, "payroll"),
        ("tax", -1, "tax"),
        ("card", -1, "debt"),
        ("debt", -1, "debt"),
        ("rent", -1, "bills"),
        ("in_flight", -1, "bills"),
    ],
)
def test_columns(kind: FlowKind, minor: int, column: str) -> None:
    assert column_of(flow(kind, minor, TODAY)) == column


@pytest.mark.parametrize(
    "figure",
    ["", "profit", "week:2026-12-15:receipts", "week:2026-12-14:profit", "balance:2020-01-01:low", "balance:soon:low",
     "week:all:opening"],
)  # fmt: skip
def test_a_figure_that_there_is_not_is_said_so(figure: str) -> None:
    with pytest.raises(NotFound):
        explain(position(), figure)


def test_days_and_words_have_no_sum() -> None:
    at = position()
    for name in OTHER_FIGURES:
        said = explain(at, name)
        assert said.minor is None and said.value
        assert not any(each.counts for each in said.leaves)
