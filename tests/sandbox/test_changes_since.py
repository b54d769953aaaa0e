"""Following a company by change data capture: updates, deletions, limits (qbo.md §4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import requests

from interlock_sandbox.sandbox import Sandbox

Call = Callable[..., requests.Response]
Line = Callable[..., dict[str, Any]]
REALM = "9341450000000042"
MONTH_AND_A_DAY_SECONDS = 31 * 86_400


@pytest.fixture
def bill(control: Call) -> dict[str, Any]:
    line = {
        "Amount": 12.5, "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "3"}},
    }  # fmt: skip
    sent = {"entity": "Bill", "body": {"VendorRef": {"value": "1"}, "Line": [line]}}
    made: dict[str, Any] = control("POST", f"/companies/{REALM}/create", json=sent).json()["object"]
    return made


def groups(answer: requests.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json()["CDCResponse"][0]["QueryResponse"]
    return found


def test_a_new_bill_moves_its_vendor_too(api: Call, bill: dict[str, Any]) -> None:
    since = bill["MetaData"]["CreateTime"]
    bills, vendors, customers = groups(
        api("GET", "cdc", params={"entities": "bill,Vendor,customer", "changedSince": since})
    )
    assert [row["Id"] for row in bills["Bill"]] == [bill["Id"]], "keys are canonical whatever the request's case"
    assert (bills["startPosition"], bills["maxResults"]) == (1, 1)
    assert [row["Id"] for row in vendors["Vendor"]] == ["1"]
    assert customers == {}, "an entity without changes is an empty object"


def test_a_deleted_bill_survives_as_a_stub_for_thirty_days(
    api: Call, control: Call, bill: dict[str, Any], token_call: Call
) -> None:
    control("POST", f"/companies/{REALM}/delete", json={"entity": "Bill", "id": bill["Id"]})
    ask = {"entities": "Bill", "changedSince": "2026-06-15"}
    (group,) = groups(api("GET", "cdc", params=ask))
    (stub,) = group["Bill"]
    assert set(stub) == {"domain", "status", "Id", "MetaData"}
    assert (stub["status"], stub["Id"], set(stub["MetaData"])) == ("Deleted", bill["Id"], {"LastUpdatedTime"})
    assert api("GET", f"bill/{bill['Id']}").json()["Fault"]["Error"][0]["code"] == "610"
    control("POST", "/clock/advance", json={"seconds": MONTH_AND_A_DAY_SECONDS})
    again = control("GET", "/clients").json()["clients"][0]["refresh_token"]
    fresh = token_call(grant_type="refresh_token", refresh_token=again)
    late = api("GET", "cdc", params=ask, token=fresh.json()["access_token"])
    assert groups(late) == [{}], "after 30 days nothing tells of the deletion"


def test_at_most_a_thousand_objects_and_no_next_page(
    api: Call, sandbox: Sandbox, at: datetime, rent_line: Line
) -> None:
    books = sandbox.companies[REALM]
    for _ in range(1005):
        books.create("Bill", {"VendorRef": {"value": "2"}, "Line": [rent_line("1")]}, at=at)
    bills, vendors = groups(api("GET", "cdc", params={"entities": "Bill,Vendor", "changedSince": "2026-01-01"}))
    assert len(bills["Bill"]) == 1000
    assert vendors == {}, "the limit is shared by all entities asked for"


@pytest.mark.parametrize("entities", ["Bogus", ""])
def test_unknown_entities_are_refused(api: Call, entities: str) -> None:
    answer = api("GET", "cdc", params={"entities": entities, "changedSince": "2026-06-15"})
    assert answer.status_code == 400


class TestStrict:
    """A server that enforces the documented look-back."""

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"lookback": "strict"}

    def test_older_than_thirty_days_is_refused(self, api: Call) -> None:
        assert api("GET", "cdc", params={"entities": "Bill", "changedSince": "2026-05-01"}).status_code == 400
        assert api("GET", "cdc", params={"entities": "Bill", "changedSince": "2026-06-01"}).status_code == 200


def test_lenient_by_default_as_recorded(api: Call) -> None:
    answer = api("GET", "cdc", params={"entities": "Vendor", "changedSince": "2011-10-10T09:00:00-07:00"})
    assert len(groups(answer)[0]["Vendor"]) == 2
