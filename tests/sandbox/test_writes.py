"""Writing over HTTP: create, update, sparse, delete, void, batch, idempotency, refusals (qbo.md §5, §8, §9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

Call = Callable[..., requests.Response]
Query = Callable[[str], dict[str, Any]]
PAPER = {"Amount": 100.0, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
INVOICE = {"Line": [PAPER], "CustomerRef": {"value": "3"}}


def fault(answer: requests.Response) -> tuple[int, str, Any]:
    error = answer.json()["Fault"]["Error"][0]
    return answer.status_code, error["code"], error.get("element")


def test_an_invoice_comes_back_with_what_the_server_fills_in(api: Call) -> None:
    answer = api("POST", "invoice", json=INVOICE)
    made = answer.json()["Invoice"]
    assert answer.status_code == 200
    assert (made["SyncToken"], made["domain"], made["sparse"]) == ("0", "QBO", False)
    assert (made["DocNumber"], made["LinkedTxn"], made["TxnDate"]) == ("1001", [], "2026-06-15")
    assert made["Line"][-1] == {"Amount": 100.0, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    assert made["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert (made["TotalAmt"], made["Balance"]) == (100.0, 100.0)
    assert '"TotalAmt":100.00' in answer.text, "amounts are JSON numbers with their cents"
    assert made["MetaData"]["CreateTime"].endswith("-07:00"), "times are Pacific"
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    assert answer.headers["intuit_tid"].startswith("1-")


def test_full_update_empties_what_is_left_out_and_sparse_does_not(api: Call) -> None:
    made = api("POST", "invoice", json={**INVOICE, "PrivateNote": "keep"}).json()["Invoice"]
    sparse = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "CustomerMemo": {"value": "Thanks"}}
    changed = api("POST", "invoice", json=sparse).json()["Invoice"]
    assert (changed["PrivateNote"], changed["SyncToken"]) == ("keep", "1")
    whole = api("POST", "invoice", params={"operation": "update"}, json={**INVOICE, "Id": made["Id"], "SyncToken": "1"})
    assert "PrivateNote" not in whole.json()["Invoice"]
    assert whole.json()["Invoice"]["DocNumber"] == "1001"


def test_a_stale_token_is_refused(api: Call) -> None:
    made = api("POST", "invoice", json=INVOICE).json()["Invoice"]
    body = {"Id": made["Id"], "SyncToken": "7", "sparse": True, "PrivateNote": "x"}
    answer = api("POST", "invoice", json=body)
    assert fault(answer) == (400, "5010", "")
    assert "were working on this at the same time" in answer.json()["Fault"]["Error"][0]["Detail"]


def test_delete_leaves_a_stub_and_a_second_time_finds_nothing(api: Call) -> None:
    made = api("POST", "invoice", json=INVOICE).json()["Invoice"]
    key = {"Id": made["Id"], "SyncToken": "0"}
    gone = api("POST", "invoice", params={"operation": "delete"}, json=key)
    assert gone.json()["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    assert fault(api("POST", "invoice", params={"operation": "delete"}, json=key)) == (400, "610", "")
    assert fault(api("POST", "vendor", params={"operation": "delete"}, json={"Id": "1", "SyncToken": "0"}))[1] == "500"


@pytest.mark.parametrize("params", [{"operation": "void"}, {"operation": "update", "include": "void"}])
def test_void_by_either_spelling(api: Call, params: dict[str, str]) -> None:
    made = api("POST", "invoice", json={**INVOICE, "PrivateNote": "RC 93"}).json()["Invoice"]
    voided = api("POST", "invoice", params=params, json={"Id": made["Id"], "SyncToken": "0"}).json()["Invoice"]
    assert (voided["TotalAmt"], voided["PrivateNote"], voided["SyncToken"]) == (0, "Voided - RC 93", "1")


def test_the_same_requestid_is_carried_out_once(api: Call, query: Query) -> None:
    first = api("POST", "invoice", params={"requestid": "r-1"}, json=INVOICE)
    second = api("POST", "invoice", params={"requestid": "r-1"}, json=INVOICE)
    assert first.content == second.content
    assert query("select count(*) from Invoice") == {"totalCount": 1}
    assert fault(api("POST", "invoice", params={"requestid": "r" * 51}, json=INVOICE))[1] == "2050"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("invoice", {"BadJson": True}, (400, "2010", None)),
        ("invoice", {"Line": [PAPER]}, (400, "2020", "CustomerRef")),
        ("invoice", {"CustomerRef": {"value": "3"}, "Line": [{"Amount": 1}]}, (400, "2020", "Line.DetailType")),
        ("invoice", {**INVOICE, "CustomerRef": {"value": "77"}}, (400, "2500", "CustomerRef")),
        ("invoice", {**INVOICE, "Line": "all of them"}, (400, "2010", None)),
        ("invoice", {**INVOICE, "CustomerRef": "3"}, (400, "2010", None)),
        ("vendor", {"DisplayName": "Brindle Freight"}, (400, "6240", None)),
        ("vendor", {"Id": "99", "SyncToken": "0", "DisplayName": "x"}, (400, "610", "")),
        ("account", {"Name": "Odd", "AccountType": "Purse"}, (400, "2170", "AccountType")),
        ("creditmemo/1/send", {}, (400, "500", None)),
        ("nothing", {}, (400, "500", None)),
    ],
)
def test_refusals(api: Call, path: str, body: dict[str, Any], expected: tuple[int, str, Any]) -> None:
    assert fault(api("POST", path, json=body)) == expected


def test_broken_json_is_refused(api: Call) -> None:
    assert fault(api("POST", "vendor", data="{nope"))[1] == "2010"
    assert fault(api("POST", "vendor", data="[]"))[1] == "2010"


def test_a_duplicate_number_needs_permission(api: Call) -> None:
    api("POST", "invoice", json={**INVOICE, "DocNumber": "A-7"})
    assert fault(api("POST", "invoice", json={**INVOICE, "DocNumber": "A-7"}))[1] == "6140"
    allowed = {"include": "allowduplicatedocnum"}
    assert api("POST", "invoice", params=allowed, json={**INVOICE, "DocNumber": "A-7"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "code"), [("customer/1.5", "2030"), ("customer/999", "610"), ("customer/1/5", "500"), ("customer", "500")]
)
def test_reads_that_find_nothing(api: Call, path: str, code: str) -> None:
    answer = api("GET", path)
    assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (400, code)


def test_company_and_preferences(api: Call) -> None:
    info = api("GET", "companyinfo/9341450000000042").json()["CompanyInfo"]
    assert (info["Id"], info["CompanyName"]) == ("1", "Quillmoor Paper")
    assert api("GET", "preferences").json()["Preferences"]["CurrencyPrefs"]["HomeCurrency"]["value"] == "USD"


def test_a_batch_answers_each_item_by_itself(api: Call) -> None:
    items: list[dict[str, Any]] = [
        {"bId": "new", "operation": "create", "Vendor": {"DisplayName": "Tollgate Glue"}},
        {"bId": "gone", "operation": "delete", "Invoice": {"Id": "129", "SyncToken": "0"}},
        {"bId": "stale", "operation": "update", "Vendor": {"Id": "1", "SyncToken": "4", "sparse": True}},
        {"bId": "ask", "Query": "select count(*) from Vendor"},
        {"bId": "odd", "Query": "select * from Nothing"},
        {"bId": "void", "operation": "update", "optionsData": "void", "Invoice": {"Id": "1"}},
    ]
    answer = api("POST", "batch", json={"BatchItemRequest": items})
    found = {item["bId"]: item for item in answer.json()["BatchItemResponse"]}
    assert answer.status_code == 200
    assert [item["bId"] for item in answer.json()["BatchItemResponse"]] == [item["bId"] for item in items]
    assert found["new"]["Vendor"]["DisplayName"] == "Tollgate Glue"
    codes = {name: found[name]["Fault"]["Error"][0]["code"] for name in ("gone", "stale", "odd", "void")}
    assert codes == {"gone": "610", "stale": "5010", "odd": "4001", "void": "2020"}
    assert found["ask"]["QueryResponse"] == {"totalCount": 2}, "queries do not see the writes of their own batch"


def test_a_batch_repeated_with_its_requestid_is_carried_out_once(api: Call, query: Query) -> None:
    item = {"bId": "1", "operation": "create", "Invoice": INVOICE}
    for _ in range(2):
        api("POST", "batch", params={"requestid": "b-1"}, json={"BatchItemRequest": [item]})
    assert query("select count(*) from Invoice") == {"totalCount": 1}


def test_thirty_one_items_are_too_many(api: Call) -> None:
    items = [{"bId": str(number), "Query": "select count(*) from Bill"} for number in range(31)]
    assert fault(api("POST", "batch", json={"BatchItemRequest": items}))[1] == "1040"
