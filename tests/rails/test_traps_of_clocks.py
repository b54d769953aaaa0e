"""QuickBooks' clock is its own: changes are asked for by it alone, and also after it was set (qbo.md §4)."""

import pytest

from interlock.rails import facts
from tests.rails.bookkeeping import Books


@pytest.fixture(autouse=True)
def _right(books: Books) -> None:
    """Both clocks agree, and what the test before made has grown old."""
    books.sandbox.control("POST", "clock/skew", {"seconds": 0})
    books.settle()


@pytest.mark.parametrize("seconds", [3_600, -3_600, 86_400], ids=["an hour ahead", "an hour behind", "a day ahead"])
def test_quickbooks_clock_is_not_ours_and_only_its_own_counts(books: Books, seconds: int) -> None:
    books.sandbox.control("POST", "clock/skew", {"seconds": seconds})
    vendor = books.vendor(f"Skewed by {seconds}")
    books.sync()
    for number in range(3):
        books.bill(vendor, f"{number + 1}.00")
        books.sync()
    assert len([row for row in books.rows(facts.Bill) if row.vendor_id == vendor]) == 3
    assert books.differences() == []


def test_a_clock_set_back_between_two_syncs_hides_nothing(books: Books) -> None:
    """What changes after it has a time from before the mark: asking from the mark on would never show it."""
    books.sandbox.control("POST", "clock/skew", {"seconds": 7_200})
    vendor = books.vendor("Set Back")
    books.sync()
    books.sandbox.control("POST", "clock/skew", {"seconds": 0})
    bill = books.bill(vendor, "12.00")
    books.minutes_pass(10)
    books.sync()
    assert books.row(facts.Bill, bill) is not None, "the bill's time lies two hours before the mark"
    assert books.differences() == []
