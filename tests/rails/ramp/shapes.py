"""Ramp's objects as its answers have them, each with what a test wants to be different."""

import json
from typing import Any

VENDOR_ID = "4b1f3a52-6a1c-4c58-9d6f-1f6a2a6f0001"
ACCOUNT_ID = "4b1f3a52-6a1c-4c58-9d6f-1f6a2a6f0002"
ENTITY_ID = "4b1f3a52-6a1c-4c58-9d6f-1f6a2a6f0003"
BILL_ID = "4b1f3a52-6a1c-4c58-9d6f-1f6a2a6f0004"
SOURCE_ID = "4b1f3a52-6a1c-4c58-9d6f-1f6a2a6f0005"


def money(minor: Any, code: str = "USD", rate: int | None = 100) -> dict[str, Any]:
    return {"amount": minor, "currency_code": code, "minor_unit_conversion_rate": rate}


def payment(**changed: Any) -> dict[str, Any]:
    return {
        "id": "4b1f3a52-6a1c-4c58-9d6f-1f6a2a6f0006",
        "amount": money(1234),
        "payment_method": "ACH",
        "customer_friendly_payment_id": "C3QX0Z",
        "payment_date": "2026-11-25T00:00:00+00:00",
        "effective_date": None,
        "trace_id": None,
        "details": {
            "source_bank_account_id": SOURCE_ID,
            "vendor_account_id": ACCOUNT_ID,
            "approval_status": "PENDING",
        },
    } | changed


def bill(**changed: Any) -> bytes:
    said = {
        "id": BILL_ID,
        "entity_id": ENTITY_ID,
        "invoice_number": "INV-88120",
        "amount": money(1234),
        "issued_at": "2026-11-02T00:00:00+00:00",
        "due_at": "2026-12-02T00:00:00+00:00",
        "created_at": "2026-11-02T09:30:00+00:00",
        "updated_at": "2026-11-03T09:30:00Z",
        "paid_at": None,
        "archived_at": None,
        "approval_status": "APPROVED",
        "status": "OPEN",
        "status_summary": "AWAITING_RELEASE",
        "sync_status": "BILL_SYNCED",
        "remote_id": "pin_01",
        "vendor": {"id": VENDOR_ID, "name": " Larkspur Paper ", "remote_id": "57"},
        "deep_link_url": "https://app.qbo.intuit.com/app/bill?txnId=145",
        "payment": payment(),
        "invoice_urls": ["https://files.example/signed?until=1"],
    }
    return json.dumps(said | changed).encode()


def draft(**changed: Any) -> bytes:
    said = {
        "id": BILL_ID,
        "vendor_id": VENDOR_ID,
        "invoice_number": None,
        "invoice_currency": "USD",
        "issued_at": None,
        "due_at": None,
        "created_at": "2026-11-02T09:30:00+00:00",
        "remote_id": None,
        "amount": money(0),
    }
    return json.dumps(said | changed).encode()


def vendor(**changed: Any) -> bytes:
    said = {
        "id": VENDOR_ID,
        "name": "Larkspur Paper",
        "is_active": True,
        "accounting_vendor_remote_id": "57",
        "contacts": ["4b1f3a52-6a1c-4c58-9d6f-1f6a2a6f0007"],
        "created_at": "2026-01-02T09:30:00+00:00",
        "updated_at": "2026-01-02T09:30:00+00:00",
        "total_spend_ytd": money(900),
    }
    return json.dumps(said | changed).encode()


def refusal(code: str, message: str, fields: dict[str, list[str]] | None = None) -> bytes:
    return json.dumps(
        {"error_v2": {"error_code": code, "message": message, "notes": "", "additional_info": fields or {}}}
    ).encode()
