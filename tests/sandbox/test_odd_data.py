"""Data that misbehaves on request: poisoned rows, edits between two pages, empty forms, a clock that is off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from interlock_sandbox.sandbox import Sandbox

Call = Callable[..., requests.Response]
Query = Callable[[str], dict[str, Any]]
Line = Callable[..., dict[str, Any]]
REALM = "9341450000000042"
COMPANY = f"/companies/{REALM}"


@pytest.fixture
def suppliers(sandbox: Sandbox, at: datetime) -> list[str]:
    """Ten vendors, ids ascending."""
    books = sandbox.companies[REALM]
    for number in range(8):
        books.create("Vendor", {"DisplayName": f"Supplier {number}"}, at=at)
    return [record.id for record in books.records("Vendor").values()]


def page(query: Query, start: int, size: int = 4) -> list[str]:
    found = query(f"select * from Vendor orderby Id startposition {start} maxresults {size}")
    return [row["Id"] for row in found.get("Vendor", [])]


def test_a_poisoned_row_spoils_its_page_and_no_other(
    api: Call, control: Call, query: Query, suppliers: list[str]
) -> None:
    bad = suppliers[5]
    assert control("POST", f"{COMPANY}/poison", json={"entity": "Vendor", "id": bad}).status_code == 200
    assert page(query, 1) == suppliers[:4]
    spoiled = api("GET", "query", params={"query": "select * from Vendor orderby Id startposition 5 maxresults 4"})
    assert (spoiled.status_code, spoiled.json()["Fault"]["Error"][0]["code"]) == (500, "10000")
    assert page(query, 5, 1) == suppliers[4:5], "smaller pages find what can be read"
    assert query("select count(*) from Vendor") == {"totalCount": 10}
    batch = {
        "BatchItemRequest": [{"bId": "1", "Query": "select * from Vendor"}, {"bId": "2", "Query": "select * from Term"}]
    }
    items = api("POST", "batch", json=batch).json()["BatchItemResponse"]
    assert [("Fault" in item) for item in items] == [True, False]
    assert api("GET", f"vendor/{bad}").status_code == 200
    everywhere = {"entity": "Vendor", "id": bad, "in": ["query", "read", "cdc"]}
    control("POST", f"{COMPANY}/poison", json=everywhere)
    assert api("GET", f"vendor/{bad}").status_code == 500
    assert api("GET", "cdc", params={"entities": "Vendor", "changedSince": "2026-05-01"}).status_code == 500
    control("DELETE", f"{COMPANY}/poison")
    assert page(query, 5) == suppliers[4:8]


def test_a_kind_that_the_plan_lacks_is_refused_however_it_is_asked_for(api: Call, control: Call, query: Query) -> None:
    assert control("POST", f"{COMPANY}/plan", json={"lacks": ["PurchaseOrder"]}).status_code == 200

    def refused(answer: requests.Response) -> tuple[int, str, str]:
        fault = answer.json()["Fault"]
        return answer.status_code, fault["Error"][0]["code"], fault["type"]

    no = (403, "5020", "ValidationFault")
    since = "2026-05-01"
    assert refused(api("GET", "query", params={"query": "select * from PurchaseOrder"})) == no
    assert refused(api("GET", "query", params={"query": "select count(*) from PurchaseOrder"})) == no
    assert refused(api("GET", "cdc", params={"entities": "Bill,PurchaseOrder", "changedSince": since})) == no
    assert refused(api("GET", "purchaseorder/1")) == no
    assert refused(api("POST", "purchaseorder", json={})) == no
    kinds = {"1": "PurchaseOrder", "2": "Bill"}
    batch = {"BatchItemRequest": [{"bId": bid, "Query": f"select * from {kind}"} for bid, kind in kinds.items()]}
    answer = api("POST", "batch", json=batch)
    assert answer.status_code == 200
    assert [item.get("Fault", {}).get("type") for item in answer.json()["BatchItemResponse"]] == [
        "ValidationFault",
        None,
    ]
    assert api("GET", "cdc", params={"entities": "Bill", "changedSince": since}).status_code == 200
    control("POST", f"{COMPANY}/plan", json={"lacks": []})
    query("select * from PurchaseOrder")


def test_a_listing_sees_the_edits_that_happen_between_its_pages(
    control: Call, query: Query, suppliers: list[str]
) -> None:
    changes = [
        {"operation": "merge", "entity": "Vendor", "winner": suppliers[9], "loser": suppliers[0]},
        {"operation": "create", "entity": "Vendor", "body": {"DisplayName": "Newcomer"}},
        {"operation": "update", "entity": "Vendor", "body": {"Id": suppliers[1], "Notes": "edited"}},
        {"operation": "delete", "entity": "Bill", "id": "77"},
    ]
    rigged = control(
        "POST", f"{COMPANY}/edits-between-pages", json={"entity": "Vendor", "after": 2, "changes": changes}
    )
    assert rigged.json()["edits_between_pages"][0]["after"] == 2
    query("select count(*) from Vendor")
    query("select * from Term")
    assert (page(query, 1), page(query, 5)) == (suppliers[:4], suppliers[4:8])
    assert page(query, 9) == [suppliers[9], "13"], "one row slid onto a page that had been read, and one is new"
    applied = control("GET", "/quirks").json()["applied"]
    assert [("error" in each) for each in applied] == [False, False, False, True]
    assert applied[2]["object"]["SyncToken"] == "1"


@pytest.mark.parametrize(
    ("form", "expected"),
    [("each", [{"QueryResponse": [{}, {}]}]), ("one", [{"QueryResponse": [{}]}]), ("none", [])],
)
def test_no_changes_come_in_three_forms(api: Call, control: Call, form: str, expected: list[Any]) -> None:
    control("POST", "/quirks", json={"cdc_empty": form})
    quiet = api("GET", "cdc", params={"entities": "Bill,Invoice", "changedSince": "2026-06-15"}).json()
    assert quiet["CDCResponse"] == expected
    busy = api("GET", "cdc", params={"entities": "Bill,Vendor", "changedSince": "2026-05-01"}).json()
    assert len(busy["CDCResponse"][0]["QueryResponse"]) == 2


def test_strict_look_back_can_be_turned_on_while_running(api: Call, control: Call) -> None:
    ask = {"entities": "Bill", "changedSince": "2026-05-01"}
    assert api("GET", "cdc", params=ask).status_code == 200
    control("POST", "/quirks", json={"cdc_lookback": "strict"})
    assert api("GET", "cdc", params=ask).status_code == 400


def test_an_overflow_loses_deletions(api: Call, control: Call, sandbox: Sandbox, at: datetime, rent_line: Line) -> None:
    books = sandbox.companies[REALM]
    made = [
        books.create("Bill", {"VendorRef": {"value": "2"}, "Line": [rent_line("1")]}, at=at)["Id"] for _ in range(1001)
    ]
    control("POST", f"{COMPANY}/delete", json={"entity": "Bill", "id": made[0]})

    def seen() -> list[dict[str, Any]]:
        answer = api("GET", "cdc", params={"entities": "Bill,Vendor", "changedSince": "2026-05-01"}).json()
        groups: list[dict[str, Any]] = answer["CDCResponse"][0]["QueryResponse"]
        return groups

    bills, vendors = seen()
    assert (bills["maxResults"], vendors) == (1000, {})
    assert all("status" not in row for row in bills["Bill"]), "1000 bills are left, so the deletion has no room"
    control("POST", f"{COMPANY}/delete", json={"entity": "Bill", "id": made[1]})
    bills, vendors = seen()
    stubs = [row["Id"] for row in bills["Bill"] if row.get("status") == "Deleted"]
    assert (bills["maxResults"], stubs, vendors) == (1000, made[:1], {}), "one of two deletions got through"


def test_a_clock_that_is_off_stamps_what_it_serves(api: Call, control: Call) -> None:
    def stamped() -> tuple[datetime, datetime]:
        answer = api("POST", "vendor", json={"DisplayName": f"At {control('GET', '/clock').json()['now']}"}).json()
        changed = datetime.fromisoformat(answer["Vendor"]["MetaData"]["LastUpdatedTime"])
        return datetime.fromisoformat(answer["time"]), changed

    for seconds in (-3600, 7200):
        answer = control("POST", "/clock/skew", json={"seconds": seconds})
        assert answer.status_code == 200, answer.text
        true = datetime.fromisoformat(control("GET", "/clock").json()["now"])
        for moment in stamped():
            assert abs(moment - true - timedelta(seconds=seconds)) < timedelta(seconds=30)
    assert api("GET", "companyinfo/1").status_code == 200, "tokens keep the true time"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/quirks", {"cdc_empty": "maybe"}),
        ("/quirks", {"weather": "bad"}),
        ("/quirks", {"report_cuts": -1}),
        ("/clock/skew", {"seconds": "an hour"}),
        (f"{COMPANY}/edits-between-pages", {"entity": "Bill", "changes": []}),
        (f"{COMPANY}/edits-between-pages", {"entity": "Nothing", "changes": [{}]}),
        (f"{COMPANY}/edits-between-pages", {"entity": "Bill", "after": 0, "changes": [{}]}),
        (f"{COMPANY}/poison", {"entity": "Vendor", "id": "1", "in": ["dreams"]}),
        (f"{COMPANY}/plan", {"lacks": "PurchaseOrder"}),
        (f"{COMPANY}/plan", {"lacks": ["Preferences"]}),
    ],
)
def test_the_control_api_says_what_is_wrong(control: Call, path: str, body: dict[str, Any]) -> None:
    answer = control("POST", path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
