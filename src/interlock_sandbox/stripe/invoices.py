"""The calls about invoices: from draft to open, paid, void or uncollectible, by exactly the moves Stripe has (stripe.md §2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import merged
from interlock_sandbox.stripe.invoice_items import recount
from interlock_sandbox.stripe.invoicing import call_off, collect, finalized, open_intent, paid_elsewhere
from interlock_sandbox.stripe.listing import paged
from interlock_sandbox.stripe.methods import method_of
from interlock_sandbox.stripe.refusal import StripeRefusal, missing, wrong_state
from interlock_sandbox.stripe.settling import intent_settled, record_payment
from interlock_sandbox.stripe.store import Account, Object, stamp

SECONDS_A_DAY = 86_400
MOST_DAYS = 1826
FINALIZES_AFTER = timedelta(hours=1)
ONLY_DRAFT = frozenset({"days_until_due", "due_date", "number", "collection_method"})


# --- drafts -----------------------------------------------------------------------------------------------------


def create(call: Call) -> Object:
    if not call.get("customer"):
        raise missing("customer")
    account, sent = call.account, call.sent
    customer = account.get("customer", sent["customer"], "customer")
    how = call.get("collection_method", "charge_automatically")
    _check_collection(how, sent)
    if call.get("number"):
        _check_number(account, sent["number"])
    due = _due(call)
    if call.get("currency", "usd") != "usd":
        raise StripeRefusal(f"Invalid currency: {sent['currency']}", param="currency")
    invoice = shapes.invoice(
        account, call.at, customer, collection_method=how, description=call.get("description"),
        footer=call.get("footer"), number=call.get("number"), metadata=merged({}, call.get("metadata", {})),
        auto_advance=call.get("auto_advance", False),
    )  # fmt: skip
    account.add(invoice)
    invoice["due_date"] = due
    if invoice["number"]:
        account.numbers.add(invoice["number"])
    if call.get("pending_invoice_items_behavior", "exclude") == "include":
        for item in account.all("invoiceitem"):
            if item["customer"] == customer["id"] and item["invoice"] is None:
                item["invoice"] = invoice["id"]
    recount(account, invoice)
    account.emit("invoice.created", invoice, call.at)
    if invoice["auto_advance"]:
        finalizes = call.at + FINALIZES_AFTER
        invoice["automatically_finalizes_at"] = stamp(finalizes)
        account.expect(finalizes, {"act": "invoice finalizes", "invoice": invoice["id"]})
    return invoice


def update(call: Call) -> Object:
    invoice = call.account.get("invoice", call.id)
    barred = sorted(ONLY_DRAFT & set(call.sent))
    if barred and invoice["status"] != "draft":
        raise wrong_state(f"Finalized invoices can't be updated in this way: {barred[0]}.", "invoice_not_editable")
    before = {"metadata": dict(invoice["metadata"])}
    if "collection_method" in call.sent:
        _check_collection(call.sent["collection_method"], call.sent)
    renumbered = "number" in call.sent and call.sent["number"] != invoice["number"]
    if renumbered and call.sent["number"]:
        _check_number(call.account, call.sent["number"])
    due = _due(call)
    if renumbered:
        call.account.numbers.discard(invoice["number"])
        invoice["number"] = call.get("number")
        if invoice["number"]:
            call.account.numbers.add(invoice["number"])
    if "collection_method" in call.sent:
        invoice["collection_method"] = call.sent["collection_method"]
    for name in ("description", "footer"):
        if name in call.sent:
            invoice[name] = call.get(name)
    if "auto_advance" in call.sent:
        invoice["auto_advance"] = call.sent["auto_advance"]
    if due is not None:
        invoice["due_date"] = due
    invoice["metadata"] = merged(invoice["metadata"], call.get("metadata", {}))
    call.account.emit("invoice.updated", invoice, call.at, before)
    return invoice


def delete(call: Call) -> Object:
    invoice = call.account.get("invoice", call.id)
    if invoice["status"] != "draft":
        raise wrong_state("You can only delete draft invoices; void this one instead.", "invoice_not_editable")
    del call.account.objects["invoice"][invoice["id"]]
    for item in call.account.all("invoiceitem"):
        if item["invoice"] == invoice["id"]:
            del call.account.objects["invoiceitem"][item["id"]]
    call.account.forget(invoice=invoice["id"])
    call.account.numbers.discard(invoice["number"])
    call.account.emit("invoice.deleted", invoice, call.at)
    return {"id": invoice["id"], "object": "invoice", "deleted": True}


def _check_collection(how: str, sent: dict[str, Any]) -> None:
    if how not in ("send_invoice", "charge_automatically"):
        raise StripeRefusal(
            "Invalid collection_method: must be one of charge_automatically or send_invoice", param="collection_method"
        )
    given = [name for name in ("due_date", "days_until_due") if sent.get(name) not in (None, "")]
    if how == "charge_automatically" and given:
        raise StripeRefusal(f"`{given[0]}` can only be set when `collection_method` is `send_invoice`.", param=given[0])
    if how == "send_invoice" and "collection_method" in sent and len(given) != 1:
        raise StripeRefusal(
            "With `collection_method` set to `send_invoice`, give exactly one of `days_until_due` and `due_date`.",
            param="days_until_due",
        )


def _due(call: Call) -> int | None:
    """When an invoice is to be paid, if the call says; seconds since 1970."""
    days, due = call.get("days_until_due"), call.get("due_date")
    if days is not None:
        if not 0 <= days <= MOST_DAYS:
            raise StripeRefusal(f"`days_until_due` must be between 0 and {MOST_DAYS}.", param="days_until_due")
        return stamp(call.at) + int(days) * SECONDS_A_DAY
    if due is None:
        return None
    if not stamp(call.at) <= due <= stamp(call.at) + MOST_DAYS * SECONDS_A_DAY:
        raise StripeRefusal("`due_date` must be in the future, and at most five years away.", param="due_date")
    return int(due)


def _check_number(account: Account, number: str) -> None:
    if number in account.numbers:
        raise StripeRefusal(f"Invoice number '{number}' is already in use.", param="number")


# --- moves ------------------------------------------------------------------------------------------------------


def finalize(call: Call) -> Object:
    invoice = call.account.get("invoice", call.id)
    if invoice["status"] != "draft":
        raise wrong_state(
            f"This invoice is already finalized, you can't re-finalize a non-draft invoice (status: {invoice['status']}).",
            "invoice_already_finalized",
        )
    return finalized(call.account, invoice, call.at)


def send(call: Call) -> Object:
    invoice = call.account.get("invoice", call.id)
    if invoice["collection_method"] != "send_invoice":
        raise wrong_state("You can only manually send an invoice if its collection method is 'send_invoice'.")
    if invoice["status"] == "draft":
        finalized(call.account, invoice, call.at)
    if invoice["status"] not in ("open", "paid"):
        raise wrong_state(f"You can't send an invoice whose status is {invoice['status']}.", "invoice_not_editable")
    call.account.emit("invoice.sent", invoice, call.at)
    return invoice


def pay(call: Call) -> Object:
    account, invoice = call.account, call.account.get("invoice", call.id)
    if invoice["status"] == "draft":
        finalized(account, invoice, call.at)
    if invoice["status"] not in ("open", "uncollectible"):
        raise wrong_state(
            f"Invoice is already {invoice['status']}.", "invoice_already_paid" if invoice["status"] == "paid" else None
        )
    _refuse_while_processing(account, invoice)
    if call.get("paid_out_of_band"):
        return paid_elsewhere(account, invoice, call.at)
    method = _method(call, invoice)
    refusal = collect(account, invoice, method, call.at)
    if refusal is not None:
        raise refusal
    return invoice


def _method(call: Call, invoice: Object) -> Object:
    if call.get("payment_method"):
        return method_of(call, call.sent["payment_method"])
    customer = call.account.get("customer", invoice["customer"], "customer")
    usual = invoice["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    if not usual:
        raise StripeRefusal(
            "There is no `default_payment_method` set on this Customer or Invoice. Set one, or pass `payment_method`.",
        )
    return call.account.get("payment_method", usual, "payment_method")


def void(call: Call) -> Object:
    invoice = call.account.get("invoice", call.id)
    if invoice["status"] not in ("open", "uncollectible"):
        raise wrong_state(
            f"You can only pass in open or uncollectible invoices; this one is {invoice['status']}.",
            "invoice_not_editable",
        )
    _refuse_while_processing(call.account, invoice)
    call_off(call.account, invoice, call.at)
    return _ended(call, invoice, "void", "voided_at", "invoice.voided")


def _refuse_while_processing(account: Account, invoice: Object) -> None:
    intent = open_intent(account, invoice)
    if intent is not None and intent["status"] == "processing":
        raise wrong_state("This invoice has a payment that is still processing.", "payment_intent_unexpected_state")


def mark_uncollectible(call: Call) -> Object:
    invoice = call.account.get("invoice", call.id)
    if invoice["status"] != "open":
        raise wrong_state(
            f"You can only pass in open invoices; this one is {invoice['status']}.", "invoice_not_editable"
        )
    return _ended(call, invoice, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible")


def _ended(call: Call, invoice: Object, status: str, moment: str, event: str) -> Object:
    invoice["status"] = status
    invoice["status_transitions"][moment] = stamp(call.at)
    call.account.forget(invoice=invoice["id"])
    call.account.emit(event, invoice, call.at)
    return invoice


def attach_payment(call: Call) -> Object:
    """Let a payment intent, or a statement of what was paid elsewhere, pay (part of) an open invoice."""
    account, invoice = call.account, call.account.get("invoice", call.id)
    if invoice["status"] not in ("open", "uncollectible"):
        raise wrong_state(f"Payments can be attached to open invoices; this one is {invoice['status']}.")
    if bool(call.get("payment_intent")) == bool(call.get("payment_record")):
        raise StripeRefusal("Give exactly one of `payment_intent` and `payment_record`.", param="payment_intent")
    if call.get("payment_record"):
        amount = invoice["amount_remaining"]
        call_off(account, invoice, call.at)
        record_payment(account, invoice, amount, call.at)
        return invoice
    intent = account.get("payment_intent", call.sent["payment_intent"], "payment_intent")
    if intent["status"] == "canceled":
        raise wrong_state("A canceled PaymentIntent pays nothing.", "payment_intent_unexpected_state")
    left = intent["amount"] - sum(
        (each["amount_paid"] or each["amount_requested"]) for each in account.all("invoice_payment")
        if each["payment"].get("payment_intent") == intent["id"] and each["status"] != "canceled"
    )  # fmt: skip
    if left <= 0:
        raise wrong_state("The whole amount of this PaymentIntent pays other invoices.")
    payment = {"type": "payment_intent", "payment_intent": intent["id"]}
    requested = min(left, invoice["amount_remaining"])
    account.add(shapes.invoice_payment(account, call.at, invoice["id"], requested, payment, is_default=False))
    if intent["status"] == "succeeded":
        intent_settled(account, intent | {"amount_received": requested}, call.at)
        if invoice["status"] == "paid":
            call_off(account, invoice, call.at)
    return invoice


def retrieve(call: Call) -> Object:
    return call.account.get("invoice", call.id)


def lines(call: Call) -> Object:
    invoice = call.account.get("invoice", call.id)
    return paged(call, "line_item", invoice["lines"]["data"], str(invoice["lines"]["url"]))


FIELDS = "auto_advance:bool collection_method days_until_due:int due_date:int description footer metadata:map number"
ROUTES = [
    Route("POST", "invoices", create, f"customer {FIELDS} pending_invoice_items_behavior currency"),
    Route("GET", "invoices/{}", retrieve),
    Route("POST", "invoices/{}", update, FIELDS),
    Route("DELETE", "invoices/{}", delete),
    Route("GET", "invoices/{}/lines", lines, "limit:int starting_after ending_before"),
    Route("POST", "invoices/{}/finalize", finalize, "auto_advance:bool"),
    Route("POST", "invoices/{}/send", send),
    Route("POST", "invoices/{}/pay", pay, "paid_out_of_band:bool payment_method off_session:bool forgive:bool"),
    Route("POST", "invoices/{}/void", void),
    Route("POST", "invoices/{}/mark_uncollectible", mark_uncollectible),
    Route("POST", "invoices/{}/attach_payment", attach_payment, "payment_intent payment_record"),
]
