"""What Ramp shows: amounts in minor units with their currency, dates as moments at midnight (ramp.md §2, §3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from interlock_sandbox.books import Books
from interlock_sandbox.ramp.accounting import CATEGORY
from interlock_sandbox.ramp.life import status_summary
from interlock_sandbox.ramp.model import Bill, Business, Payment, SourceAccount, Subscription, Vendor, uid

DESCRIPTORS = {"ACH": "ACH Trace ID", "CHECK": "Check Number", "DOMESTIC_WIRE": "IMAD"}


def money(minor: int, currency: str = "USD") -> dict[str, Any]:
    return {"amount": minor, "currency_code": currency, "minor_unit_conversion_rate": 100}


def moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def midnight(value: date | None) -> str | None:
    return None if value is None else f"{value.isoformat()}T00:00:00+00:00"


def bill_shape(business: Business, books: Books, bill: Bill, *, whole: bool) -> dict[str, Any]:
    """A bill; ``whole`` (one asked for by its id) tells the payment's trace as well."""
    vendor = business.vendors[bill.vendor_id]
    payment = None if bill.payment is None else _payment(bill, bill.payment, whole=whole)
    return {
        "id": bill.id, "entity_id": bill.entity_id, "invoice_number": bill.invoice_number,
        "amount": money(bill.amount_minor, bill.currency), "issued_at": midnight(bill.issued),
        "due_at": midnight(bill.due), "posting_date": midnight(bill.posting),
        "accounting_date": midnight(bill.posting or bill.issued), "created_at": moment(bill.created_at),
        "updated_at": moment(bill.updated_at), "paid_at": moment(bill.paid_at),
        "archived_at": moment(bill.archived_at), "approval_status": bill.approval,
        "status": "PAID" if bill.paid_at is not None else "OPEN", "status_summary": status_summary(bill),
        "sync_status": bill.sync_status, "enable_accounting_sync": bill.sync_enabled, "remote_id": bill.remote_id,
        "memo": bill.memo, "vendor_memo": bill.vendor_memo, "vendor_contact_id": bill.vendor_contact_id,
        "vendor": {
            "id": vendor.id, "name": vendor.name, "remote_id": vendor.accounting_remote_id, "remote_code": None,
            "remote_name": vendor.accounting_name, "type": "BUSINESS",
        },
        "bill_owner": {"id": business.owner_id, "first_name": "Avery", "last_name": "Quill"},
        "line_items": [
            {
                "amount": money(line.amount_minor, bill.currency), "memo": line.memo,
                "accounting_field_selections": [_coded(books, *each) for each in line.selections],
                "item_receipt_line_item_ids": [], "purchase_order_line_item_id": None,
            }
            for line in bill.lines
        ],
        "inventory_line_items": [], "applied_vendor_credits": [],
        "accounting_field_selections": [_coded(books, *each) for each in bill.selections],
        "purchase_order_ids": bill.purchase_order_ids, "item_receipt_ids": [], "invoice_urls": [],
        "draft_bill_id": bill.draft_id, "draft_bill_created_at": moment(bill.draft_created_at),
        "fx_conversion_rate": "1", "deep_link_url": _deep_link(bill), "payment": payment,
        "payments": [] if payment is None else [payment],
    }  # fmt: skip


def draft_shape(books: Books, draft: Bill) -> dict[str, Any]:
    return {
        "id": draft.id, "vendor_id": draft.vendor_id, "entity_id": draft.entity_id or None,
        "invoice_number": draft.invoice_number, "invoice_currency": draft.currency,
        "issued_at": midnight(draft.issued), "due_at": midnight(draft.due), "posting_date": midnight(draft.posting),
        "created_at": moment(draft.created_at), "updated_at": moment(draft.updated_at), "memo": draft.memo,
        "remote_id": draft.remote_id, "vendor_contact_id": draft.vendor_contact_id,
        "enable_accounting_sync": draft.sync_enabled, "amount": money(draft.amount_minor, draft.currency),
        "line_items": [
            {
                "amount": money(line.amount_minor, draft.currency), "memo": line.memo,
                "accounting_field_selections": [_coded(books, *each) for each in line.selections],
            }
            for line in draft.lines
        ],
        "accounting_field_selections": [_coded(books, *each) for each in draft.selections],
        "purchase_order_ids": draft.purchase_order_ids, "status": "DRAFT",
    }  # fmt: skip


