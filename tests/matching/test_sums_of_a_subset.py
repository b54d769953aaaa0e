"""Which amounts make up another is found as somebody would who tried every one, within the bound that is stated."""

from datetime import timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.bank.matching.matcher import match
from interlock.domains.bank.matching.owed_sums import OWED_CANDIDATES_MOST, OWED_MOST_MEMBERS
from interlock.domains.bank.matching.subsets import SubsetSums
from interlock.domains.bank.matching.values import LEDGER, OWED, Movement
from tests.matching.test_the_matcher import pairs, suggested
from tests.matching.values import day, line, paid

_AMOUNTS = st.lists(st.integers(1, 60), max_size=11)


def by_trying(amounts: list[int], target: int, members_most: int) -> set[tuple[int, ...]]:
    return {
        places
        for size in range(2, members_most + 1)
        for places in combinations(range(len(amounts)), size)
        if sum(amounts[place] for place in places) == target
    }


@given(_AMOUNTS, st.integers(1, 200), st.integers(2, 7))
def test_all_that_make_the_sum_are_found_and_no_other(amounts: list[int], target: int, members_most: int) -> None:
    found = SubsetSums(amounts, members_most).making(target, 10_000)
    assert len(set(found)) == len(found), "one was found twice"
    assert set(found) == by_trying(amounts, target, members_most)


@given(_AMOUNTS, st.data())
def test_no_more_are_given_than_were_asked_for_and_each_is_one(amounts: list[int], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(len(amounts))), unique=True)) if amounts else []
    target = sum(amounts[place] for place in chosen) or 7
    every, found = by_trying(amounts, target, 5), SubsetSums(amounts, 5).making(target, 3)
    assert set(found) <= every and len(set(found)) == len(found) == min(3, len(every))
    assert found == SubsetSums(amounts, 5).making(target, 10_000)[:3], "asked for fewer, others were given"


def owes(id_: str, cents: int, on: int = 2) -> Movement:
    """An open invoice of Tessellate Tiles."""
    days = {"first": day(on) - timedelta(days=5), "last": day(on) + timedelta(days=730)}
    said = {"book": OWED, "kind": "invoice", "account_id": None, "party": "Tessellate Tiles", "number": f"4{id_:0>3}"}
    return paid(id_, -cents, on, **{**said, **days, "quoted": True})


def test_an_invoice_is_paid_for_certain_only_where_the_line_carries_its_number() -> None:
    quoted = match([line("L1", 12_000, text="TESSELLATE 4001")], [owes("1", 12_000), owes("2", 12_000)])
    assert pairs(quoted) == [("L1", ("1",), "reference")]
    silent = match([line("L1", 12_000, text="TESSELLATE TILES")], [owes("1", 12_000)])
    assert silent.groups == () and suggested(silent) == {("L1", ("1",))}, "that it is open doesn't say that it is paid"


def test_a_number_that_a_line_of_somebody_else_carries_is_not_its() -> None:
    found = match([line("L1", 12_000, text="DEP 4001", counterparty="Hollis Print Works")], [owes("1", 12_000)])
    assert found.groups == ()


def test_several_invoices_of_a_customer_that_the_line_names_are_suggested() -> None:
    owed = [owes("1", 11_000), owes("2", 5_050), owes("3", 7_000), owes("4", 900)]
    assert suggested(match([line("L1", 16_951, text="TESSELLATE TI ACH")], owed)) == set(), "a cent apart is no sum"
    exact = match([line("L1", 16_950, text="TESSELLATE TI ACH")], owed)
    assert exact.groups == () and suggested(exact) == {("L1", ("1", "2", "4"))}
    (only,) = exact.suggestions
    assert only.score == 80 and "3 of its open invoices make it up" in only.why


def test_where_the_line_names_nobody_only_the_oldest_in_a_row_are_suggested() -> None:
    owed = [owes("1", 11_000, 2), owes("2", 5_050, 3), owes("3", 7_000, 4)]
    assert suggested(match([line("L1", 16_050)], owed)) == {("L1", ("1", "2"))}
    assert suggested(match([line("L1", 12_050)], owed)) == set()
    assert suggested(match([line("L1", 18_000)], owed)) == set(), "the first and third are no row"


def test_the_books_word_comes_before_an_open_invoice() -> None:
    entered = paid("9", -12_000, 11, kind="deposit", party=None)
    found = match([line("L1", 12_000, text="TESSELLATE 4001")], [owes("1", 12_000), entered])
    assert [(each.book, each.movements) for each in found.groups] == [(LEDGER, (("deposit", "9"),))]
    assert found.suggestions == ()


def test_money_out_pays_no_invoice() -> None:
    found = match(
        [line("L1", -12_000, text="TESSELLATE 4001")], [owes("1", 12_000), owes("2", 5_000), owes("3", 7_000)]
    )
    assert found.groups == () and found.suggestions == ()


def test_more_invoices_than_the_bound_are_looked_at_from_the_oldest_on() -> None:
    owed = [owes(str(n), 1_000 + n, 2) for n in range(10, 10 + OWED_CANDIDATES_MOST + 5)]
    two_newest = sum(each.minor for each in owed[-2:])
    assert suggested(match([line("L1", two_newest, text="TESSELLATE")], owed)) == set()
    most = [each.minor for each in owed[: OWED_MOST_MEMBERS + 1]]
    assert ("L1", tuple(str(n) for n in range(10, 10 + OWED_MOST_MEMBERS + 1))) not in suggested(
        match([line("L1", sum(most), text="TESSELLATE")], owed)
    ), "more were summed than the bound says"
