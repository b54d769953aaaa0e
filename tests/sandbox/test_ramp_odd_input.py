"""Whatever an app sends, Ramp refuses it in its own words: nothing breaks inside, and nothing wrong is kept."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock_sandbox.ramp.bills_api import CREATED
from interlock_sandbox.ramp.instructing import FORMS
from interlock_sandbox.ramp.vendors_api import CREATED as VENDOR_FIELDS
from tests.support.ramp import API, FORM, RampDesk, ramp_desk

ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30)
    | st.sampled_from(["2026-12-04", "9999-12-31", "12.34", "-5", "NaN", "1e5000", "\x00"]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each, max_size=3),
    max_leaves=6,
)  # fmt: skip
FILTERS = (
    "status_summaries", "is_archived", "from_due_date", "to_issued_date", "from_paid_at", "min_amount", "max_amount",
    "page_size", "start", "sync_ready", "remote_id", "name", "is_active",
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RampDesk]:
    with ramp_desk(tmp_path_factory.mktemp("odd")) as opened:
        opened.control("POST", "/ramp/limit", {"requests": 1_000_000})
        yield opened


def in_order(desk: RampDesk) -> None:
    """Every list can still be told to its end."""
    for path in ("/bills?page_size=100", "/bills/drafts?page_size=100", "/vendors?page_size=100", "/webhooks"):
        assert desk.ask("GET", path).status == 200, path


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(CREATED)), ODD)
def test_any_value_in_any_field_of_a_bill(desk: RampDesk, name: str, value: Any) -> None:
    for method, path in (("POST", "/bills"), ("PATCH", f"/bills/{next(iter(desk.business.bills))}")):
        assert desk.ask(method, path, desk.wanted(**{name: value})).status < 500
    assert desk.ask("POST", "/bills/drafts", desk.wanted(**{name: value})).status < 500
    in_order(desk)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted({"source_bank_account_id", "vendor_account_id", "payment_arrival_date", *FORMS})), ODD)
def test_any_value_among_the_payment_details(desk: RampDesk, name: str, value: Any) -> None:
    details = {**desk.wanted()["payment_details"], name: value}
    assert desk.ask("POST", "/bills", desk.wanted(payment_details=details)).status < 500


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(VENDOR_FIELDS)), ODD)
def test_any_value_in_any_field_of_a_vendor(desk: RampDesk, name: str, value: Any) -> None:
    wanted = {"country": "US", "state": "NY", "name": "Odd", "business_vendor_contacts": {"email": "a@example.com"}}
    made = desk.ask("POST", "/vendors", {**wanted, name: value})
    assert made.status < 500
    assert desk.ask("PATCH", f"/vendors/{next(iter(desk.business.vendors))}", {name: value}).status < 500
    in_order(desk)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from(FILTERS), st.text(max_size=20) | st.sampled_from(["NaN", "²", "true"]), max_size=3)
)
def test_any_value_of_any_filter(desk: RampDesk, query: dict[str, str]) -> None:
    for path in ("/bills", "/vendors", "/bills/drafts", "/entities"):
        assert desk.ask("GET", f"{path}?{urlencode(query, errors='replace')}").status < 500


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"[]", b"null", b"{", b'{"memo":"\\ud800"}', b"0"])
def test_bodies_that_are_no_object(desk: RampDesk, raw: bytes) -> None:
    answer = desk.send("POST", f"{API}/bills", {"Authorization": f"Bearer {desk.token()}"}, raw)
    assert answer.status == 400, answer.body


@pytest.mark.parametrize("raw", [b"\xff", b"grant_type", b"scope=%ff&grant_type=client_credentials%00", b""])
def test_forms_that_are_none(desk: RampDesk, raw: bytes) -> None:
    who = base64.b64encode(f"{desk.business.client_id}:{desk.business.client_secret}".encode()).decode()
    for kind in (FORM["Content-Type"], "application/x-www-form-urlencoded; charset=klingon", "text/plain"):
        headers = {"Content-Type": kind, "Authorization": f"Basic {who}"}
        assert desk.send("POST", f"{API}/token", headers, raw).status == 400
    assert desk.send("POST", f"{API}/token", {**FORM, "Authorization": "Basic ???"}, raw).status == 401
