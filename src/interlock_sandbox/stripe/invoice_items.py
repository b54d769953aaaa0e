"""Invoice items, and the lines and amounts they give a draft."""

from __future__ import annotations

from interlock_sandbox.stripe import shapes
from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import merged, whole
from interlock_sandbox.stripe.refusal import StripeRefusal, missing, wrong_state
from interlock_sandbox.stripe.store import Account, Object

MOST_ITEMS = 250


def recount(account: Account, invoice: Object) -> None:
    """A draft's lines and amounts from the items on it."""
    items = [
        item for item in account.all("invoiceitem") if item["invoice"] == invoice["id"] and not item.get("deleted")
    ]
    lines = [shapes.line(account, item, invoice["id"]) for item in items]
    total = sum(item["amount"] for item in items)
    invoice["lines"] |= {"data": lines, "total_count": len(lines)}
    invoice |= dict.fromkeys(("subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"), total)
    invoice["amount_due"] = invoice["amount_remaining"] = max(0, total)


def create_item(call: Call) -> Object:
    account = call.account
    customer = account.get("customer", call.sent["customer"], "customer")
    draft = None
    if call.get("invoice"):
        draft = account.get("invoice", call.sent["invoice"], "invoice")
        if draft["status"] != "draft":
            raise wrong_state("You can only add items to draft invoices.", "invoice_not_editable")
        if draft["customer"] != customer["id"]:
            raise StripeRefusal("The invoice belongs to another customer.", param="invoice")
        if len(draft["lines"]["data"]) >= MOST_ITEMS:
            raise wrong_state(f"An invoice can have at most {MOST_ITEMS} items.", "invoice_too_many_items")
    quantity = call.get("quantity", 1)
    amount = _amount(call, quantity)
    item = shapes.invoice_item(
        account, call.at, customer["id"], amount, quantity, description=call.get("description"),
        invoice=call.get("invoice"), metadata=merged({}, call.get("metadata", {})),
    )  # fmt: skip
    account.add(item)
    account.emit("invoiceitem.created", item, call.at)
    if draft is not None:
        recount(account, draft)
    return item


def _amount(call: Call, quantity: int) -> int:
    if call.get("currency", "usd") != "usd":
        raise StripeRefusal(f"Invalid currency: {call.sent['currency']}", param="currency")
    if call.get("amount") is not None:
        return int(call.sent["amount"])
    if call.get("pricing"):
        price = call.account.get("price", str(call.sent["pricing"].get("price")), "pricing[price]")
        return int(price["unit_amount"]) * quantity
    if call.get("unit_amount_decimal"):
        return whole(call.sent["unit_amount_decimal"], "unit_amount_decimal") * quantity
    raise missing("amount")


def update_item(call: Call) -> Object:
    item, draft = _open_item(call)
    if "amount" in call.sent:
        item["amount"] = item["net_amount"] = call.sent["amount"]
    if "description" in call.sent:
        item["description"] = call.get("description")
    item["metadata"] = merged(item["metadata"], call.get("metadata", {}))
    if draft is not None:
        recount(call.account, draft)
    return item


def delete_item(call: Call) -> Object:
    item, draft = _open_item(call)
    del call.account.objects["invoiceitem"][item["id"]]
    call.account.emit("invoiceitem.deleted", item, call.at)
    if draft is not None:
        recount(call.account, draft)
    return {"id": item["id"], "object": "invoiceitem", "deleted": True}


def _open_item(call: Call) -> tuple[Object, Object | None]:
    item = call.account.get("invoiceitem", call.id)
    draft = call.account.find("invoice", str(item["invoice"]))
    if draft is not None and draft["status"] != "draft":
        raise wrong_state("This item is on an invoice that is final.", "invoice_not_editable")
    return item, draft


def retrieve_item(call: Call) -> Object:
    return call.account.get("invoiceitem", call.id)


ROUTES = [
    Route(
        "POST", "invoiceitems", create_item,
        "customer! amount:int currency description invoice metadata:map quantity:int pricing:map unit_amount_decimal",
    ),
    Route("GET", "invoiceitems/{}", retrieve_item),
    Route("POST", "invoiceitems/{}", update_item, "amount:int description metadata:map"),
    Route("DELETE", "invoiceitems/{}", delete_item),
]  # fmt: skip
