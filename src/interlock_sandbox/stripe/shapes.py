"""Stripe's objects as API version 2026-10-28.endive has them, new and empty of anything but what they are made from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from interlock_sandbox.stripe.store import Account, Object, nulls, stamp

CARD_CHECKS = {"address_line1_check": None, "address_postal_code_check": "pass", "cvc_check": "pass"}


def customer(account: Account, at: datetime, **more: Any) -> Object:
    id_ = account.new_id("customer")
    return nulls("address business_name currency default_source description discount email individual_name name phone shipping") | {
        "id": id_, "object": "customer", "balance": 0, "created": stamp(at), "customer_account": None,
        "delinquent": False, "invoice_prefix": account.named("prefix", id_, length=8).upper(),
        "invoice_settings": nulls("custom_fields default_payment_method footer rendering_options"), "livemode": False,
        "metadata": {}, "next_invoice_sequence": 1, "preferred_locales": [], "tax_exempt": "none", "test_clock": None,
    } | more  # fmt: skip


def invoice(account: Account, at: datetime, customer: Object, **more: Any) -> Object:
    now = stamp(at)
    id_ = account.new_id("invoice")
    empty = nulls(
        "account_tax_ids amount_paid_off_stripe application automatically_finalizes_at custom_fields customer_account "
        "customer_shipping default_payment_method default_source description due_date effective_at ending_balance footer "
        "from_invoice hosted_invoice_url invoice_pdf last_finalization_error latest_revision next_payment_attempt number "
        "on_behalf_of parent receipt_number rendering shipping_cost shipping_details statement_descriptor status_details "
        "test_clock threshold_reason webhooks_delivered_at"
    )
    return empty | {
        "id": id_, "object": "invoice", "account_country": "US", "account_name": account.name, "amount_due": 0,
        "amount_overpaid": 0, "amount_paid": 0, "amount_remaining": 0, "amount_shipping": 0, "attempt_count": 0,
        "attempted": False, "auto_advance": False, "automatic_tax":
        {"enabled": False} | nulls("disabled_reason liability provider status"), "billing_reason": "manual",
        "collection_method": "charge_automatically", "created": now, "currency": "usd", "customer": customer["id"],
        "customer_address": customer["address"], "customer_email": customer["email"], "customer_name": customer["name"],
        "customer_phone": customer["phone"], "customer_tax_exempt": "none", "customer_tax_ids": [],
        "default_tax_rates": [], "discounts": [], "issuer": {"type": "self"},
        "lines": {"object": "list", "url": f"/v1/invoices/{id_}/lines", "has_more": False, "total_count": 0, "data": []},
        "livemode": False, "metadata": {}, "payment_settings":
        nulls("default_mandate payment_method_options payment_method_types"), "period_end": now, "period_start": now,
        "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "starting_balance": 0,
        "status": "draft", "status_transitions": nulls("finalized_at marked_uncollectible_at paid_at voided_at"),
        "subtotal": 0, "subtotal_excluding_tax": 0, "total": 0, "total_discount_amounts": [], "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [], "total_taxes": [],
    } | more  # fmt: skip


def pricing(account: Account, id_: str, unit_amount: int) -> Object:
    return {
        "type": "price_details", "unit_amount_decimal": str(unit_amount),
        "price_details": {
            "price": f"price_{account.named('price', id_)}", "product": f"prod_{account.named('product', id_, length=14)}"},
    }  # fmt: skip


def invoice_item(account: Account, at: datetime, customer: str, amount: int, quantity: int = 1, **more: Any) -> Object:
    now = stamp(at)
    id_ = account.new_id("invoiceitem")
    return nulls("customer_account description invoice parent proration_details test_clock") | {
        "id": id_, "object": "invoiceitem", "amount": amount, "currency": "usd", "customer": customer, "date": now,
        "discountable": True, "discounts": [], "invoicing_rules": None, "frozen_fields": None, "livemode": False,
        "metadata": {}, "net_amount": amount, "period": {"end": now, "start": now}, "pricing":
        pricing(account, id_, amount // max(quantity, 1)), "proration": False, "quantity": quantity,
        "quantity_decimal": str(quantity), "tax_rates": [],
    } | more  # fmt: skip


def line(account: Account, item: Object, invoice_id: str) -> Object:
    """The line an item becomes on its invoice."""
    parent = {"type": "invoice_item_details", "subscription_item_details": None, "invoice_item_details": {
        "invoice_item": item["id"], "proration": False, "proration_details": {"credited_items": None}, "subscription": None,
    }}  # fmt: skip
    return {
        "id": f"il_{account.named('line', item['id'])}", "object": "line_item", "amount": item["amount"],
        "currency": item["currency"], "description": item["description"], "discount_amounts": [], "discountable": True,
        "discounts": [], "invoice": invoice_id, "livemode": False, "metadata": dict(item["metadata"]), "parent": parent,
        "period": dict(item["period"]), "pretax_credit_amounts": [], "pricing": item["pricing"],
        "quantity": item["quantity"], "quantity_decimal": item["quantity_decimal"], "subscription": None,
        "subtotal": item["amount"], "taxes": [],
    }  # fmt: skip


def invoice_payment(
    account: Account, at: datetime, invoice_id: str, amount: int, payment: Object, **more: Any
) -> Object:
    return {
        "id": account.new_id("invoice_payment"), "object": "invoice_payment", "amount_paid": None,
        "amount_requested": amount, "created": stamp(at), "currency": "usd", "invoice": invoice_id, "is_default": True,
        "livemode": False, "payment": payment, "status": "open", "status_transitions": nulls("canceled_at paid_at"),
    } | more  # fmt: skip


def payment_intent(account: Account, at: datetime, amount: int, **more: Any) -> Object:
    id_ = account.new_id("payment_intent")
    empty = nulls(
        "application application_fee_amount canceled_at cancellation_reason customer customer_account description "
        "excluded_payment_method_types last_payment_error latest_charge next_action on_behalf_of payment_method "
        "payment_method_configuration_details processing receipt_email review setup_future_usage shipping source "
        "statement_descriptor statement_descriptor_suffix transfer_data transfer_group automatic_payment_methods"
    )
    return empty | {
        "id": id_, "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_details": {"tip": {}},
        "amount_received": 0, "capture_method": "automatic_async",
        "client_secret": f"{id_}_secret_{account.named('secret', id_, length=25)}",
        "confirmation_method": "automatic", "created": stamp(at), "currency": "usd", "livemode": False, "metadata": {},
        "payment_method_options": {}, "payment_method_types": ["card"], "status": "requires_payment_method",
    } | more  # fmt: skip


def charge(account: Account, at: datetime, intent: Object, method: Object, **more: Any) -> Object:
    """A charge by a payment method: paid at once by card, pending first by bank debit."""
    by_card = method["type"] == "card"
    id_ = account.new_id("charge" if by_card else "payment")
    empty = nulls(
        "application application_fee application_fee_amount balance_transaction failure_balance_transaction failure_code "
        "failure_message on_behalf_of receipt_email receipt_number review shipping source source_transfer "
        "statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
    )
    details = {"type": method["type"], method["type"]: _details(method)}
    return empty | {
        "id": id_, "object": "charge", "amount": intent["amount"], "amount_captured": intent["amount"],
        "amount_refunded": 0, "billing_details": dict(method["billing_details"]),
        "calculated_statement_descriptor": account.name[:22].upper(), "captured": True, "created": stamp(at),
        "currency": "usd", "customer": intent["customer"], "description": intent["description"], "disputed": False,
        "fraud_details": {}, "livemode": False, "metadata": dict(intent["metadata"]), "outcome":
        nulls("advice_code network_advice_code network_decline_code reason") | {
            "network_status": "approved_by_network", "risk_level": "normal", "risk_score": 12,
            "seller_message": "Payment complete.", "type": "authorized"},
        "paid": by_card, "payment_intent": intent["id"], "payment_method": method["id"], "payment_method_details": details,
        "radar_options": {}, "receipt_url": f"https://pay.stripe.example/receipts/{id_}", "refunded": False,
        "status": "succeeded" if by_card else "pending",
    } | more  # fmt: skip


def _details(method: Object) -> Object:
    kind = method["type"]
    told = dict(method[kind])
    if kind != "card":
        wanted: tuple[str, ...] = (
            "account_holder_type",
            "account_type",
            "bank_name",
            "fingerprint",
            "last4",
            "routing_number",
        )
        return {name: told[name] for name in wanted} | nulls("expected_debit_date mandate payment_reference")
    wanted = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    more = nulls("extended_authorization installments mandate network_token three_d_secure")
    return {name: told[name] for name in wanted} | more | {"checks": dict(CARD_CHECKS), "network": told["brand"]}


def payment_method(account: Account, at: datetime, kind: str, **more: Any) -> Object:
    id_ = account.new_id("payment_method")
    made: Object = {
        "id": id_, "object": "payment_method", "allow_redisplay": "unspecified",
        "billing_details": nulls("address email name phone tax_id"), "created": stamp(at), "customer": None,
        "customer_account": None, "livemode": False, "metadata": {}, "type": kind,
    }  # fmt: skip
    if kind == "card":
        made["card"] = nulls("generated_from wallet regulated_status") | {
            "brand": "visa", "checks": dict(CARD_CHECKS), "country": "US", "display_brand": "visa", "exp_month": 12,
            "exp_year": 2030, "fingerprint": account.named("card", id_, length=16), "funding": "credit", "last4": "4242",
            "networks": {"available": ["visa"], "preferred": None}, "three_d_secure_usage": {"supported": True},
        }  # fmt: skip
    else:
        made["us_bank_account"] = {
            "account_holder_type": "company", "account_type": "checking", "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": None, "fingerprint": account.named("bank", id_, length=16), "last4": "6789",
            "networks": {"preferred": "ach", "supported": ["ach"]}, "routing_number": "110000000", "status_details": None,
        }  # fmt: skip
    return made | more


def refund(account: Account, at: datetime, charge: Object, amount: int, **more: Any) -> Object:
    empty = nulls(
        "description failure_balance_transaction failure_reason instructions_email next_action reason receipt_number "
        "source_transfer_reversal transfer_reversal"
    )
    kind = charge["payment_method_details"]["type"]
    details: Object = {"type": kind, kind: {}}
    if kind == "card":
        details["card"] = {
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        }
    made = empty | {
        "id": account.new_id("refund"), "object": "refund", "amount": amount, "balance_transaction": None,
        "charge": charge["id"], "created": stamp(at), "currency": "usd", "destination_details": details, "metadata": {},
        "payment_intent": charge["payment_intent"], "status": "succeeded" if kind == "card" else "pending",
        "customer": charge["customer"], "customer_account": None, "payment_method": charge["payment_method"],
    }  # fmt: skip
    return {key: value for key, value in made.items() if key not in _ONLY_WHEN_SAID or value is not None} | more


_ONLY_WHEN_SAID = frozenset(
    {"description", "failure_balance_transaction", "failure_reason", "instructions_email", "next_action"}
)


def balance_transaction(
    account: Account,
    at: datetime,
    kind: str,
    amount: int,
    source: str,
    available_on: datetime,
    fee: int = 0,
    **more: Any,
) -> Object:
    """``status`` is what it is today: it is worked out when the row is shown."""
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": "usd",
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return {
        "id": account.new_id("balance_transaction"), "object": "balance_transaction", "amount": amount,
        "available_on": stamp(available_on), "balance_type": "payments", "created": stamp(at), "currency": "usd",
        "description": None, "exchange_rate": None, "fee": fee, "fee_details": details if fee else [],
        "net": amount - fee, "reporting_category": REPORTED.get(kind, kind), "source": source, "status": "pending",
        "type": kind,
    } | more  # fmt: skip


REPORTED = {"payment": "charge", "payment_refund": "refund", "payment_failure_refund": "charge_failure",
            "refund_failure": "refund_failure", "payout_failure": "payout_reversal", "payout_cancel": "payout_reversal",
            "adjustment": "dispute", "stripe_fee": "fee"}  # fmt: skip


def payout(account: Account, at: datetime, amount: int, arrival: datetime, *, automatic: bool, **more: Any) -> Object:
    empty = nulls(
        "application_fee application_fee_amount failure_balance_transaction failure_code failure_message original_payout "
        "payout_method reversed_by"
    )
    return empty | {
        "id": account.new_id("payout"), "object": "payout", "amount": amount, "arrival_date": stamp(arrival),
        "automatic": automatic, "balance_transaction": None, "created": stamp(at), "currency": "usd", "description":
        "STRIPE PAYOUT", "destination": account.external["id"], "livemode": False, "metadata": {}, "method": "standard",
        "reconciliation_status": "in_progress" if automatic else "not_applicable", "source_type": "card",
        "statement_descriptor": None, "status": "pending", "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    } | more  # fmt: skip
