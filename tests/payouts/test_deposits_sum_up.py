"""Whatever a payout holds, the deposit that is to be entered for it sums to it, to the cent, or isn't told at all."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.ar.services.collecting_setup import Collecting
from interlock.domains.ar.services.payout_service import KindTotal, UnbundledPayout
from interlock.domains.ar.services.payout_standing import deposit_lines
from interlock.kernel.money import Money

_KINDS = st.sampled_from(
    ("charge", "refund", "dispute", "dispute_reversal", "fee", "other_adjustment", "transfer", "unknown")
)
_CENTS = st.integers(-900_000, 900_000)
_TOTALS = st.dictionaries(_KINDS, st.tuples(_CENTS, st.integers(0, 40_000)), max_size=8)
_SETUP = st.sampled_from((Collecting(), Collecting("31", "32"), Collecting("31", None)))


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def payout(totals: dict[str, tuple[int, int]], *, attributed: bool = True) -> UnbundledPayout:
    net = sum(gross - fee for gross, fee in totals.values())
    return UnbundledPayout(
        payout_id="po_1",
        amount=usd(net),
        state="paid",
        arrived=True,
        arrives_on=date(2026, 11, 24),
        trace=None,
        failure=None,
        attributed=attributed,
        why_not=None if attributed else "Its parts are not known.",
        parts=(),
        totals=tuple(
            KindTotal(kind, 1, usd(gross), usd(fee), usd(gross - fee)) for kind, (gross, fee) in sorted(totals.items())
        ),
    )


@given(_TOTALS, _SETUP)
def test_the_lines_sum_to_the_payout(totals: dict[str, tuple[int, int]], setup: Collecting) -> None:
    apart = payout(totals)
    lines = deposit_lines(apart, setup)
    assert sum(each.amount.minor for each in lines) == apart.amount.minor
    assert all(each.amount.minor for each in lines), "a line of nothing can't be entered"
    kept = sum(fee for _, fee in totals.values()) - totals.get("fee", (0, 0))[0]
    assert sum(each.amount.minor for each in lines if each.kind == "fee") == -kept
    unsaid = {each.kind for each in lines if each.account_id is None}
    assert {"other_adjustment", "transfer", "unknown"} & {each.kind for each in lines} <= unsaid, (
        "nobody chose its account"
    )


@given(_TOTALS, _SETUP)
def test_where_its_parts_are_not_known_no_deposit_is_told(
    totals: dict[str, tuple[int, int]], setup: Collecting
) -> None:
    assert deposit_lines(payout(totals, attributed=False), setup) == ()
