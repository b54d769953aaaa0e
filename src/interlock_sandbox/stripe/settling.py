"""What a payment does to the invoices it pays."""

from __future__ import annotations

from datetime import datetime

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.store import Account, Object, stamp


def intent_settled(account: Account, intent: Object, at: datetime) -> None:
    """An intent has succeeded: what it was attached to is paid, in the order of attaching, as far as it reaches."""
    left = intent["amount_received"]
    for paid in account.all("invoice_payment"):
        if paid["payment"].get("payment_intent") == intent["id"] and paid["status"] == "open":
            amount = min(left, paid["amount_requested"])
            left -= amount
            settle(account, paid, amount, at)


def settle(account: Account, paid: Object, amount: int, at: datetime) -> None:
    """One invoice payment is paid with so many cents; its invoice too, when nothing remains."""
    paid |= {"status": "paid", "amount_paid": amount}
    paid["status_transitions"]["paid_at"] = stamp(at)
    invoice = account.get("invoice", paid["invoice"])
    before = {name: invoice[name] for name in ("amount_paid", "amount_remaining", "status")}
    invoice["attempted"] = True
    invoice["attempt_count"] += "payment_intent" in paid["payment"]
    received = invoice["amount_paid"] + amount
    invoice["amount_overpaid"] = max(0, received - invoice["amount_due"])
    invoice["amount_paid"] = received
    invoice["amount_remaining"] = max(0, invoice["amount_due"] - received)
    account.emit("invoice_payment.paid", paid, at)
    if invoice["amount_remaining"] == 0 and invoice["status"] in ("open", "uncollectible"):
        invoice["status"] = "paid"
        invoice["status_transitions"]["paid_at"] = stamp(at)
        account.forget(invoice=invoice["id"])
    if invoice["amount_overpaid"]:
        account.get("customer", invoice["customer"])["balance"] -= invoice["amount_overpaid"]
        account.emit("invoice.overpaid", invoice, at)
    account.emit("invoice.updated", invoice, at, {key: value for key, value in before.items() if invoice[key] != value})
    if invoice["status"] == "paid":
        account.emit("invoice.paid", invoice, at)
        if "payment_intent" in paid["payment"]:
            account.emit("invoice.payment_succeeded", invoice, at)


def record_payment(account: Account, invoice: Object, amount: int, at: datetime) -> Object:
    """What was received elsewhere (a check, a wire): a statement, not money of this account."""
    record = account.new_id("payment_record")
    payment = {"type": "payment_record", "payment_record": record}
    paid = account.add(shapes.invoice_payment(account, at, invoice["id"], amount, payment, is_default=False))
    invoice["amount_paid_off_stripe"] = (invoice["amount_paid_off_stripe"] or 0) + amount
    settle(account, paid, amount, at)
    return paid