def vendor_shape(business: Business, vendor: Vendor, now: datetime) -> dict[str, Any]:
    paid = [
        (bill.paid_at, bill.amount_minor) for bill in business.bills.values()
        if bill.vendor_id == vendor.id and bill.paid_at is not None
    ]  # fmt: skip

    def spent(days: int) -> dict[str, Any]:
        return money(sum(amount for at, amount in paid if at >= now - timedelta(days=days)))

    return {
        "id": vendor.id, "name": vendor.name, "name_legal": None, "description": vendor.description,
        "is_active": vendor.is_active, "is_deletable": not any(b.vendor_id == vendor.id for b in business.bills.values()),
        "country": vendor.country, "state": vendor.state, "address": vendor.address, "tax_address": None,
        "accounting_vendor_remote_id": vendor.accounting_remote_id, "external_vendor_id": vendor.external_vendor_id,
        "vendor_type": "BUSINESS", "vendor_owner_id": vendor.owner_id, "contacts": [vendor.contact_id],
        "created_at": moment(vendor.created_at), "updated_at": moment(vendor.updated_at),
        "default_entity_id": business.entity_id, "default_payment_method": None, "billing_frequency": None,
        "federal_tax_classification": None, "merchant_id": None, "sk_category_id": None, "sk_category_name": None,
        "total_spend_all_time": money(sum(amount for _, amount in paid)), "total_spend_last_30_days": spent(30),
        "total_spend_last_365_days": spent(365),
        "total_spend_ytd": money(sum(amount for at, amount in paid if at.year == now.year)),
    }  # fmt: skip


def payee_shapes(vendor: Vendor) -> list[dict[str, Any]]:
    """No numbers, not even the last four."""
    return [
        {
            "id": each.id, "account_nickname": each.nickname, "currency": each.currency,
            "is_default": each.is_default, "payment_method": each.payment_method,
        }
        for each in vendor.accounts
    ]  # fmt: skip


def entity_shape(business: Business) -> dict[str, Any]:
    return {
        "id": business.entity_id, "entity_name": business.name, "is_primary": True, "currency": "USD",
        "location_ids": [],
        "accounts": [
            {
                "internal_id": uid(source.id, "account"), "bank_account_id": source.id, "external_id": None,
                "classification": "BANK",
                "usage_type": "BILL_PAY_BANK_ACCOUNT" if source.pays_bills else "STATEMENT_BANK_ACCOUNT",
            }
            for source in business.sources
        ],
    }  # fmt: skip


def source_shape(source: SourceAccount) -> dict[str, Any]:
    return {
        "id": source.id, "account_name": source.name, "institution_name": source.institution,
        "last_four": source.last_four,
    }  # fmt: skip


def webhook_shape(each: Subscription, *, secret: bool) -> dict[str, Any]:
    shown = {
        "id": each.id, "endpoint_url": each.url, "event_types": list(each.events), "status": each.status,
        "created_at": moment(each.created_at),
    }  # fmt: skip
    return {**shown, "secret": each.secret} if secret else shown


def _payment(bill: Bill, payment: Payment, *, whole: bool) -> dict[str, Any]:
    if payment.method == "PAID_MANUALLY":
        details: dict[str, Any] = {"manual_payment_method": payment.manual}
    elif payment.by_bank:
        details = {
            "source_bank_account_id": payment.source_id, "vendor_account_id": payment.vendor_account_id,
            "is_same_day": payment.is_same_day, "approval_status": payment.release,
        }  # fmt: skip
    else:
        ids = [] if payment.transaction_id is None else [payment.transaction_id]
        details = {"spend_limit_id": payment.spend_limit_id, "transaction_ids": ids}
    trace = None
    if whole and payment.trace is not None:
        trace = {"trace_id": payment.trace, "descriptor": DESCRIPTORS.get(payment.method, "Trace ID")}
    return {
        "id": payment.id, "amount": money(payment.amount_minor, bill.currency), "payment_method": payment.method,
        "customer_friendly_payment_id": payment.friendly_id or None, "payment_date": midnight(payment.payment_date),
        "effective_date": moment(payment.effective_at), "trace_id": trace, "details": details,
    }  # fmt: skip


def coding_id(books: Books, field: str, option: str) -> str:
    """Ramp's own id of an accounting field's option."""
    return uid(books.realm_id, "coding", field, option)


def _coded(books: Books, field: str, option: str) -> dict[str, Any]:
    account = books.find("Account", option) if field == CATEGORY else None
    return {
        "id": coding_id(books, field, option), "external_id": option, "external_code": None,
        "name": option if account is None else str(account.body["Name"]), "provider_name": "QUICKBOOKS",
        "category_info": {
            "id": uid(books.realm_id, "field", field), "external_id": field, "name": field,
            "type": "GL_ACCOUNT" if field == CATEGORY else "OTHER",
        },
    }  # fmt: skip


def _deep_link(bill: Bill) -> str | None:
    return None if bill.qbo_id is None else f"https://app.qbo.intuit.com/app/bill?txnId={bill.qbo_id}"
