"""Asking for rows: the query grammar over HTTP, its orders, pages, counts and refusals (qbo.md §3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

Call = Callable[..., requests.Response]
Query = Callable[[str], dict[str, Any]]
Line = Callable[..., dict[str, Any]]


@pytest.fixture
def bills(control: Call, rent_line: Line) -> list[str]:
    """Five bills: 10, 20, 30, 40, 50 dollars, due on the 1st to the 5th of July, the third with a number."""
    made: list[str] = []
    for number in range(1, 6):
        line = rent_line("0")
        line["Amount"] = number * 10
        body: dict[str, Any] = {
            "VendorRef": {"value": "1" if number % 2 else "2"}, "TxnDate": "2026-06-10",
            "DueDate": f"2026-07-0{number}", "Line": [line],
        }  # fmt: skip
        if number == 3:
            body["DocNumber"] = "It's 50% off"
        answer = control("POST", "/companies/9341450000000042/create", json={"entity": "Bill", "body": body})
        made.append(answer.json()["object"]["Id"])
    return made


def ids(answer: dict[str, Any]) -> list[str]:
    return [row["Id"] for row in answer.get("Bill", [])]


@pytest.mark.parametrize(
    ("where", "picked"),
    [
        ("TotalAmt > '20' AND TotalAmt <= 40", [3, 4]),
        ("totalamt < 20", [1]),
        ("DueDate >= '2026-07-04'", [4, 5]),
        ("DueDate = '2026-07-02'", [2]),
        ("VendorRef = '2'", [2, 4]),
        ("Id IN ({1}, '{5}')", [1, 5]),
        ("DocNumber = 'It\\'s 50% off'", [3]),
        ("docnumber like 'it%OFF'", [3]),
        ("DocNumber LIKE '%nope%'", []),
        ("DocNumber = ' '", [1, 2, 4, 5]),
        ("TxnDate < CURRENT_DATE", [1, 2, 3, 4, 5]),
        ("Balance IN ('10', '50.00')", [1, 5]),
        ("MetaData.LastUpdatedTime > '2030-01-01T00:00:00-07:00'", []),
        ("Metadata.CreateTime >= '2026-06-15'", [1, 2, 3, 4, 5]),
    ],
)
def test_conditions(bills: list[str], query: Query, where: str, picked: list[int]) -> None:
    for number in range(1, 6):
        where = where.replace(f"{{{number}}}", bills[number - 1])
    assert ids(query(f"select * from Bill where {where} orderby Id")) == [bills[number - 1] for number in picked]


def test_orders_and_pages(bills: list[str], query: Query) -> None:
    assert ids(query("SELECT * FROM Bill ORDERBY TotalAmt DESC MAXRESULTS 2")) == bills[:2:-1]
    assert ids(query("select * from bill ORDER BY VendorRef, Id DESC")) == [bills[n] for n in (4, 2, 0, 3, 1)]
    page = query("SELECT * FROM Bill ORDERBY Id MAXRESULTS 2 STARTPOSITION 5")
    assert (ids(page), page["startPosition"], page["maxResults"]) == ([bills[4]], 5, 1)
    assert query("SELECT * FROM Bill ORDERBY Id STARTPOSITION 6") == {}, "an empty page has no entity key"
    assert query("SELECT COUNT(*) FROM Bill WHERE TotalAmt > 20") == {"totalCount": 3}


def test_without_order_transactions_come_latest_first_and_names_by_name(bills: list[str], query: Query) -> None:
    assert ids(query("select * from Bill")) == bills[::-1]
    names = [row["FullyQualifiedName"] for row in query("select * from Customer")["Customer"]]
    assert names == ["Corvane Schools", "Corvane Schools:Library"]


def test_inactive_names_show_only_when_asked_for(control: Call, query: Query) -> None:
    body = {"entity": "Vendor", "body": {"Id": "2", "Active": False}}
    control("POST", "/companies/9341450000000042/update", json=body)
    assert query("select count(*) from Vendor") == {"totalCount": 1}
    assert query("select count(*) from Vendor where Active in (true, false)") == {"totalCount": 2}
    assert query("select * from Vendor where Active = false")["Vendor"][0]["DisplayName"] == "Brindle Freight (deleted)"


def test_a_statement_may_be_posted(api: Call) -> None:
    statement = "select * from Vendor where DisplayName = 'Amy\\'s Ink'"
    answer = api("POST", "query", data=statement, headers={"Content-Type": "application/text"})
    assert [row["Id"] for row in answer.json()["QueryResponse"]["Vendor"]] == ["1"]


@pytest.mark.parametrize(
    ("statement", "code", "says"),
    [
        ("selct * from Bill", "4000", 'Encountered " selct " at line 1, column 1'),
        ("select * from Bill where Id = '1' or Id = '2'", "4000", "column 35"),
        ("select * from Bill where TotalAmt != 3", "4000", "Encountered"),
        ("select DocNumber from Bill", "4000", "Encountered"),
        ("select * from Bill where DocNumber = 'open", "4000", "Encountered"),
        ("", "4000", "Encountered"),
        ("select * from Custmoer", "4001", "invalid context declaration: Custmoer"),
        ("select * from Customer where PrimaryEmailAddr.EmailAddress = 'x'", "4001", "not found for Entity Customer"),
        ("select * from Customer where PrimaryEmailAddr = 'x'", "4001", "property 'PrimaryEmailAddr' is not queryable"),
        ("select * from PurchaseOrder where POStatus = 'Open'", "4001", "is not queryable"),
        ("select * from Bill where Id > '5'", "4001", "only = and IN"),
        ("select * from Bill where TxnDate = 'soon'", "4001", "not valid for property TxnDate"),
        ("select * from Bill startposition 0", "4001", "value 0 is too small. Min allowed value is 1"),
        ("select * from Bill maxresults 1001", "4001", "Max allowed value is 1000"),
    ],
)
def test_refusals(api: Call, statement: str, code: str, says: str) -> None:
    answer = api("GET", "query", params={"query": statement})
    error = answer.json()["Fault"]["Error"][0]
    assert (answer.status_code, error["code"]) == (400, code)
    assert says in error["Detail"]
