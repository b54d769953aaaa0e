"""Payments recorded through the API, and the companies that take none: closed books, a lapsed subscription."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

Call = Callable[..., requests.Response]
Query = Callable[[str], dict[str, Any]]
REALM = "9341450000000042"
CHECK = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}


def code_of(answer: requests.Response) -> str:
    return str(answer.json()["Fault"]["Error"][0]["code"])


@pytest.fixture
def bill(control: Call) -> dict[str, Any]:
    line = {
        "Amount": 80, "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "3"}},
    }  # fmt: skip
    sent = {"entity": "Bill", "body": {"VendorRef": {"value": "1"}, "TxnDate": "2026-05-02", "Line": [line]}}
    made: dict[str, Any] = control("POST", f"/companies/{REALM}/create", json=sent).json()["object"]
    return made


def payment_of(bill: dict[str, Any], amount: int = 80, **more: Any) -> dict[str, Any]:
    link = {"Amount": amount, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}
    return {"VendorRef": {"value": "1"}, "TotalAmt": amount, "Line": [link], **CHECK, **more}


def test_a_bill_payment_made_changed_voided_and_deleted(api: Call, bill: dict[str, Any]) -> None:
    def open_on_bill() -> Any:
        return api("GET", f"bill/{bill['Id']}").json()["Bill"]["Balance"]

    made = api("POST", "billpayment", params={"requestid": "p-1"}, json=payment_of(bill)).json()["BillPayment"]
    again = api("POST", "billpayment", params={"requestid": "p-1"}, json=payment_of(bill)).json()["BillPayment"]
    assert (again, open_on_bill()) == (made, 0)
    less = {**payment_of(bill, 50), "Id": made["Id"], "SyncToken": "0", "DocNumber": "1042"}
    changed = api("POST", "billpayment", json=less).json()["BillPayment"]
    assert (changed["SyncToken"], changed["DocNumber"], open_on_bill()) == ("1", "1042", 30)
    assert code_of(api("POST", "billpayment", json=less)) == "5010"
    key = {"Id": made["Id"], "SyncToken": "1", "sparse": True}
    voided = api("POST", "billpayment", params={"operation": "update", "include": "void"}, json=key)
    assert voided.json()["BillPayment"]["PrivateNote"] == "Voided"
    assert (voided.json()["BillPayment"]["Line"], open_on_bill()) == ([], 80)
    gone = api("POST", "billpayment", params={"operation": "delete"}, json={"Id": made["Id"], "SyncToken": "2"})
    assert gone.json()["BillPayment"]["status"] == "Deleted"


def test_references_that_are_not_there(api: Call, bill: dict[str, Any]) -> None:
    for body in (
        payment_of(bill, VendorRef={"value": "99"}),
        payment_of(bill, CheckPayment={"BankAccountRef": {"value": "99"}}),
    ):
        assert code_of(api("POST", "billpayment", json=body)) == "2500"
    assert code_of(api("POST", "billpayment", json=payment_of({"Id": "999"}))) == "620"
    assert code_of(api("POST", "payment", json={"CustomerRef": {"value": "77"}, "TotalAmt": 5})) == "2500"


def test_in_a_batch_the_same_requestid_pays_once(api: Call, query: Query, bill: dict[str, Any]) -> None:
    items = [{"bId": "a", "operation": "create", "BillPayment": payment_of(bill)}]
    first, second = (
        api("POST", "batch", params={"requestid": "b-7"}, json={"BatchItemRequest": items}).json()["BatchItemResponse"]
        for _ in range(2)
    )
    assert first == second
    assert query("select count(*) from BillPayment") == {"totalCount": 1}
    longer = [{"bId": "longer-than-ten", "operation": "create", "BillPayment": payment_of(bill)}]
    refused = api("POST", "batch", params={"requestid": "b-8"}, json={"BatchItemRequest": longer}).json()
    assert refused["BatchItemResponse"][0]["Fault"]["Error"][0]["code"] == "2050"


def test_a_payment_cut_after_commit_was_received_once(api: Call, control: Call, query: Query) -> None:
    body = {"CustomerRef": {"value": "3"}, "TotalAmt": 25, "TxnDate": "2026-06-14"}
    control("POST", "/faults", json={"kind": "cut_after_commit", "count": 1, "path": "/payment"})
    with pytest.raises(requests.ConnectionError):
        api("POST", "payment", params={"requestid": "cut"}, json=body)
    assert api("POST", "payment", params={"requestid": "cut"}, json=body).status_code == 200
    assert query("select count(*) from Payment") == {"totalCount": 1}


def test_closed_books_take_nothing_dated_by_then(api: Call, control: Call, bill: dict[str, Any]) -> None:
    def send(**more: Any) -> requests.Response:
        return api("POST", "billpayment", json=payment_of(bill, 5, **more))

    made = send(TxnDate="2026-05-20").json()["BillPayment"]
    control("POST", f"/companies/{REALM}/close-books", json={"date": "2026-05-31"})
    prefs = api("GET", "preferences").json()["Preferences"]["AccountingInfoPrefs"]
    assert (prefs["BookCloseDate"], "FirstMonthOfFiscalYear" in prefs) == ("2026-05-31", True)
    assert code_of(send(TxnDate="2026-05-31")) == "6210"
    assert send(TxnDate="2026-06-01").status_code == 200, "an old bill may be paid on an open day"
    assert send().status_code == 200, "without a date it is today's"
    assert send(TxnDate="").status_code == 200, "so it is with an empty one"
    key = {"Id": made["Id"], "SyncToken": made["SyncToken"]}
    assert code_of(api("POST", "billpayment", params={"operation": "delete"}, json=key)) == "6210"
    batch = {"BatchItemRequest": [{"bId": "1", "operation": "delete", "BillPayment": key}]}
    assert api("POST", "batch", json=batch).json()["BatchItemResponse"][0]["Fault"]["Error"][0]["code"] == "6210"
    by_hand = control("POST", f"/companies/{REALM}/delete", json={"entity": "BillPayment", "id": made["Id"]})
    assert by_hand.status_code == 200, "the bookkeeper knows the password"
    control("POST", f"/companies/{REALM}/close-books", json={"date": None})
    assert send(TxnDate="2026-05-31").status_code == 200


def test_a_lapsed_subscription_can_be_read_but_not_written(api: Call, control: Call, query: Query) -> None:
    control("POST", f"/companies/{REALM}/subscription", json={"status": "EXPIRED"})
    assert code_of(api("POST", "vendor", json={"DisplayName": "Too Late"})) == "6190"
    assert query("select count(*) from Vendor") == {"totalCount": 2}
    names = api("GET", "companyinfo/1").json()["CompanyInfo"]["NameValue"]
    assert {"Name": "SubscriptionStatus", "Value": "EXPIRED"} in names
    control("POST", f"/companies/{REALM}/subscription", json={"status": "PAID"})
    assert api("POST", "vendor", json={"DisplayName": "In Time"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [("close-books", {"date": "soon"}), ("subscription", {}), ("poison", {"entity": "Bill", "id": "1"})],
)
def test_the_control_api_says_what_is_wrong(control: Call, path: str, body: dict[str, Any]) -> None:
    answer = control("POST", f"/companies/{REALM}/{path}", json=body)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]
