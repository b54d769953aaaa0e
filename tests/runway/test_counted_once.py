"""Whatever several books state of the same money, it is counted once: over any bills, approvals, instructions and receipts."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from interlock.runway.services.calculators.counted_once import (
    Approved,
    Brought,
    Deposited,
    covered,
    in_transit,
    not_brought,
    not_in_the_books,
    payables,
)
from interlock.runway.services.calculators.placing import OpenInvoice, PayoutDue, Waiting
from interlock.runway.services.calculators.spendable import OnItsWay

_TODAY = date(2026, 11, 24)
_MINOR = st.integers(1, 500)
_BILLS = st.dictionaries(st.sampled_from("abcd"), _MINOR)


def _instructed(at: int, bill_id: str, minor: int) -> OnItsWay:
    return OnItsWay("paying", "rail_bill", f"r{at}", _TODAY, minor, None, None, ((bill_id, minor),))


@given(
    _BILLS,
    st.lists(st.tuples(st.sampled_from("abcd"), _MINOR), max_size=4),
    st.lists(st.tuples(st.sampled_from("abcd"), _MINOR, st.integers(0, 50)), max_size=4),
)
def test_of_each_bill_no_more_leaves_than_is_open_or_instructed(
    balances: dict[str, int], sent: list[tuple[str, int]], said: list[tuple[str, int, int]]
) -> None:
    going = [_instructed(at, bill_id, minor) for at, (bill_id, minor) in enumerate(sent)]
    approved = [Approved(f"i{at}", *one, _TODAY + timedelta(days=at)) for at, one in enumerate(said)]
    spoken, leaving = payables(balances, going, approved)
    for bill_id in "abcd":
        out = sum(minor for to, minor in sent if to == bill_id)
        still = sum(leaving.get(each.intent_id, 0) for each in approved if each.bill_id == bill_id)
        rest = max(balances.get(bill_id, 0) - spoken.get(bill_id, 0), 0)
        assert out + still + rest <= max(balances.get(bill_id, 0), out)
        wanted = sum(each.minor for each in approved if each.bill_id == bill_id)
        assert still <= max(wanted - min(out, wanted), 0)
        if not any(each.credit_minor for each in approved if each.bill_id == bill_id):
            assert out + still + rest == max(balances.get(bill_id, 0), out), "nothing is lost either"


@given(
    st.lists(st.tuples(st.sampled_from(["c1", "c2"]), _MINOR), max_size=6),
    st.dictionaries(st.integers(0, 5), st.integers(0, 500)),
    st.dictionaries(st.sampled_from(["c1", "c2", "c3"]), _MINOR),
)
def test_an_invoice_is_covered_by_no_more_than_was_paid(
    owed: list[tuple[str, int]], there: dict[int, int], credits: dict[str, int]
) -> None:
    invoices = [
        OpenInvoice(str(at), None, customer, None, _TODAY, _TODAY + timedelta(days=at), "USD", minor)
        for at, (customer, minor) in enumerate(owed)
    ]
    open_there = {str(at): minor for at, minor in there.items()}
    found = covered(invoices, open_there, credits)
    assert all(0 < found[each.id] <= each.minor for each in invoices if each.id in found)
    for customer in ("c1", "c2"):
        mine = [each for each in invoices if each.customer_id == customer]
        paid = sum(max(each.minor - open_there.get(each.id, each.minor), 0) for each in mine)
        open_ = sum(each.minor for each in mine)
        assert sum(found.get(each.id, 0) for each in mine) == paid + min(credits.get(customer, 0), open_ - paid)


@given(st.lists(_MINOR, max_size=5), st.sets(st.integers(0, 4)))
def test_what_a_payout_brings_is_neither_undeposited_nor_a_deposit_of_its_own(minors: list[int], by: set[int]) -> None:
    keys = [("payment", str(at)) for at in range(len(minors))]
    brought = [Brought("po", minors[at], _TODAY, (keys[at],)) for at in sorted(by) if at < len(minors)]
    waiting = [Waiting(*key, None, None, _TODAY, "USD", minor) for key, minor in zip(keys, minors, strict=True)]
    own = sum(minor for at, minor in enumerate(minors) if at not in by)
    assert sum(each.minor for each in not_brought(waiting, brought)) == own
    taken = tuple(zip(keys, minors, strict=True))
    deposit = Deposited(("deposit", "d"), _TODAY, sum(minors), taken)
    payout = PayoutDue("po", _TODAY, "USD", 10_000)
    assert sum(in_transit([deposit], [payout], brought).values()) == own


def test_a_payout_that_the_books_deposited_is_one_movement_whichever_is_the_start() -> None:
    payout = PayoutDue("po", _TODAY, "USD", 970)
    deposit = Deposited(("deposit", "d"), _TODAY - timedelta(days=2), 970)
    assert in_transit([deposit], [payout], []) == {}, "from the bank: the payout is to come, not the deposit too"
    assert not_in_the_books([payout], [deposit], []) == [], "from the books: they have it"
    two = [payout, PayoutDue("po2", _TODAY, "USD", 970)]
    assert [each.id for each in not_in_the_books(two, [deposit], [])] == ["po2"], "one deposit is one payout"


def test_of_a_payout_whose_receipt_the_books_banked_only_the_fee_is_left() -> None:
    payout = PayoutDue("po", _TODAY, "USD", 970)
    banked = Deposited(("payment", "p"), _TODAY, 1_000)
    brought = [Brought("po", 1_000, _TODAY, (("payment", "p"),))]
    assert [each.minor for each in not_in_the_books([payout], [banked], brought)] == [-30]


def test_a_receipt_without_an_invoice_is_a_charges_of_the_same_amount_and_days() -> None:
    waiting = [Waiting("sales_receipt", str(at), None, None, _TODAY, "USD", 500) for at in range(2)]
    brought = [Brought("po", 500, _TODAY - timedelta(days=1))]
    assert len(not_brought(waiting, brought)) == 1
    old = [Brought("po", 500, _TODAY - timedelta(days=9))]
    assert len(not_brought(waiting, old)) == 2
