"""Following changes without missing one: balances, voids, gaps, and the forms an empty answer takes (qbo.md §4, §12)."""

import pytest

import interlock.domains.qbo.rail as rail_module
from interlock.rails import facts
from interlock.rails.errors import Rejected
from tests.rails.bookkeeping import Books


@pytest.fixture(autouse=True)
def _calm(books: Books) -> None:
    """Nothing odd from the test before; what it made has grown old."""
    books.sandbox.control("POST", "quirks", {"cdc_lookback": "lenient", "cdc_empty": "each"})
    books.settle()


def test_a_balance_that_changes_without_the_counter_moving(books: Books) -> None:
    vendor = books.vendor("Balance Moves")
    earlier = books.bill(vendor, "1.00")
    books.settle()
    before, payable = books.row(facts.Vendor, vendor), books.row(facts.Bill, earlier).control_account_id
    owed = books.row(facts.Account, payable)
    books.bill(vendor, "77.30")
    books.sync()
    after, owes = books.row(facts.Vendor, vendor), books.row(facts.Account, payable)
    assert (before.version, owed.version) == (after.version, owes.version), "the trap itself"
    assert after.balance_minor - before.balance_minor == 77_30
    assert owes.balance_minor - owed.balance_minor == -77_30
    assert books.differences() == []


def test_a_parent_customer_changes_with_its_jobs(books: Books) -> None:
    parent = books.customer("Parent & Sons")
    job = books.customer("Parent & Sons: Roof", Job=True, ParentRef={"value": parent})
    books.settle()
    books.receipt(job, "15.00")
    books.sync()
    assert books.row(facts.Customer, parent).balance_with_jobs_minor == -15_00
    assert books.row(facts.Customer, parent).balance_minor == 0
    assert books.differences() == []


def test_a_bill_paid_by_a_bill_payment_changes_with_it(books: Books) -> None:
    vendor = books.vendor("Paid Later")
    bill = books.bill(vendor, "50.00")
    books.settle()
    pays = [{"Amount": "50.00", "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}]
    made = books.create(
        "BillPayment",
        VendorRef={"value": vendor},
        PayType="Check",
        CheckPayment={"BankAccountRef": {"value": books.account("Bank")}},
        TotalAmt="50.00",
        TxnDate="2026-11-22",
        Line=pays,
    )
    assert books.sync().calls == 1, "the bill comes with the payment, in one answer"
    assert books.row(facts.Bill, bill).balance_minor == 0
    assert books.links(facts.Bill, bill) == {("bill_payment", made["Id"])}
    books.delete("BillPayment", made["Id"])
    books.sync()
    assert books.row(facts.Bill, bill).balance_minor == 50_00
    assert books.links(facts.Bill, bill) == set()
    assert books.differences() == []


def test_a_void_is_recognised_and_a_document_of_nothing_is_not_one(books: Books) -> None:
    vendor, customer = books.vendor("Of Nothing"), books.customer("Voids")
    account = {"AccountRef": {"value": books.account("Expense")}}
    lines = [
        {"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": account}
        for amount in ("40.00", "-40.00")
    ]
    nothing = books.create("Bill", VendorRef={"value": vendor}, TxnDate="2026-11-20", Line=lines)["Id"]
    payment = books.receipt(customer, "33.00")
    books.settle()
    books.void("Payment", payment)
    books.sync()
    voided = books.row(facts.Payment, payment)
    assert (voided.voided, voided.total_minor, voided.unapplied_minor) == (True, 0, 0)
    assert (books.row(facts.Bill, nothing).voided, books.row(facts.Bill, nothing).total_minor) == (False, 0)
    assert books.differences() == []


@pytest.mark.parametrize("form", ["each", "one", "none"])
def test_every_form_of_no_changes_is_understood(books: Books, form: str) -> None:
    books.sandbox.control("POST", "quirks", {"cdc_empty": form})
    report = books.sync()
    assert (report.mode, report.calls, sum(each.rows for each in report.entities)) == ("changes", 1, 0)


@pytest.mark.parametrize("lookback", ["strict", "lenient"])
def test_a_gap_longer_than_deletions_are_kept_is_listed(books: Books, lookback: str) -> None:
    """Intuit's answer is no help: it may refuse (strict) or answer without the deletions (lenient)."""
    books.sandbox.control("POST", "quirks", {"cdc_lookback": lookback})
    bill = books.bill(books.vendor(f"Long Gone, {lookback}"), "9.00")
    books.sync()
    books.delete("Bill", bill)
    books.minutes_pass(31 * 24 * 60, here=False)
    report = books.sync()
    assert report.mode == "full"
    assert books.row(facts.Bill, bill).buried_at is not None
    assert books.differences() == []


def test_what_was_made_and_deleted_between_two_syncs_leaves_no_trace(books: Books) -> None:
    bill = books.bill(books.vendor("Short Lived"), "9.00")
    books.delete("Bill", bill)
    books.sync()
    assert books.row(facts.Bill, bill) is None
    assert books.differences() == []


def test_changes_refused_for_another_reason_are_no_cause_to_list(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listing everything at each sync would spend the month's reads and mend nothing."""
    monkeypatch.setattr(rail_module, "_SETTINGS", ["CompanyInfo", "Nonsense"])
    with pytest.raises(Rejected, match="4001"):
        books.sync()
    monkeypatch.undo()
    assert books.sync().mode == "changes"
