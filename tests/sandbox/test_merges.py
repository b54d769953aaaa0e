"""Two names become one: the loser's id is gone, everything about it is the winner's (qbo.md §12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from interlock_sandbox.books import Books, BooksFault
from interlock_sandbox.books.record import Happened

Call = Callable[..., requests.Response]
Query = Callable[[str], dict[str, Any]]
Line = Callable[..., dict[str, Any]]
REALM = "9341450000000042"


@pytest.fixture
def bills(books: Books, at: datetime, rent_line: Line) -> list[dict[str, Any]]:
    """A bill of each vendor; the second one half paid."""
    made = [
        books.create("Bill", {"VendorRef": {"value": vendor}, "Line": [rent_line("100")]}, at=at)
        for vendor in ("1", "2")
    ]
    link = {"Amount": "50", "LinkedTxn": [{"TxnId": made[1]["Id"], "TxnType": "Bill"}]}
    check = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}
    books.create("BillPayment", {"VendorRef": {"value": "2"}, "TotalAmt": "50", "Line": [link], **check}, at=at)
    return made


def test_a_merged_vendor_is_gone_and_its_bills_are_the_winners(
    books: Books, bills: list[dict[str, Any]], at: datetime
) -> None:
    before = books.get("Bill", bills[1]["Id"])
    heard: list[Happened] = []
    books.hears = heard.append
    later = at + timedelta(days=1)
    winner = books.merge("Vendor", {"winner": "1", "loser": "2"}, at=later)
    assert (winner["Id"], str(winner["Balance"]), winner["SyncToken"]) == ("1", "150.00", "1")
    with pytest.raises(BooksFault, match="610"):
        books.get("Vendor", "2")
    after = books.get("Bill", bills[1]["Id"])
    assert after["VendorRef"] == {"value": "1", "name": "Amy's Ink"}
    assert after["MetaData"] == before["MetaData"], "the documents are not stamped unless asked for"
    assert heard == [Happened("Merge", "Vendor", "1", later, "2")]
    assert [(stub.entity, stub.id) for stub in books.tombstones] == [("Vendor", "2")]


def test_the_rest_of_a_merged_vendors_bill_can_be_paid(books: Books, bills: list[dict[str, Any]], at: datetime) -> None:
    books.merge("Vendor", {"winner": "1", "loser": "2", "documents": "touched", "trace": "none"}, at=at)
    assert books.tombstones == []
    assert books.get("Bill", bills[1]["Id"])["SyncToken"] == "2", "paid once, handed over once"
    link = {"Amount": "50", "LinkedTxn": [{"TxnId": bills[1]["Id"], "TxnType": "Bill"}]}
    check = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}
    books.create("BillPayment", {"VendorRef": {"value": "1"}, "TotalAmt": "50", "Line": [link], **check}, at=at)
    assert books.get("Bill", bills[1]["Id"])["Balance"] == 0
    assert str(books.get("Vendor", "1")["Balance"]) == "100.00"
    books.create("Vendor", {"DisplayName": "Brindle Freight"}, at=at)


def test_a_merged_account_hands_over_its_balance(books: Books, bills: list[dict[str, Any]], at: datetime) -> None:
    del bills
    other = books.create("Account", {"Name": "Old Checking", "AccountType": "Bank"}, at=at)["Id"]
    move = {"FromAccountRef": {"value": "1"}, "ToAccountRef": {"value": other}, "Amount": "20"}
    transfer = books.create("Transfer", move, at=at)
    merged = books.merge("Account", {"winner": other, "loser": "1"}, at=at)
    assert str(merged["CurrentBalance"]) == "-50.00"
    assert books.get("Transfer", transfer["Id"])["FromAccountRef"] == {"value": other, "name": "Old Checking"}
    assert sum(books.ledger.totals.values()) == 0
    with pytest.raises(BooksFault, match="differ in AccountType"):
        books.merge("Account", {"winner": other, "loser": "3"}, at=at)


def test_jobs_of_a_merged_customer_move_and_no_one_merges_into_its_own_job(
    books: Books, at: datetime, paper_line: Line
) -> None:
    other = books.create("Customer", {"DisplayName": "Corvane District"}, at=at)["Id"]
    books.create("Invoice", {"CustomerRef": {"value": "4"}, "Line": [paper_line("30")]}, at=at)
    with pytest.raises(BooksFault, match="nor one below the other"):
        books.merge("Customer", {"winner": "4", "loser": "3"}, at=at)
    winner = books.merge("Customer", {"winner": other, "loser": "3"}, at=at)
    assert str(winner["BalanceWithJobs"]) == "30.00"
    job = books.get("Customer", "4")
    assert (job["ParentRef"], job["FullyQualifiedName"]) == ({"value": other}, "Corvane District:Library")


def test_two_on_one_journal_entry_cannot_be_merged(books: Books, at: datetime) -> None:
    def owed(vendor: str, posting: str) -> dict[str, Any]:
        detail = {
            "PostingType": posting, "AccountRef": {"value": books.standard("payable")},
            "Entity": {"Type": "Vendor", "EntityRef": {"value": vendor}},
        }  # fmt: skip
        return {"Amount": "5", "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}

    books.create("JournalEntry", {"Line": [owed("1", "Debit"), owed("2", "Credit")]}, at=at)
    with pytest.raises(BooksFault, match="Both are on transaction"):
        books.merge("Vendor", {"winner": "1", "loser": "2"}, at=at)


def test_over_the_wire_a_merge_shows_in_queries_and_as_a_deletion(api: Call, control: Call, query: Query) -> None:
    answer = control("POST", f"/companies/{REALM}/merge", json={"entity": "Vendor", "winner": "2", "loser": "1"})
    assert answer.json()["object"]["DisplayName"] == "Brindle Freight"
    assert [row["Id"] for row in query("select * from Vendor where Active in (true, false)")["Vendor"]] == ["2"]
    changed = api("GET", "cdc", params={"entities": "Vendor", "changedSince": "2026-06-15"}).json()
    rows = changed["CDCResponse"][0]["QueryResponse"][0]["Vendor"]
    assert [(row["Id"], row.get("status")) for row in rows] == [("2", None), ("1", "Deleted")]
    wrong = control("POST", f"/companies/{REALM}/merge", json={"entity": "Bill", "winner": "2", "loser": "1"})
    assert wrong.status_code == 400
