"""Burn, runway and buffer: the worked example, and words where no number is true."""

from decimal import Decimal

from interlock.runway.services.calculators.burn import Moved, buffer_days, burn_of, path_runway, static_runway
from interlock.runway.services.calculators.cash_path import draw
from tests.runway.movements import TODAY, day, flow


def weekly(out: int, come: int = 0, weeks: int = 13) -> list[Moved]:
    return [
        moved for week in range(weeks) for moved in (Moved(day(-7 * week - 3), -out), Moved(day(-7 * week - 7), come))
    ]


def test_a_business_that_earns_more_than_it_spends_has_no_static_runway() -> None:
    month = (
        Moved(day(-28), -30_000_00),
        Moved(day(-21), -12_000_00),
        Moved(day(-14), -30_000_00),
        Moved(day(-11), 90_000_00),
        Moved(day(-6), -12_000_00),
    )
    burn = burn_of(month, TODAY)
    assert (burn.weeks, burn.outflow_minor, burn.net_minor) == (4, 84_000_00, -6_000_00)
    runway = static_runway(60_000_00, burn, TODAY)
    assert (runway.days, runway.words) == (None, "cash-generative")


def test_the_buffer_of_the_worked_example_is_twenty_one_and_four_tenths_of_a_day() -> None:
    assert buffer_days(60_000_00, 84_000_00, 30) == Decimal("21.4")
    assert buffer_days(60_000_00, 0, 30) is None


def test_runway_is_what_can_be_spent_over_the_net_burn() -> None:
    burn = burn_of(weekly(1_000_00, 300_00), TODAY)
    assert (burn.weeks, burn.gross_day_minor, burn.net_day_minor) == (13, 142_86, 100_00)
    assert (burn.median_gross_day_minor, burn.median_net_day_minor) == (142_86, 100_00)
    runway = static_runway(2_550_00, burn, TODAY)
    assert (runway.days, runway.words, runway.until) == (25, "25 days", day(25))
    assert static_runway(-1, burn, TODAY).days == 0
    assert static_runway(None, burn, TODAY).words == "unknown: a bank tells no balance"


def test_one_dear_week_moves_the_mean_and_not_the_median() -> None:
    burn = burn_of([*weekly(700_00), Moved(day(-3), -91_000_00)], TODAY)
    assert burn.median_gross_week_minor == 700_00
    assert burn.gross_day_minor == 1_100_00


def test_under_four_weeks_history_does_not_suffice() -> None:
    assert static_runway(1, burn_of(weekly(100, weeks=3), TODAY), TODAY).words == "insufficient history"
    assert static_runway(1, burn_of([], TODAY), TODAY).words == "insufficient history"
    assert burn_of([], TODAY).gross_day_minor is None


def test_transfers_card_payments_lenders_and_owners_are_no_burn() -> None:
    left_out = [
        Moved(day(-5), -9_000_00, "transfer"),
        Moved(day(-5), -9_000_00, "card_payment"),
        Moved(day(-5), 9_000_00, "financing"),
        Moved(day(-5), -9_000_00, "owner"),
    ]
    assert burn_of([*weekly(700_00), *left_out], TODAY) == burn_of(weekly(700_00), TODAY)


def test_today_and_what_is_older_than_thirteen_weeks_are_outside() -> None:
    edges = [Moved(TODAY, -5_000_00), Moved(day(-92), -5_000_00)]
    assert burn_of([*weekly(700_00), *edges], TODAY).outflow_minor == 13 * 700_00
    assert burn_of([*weekly(700_00), Moved(day(-91), -1_00)], TODAY).outflow_minor == 13 * 700_00 + 1_00


def test_the_path_says_how_long_it_stays_above_the_floor() -> None:
    path = draw(100, [flow("rent", -60, 23)], TODAY, day(91))
    assert path_runway(path, 50).words == "23 days"
    assert path_runway(path, 50).until == day(23)
    assert (path_runway(path, 40).days, path_runway(path, 40).words) == (None, "> 91 days")
