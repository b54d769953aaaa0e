"""Who is stamped when something happens: times and SyncTokens as recorded from QuickBooks (qbo.md §12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from interlock_sandbox.books import Books, BooksFault

Line = Callable[..., dict[str, Any]]


def stamp(row: dict[str, Any]) -> tuple[str, str]:
    return row["SyncToken"], row["MetaData"]["LastUpdatedTime"]


@pytest.fixture
def bill(books: Books, at: datetime, rent_line: Line) -> dict[str, Any]:
    return books.create("Bill", {"VendorRef": {"value": "1"}, "Line": [rent_line("120.00")]}, at=at)


@pytest.fixture
def invoice(books: Books, at: datetime, paper_line: Line) -> dict[str, Any]:
    return books.create("Invoice", {"CustomerRef": {"value": "4"}, "Line": [paper_line("75.50")]}, at=at)


def pay_bill(books: Books, bill_id: str, amount: str, at: datetime) -> dict[str, Any]:
    link = {"Amount": amount, "LinkedTxn": [{"TxnId": bill_id, "TxnType": "Bill"}]}
    body = {
        "VendorRef": {"value": "1"}, "PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": {"value": "2"}},
        "TotalAmt": amount, "Line": [link],
    }  # fmt: skip
    return books.create("BillPayment", body, at=at)


def receive(books: Books, invoice_id: str, amount: str, at: datetime) -> dict[str, Any]:
    link = {"Amount": amount, "LinkedTxn": [{"TxnId": invoice_id, "TxnType": "Invoice"}]}
    return books.create("Payment", {"CustomerRef": {"value": "4"}, "TotalAmt": amount, "Line": [link]}, at=at)


def test_paying_a_bill_edits_it_and_names_a_check_even_for_a_card(
    books: Books, bill: dict[str, Any], at: datetime
) -> None:
    payment = pay_bill(books, bill["Id"], "120.00", at + timedelta(hours=1))
    paid = books.get("Bill", bill["Id"])
    assert stamp(paid) == ("1", payment["MetaData"]["CreateTime"])
    assert paid["Balance"] == 0
    assert paid["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "BillPaymentCheck"}]


def test_balances_move_the_time_of_names_and_accounts_but_not_their_token(
    books: Books, invoice: dict[str, Any], at: datetime
) -> None:
    later = at + timedelta(hours=2)
    receive(books, invoice["Id"], "75.50", later)
    moved = "2026-06-01T12:00:00-07:00"
    assert stamp(books.get("Customer", "4")) == ("0", moved)
    assert stamp(books.get("Customer", "3")) == ("0", moved), "the parent of a job is touched with it"
    undeposited = books.get("Account", books.standard("undeposited"))
    assert stamp(undeposited) == ("0", moved)
    assert stamp(books.get("Account", "4"))[1] != moved, "income accounts show no balance and do not change"


def test_a_deposit_links_its_payments_without_touching_them(
    books: Books, invoice: dict[str, Any], at: datetime
) -> None:
    payment = receive(books, invoice["Id"], "75.50", at)
    deposit = books.create(
        "Deposit",
        {
            "DepositToAccountRef": {"value": "1"},
            "Line": [{"Amount": "75.50", "LinkedTxn": [{"TxnId": payment["Id"], "TxnType": "Payment"}]}],
        },
        at=at + timedelta(days=3),
    )
    swept = books.get("Payment", payment["Id"])
    assert swept["LinkedTxn"] == [{"TxnId": deposit["Id"], "TxnType": "Deposit"}]
    assert stamp(swept) == stamp(payment)
    with pytest.raises(BooksFault, match="6540"):
        books.delete("Payment", payment["Id"], at=at)
    books.delete("Deposit", deposit["Id"], at=at + timedelta(days=4))
    assert "LinkedTxn" not in books.get("Payment", payment["Id"])


def test_an_invoiced_estimate_closes_with_a_new_time_and_the_old_token(
    books: Books, at: datetime, paper_line: Line
) -> None:
    estimate = books.create("Estimate", {"CustomerRef": {"value": "3"}, "Line": [paper_line("10")]}, at=at)
    later = at + timedelta(days=1)
    books.create(
        "Invoice",
        {
            "CustomerRef": {"value": "3"},
            "Line": [paper_line("10")],
            "LinkedTxn": [{"TxnId": estimate["Id"], "TxnType": "Estimate"}],
        },
        at=later,
    )
    closed = books.get("Estimate", estimate["Id"])
    assert closed["TxnStatus"] == "Closed"
    assert stamp(closed) == ("0", "2026-06-02T10:00:00-07:00")


def test_voiding_a_paid_invoice_frees_the_payment(books: Books, invoice: dict[str, Any], at: datetime) -> None:
    payment = receive(books, invoice["Id"], "70.00", at)
    voided = books.void("Invoice", invoice["Id"], at=at + timedelta(hours=1))
    assert (voided["TotalAmt"], voided["Balance"], voided["PrivateNote"]) == (0, 0, "Voided")
    assert voided["LinkedTxn"] == []
    freed = books.get("Payment", payment["Id"])
    assert str(freed["UnappliedAmt"]) == "70.00"
    assert freed["SyncToken"] == "1"


def test_deleting_a_bill_payment_opens_the_bill_again(books: Books, bill: dict[str, Any], at: datetime) -> None:
    payment = pay_bill(books, bill["Id"], "100.00", at)
    with pytest.raises(BooksFault, match="6000"):
        books.delete("Bill", bill["Id"], at=at)
    books.delete("BillPayment", payment["Id"], at=at)
    opened = books.get("Bill", bill["Id"])
    assert (str(opened["Balance"]), opened["SyncToken"]) == ("120.00", "2")


def test_overpaying_leaves_the_rest_open_with_the_vendor(books: Books, bill: dict[str, Any], at: datetime) -> None:
    link = {"Amount": "120.00", "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}
    paid = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}
    books.create("BillPayment", {"VendorRef": {"value": "1"}, "TotalAmt": "150.00", "Line": [link], **paid}, at=at)
    assert str(books.get("Vendor", "1")["Balance"]) == "-30.00"


def test_a_credit_and_a_bill_settle_each_other_without_money(
    books: Books, bill: dict[str, Any], at: datetime, rent_line: Line
) -> None:
    credit = books.create("VendorCredit", {"VendorRef": {"value": "1"}, "Line": [rent_line("50.00")]}, at=at)
    lines = [
        {"Amount": "50.00", "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]},
        {"Amount": "50.00", "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "VendorCredit"}]},
    ]
    paid = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}
    payment = books.create("BillPayment", {"VendorRef": {"value": "1"}, "TotalAmt": 0, "Line": lines, **paid}, at=at)
    assert payment["TotalAmt"] == 0
    assert books.get("VendorCredit", credit["Id"])["Balance"] == 0
    assert str(books.get("Bill", bill["Id"])["Balance"]) == "70.00"
    assert books.get("Account", "1")["CurrentBalance"] == 0


def test_a_refused_edit_changes_nothing(books: Books, bill: dict[str, Any], at: datetime, rent_line: Line) -> None:
    pay_bill(books, bill["Id"], "100.00", at)
    before = books.get("Bill", bill["Id"])
    with pytest.raises(BooksFault, match="payments applied"):
        books.update("Bill", {**before, "Line": [rent_line("60.00")]}, at=at + timedelta(days=1))
    assert books.get("Bill", bill["Id"]) == before
    assert sum(books.ledger.totals.values()) == 0


def test_a_deactivated_name_says_so_and_a_second_time_nothing_happens(
    books: Books, bill: dict[str, Any], at: datetime
) -> None:
    gone = books.update("Vendor", {"Id": "1", "SyncToken": "0", "Active": False}, at=at, sparse=True)
    assert gone["DisplayName"] == "Amy's Ink (deleted)"
    assert books.get("Bill", bill["Id"])["VendorRef"]["name"] == "Amy's Ink (deleted)"
    again = books.update(
        "Vendor", {"Id": "1", "SyncToken": "1", "Active": False}, at=at + timedelta(days=1), sparse=True
    )
    assert stamp(again) == stamp(gone)
    books.create("Vendor", {"DisplayName": "amy's ink"}, at=at)


def test_a_name_is_taken_across_vendors_customers_and_employees(books: Books, at: datetime) -> None:
    for entity in ("Vendor", "Customer", "Employee"):
        with pytest.raises(BooksFault, match="6240"):
            books.create(entity, {"DisplayName": "BRINDLE FREIGHT"}, at=at)


def test_a_foreign_bill_paid_at_another_rate_books_the_difference(books: Books, at: datetime, rent_line: Line) -> None:
    euro = {"CurrencyRef": {"value": "EUR"}}
    vendor = books.create("Vendor", {"DisplayName": "Papeterie Orval", **euro}, at=at)["Id"]
    bill = books.create(
        "Bill", {"VendorRef": {"value": vendor}, "Line": [rent_line("100")], "ExchangeRate": "1.10", **euro}, at=at
    )
    assert (str(bill["Balance"]), str(bill["HomeBalance"])) == ("100.00", "110.00")
    assert bill["APAccountRef"]["name"] == "Accounts Payable (A/P) - EUR"
    link = {"Amount": "100", "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}
    books.create(
        "BillPayment",
        {
            "VendorRef": {"value": vendor}, "TotalAmt": "100", "Line": [link], "PayType": "Check",
            "CheckPayment": {"BankAccountRef": {"value": "1"}}, "ExchangeRate": "1.20", **euro,
        },
        at=at,
    )  # fmt: skip
    assert books.get("Vendor", vendor)["Balance"] == 0
    assert str(books.get("Account", "1")["CurrentBalance"]) == "-120.00"
    assert books.ledger.total(books.standard("exchange")) == 1000


def test_an_unbalanced_journal_entry_is_refused(books: Books, at: datetime) -> None:
    def line(posting: str, amount: str) -> dict[str, Any]:
        detail = {"PostingType": posting, "AccountRef": {"value": "3"}}
        return {"Amount": amount, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}

    with pytest.raises(BooksFault, match="must be equal"):
        books.create("JournalEntry", {"Line": [line("Debit", "10"), line("Credit", "9")]}, at=at)
    entry = books.create("JournalEntry", {"Line": [line("Debit", "10"), line("Credit", "10")]}, at=at)
    assert [line["Id"] for line in entry["Line"]] == ["0", "1"]
    assert "TotalAmt" not in entry


def test_cash_back_is_taken_off_a_deposit(books: Books, at: datetime) -> None:
    line = {"Amount": "1068.15", "DetailType": "DepositLineDetail", "DepositLineDetail": {"AccountRef": {"value": "5"}}}
    deposit = books.create(
        "Deposit",
        {
            "DepositToAccountRef": {"value": "1"},
            "Line": [line],
            "CashBack": {"AccountRef": {"value": "3"}, "Amount": "200.00"},
        },
        at=at,
    )
    assert str(deposit["TotalAmt"]) == "868.15"
    assert str(books.get("Account", "1")["CurrentBalance"]) == "868.15"


def test_a_renamed_parent_renames_its_jobs_path(books: Books, at: datetime) -> None:
    books.update("Customer", {"Id": "3", "SyncToken": "0", "DisplayName": "Corvane College"}, at=at, sparse=True)
    assert books.get("Customer", "4")["FullyQualifiedName"] == "Corvane College:Library"
    with pytest.raises(BooksFault, match="its own parent"):
        books.update("Customer", {"Id": "3", "SyncToken": "1", "ParentRef": {"value": "4"}}, at=at, sparse=True)


def test_references_follow_when_a_parent_account_is_renamed(books: Books, at: datetime, rent_line: Line) -> None:
    child = books.create("Account", {"Name": "Storage", "AccountType": "Expense", "ParentRef": {"value": "3"}}, at=at)
    line = rent_line("9", account=child["Id"])
    bill = books.create("Bill", {"VendorRef": {"value": "1"}, "Line": [line]}, at=at)
    books.update("Account", {"Id": "3", "SyncToken": "0", "Name": "Premises"}, at=at, sparse=True)
    detail = books.get("Bill", bill["Id"])["Line"][0]["AccountBasedExpenseLineDetail"]
    assert detail["AccountRef"] == {"value": child["Id"], "name": "Premises:Storage"}


def test_a_job_is_referred_to_by_its_full_name(books: Books, invoice: dict[str, Any], at: datetime) -> None:
    assert invoice["CustomerRef"] == {"value": "4", "name": "Corvane Schools:Library"}
    books.update("Customer", {"Id": "3", "SyncToken": "0", "DisplayName": "Corvane College"}, at=at, sparse=True)
    assert books.get("Invoice", invoice["Id"])["CustomerRef"]["name"] == "Corvane College:Library"
