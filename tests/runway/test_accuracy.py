"""How far a forecast was off, by the formulas' own example and by what must always hold."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from interlock.runway.services.calculators.accuracy import (
    Accuracy,
    Forecast,
    accuracy,
    forecast_of,
    newest_over,
)

ISSUED = date(2026, 10, 5)
MOVES = st.lists(st.tuples(st.integers(0, 55), st.integers(-(10**12), 10**12)), max_size=30)


def dated(moves: list[tuple[int, int]]) -> list[tuple[date, int]]:
    return [(ISSUED + timedelta(days=day), minor) for day, minor in moves]


def held(forecast: list[tuple[int, int]], happened: list[tuple[int, int]], weeks: int = 8) -> Accuracy:
    return accuracy(forecast_of(ISSUED, "USD", "bank", dated(forecast)), dated(happened), weeks)


def test_an_error_of_timing_alone_shows_in_wape_and_not_in_bias() -> None:
    """product-map §2.7: F = 40, 0, 25, 60, 10 and A = 35, 5, 25, 30, 40 are off by 51.9 %, without bias."""
    forecast = [(7 * week, amount) for week, amount in enumerate((40, 0, 25, 60, 10))]
    happened = [(7 * week, amount) for week, amount in enumerate((35, 5, 25, 30, 40))]
    said = held(forecast, happened)
    assert (said.off_minor, said.moved_minor, said.wape, said.bias) == (70, 135, 519, 0)


def test_money_in_and_money_out_of_a_week_do_not_cancel_out() -> None:
    said = held([(0, 100), (1, -100)], [])
    assert (said.off_minor, said.moved_minor) == (200, 0)
    assert (said.wape, said.bias) == (None, None), "nothing moved: there is nothing to be a share of"
    assert held([(0, 100)], [(6, -100)]).wape == 2_000, "the wrong way counts twice"


def test_bias_is_above_zero_where_too_much_was_forecast() -> None:
    assert held([(0, 1_012)], [(3, 1_000)]).bias == 12
    assert held([(0, 988)], [(3, 1_000)]).bias == -12


@given(MOVES)
def test_a_forecast_that_came_true_is_off_by_nothing(moves: list[tuple[int, int]]) -> None:
    said = held(moves, moves)
    assert said.off_minor == 0 and said.wape in (0, None) and said.bias in (0, None)


@given(MOVES, MOVES)
def test_what_it_is_off_by_is_never_less_than_its_bias(
    forecast: list[tuple[int, int]], moved: list[tuple[int, int]]
) -> None:
    said = held(forecast, moved)
    assert abs(said.forecast_minor - said.moved_minor) <= said.off_minor <= said.forecast_minor + said.moved_minor


def test_only_a_forecast_whose_weeks_are_over_is_held_against_what_moved() -> None:
    forecasts: list[Forecast] = [
        forecast_of(ISSUED + timedelta(weeks=at), "USD", "bank", [], weeks=8) for at in range(4)
    ]
    today = ISSUED + timedelta(weeks=4)
    one, four, eight = (newest_over(forecasts, today, weeks) for weeks in (1, 4, 8))
    assert one is not None and one.issued == ISSUED + timedelta(weeks=3)
    assert four is not None and four.issued == ISSUED
    assert eight is None
