"""Cash that doesn't reach for all goes to the first in the waterfall."""

from hypothesis import given
from hypothesis import strategies as st

from interlock.runway.services.calculators.waterfall import Claim, cover
from tests.runway.movements import day

PAYROLL = Claim("p", "Payroll", 0, 30_000_00, day(3))
TAX = Claim("t", "Payroll tax", 1, 8_000_00, day(2))
RENT = Claim("r", "Rent", 2, 5_000_00, day(1))


def test_payroll_is_covered_before_tax_and_rent_whatever_falls_due_first() -> None:
    covered = cover(36_000_00, (RENT, TAX, PAYROLL))
    assert [(each.claim.label, each.covered_minor, each.short_minor) for each in covered] == [
        ("Payroll", 30_000_00, 0),
        ("Payroll tax", 6_000_00, 2_000_00),
        ("Rent", 0, 5_000_00),
    ]


def test_of_two_in_one_place_the_earlier_is_covered_first_and_what_has_no_date_last() -> None:
    claims = (Claim("a", "Undated", 2, 100), Claim("b", "Later", 2, 100, day(9)), Claim("c", "Sooner", 2, 100, day(1)))
    assert [each.claim.label for each in cover(100, claims)] == ["Sooner", "Later", "Undated"]
    assert [each.covered_minor for each in cover(150, claims)] == [100, 50, 0]


def test_an_overdrawn_account_covers_nothing() -> None:
    assert [each.covered_minor for each in cover(-5, (PAYROLL, RENT))] == [0, 0]


@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3_000)), max_size=8),
)
def test_no_cent_is_given_twice_and_none_is_kept_back_while_a_claim_is_open(
    cash: int, asked: list[tuple[int, int]]
) -> None:
    covered = cover(cash, [Claim(str(at), str(at), place, minor) for at, (place, minor) in enumerate(asked)])
    given_out = sum(each.covered_minor for each in covered)
    assert given_out == min(cash, sum(minor for _, minor in asked))
    short = [each.short_minor > 0 for each in covered]
    assert short == sorted(short)
