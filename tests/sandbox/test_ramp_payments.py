"""A payment through Ramp: it leaves the bank, arrives, and hours later stands in QuickBooks; and all that may come between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.ramp import RampDesk, ramp_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RampDesk]:
    with ramp_desk(tmp_path / "data") as opened:
        yield opened


def friendly(bill: dict[str, Any]) -> str:
    return str(bill["payment"]["customer_friendly_payment_id"])


def open_in_books(desk: RampDesk) -> dict[str, Any]:
    """A bill Ramp has instructed that the books hold under the same number, with nothing planted."""
    planted = {each.bill for each in desk.business.planted}
    page = desk.ask("GET", "/bills?page_size=100&status_summaries=PAYMENT_SCHEDULED,AWAITING_RELEASE").body["data"]
    found: dict[str, Any] = next(each for each in page if each["id"] not in planted)
    return found


def test_a_scheduled_payment_leaves_arrives_and_comes_to_the_books(desk: RampDesk) -> None:
    bill = open_in_books(desk)
    desk.settings(sync_delay_seconds=5 * 3600)
    left = bill["payment"]["payment_date"][:10]
    assert desk.lines(friendly(bill)) == []
    while desk.look(bill["id"])["status_summary"] == "PAYMENT_SCHEDULED":
        desk.passes(seconds=6 * 3600)
    under_way = desk.look(bill["id"])
    assert under_way["status_summary"] == "PAYMENT_PROCESSING"
    assert under_way["payment"]["effective_date"][:10] == left, "it leaves on the day it was to leave"
    [line] = desk.lines(friendly(bill))
    assert line["amount_minor"] == -bill["amount"]["amount"]
    assert line["pending_at"][:10] == left
    assert line["posted_at"][:10] > left, "it posts the next business day"
    assert desk.papers("BillPayment", DocNumber=friendly(bill)) == []
    while desk.look(bill["id"])["status"] == "OPEN":
        desk.passes(seconds=12 * 3600)
    desk.passes(seconds=6 * 3600)
    paid = desk.look(bill["id"])
    assert (paid["status_summary"], paid["sync_status"]) == ("PAYMENT_COMPLETED", "BILL_AND_PAYMENT_SYNCED")
    [paper] = desk.papers("BillPayment", DocNumber=friendly(bill))
    assert paper["TxnDate"] == left
    assert paper["Line"][0]["LinkedTxn"] == [{"TxnId": bill["remote_id"], "TxnType": "Bill"}]
    source = next(each for each in desk.business.sources if each.pays_bills)
    assert paper["CheckPayment"]["BankAccountRef"]["value"] == source.qbo_account_id
    assert desk.papers("Bill", Id=bill["remote_id"])[0]["Balance"] == 0
    assert len(desk.lines(friendly(bill))) == 1, "its document makes no second line at the bank"
    assert desk.look(bill["id"])["payment"]["trace_id"]["descriptor"] == "ACH Trace ID"


def test_the_trace_is_told_of_one_bill_and_not_in_lists(desk: RampDesk) -> None:
    bill = desk.bill(remote_id="intent-1")
    desk.at_ramp(bill["id"], "pay")
    assert desk.look(bill["id"])["payment"]["trace_id"]["trace_id"].isdigit()
    assert desk.ask("GET", "/bills?remote_id=intent-1").body["data"][0]["payment"]["trace_id"] is None


def test_paying_now_by_hand_is_at_the_bank_now_and_in_the_books_later(desk: RampDesk) -> None:
    bill = desk.bill()
    paid = desk.at_ramp(bill["id"], "pay").body["bill"]
    assert paid["status"] == "PAID"
    assert [line["pending"] for line in desk.lines(friendly(bill))] == [True]
    desk.passes(seconds=3 * 3600)
    assert desk.look(bill["id"])["sync_status"] == "NOT_SYNCED", "four hours unless told"
    desk.passes(seconds=2 * 3600)
    assert desk.look(bill["id"])["sync_status"] == "BILL_AND_PAYMENT_SYNCED"
    assert [paper["Balance"] for paper in desk.papers("Bill", DocNumber="INV-9")] == [0]


@pytest.mark.parametrize(("second", "papers"), [(False, 1), (True, 2)])
def test_a_bill_the_books_have_is_exported_again_only_by_switch(desk: RampDesk, second: bool, papers: int) -> None:
    held = desk.papers("Bill", DocNumber="FGW-1012")[0]
    vendor = next(v for v in desk.business.vendors.values() if v.accounting_remote_id == held["VendorRef"]["value"])
    amount = str(held["TotalAmt"])
    desk.settings(second_bill=second)
    desk.control("POST", f"/ramp/{desk.realm}/vendors/{vendor.id}/accounts")
    details = {**desk.wanted()["payment_details"], "vendor_account_id": vendor.accounts[-1].id}
    bill = desk.bill(
        vendor_id=vendor.id, invoice_number="FGW-1012", line_items=[{"amount": amount}], payment_details=details
    )
    desk.at_ramp(bill["id"], "pay")
    desk.passes(seconds=10 * 3600)
    found = desk.papers("Bill", DocNumber="FGW-1012")
    assert len(found) == papers
    assert sorted(paper["Balance"] for paper in found) == ([0] if not second else [0, held["TotalAmt"]])


def test_without_release_nothing_leaves_and_released_late_it_arrives_late(tmp_path: Path) -> None:
    with ramp_desk(tmp_path / "data", clients=2, place=1) as desk:
        assert desk.business.settings.payment_release, "the second client releases payments by hand"
        bill = desk.bill()
        assert (bill["status_summary"], bill["payment"]["details"]["approval_status"]) == (
            "AWAITING_RELEASE",
            "PENDING",
        )
        desk.passes(days=9)
        assert desk.look(bill["id"])["status_summary"] == "AWAITING_RELEASE"
        desk.at_ramp(bill["id"], "release")
        desk.passes(seconds=3600)
        assert desk.look(bill["id"])["status_summary"] == "PAYMENT_PROCESSING"
        assert desk.look(bill["id"])["payment"]["effective_date"] > "2026-12-03"
        assert desk.at_ramp(bill["id"], "release").status == 409


def test_a_batch_is_one_debit_and_cannot_be_archived(desk: RampDesk) -> None:
    bills = [desk.bill(invoice_number=f"INV-{number}") for number in range(3)]
    answer = desk.control(
        "POST", f"/ramp/{desk.realm}/batch", {"bills": [bill["id"] for bill in bills], "complete": False}
    )
    shared = {(bill["payment"]["id"], friendly(bill)) for bill in answer.body["bills"]}
    assert len(shared) == 1
    [(payment_id, name)] = shared
    assert [line["amount_minor"] for line in desk.lines(name)] == [-3 * 1234]
    assert len(desk.ask("GET", f"/bills?customer_friendly_payment_id={name}").body["data"]) == 3
    assert len(desk.ask("GET", f"/bills?payment_id={payment_id}").body["data"]) == 3
    refused = desk.ask("DELETE", f"/bills/{bills[0]['id']}")
    assert refused.status == 400
    assert "batch" in refused.body["error_v2"]["message"]
    desk.passes(days=9)
    assert len(desk.papers("BillPayment", DocNumber=name)) == 3, "one document a bill, as each is linked to its own"


def test_what_is_paid_or_under_way_cannot_be_archived(desk: RampDesk) -> None:
    bill = desk.bill()
    desk.at_ramp(bill["id"], "pay", complete=False)
    assert "in flight" in desk.ask("DELETE", f"/bills/{bill['id']}").body["error_v2"]["message"]
    desk.at_ramp(bill["id"], "arrive")
    assert "Paid" in desk.ask("DELETE", f"/bills/{bill['id']}").body["error_v2"]["message"]


def test_a_payment_that_fails_comes_back_the_same_day(desk: RampDesk) -> None:
    bill = desk.bill()
    desk.at_ramp(bill["id"], "pay", complete=False)
    failed = desk.at_ramp(bill["id"], "fail").body["bill"]
    assert (failed["status"], failed["status_summary"]) == ("OPEN", "PAYMENT_ERROR")
    assert sorted(line["amount_minor"] for line in desk.lines(friendly(bill))) == [-1234, 1234]
    desk.passes(days=9)
    assert desk.papers("BillPayment", DocNumber=friendly(bill)) == []


def test_a_return_comes_days_later_and_the_books_keep_their_payment(desk: RampDesk) -> None:
    bill = desk.bill()
    desk.at_ramp(bill["id"], "pay")
    desk.passes(days=1)
    assert desk.at_ramp(bill["id"], "return", days=2).status == 200
    assert desk.look(bill["id"])["status"] == "PAID"
    desk.passes(days=6)  # two business days, with a holiday and a weekend between
    assert (desk.look(bill["id"])["status"], desk.look(bill["id"])["status_summary"]) == ("OPEN", "PAYMENT_ERROR")
    assert sorted(line["amount_minor"] for line in desk.lines(friendly(bill))) == [-1234, 1234]
    assert [paper["Balance"] for paper in desk.papers("Bill", DocNumber="INV-9")] == [0], "nobody undid the books"


def test_holds_stop_a_payment_and_lifting_them_lets_it_go(desk: RampDesk) -> None:
    bill = desk.bill()
    for by, status in (("business", "ON_HOLD"), ("provider", "HELD_BY_PROVIDER")):
        assert desk.at_ramp(bill["id"], "hold", by=by).body["bill"]["status_summary"] == status
        desk.at_ramp(bill["id"], "hold", by=by, on=False)
    desk.at_ramp(bill["id"], "hold")
    desk.passes(days=9)
    assert desk.lines(friendly(bill)) == []
    desk.at_ramp(bill["id"], "hold", on=False)
    desk.passes(seconds=3600)
    assert desk.look(bill["id"])["status_summary"] == "PAYMENT_PROCESSING"


def test_what_is_paid_in_quickbooks_is_not_paid_again(desk: RampDesk) -> None:
    bill = open_in_books(desk)
    record = desk.papers("Bill", Id=bill["remote_id"])[0]
    paid = {
        "VendorRef": record["VendorRef"], "TotalAmt": str(record["Balance"]), "PayType": "Check", "DocNumber": "2999",
        "CheckPayment": {"BankAccountRef": {"value": "1"}},
        "Line": [{"Amount": str(record["Balance"]), "LinkedTxn": [{"TxnId": record["Id"], "TxnType": "Bill"}]}],
    }  # fmt: skip
    made = desk.control("POST", f"/companies/{desk.realm}/create", {"entity": "BillPayment", "body": paid})
    assert made.status == 200, made.body
    assert desk.look(bill["id"])["status"] == "OPEN", "Ramp hears of it with its next sync"
    desk.passes(days=9)
    closed = desk.look(bill["id"])
    assert (closed["status"], closed["payment"]["payment_method"]) == ("PAID", "PAID_MANUALLY")
    assert closed["payment"]["details"]["manual_payment_method"] == "PAID_IN_ERP"
    assert desk.lines(friendly(bill)) == []


def test_with_the_import_off_it_is_paid_twice_and_the_books_refuse_the_second(desk: RampDesk) -> None:
    bill = open_in_books(desk)
    desk.settings(imports_payments=False)
    record = desk.papers("Bill", Id=bill["remote_id"])[0]
    amount = str(record["Balance"])
    paid = {
        "VendorRef": record["VendorRef"], "TotalAmt": amount, "PayType": "Check", "DocNumber": "2999",
        "CheckPayment": {"BankAccountRef": {"value": "1"}},
        "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": record["Id"], "TxnType": "Bill"}]}],
    }  # fmt: skip
    desk.control("POST", f"/companies/{desk.realm}/create", {"entity": "BillPayment", "body": paid})
    desk.at_ramp(bill["id"], "pay")
    desk.passes(days=2)
    assert desk.look(bill["id"])["sync_status"] == "BILL_SYNCED"
    shown = desk.control("GET", f"/ramp/{desk.realm}").body["bills"]
    assert "is open" in next(each for each in shown if each["id"] == bill["id"])["sync_trouble"]


def test_the_accounting_sync_can_be_off_and_catches_up(desk: RampDesk) -> None:
    desk.settings(accounting_sync=False)
    bill = desk.bill()
    desk.at_ramp(bill["id"], "pay")
    desk.passes(days=3)
    assert desk.look(bill["id"])["sync_status"] == "NOT_SYNCED"
    desk.settings(accounting_sync=True)
    assert desk.look(bill["id"])["sync_status"] == "BILL_AND_PAYMENT_SYNCED"


def test_a_vendor_that_is_not_linked_cannot_be_synced(desk: RampDesk) -> None:
    vendor = next(v for v in desk.business.vendors.values() if v.accounting_remote_id is None)
    details = {"manual_payment_method": "CASH", "payment_date": "2026-11-20"}
    bill = desk.bill(vendor_id=vendor.id, payment_details=details)
    desk.passes(days=1)
    shown = desk.control("GET", f"/ramp/{desk.realm}").body["bills"]
    assert "linked" in next(each for each in shown if each["id"] == bill["id"])["sync_trouble"]
    assert desk.papers("Bill", DocNumber="INV-9") == []


def test_after_a_restart_everything_is_as_it_was(tmp_path: Path) -> None:
    with ramp_desk(tmp_path / "data") as desk:
        first, second = desk.bill(), desk.bill()
        desk.at_ramp(first["id"], "pay")
        desk.passes(days=9)
        desk.at_ramp(first["id"], "return", days=20)
        before, token = repr(desk.ramp.businesses), desk.token()
        lines = desk.control("GET", f"/bank/{desk.realm}/lines").body
        papers = list(desk.sandbox.companies[desk.realm].rows("BillPayment"))
    with ramp_desk(tmp_path / "data") as desk:
        assert repr(desk.ramp.businesses) == before
        assert desk.control("GET", f"/bank/{desk.realm}/lines").body == lines
        assert list(desk.sandbox.companies[desk.realm].rows("BillPayment")) == papers
        assert desk.ask("GET", f"/bills/{second['id']}", token=token).body["status"] == "PAID"
