"""Bills and drafts in Ramp: what is taken, what is refused as a whole, and that a second post makes a second bill."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock_sandbox.ramp.form import Wrong, minor_of_major
from tests.support.ramp import RampDesk, ramp_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RampDesk]:
    with ramp_desk(tmp_path / "data") as opened:
        yield opened


def test_a_bill_is_approved_and_instructed_at_once(desk: RampDesk) -> None:
    bill = desk.bill(remote_id="intent-1")
    assert (bill["approval_status"], bill["status_summary"], bill["status"]) == (
        "APPROVED",
        "PAYMENT_SCHEDULED",
        "OPEN",
    )
    assert bill["payment"]["payment_method"] == "ACH"
    assert bill["payment"]["payment_date"].startswith("2026-12-01"), "three business days before it is to arrive"
    assert bill["payment"]["details"]["approval_status"] == "APPROVED"
    assert bill["sync_status"] == "NOT_SYNCED"


def test_amounts_go_in_as_dollars_and_come_out_as_cents(desk: RampDesk) -> None:
    for sent, cents in (("12.34", 1234), (12.34, 1234), (12, 1200), ("0.07", 7)):
        shown = desk.bill(line_items=[{"amount": sent}])["amount"]
        assert shown == {"amount": cents, "currency_code": "USD", "minor_unit_conversion_rate": 100}
    wrong: tuple[Any, ...] = ("12.345", "twelve", None, True, {"amount": 1234, "currency_code": "USD"}, "1e400")
    for each in wrong:
        assert desk.ask("POST", "/bills", desk.wanted(line_items=[{"amount": each}])).status == 422, each


@settings(max_examples=200, deadline=None)
@given(st.integers(-(10**10), 10**10))
def test_any_number_of_cents_survives_the_way_in(cents: int) -> None:
    assert minor_of_major(Decimal(cents) / 100) == cents
    assert minor_of_major(str(Decimal(cents).scaleb(-2))) == cents
    with pytest.raises(Wrong):
        minor_of_major(f"{Decimal(cents).scaleb(-2)}5")


def test_posting_twice_makes_two_bills_and_the_remote_id_finds_both(desk: RampDesk) -> None:
    first, second = desk.bill(remote_id="intent-1"), desk.bill(remote_id="intent-1")
    assert first["id"] != second["id"]
    assert first["payment"]["id"] != second["payment"]["id"]
    found = desk.ask("GET", "/bills?remote_id=intent-1").body["data"]
    assert [each["id"] for each in found] == [first["id"], second["id"]]


def test_what_is_cut_off_after_it_was_done_stands(desk: RampDesk) -> None:
    """The answer is lost, the bill is not: only a look-up by remote_id tells."""
    desk.token()
    desk.control(
        "POST", "/faults", {"kind": "malformed", "count": 1, "path": "/ramp/developer/v1/bills", "method": "POST"}
    )
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
        desk.bill(remote_id="intent-1")
    assert len(desk.ask("GET", "/bills?remote_id=intent-1").body["data"]) == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"amount": 5}, "amount"),
        ({"idempotency_key": "k"}, "idempotency_key"),
        ({"invoice_number": "x" * 21}, "invoice_number"),
        ({"memo": "x" * 1001}, "memo"),
        ({"due_at": "2026-12-20T00:00:00Z"}, "due_at"),
        ({"invoice_currency": "ZZZ"}, "invoice_currency"),
        ({"vendor_id": "not-a-uuid"}, "vendor_id"),
        ({"remote_id": "r", "enable_accounting_sync": False}, "enable_accounting_sync"),
        ({"payment_details": {"source_bank_account_id": "x", "payment_arrival_date": "2026-12-04"}}, "payment_details"),
    ],
)
def test_one_wrong_field_refuses_the_whole_request(desk: RampDesk, more: dict[str, Any], field: str) -> None:
    before = len(desk.business.bills)
    answer = desk.ask("POST", "/bills", desk.wanted(**more))
    assert answer.status == 422, answer.body
    assert answer.body["error_v2"]["error_code"] == "DEVELOPER_7001"
    assert field in answer.body["error_v2"]["additional_info"]
    assert len(desk.business.bills) == before


def test_everything_that_is_missing_is_named(desk: RampDesk) -> None:
    said = desk.ask("POST", "/bills", {}).body["error_v2"]["additional_info"]
    assert set(said) == {"vendor_id", "entity_id", "invoice_number", "invoice_currency", "issued_at", "due_at"}


def test_the_payment_method_may_be_a_field_unknown_to_ramp(desk: RampDesk) -> None:
    assert desk.bill(payment_method="ACH")["payment"]["payment_method"] == "ACH"
    desk.settings(knows_payment_method=False)
    answer = desk.ask("POST", "/bills", desk.wanted(payment_method="ACH"))
    assert answer.body["error_v2"]["additional_info"] == {"payment_method": ["Unknown field."]}
    assert desk.bill()["payment"]["payment_method"] == "ACH", "without it the account tells the method"


@pytest.mark.parametrize(
    ("arrival", "says"),
    [("2026-11-28", "weekend"), ("2026-11-26", "bank holiday"), ("2026-11-25", "before"), ("2025-12-04", "before")],
)
def test_a_payment_arrives_on_a_business_day_and_not_too_soon(desk: RampDesk, arrival: str, says: str) -> None:
    details = {**desk.wanted()["payment_details"], "payment_arrival_date": arrival}
    answer = desk.ask("POST", "/bills", desk.wanted(payment_details=details))
    assert answer.status == 400, answer.body
    assert says in answer.body["error_v2"]["message"]


def test_checks_need_an_address_and_the_others_an_account_of_the_vendor(desk: RampDesk) -> None:
    wanted = desk.wanted()
    details = wanted["payment_details"]
    check = {key: details[key] for key in ("source_bank_account_id",)} | {"payment_arrival_date": "2026-12-15"}
    assert desk.bill(payment_details=check, payment_method="CHECK")["payment"]["payment_method"] == "CHECK"
    desk.ask("PATCH", f"/vendors/{wanted['vendor_id']}", {"address": None})
    assert desk.ask("POST", "/bills", desk.wanted(payment_details=check)).status == 400
    stranger = next(v for v in desk.business.vendors.values() if v.accounts and v.id != wanted["vendor_id"])
    details["vendor_account_id"] = stranger.accounts[0].id
    assert desk.ask("POST", "/bills", wanted).status == 400


def test_paid_elsewhere_is_paid_at_once(desk: RampDesk) -> None:
    details = {"manual_payment_method": "CHECK", "payment_date": "2026-11-20"}
    bill = desk.bill(payment_details=details, payment_method="PAID_MANUALLY")
    assert (bill["status"], bill["status_summary"]) == ("PAID", "PAYMENT_COMPLETED")
    assert desk.lines(bill["payment"]["customer_friendly_payment_id"]) == [], "Ramp moved no money"


def test_patching_replaces_lists_and_leaves_the_payment(desk: RampDesk) -> None:
    bill = desk.bill(line_items=[{"amount": "10.00"}, {"amount": "2.34"}])
    changed = desk.ask("PATCH", f"/bills/{bill['id']}", {"line_items": [{"amount": "5.00"}], "memo": "late"}).body
    assert changed["amount"]["amount"] == 500
    assert changed["memo"] == "late"
    assert changed["payment"]["payment_date"] == bill["payment"]["payment_date"]
    for more in ({"payment_method": "CHECK"}, {"payment_details": "any"}):
        assert desk.ask("PATCH", f"/bills/{bill['id']}", more).status == 422, "a payment cannot be re-scheduled by API"


def test_archiving_cancels_what_has_not_left_and_is_found_apart(desk: RampDesk) -> None:
    bill = desk.bill(remote_id="intent-1")
    assert desk.ask("DELETE", f"/bills/{bill['id']}").status == 204
    assert desk.ask("DELETE", f"/bills/{bill['id']}").status == 204, "it is archived, as was asked"
    assert desk.ask("GET", "/bills?remote_id=intent-1").body["data"] == []
    found = desk.ask("GET", "/bills?remote_id=intent-1&is_archived=true").body["data"]
    assert [each["status_summary"] for each in found] == ["ARCHIVED"]
    desk.passes(days=9)
    assert desk.lines(bill["payment"]["customer_friendly_payment_id"]) == []
    assert desk.ask("DELETE", "/bills/none").status == 404


def test_filters_say_what_they_say(desk: RampDesk) -> None:
    every = desk.ask("GET", "/bills?page_size=100").body["data"]
    for query, true in (
        ("status_summaries=PAYMENT_SCHEDULED,APPROVAL_PENDING",
         lambda b: b["status_summary"] in {"PAYMENT_SCHEDULED", "APPROVAL_PENDING"}),
        ("payment_status=PAID", lambda b: b["status"] == "PAID"),
        ("approval_status=PENDING", lambda b: b["approval_status"] == "PENDING"),
        ("from_due_date=2026-11-20", lambda b: b["due_at"] >= "2026-11-20"),
        ("to_issued_date=2026-10-31", lambda b: b["issued_at"] < "2026-11-01"),
        ("min_amount=120", lambda b: b["amount"]["amount"] >= 12_000),
        ("sync_status=BILL_AND_PAYMENT_SYNCED", lambda b: b["sync_status"] == "BILL_AND_PAYMENT_SYNCED"),
    ):  # fmt: skip
        found = {each["id"] for each in desk.ask("GET", f"/bills?page_size=100&{query}").body["data"]}
        expected = {each["id"] for each in every if true(each)}
        assert found == expected, query
        assert 0 < len(expected) < len(every), f"{query} tells nothing apart"
    paid = next(each for each in every if each["payment"])
    by_payment = desk.ask("GET", f"/bills?payment_id={paid['payment']['id']}").body["data"]
    assert [each["id"] for each in by_payment] == [paid["id"]]


def test_a_draft_goes_to_the_business_for_approval(desk: RampDesk) -> None:
    wanted = {key: value for key, value in desk.wanted().items() if key != "payment_details"}
    draft = desk.ask("POST", "/bills/drafts", {"vendor_id": wanted["vendor_id"], "no such": "field"})
    assert draft.status == 201, draft.body
    missing = desk.ask("POST", f"/bills/drafts/{draft.body['id']}/submit")
    assert (missing.status, missing.body["error_v2"]["error_code"]) == (400, "BILL_PAY_7145")
    assert "line_items" in missing.body["error_v2"]["additional_info"]
    assert desk.ask("PATCH", f"/bills/drafts/{draft.body['id']}", wanted).body["amount"]["amount"] == 1234
    bill = desk.ask("POST", f"/bills/drafts/{draft.body['id']}/submit").body
    assert (bill["approval_status"], bill["status_summary"]) == ("PENDING", "APPROVAL_PENDING")
    assert bill["draft_bill_id"] == draft.body["id"]
    assert desk.ask("GET", "/bills/drafts").body["data"] == []
    assert desk.at_ramp(bill["id"], "approve").body["bill"]["status_summary"] == "PAYMENT_NOT_INSTRUCTED"
    assert desk.at_ramp(bill["id"], "approve").status == 409


def test_vendors_are_created_approved_and_linked_once(desk: RampDesk) -> None:
    contact = {"email": "pay@example.com"}
    assert desk.ask("POST", "/vendors", {"country": "US", "business_vendor_contacts": contact}).status == 422
    wanted = {"country": "US", "state": "NY", "name": "Ferrow Glass", "business_vendor_contacts": contact}
    made = desk.ask("POST", "/vendors", wanted)
    assert made.status == 201, made.body
    linked = next(v for v in desk.business.vendors.values() if v.accounting_remote_id)
    taken = {"accounting_vendor_remote_id": linked.accounting_remote_id}
    assert desk.ask("PATCH", f"/vendors/{made.body['id']}", taken).status == 400
    free = next(
        each["Id"] for each in desk.papers("Vendor")
        if each["Id"] not in {v.accounting_remote_id for v in desk.business.vendors.values()}
    )  # fmt: skip
    assert desk.ask("PATCH", f"/vendors/{made.body['id']}", {"accounting_vendor_remote_id": free}).status == 200
    found = desk.ask("GET", f"/vendors?accounting_vendor_remote_ids={free}").body["data"]
    assert [each["id"] for each in found] == [made.body["id"]]
