"""Ramp is told amounts in major units as text and tells them in whole minor units: the two must never be taken for each other."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.ramp import mapper, paying
from interlock.kernel.money import Money, decimals
from interlock.rails.errors import ContractBroken
from interlock.rails.moves import BillHandOff
from tests.rails.ramp import shapes

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD"])
MINOR = st.integers(min_value=1, max_value=10**12)


def written(amount: Money) -> str:
    """What stands in the body of a POST."""
    day = date(2026, 11, 24)
    bill = BillHandOff(key="pin_1", vendor_id="v", entity_id="e", amount=amount, number="1", dated=day, due=day)
    (line,) = paying._draft_body(bill)["line_items"]
    assert isinstance(line["amount"], str), "an amount is written as text: a JSON number may lose a cent on its way"
    return line["amount"]


@given(MINOR, CURRENCIES)
def test_what_is_written_is_major_units_with_exactly_the_currencys_decimals(minor: int, currency: str) -> None:
    text = written(Money(minor, currency))
    assert Decimal(text) == Decimal(minor).scaleb(-decimals(currency))
    assert len(text.partition(".")[2]) == decimals(currency) and "E" not in text.upper()


@given(MINOR, CURRENCIES)
def test_what_ramp_stores_of_it_is_read_back_as_the_same_money(minor: int, currency: str) -> None:
    stored = int(Decimal(written(Money(minor, currency))) * 10 ** decimals(currency))
    said = shapes.money(stored, currency, 10 ** decimals(currency))
    seen = mapper.bill(shapes.bill(amount=said, payment=None))
    assert (seen.total_minor, seen.currency) == (minor, currency)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_what_is_read_is_minor_units_as_they_stand(minor: int) -> None:
    assert mapper.bill(shapes.bill(amount=shapes.money(minor))).total_minor == minor
    assert mapper.bill(shapes.bill(amount=shapes.money(minor, rate=None))).total_minor == minor


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from([1, 10, 1000, 10_000]))
def test_another_count_of_minor_units_is_converted_exactly_or_refused(amount: int, rate: int) -> None:
    raw = shapes.bill(amount=shapes.money(amount, "USD", rate))
    if amount * 100 % rate:
        with pytest.raises(ContractBroken):
            mapper.bill(raw)
    else:
        assert mapper.bill(raw).total_minor * rate == amount * 100


@pytest.mark.parametrize("amount", ["12.34", "12.0", "1.234e3", '"1234"', "null", "true"])
def test_what_is_no_whole_number_is_not_read_as_minor_units(amount: str) -> None:
    """12.0 would be twelve dollars where the older field is meant, and twelve cents here."""
    whole = b'"amount": {"amount": 1234,'
    assert whole in shapes.bill(), "the shape changed: this test replaces the bill's own amount"
    mapper.bill(shapes.bill().replace(whole, b'"amount": {"amount": 99,', 1))
    with pytest.raises(ContractBroken, match="amount"):
        mapper.bill(shapes.bill().replace(whole, f'"amount": {{"amount": {amount},'.encode(), 1))
