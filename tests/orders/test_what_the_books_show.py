"""Which of the rail's payments the books show already: one for one, and in doubt none, so that nobody is asked twice. Pure."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.ar.services.rail_money import AtRail, Shown, Taken, not_shown

DAY = date(2026, 11, 20)


def taken(id_: str, minor: int, day: date = DAY, *, pending: bool = False) -> Taken:
    return Taken(id_, "USD", minor, 0, day, pending, False)


def left(at: AtRail) -> list[str]:
    return [each.receipt_id for each in not_shown(at)]


def test_what_we_wrote_down_is_shown_while_it_stands_there() -> None:
    at = AtRail([], [taken("r", 100)], [Shown("p", 100, DAY)], {"r": "p"}, [])
    assert left(at) == []
    gone = AtRail([], [taken("r", 100)], [], {"r": "p"}, [])
    assert left(gone) == ["r"], "somebody deleted the payment we entered, and it counts as entered"


def test_a_payment_of_another_amount_or_long_before_is_another_one() -> None:
    other = AtRail([], [taken("r", 100)], [Shown("p", 97, DAY)], {}, [])
    assert left(other) == ["r"], "the amount less the fee would let the customer be asked for it again"
    before = AtRail([], [taken("r", 100)], [Shown("p", 100, date(2026, 11, 1))], {}, [])
    assert left(before) == ["r"]


def test_one_entry_shows_one_payment_and_several_may_be_entered_as_one() -> None:
    twice = AtRail([], [taken("r", 100), taken("s", 100)], [Shown("p", 100, DAY)], {}, [])
    assert len(left(twice)) == 1, "one entry was taken for two payments"
    together = AtRail([], [taken("r", 100), taken("s", 50)], [Shown("p", 150, DAY)], {}, [])
    assert left(together) == []


def test_money_on_its_way_is_not_taken_yet() -> None:
    assert left(AtRail([], [taken("r", 100, pending=True)], [], {}, [])) == []


_AMOUNTS = st.lists(st.integers(1, 9), max_size=6)


@given(_AMOUNTS, _AMOUNTS)
def test_what_counts_as_shown_never_exceeds_what_the_books_show(paid: list[int], shown: list[int]) -> None:
    at = AtRail(
        [],
        [taken(f"r{n}", minor) for n, minor in enumerate(paid)],
        [Shown(f"p{n}", minor, DAY) for n, minor in enumerate(shown)],
        {},
        [],
    )
    counted = sum(paid) - sum(each.gross_minor for each in not_shown(at))
    assert 0 <= counted <= sum(shown), f"{counted} of {paid} were taken as shown by {shown}"
