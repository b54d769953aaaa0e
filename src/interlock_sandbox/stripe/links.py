"""Products, prices and payment links: a page that a customer can pay at without an invoice."""

from __future__ import annotations

from typing import Any

from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.forms import merged, whole
from interlock_sandbox.stripe.refusal import StripeRefusal, missing
from interlock_sandbox.stripe.store import Object, nulls, page, stamp


def create_product(call: Call) -> Object:
    id_ = call.get("id") or f"prod_{call.account.named('product', call.account.new_id('product'), length=14)}"
    now = stamp(call.at)
    made: Object = nulls(
        "default_price description package_dimensions shippable statement_descriptor tax_code unit_label url"
    )
    made |= {
        "id": id_, "object": "product", "active": call.get("active", True), "created": now, "images": [],
        "livemode": False, "marketing_features": [], "metadata": merged({}, call.get("metadata", {})),
        "name": call.sent["name"], "type": "service", "updated": now, "description": call.get("description"),
    }  # fmt: skip
    call.account.add(made)
    call.account.emit("product.created", made, call.at)
    return made


def update_product(call: Call) -> Object:
    product = call.account.get("product", call.id)
    product |= {name: call.sent[name] for name in ("active", "name", "description") if name in call.sent}
    product |= {"metadata": merged(product["metadata"], call.get("metadata", {})), "updated": stamp(call.at)}
    call.account.emit("product.updated", product, call.at)
    return product


def create_price(call: Call) -> Object:
    if call.get("unit_amount") is None:
        raise missing("unit_amount")
    if call.sent["currency"].lower() != "usd":
        raise StripeRefusal(f"Invalid currency: {call.sent['currency']}", param="currency")
    product = call.get("product")
    if product:
        call.account.get("product", product, "product")
    elif call.get("product_data"):
        inner = Call(call.account, call.at, (), {"name": str(call.sent["product_data"].get("name", ""))})
        product = create_product(inner)["id"]
    else:
        raise missing("product")
    made: Object = nulls("custom_unit_amount lookup_key nickname recurring tiers_mode transform_quantity")
    made |= {
        "id": call.account.new_id("price"), "object": "price", "active": call.get("active", True),
        "billing_scheme": "per_unit", "created": stamp(call.at), "currency": "usd", "livemode": False,
        "metadata": merged({}, call.get("metadata", {})), "nickname": call.get("nickname"), "product": product,
        "tax_behavior": "unspecified", "type": "one_time", "unit_amount": call.sent["unit_amount"],
        "unit_amount_decimal": str(call.sent["unit_amount"]),
    }  # fmt: skip
    call.account.add(made)
    call.account.emit("price.created", made, call.at)
    return made


def update_price(call: Call) -> Object:
    price = call.account.get("price", call.id)
    price |= {name: call.sent[name] for name in ("active", "nickname") if name in call.sent}
    price["metadata"] = merged(price["metadata"], call.get("metadata", {}))
    call.account.emit("price.updated", price, call.at)
    return price


def create_link(call: Call) -> Object:
    items = [_item(call, number, item) for number, item in enumerate(call.sent["line_items"])]
    id_ = call.account.new_id("payment_link")
    made: Object = nulls(
        "application application_fee_amount application_fee_percent consent_collection inactive_message on_behalf_of "
        "payment_intent_data payment_method_types restrictions shipping_address_collection subscription_data transfer_data "
        "optional_items name_collection"
    ) | {
        "id": id_, "object": "payment_link", "active": True, "after_completion":
        {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": None}}, "allow_promotion_codes": False,
        "automatic_tax": {"enabled": False, "liability": None}, "billing_address_collection": "auto", "currency": "usd",
        "custom_fields": [], "custom_text":
        nulls("after_submit shipping_address submit terms_of_service_acceptance"), "customer_creation": "if_required",
        "invoice_creation": {"enabled": False, "invoice_data": None}, "livemode": False,
        "metadata": merged({}, call.get("metadata", {})), "payment_method_collection": "always",
        "phone_number_collection": {"enabled": False}, "shipping_options": [], "submit_type": "auto",
        "tax_id_collection": {"enabled": False, "required": "never"},
        "url": f"https://buy.stripe.example/test_{call.account.named('link', id_, length=18)}",
    }  # fmt: skip
    if call.get("restrictions"):
        made["restrictions"] = _restrictions(call.sent["restrictions"])
    call.account.add(made)
    call.account.objects.setdefault("link items", {})[id_] = page(f"/v1/payment_links/{id_}/line_items", items)
    call.account.emit("payment_link.created", made, call.at)
    return made


def _item(call: Call, number: int, item: Any) -> Object:
    at = f"line_items[{number}]"
    if not isinstance(item, dict) or not item.get("price"):
        raise missing(f"{at}[price]")
    price = call.account.get("price", item["price"], f"{at}[price]")
    quantity = whole(item.get("quantity", 1), f"{at}[quantity]")
    total = price["unit_amount"] * quantity
    return {
        "id": call.account.new_id("item"), "object": "item", "amount_discount": 0, "amount_subtotal": total,
        "amount_tax": 0, "amount_total": total, "currency": "usd", "description":
        call.account.get("product", price["product"])["name"], "price": price, "quantity": quantity,
    }  # fmt: skip


def _inner(sent: dict[str, Any], name: str) -> dict[str, Any]:
    found = sent.get(name, {})
    if not isinstance(found, dict):
        raise StripeRefusal("Invalid object", param=name)
    return found


def _restrictions(sent: dict[str, Any]) -> Object:
    limit = whole(_inner(sent, "completed_sessions").get("limit"), "restrictions[completed_sessions][limit]")
    return {"completed_sessions": {"count": 0, "limit": limit}}


def update_link(call: Call) -> Object:
    link = call.account.get("payment_link", call.id)
    if "active" in call.sent:
        link["active"] = call.sent["active"]
    if call.get("restrictions"):
        link["restrictions"] = _restrictions(call.sent["restrictions"])
    link["metadata"] = merged(link["metadata"], call.get("metadata", {}))
    call.account.emit("payment_link.updated", link, call.at)
    return link


def link_items(call: Call) -> Object:
    call.account.get("payment_link", call.id)
    return call.account.objects["link items"][call.id]


def retrieve(kind: str) -> Any:
    return lambda call: call.account.get(kind, call.id)


ROUTES = [
    Route("POST", "products", create_product, "name! active:bool description id metadata:map"),
    Route("GET", "products/{}", retrieve("product")),
    Route("POST", "products/{}", update_product, "name active:bool description metadata:map"),
    Route("POST", "prices", create_price, "currency! unit_amount:int product product_data:map active:bool metadata:map nickname"),
    Route("GET", "prices/{}", retrieve("price")),
    Route("POST", "prices/{}", update_price, "active:bool metadata:map nickname"),
    Route("POST", "payment_links", create_link, "line_items!:list metadata:map restrictions:map"),
    Route("GET", "payment_links/{}", retrieve("payment_link")),
    Route("GET", "payment_links/{}/line_items", link_items, "limit:int"),
    Route("POST", "payment_links/{}", update_link, "active:bool metadata:map restrictions:map"),
]  # fmt: skip
