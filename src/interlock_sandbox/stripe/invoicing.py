"""What happens to an invoice, whoever has it happen: it becomes final, is collected, is paid elsewhere, is called off."""

from __future__ import annotations

from datetime import datetime

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.payments import attempt, cancelled
from interlock_sandbox.stripe.refusal import StripeRefusal, wrong_state
from interlock_sandbox.stripe.settling import record_payment
from interlock_sandbox.stripe.store import Account, Object, stamp

METHODS = ["card", "us_bank_account"]


def finalized(account: Account, invoice: Object, at: datetime) -> Object:
    """A draft becomes an open invoice with a number, a page and an intent; one of nothing is paid at once."""
    customer = account.get("customer", invoice["customer"], "customer")
    if invoice["collection_method"] == "send_invoice" and not customer["email"]:
        raise StripeRefusal(
            "The customer of an invoice that is sent must have an email address.", code="missing_customer_email"
        )
    customer["next_invoice_sequence"] += 1
    advances = invoice["automatically_finalizes_at"] is not None
    key = account.named("page", invoice["id"], length=40)
    invoice |= {
        "status": "open", "number": invoice["number"] or _own_number(account, customer), "effective_at": stamp(at),
        "hosted_invoice_url": f"https://invoice.stripe.example/i/{account.id}/{key}",
        "invoice_pdf": f"https://pay.stripe.example/invoice/{account.id}/{key}/pdf", "ending_balance": 0,
        "automatically_finalizes_at": None,
    }  # fmt: skip
    invoice["status_transitions"]["finalized_at"] = stamp(at)
    account.numbers.add(invoice["number"])
    if advances:
        account.forget(act="invoice finalizes", invoice=invoice["id"])
    if invoice["amount_due"]:
        new_intent(account, invoice, at)
    account.emit("invoice.finalized", invoice, at)
    if not invoice["amount_due"]:
        invoice["status"] = "paid"
        invoice["status_transitions"]["paid_at"] = stamp(at)
        account.emit("invoice.paid", invoice, at)
    elif invoice["due_date"] is not None:
        overdue = max(at, datetime.fromtimestamp(invoice["due_date"], at.tzinfo))
        account.expect(overdue, {"act": "invoice overdue", "invoice": invoice["id"]})
    return invoice


def _own_number(account: Account, customer: Object) -> str:
    while True:
        number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence'] - 1:04d}"
        if number not in account.numbers:
            return number
        customer["next_invoice_sequence"] += 1


def new_intent(account: Account, invoice: Object, at: datetime) -> Object:
    """The intent that an open invoice is paid by, unless it is paid otherwise."""
    intent = account.add(
        shapes.payment_intent(
            account, at, invoice["amount_remaining"], customer=invoice["customer"],
            description=f"Payment for Invoice {invoice['number']}", payment_method_types=list(METHODS),
        )
    )  # fmt: skip
    payment = {"type": "payment_intent", "payment_intent": intent["id"]}
    account.add(shapes.invoice_payment(account, at, invoice["id"], invoice["amount_remaining"], payment))
    account.emit("payment_intent.created", intent, at)
    return intent


def paid_elsewhere(account: Account, invoice: Object, at: datetime) -> Object:
    """Marked paid without money: what was open of it is called off."""
    remaining = invoice["amount_remaining"]
    call_off(account, invoice, at)
    record_payment(account, invoice, remaining, at)
    return invoice


def collect(account: Account, invoice: Object, method: Object, at: datetime) -> StripeRefusal | None:
    """Try to collect what remains of an open invoice by a payment method."""
    intent = open_intent(account, invoice) or new_intent(account, invoice, at)
    if intent["status"] == "processing":
        return wrong_state("A payment of this invoice is already processing.", "payment_intent_unexpected_state")
    intent["amount"] = invoice["amount_remaining"]
    return attempt(account, intent, method, at)


def open_intent(account: Account, invoice: Object) -> Object | None:
    """The intent that stands ready to pay this invoice."""
    for paid in account.all("invoice_payment"):
        if paid["invoice"] == invoice["id"] and paid["status"] == "open" and paid["is_default"]:
            return account.find("payment_intent", str(paid["payment"].get("payment_intent")))
    return None


def call_off(account: Account, invoice: Object, at: datetime) -> None:
    """Cancel what was still to pay this invoice."""
    for paid in account.all("invoice_payment"):
        if paid["invoice"] != invoice["id"] or paid["status"] != "open":
            continue
        paid["status"] = "canceled"
        paid["status_transitions"]["canceled_at"] = stamp(at)
        intent = account.find("payment_intent", str(paid["payment"].get("payment_intent")))
        if intent is not None and intent["status"] not in ("succeeded", "canceled", "processing"):
            cancelled(account, intent, at, "void_invoice")
