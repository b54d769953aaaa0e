"""Disputes: opened by a customer's bank, then answered, won, lost, or accepted by closing."""

from __future__ import annotations

from datetime import datetime, timedelta

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.balance import DISPUTE_FEE, entered
from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import merged
from interlock_sandbox.stripe.refusal import wrong_state
from interlock_sandbox.stripe.store import Account, Object, nulls, stamp

DAYS_TO_ANSWER = timedelta(days=9)
OPEN = frozenset({"needs_response", "under_review", "warning_needs_response", "warning_under_review"})
EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal "
    "customer_communication customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number "
    "uncategorized_file uncategorized_text"
)
FIELDS = frozenset(EVIDENCE.split())


def opened(
    account: Account, charge: Object, at: datetime, reason: str = "fraudulent", amount: int | None = None
) -> Object:
    """The customer's bank takes the money back, and Stripe its fee, until it is decided."""
    amount = charge["amount"] - charge["amount_refunded"] if amount is None else amount
    id_ = account.new_id("dispute")
    row = shapes.balance_transaction(
        account,
        at,
        "adjustment",
        -amount,
        id_,
        at,
        DISPUTE_FEE,
        description=f"Chargeback withdrawal for {charge['id']}",
    )
    row["fee_details"][0]["description"] = "Dispute fee"
    kind = charge["payment_method_details"]["type"]
    detail: Object = {"type": kind}
    if kind == "card":
        detail["card"] = {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"}
    dispute: Object = {
        "id": id_, "object": "dispute", "amount": amount, "balance_transactions": [entered(account, row)],
        "charge": charge["id"], "created": stamp(at), "currency": "usd", "enhanced_eligibility_types": [],
        "evidence": nulls(EVIDENCE) | {"enhanced_evidence": {}}, "evidence_details": {
            "due_by": stamp(at + DAYS_TO_ANSWER), "enhanced_eligibility": {}, "has_evidence": False, "past_due": False,
            "submission_count": 0, "submission_method": "not_submitted"},
        "is_charge_refundable": False, "livemode": False, "metadata": {}, "payment_intent": charge["payment_intent"],
        "payment_method_details": detail, "reason": reason, "status": "needs_response",
    }  # fmt: skip
    account.add(dispute)
    charge["disputed"] = True
    account.emit("charge.dispute.created", dispute, at)
    account.emit("charge.dispute.funds_withdrawn", dispute, at)
    account.expect(at + DAYS_TO_ANSWER, {"act": "dispute lapses", "dispute": id_})
    return dispute


def won(account: Account, dispute: Object, at: datetime) -> None:
    charge = account.get("charge", dispute["charge"])
    row = shapes.balance_transaction(
        account, at, "adjustment", dispute["amount"], dispute["id"], at, -DISPUTE_FEE,
        reporting_category="dispute_reversal", description=f"Chargeback reversal for {charge['id']}",
    )  # fmt: skip
    row["fee_details"][0]["description"] = "Dispute fee refund"
    dispute["balance_transactions"].append(entered(account, row))
    charge["disputed"] = False
    _ended(account, dispute, "won", at)
    account.emit("charge.dispute.funds_reinstated", dispute, at)


def lost(account: Account, dispute: Object, at: datetime) -> None:
    _ended(account, dispute, "lost", at)


def _ended(account: Account, dispute: Object, status: str, at: datetime) -> None:
    dispute["status"] = status
    dispute["evidence_details"]["past_due"] = stamp(at) >= dispute["evidence_details"]["due_by"]
    account.forget(dispute=dispute["id"])
    account.emit("charge.dispute.closed", dispute, at)


def close(call: Call) -> Object:
    dispute = call.account.get("dispute", call.id)
    if dispute["status"] not in OPEN:
        raise wrong_state(f"This dispute is already {dispute['status']}.")
    lost(call.account, dispute, call.at)
    return dispute


def update(call: Call) -> Object:
    """Evidence may be added while a dispute is open; ``submit`` sends it (it is sent unless told otherwise)."""
    dispute = call.account.get("dispute", call.id)
    if dispute["status"] not in OPEN:
        raise wrong_state(f"This dispute is already {dispute['status']}.")
    said = {key: value for key, value in call.get("evidence", {}).items() if key in FIELDS}
    dispute["evidence"] |= said
    dispute["metadata"] = merged(dispute["metadata"], call.get("metadata", {}))
    details = dispute["evidence_details"]
    details["has_evidence"] = details["has_evidence"] or bool(said)
    if said and call.get("submit", True):
        details["submission_count"] += 1
        details["submission_method"] = "manual"
        dispute["status"] = "under_review"
        call.account.forget(dispute=dispute["id"])
    call.account.emit("charge.dispute.updated", dispute, call.at)
    return dispute


def retrieve(call: Call) -> Object:
    return call.account.get("dispute", call.id)


ROUTES = [
    Route("GET", "disputes/{}", retrieve),
    Route("POST", "disputes/{}", update, "evidence:map metadata:map submit:bool"),
    Route("POST", "disputes/{}/close", close),
]
