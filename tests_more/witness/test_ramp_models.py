"""Our Ramp beside somebody else's models of Ramp's API: every object has their shape, every field they send is known.

The shapes were taken from the package named in the file beside this one. It isn't installed: it brings forty packages with it, and
modules named ``server`` and ``_models``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

SHAPES = json.loads((Path(__file__).parent / "ramp_shapes.json").read_text())
SCOPES = "bills:read bills:write vendors:read vendors:write entities:read bank_accounts:read business:read"
NOWHERE = "00000000-0000-4000-8000-000000000000"
OF_THEIR_LISTS = {
    "/bills": {
        "entity_id": "entity_id", "invoice_number": "invoice_number", "remote_id": "remote_id",
        "status_summaries": "status_summary", "approval_status": "approval_status", "payment_status": "status",
        "sync_status": "sync_status", "from_due_date": "due_at", "to_due_date": "due_at",
        "from_issued_date": "issued_at", "to_issued_date": "issued_at", "vendor_id": "vendor.id",
        "payment_id": "payment.id", "customer_friendly_payment_id": "payment.customer_friendly_payment_id",
        "from_paid_at": "paid_at", "to_paid_at": "paid_at", "is_accounting_sync_enabled": "enable_accounting_sync",
        "accounting_field_selection_id": "line_items.0.accounting_field_selections.0.id",
    },
    "/vendors": {"vendor_owner_id": "vendor_owner_id", "is_active": "is_active", "name": "name",
                 "accounting_vendor_remote_ids": "accounting_vendor_remote_id"},
}  # fmt: skip
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,),
    "object": (dict,), "null": (type(None),),
}  # fmt: skip

Ask = Callable[..., requests.Response]


@pytest.fixture(params=[0, 1, 2, 3], ids=lambda place: f"client-{place}")
def ask(request: pytest.FixtureRequest, url: str, control: Callable[..., dict[str, Any]]) -> Ask:
    """``ask("GET", "/bills")`` with a fresh token of one client."""
    linking = control("GET", "/rails")["clients"][request.param]["ramp"]
    base = f"{url}/ramp/developer/v1"
    form = {"grant_type": "client_credentials", "scope": SCOPES}
    who = (linking["client_id"], linking["client_secret"])
    token = requests.post(f"{base}/token", data=form, auth=who, timeout=30).json()["access_token"]

    def call(method: str, path: str, **more: Any) -> requests.Response:
        whole = path if path.startswith("http") else base + path
        return requests.request(method, whole, headers={"Authorization": f"Bearer {token}"}, timeout=30, **more)

    control("POST", "/ramp/limit", json={"requests": 100_000})
    return call


def rows(ask: Ask, path: str) -> Iterator[dict[str, Any]]:
    following: str | None = path
    while following:
        page = ask("GET", following).json()
        yield from page["data"]
        following = page["page"]["next"]


def breaches(name: str, shown: dict[str, Any], where: str = "") -> Iterator[str]:
    """Where an object is not as their model of it says."""
    for field, said in SHAPES["answers"][name].items():
        at = f"{where}{name}.{field}"
        if field not in shown:
            if said.get("required"):
                yield f"{at} is missing"
            continue
        value = shown[field]
        allowed = tuple(kind for each in said["kinds"] for kind in KINDS[each])
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            yield f"{at} is {value!r}, not {said['kinds']}"
        elif "values" in said and value is not None and value not in said["values"]:
            yield f"{at} is {value!r}, which their model doesn't know"
        elif "of" in said and value is not None:
            nested: Any = shown[field]
            for each in nested if isinstance(nested, list) else [nested]:
                yield from breaches(said["of"], each, f"{at} > ")


def test_every_bill_and_vendor_has_their_shape(ask: Ask) -> None:
    found: list[str] = []
    bills, vendors = list(rows(ask, "/bills?page_size=100")), list(rows(ask, "/vendors?page_size=100"))
    assert len(bills) > 5
    assert len(vendors) > 10
    for bill in bills:
        found += breaches("Bill", bill)
        found += breaches("Bill", ask("GET", f"/bills/{bill['id']}").json())
    for vendor in vendors:
        found += breaches("Vendor", vendor)
        for account in rows(ask, f"/vendors/{vendor['id']}/accounts"):
            found += breaches("ApiVendorBankAccountResource", account)
    assert not found, "\n".join(sorted(set(found))[:20])


@pytest.mark.parametrize("request_name", sorted(SHAPES["requests"]))
def test_every_field_they_send_is_known_and_what_they_need_is_needed(ask: Ask, request_name: str) -> None:
    method, path = request_name.split(" ")
    fields = SHAPES["requests"][request_name]
    if "{id}" in path and "drafts" in path:
        vendor = next(rows(ask, "/vendors"))["id"]
        path = path.replace("{id}", ask("POST", "/bills/drafts", json={"vendor_id": vendor}).json()["id"])
    elif "{id}" in path:
        path = path.replace("{id}", next(rows(ask, path.replace("/{id}", "")))["id"])
    wrong = {name: ["not", {"of": "its kind"}] for name in fields}
    answer = ask(method, path, json=wrong)
    assert answer.status_code in {400, 404, 422}, answer.text
    said = answer.json()["error_v2"]["additional_info"]
    assert not [name for name, sentences in said.items() if "Unknown field." in sentences]
    for name in (name for name, field in fields.items() if field.get("required")):
        lacking = ask(method, path, json={each: NOWHERE for each in fields if each != name})
        assert name in lacking.json()["error_v2"]["additional_info"], f"{name} may be left out, and they say it may not"
    for name, longest in ((name, field["longest"]) for name, field in fields.items() if "longest" in field):
        refused = ask(method, path, json={name: "x" * (longest + 1)}).json()["error_v2"]["additional_info"]
        assert f"{longest}" in str(refused.get(name, "")), f"{name} may be longer than {longest}"


@pytest.mark.parametrize("path", sorted(OF_THEIR_LISTS))
def test_their_filters_find_what_they_name(ask: Ask, path: str) -> None:
    every = list(rows(ask, f"{path}?page_size=100"))
    for name, place in OF_THEIR_LISTS[path].items():
        assert name in SHAPES["filters"][path]
        one = next(each for each in every if value_at(each, place) is not None)
        wanted = value_at(one, place)
        text = str(wanted).lower() if isinstance(wanted, bool) else str(wanted)
        found = [each["id"] for each in rows(ask, f"{path}?{urlencode({name: text})}")]
        assert one["id"] in found, f"{name}={text} does not find the row it was taken from"


def value_at(row: Any, place: str) -> Any:
    for step in place.split("."):
        if row is None or row == []:
            return None
        row = row[int(step)] if step.isdigit() else row[step]
    return row
