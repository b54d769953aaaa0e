"""Amounts stay exact: nothing is rounded, mixed or lost on the way in, through and out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.kernel.money import Money, MoneyError, decimals, from_minor, in_home, to_minor

_LARGEST_MINOR = 2**63 - 1
minors = st.integers(-_LARGEST_MINOR, _LARGEST_MINOR)
currencies = st.sampled_from(["USD", "EUR", "JPY", "BHD"])


@given(minor=minors, currency=currencies)
def test_every_amount_a_column_can_hold_survives_the_round_trip(minor: int, currency: str) -> None:
    assert to_minor(from_minor(minor, currency), currency) == minor
    assert Money.of(str(Money(minor, currency).amount), currency) == Money(minor, currency)


@pytest.mark.parametrize(("currency", "places"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("XTS", 2)])
def test_currencies_have_their_own_decimals(currency: str, places: int) -> None:
    assert decimals(currency) == places
    assert Money.of(12, currency).minor == 12 * 10**places


@pytest.mark.parametrize("amount", [12.5, 0.1, float("nan")])
def test_a_float_is_refused(amount: float) -> None:
    with pytest.raises(MoneyError, match="float"):
        Money.of(amount, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize("minor", [1.0, "1", True, None, Decimal(1)])
def test_minor_units_are_whole_numbers_and_nothing_that_passes_for_one(minor: object) -> None:
    with pytest.raises(MoneyError, match="whole numbers"):
        Money(minor, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0.001", "USD"),
        ("0.5", "JPY"),
        ("1.0001", "BHD"),
        ("1e-30", "USD"),
        # More digits than Decimal's working precision: rounding there would look like an exact amount.
        ("0.1000000000000000000000000000001", "USD"),
    ],
)
def test_too_many_decimals_are_an_error_not_a_rounding(amount: str, currency: str) -> None:
    with pytest.raises(MoneyError, match="more decimals"):
        Money.of(amount, currency)


def test_trailing_zeros_are_not_decimals() -> None:
    assert Money.of("12.3400", "USD") == Money(1234, "USD")
    assert Money.of("7.000", "JPY") == Money(7, "JPY")


@pytest.mark.parametrize("amount", ["92233720368547758.08", "-1e17", "1e999999", "12345678901234567890123456789.01"])
def test_an_amount_no_column_can_hold_is_refused_at_the_door(amount: str) -> None:
    with pytest.raises(MoneyError, match="larger"):
        Money.of(amount, "USD")


@pytest.mark.parametrize("amount", ["", "twelve", "NaN", "Infinity", "-sNaN", "1,000.00"])
def test_what_is_no_amount_is_said_to_be_none(amount: str) -> None:
    with pytest.raises(MoneyError, match="not an amount"):
        Money.of(amount, "USD")


def test_a_ledger_number_that_is_no_number_is_refused_too() -> None:
    with pytest.raises(MoneyError, match="not an amount"):
        to_minor(Decimal("NaN"), "USD")


@given(a=minors, b=minors)
def test_currencies_never_mix(a: int, b: int) -> None:
    dollars, euros = Money(a, "USD"), Money(b, "EUR")
    for combine in (
        lambda: dollars + euros,
        lambda: dollars - euros,
        lambda: dollars < euros,
        lambda: dollars >= euros,
        lambda: Money.total([euros], "USD"),
    ):
        with pytest.raises(MoneyError, match="without a rate"):
            combine()
    assert dollars != euros


@given(parts=st.lists(minors, max_size=20))
def test_sums_are_the_sums_of_the_minor_units(parts: list[int]) -> None:
    amounts = [Money(part, "USD") for part in parts]
    assert Money.total(amounts, "USD").minor == sum(parts)
    assert Money.total([-amount for amount in amounts], "USD") == -Money.total(amounts, "USD")


@given(minor=minors, weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(lambda w: sum(w) > 0))
def test_an_allocation_sums_to_the_whole_and_no_part_is_off_by_a_unit(minor: int, weights: list[int]) -> None:
    parts = Money(minor, "USD").allocate(weights)
    assert sum(part.minor for part in parts) == minor
    assert all(
        abs(part.minor * sum(weights) - minor * weight) < sum(weights)
        for part, weight in zip(parts, weights, strict=True)
    )
    assert all(part.minor == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_units_that_do_not_divide_go_to_the_earlier_of_equal_parts() -> None:
    assert [part.minor for part in Money(100, "USD").allocate([1, 1, 1])] == [34, 33, 33]
    assert [part.minor for part in Money(-100, "USD").allocate([1, 1, 1])] == [-34, -33, -33]
    assert [part.minor for part in Money(5, "USD").allocate([3, 7])] == [2, 3]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [2, -1]])
def test_weights_that_divide_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(MoneyError, match="weights"):
        Money(100, "USD").allocate(weights)


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (123450, "USD", "1,234.50"),
        (-123450, "USD", "(1,234.50)"),
        (0, "USD", "0.00"),
        (-5, "USD", "(0.05)"),
        (1234567, "JPY", "1,234,567"),
        (-1234567, "BHD", "(1,234.567)"),
        (_LARGEST_MINOR, "USD", "92,233,720,368,547,758.07"),
    ],
)
def test_amounts_are_written_as_accountants_write_them(minor: int, currency: str, shown: str) -> None:
    assert str(Money(minor, currency)) == shown


@pytest.mark.parametrize(
    ("minor", "currency", "rate", "home", "expected"),
    [
        (100, "EUR", "1.105", "USD", 111),  # 1.105 half up
        (-100, "EUR", "1.105", "USD", -111),  # away from zero, so that a credit mirrors its bill
        (100, "EUR", "1.1049", "USD", 110),
        (100, "USD", "7", "USD", 100),  # at home a rate has no say
        (100, "EUR", None, "USD", 100),
        (1000, "JPY", "0.0065", "USD", 650),
        (123, "USD", "150.25", "JPY", 185),  # 184.8075
        (1, "USD", "0.3", "BHD", 3),
    ],
)
def test_a_foreign_amount_comes_home_half_up(
    minor: int, currency: str, rate: str | None, home: str, expected: int
) -> None:
    assert in_home(minor, currency, rate, home) == expected


@given(minor=st.integers(-(10**15), 10**15), rate=st.decimals("0.0001", "1000", places=6))
def test_bringing_home_is_symmetrical(minor: int, rate: Decimal) -> None:
    assert in_home(-minor, "EUR", str(rate), "USD") == -in_home(minor, "EUR", str(rate), "USD")
