"""Objects as they are answered: what is asked for expanded in place, balances as available as they are by now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from interlock_sandbox.stripe.refusal import StripeRefusal
from interlock_sandbox.stripe.store import KINDS, Account, Object, page, stamp

DEEPEST = 4
Tree = dict[str, Any]


def rendered(account: Account, made: Object, expand: list[Any], now: datetime) -> Object:
    """The answer for an object or a page of them; StripeRefusal for what cannot be expanded."""
    tree: Tree = {}
    for path in expand:
        steps = str(path).split(".")
        if len(steps) > DEEPEST:
            raise StripeRefusal(
                f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}", param="expand"
            )
        place = tree
        for step in steps:
            place = place.setdefault(step, {})
    return Renderer(account, stamp(now)).object(made, tree, "")


class Renderer:
    """Renders within one account at one moment (seconds since 1970)."""

    def __init__(self, account: Account, now: int) -> None:
        self.account = account
        self.now = now

    def object(self, made: Object, tree: Tree, path: str) -> Object:
        kind = made.get("object")
        shown = dict(made)
        if kind == "balance_transaction":
            shown["status"] = "available" if made["available_on"] <= self.now else "pending"
        elif kind == "dispute":
            shown["balance_transactions"] = [self.object(row, {}, path) for row in made["balance_transactions"]]
        elif kind == "list" and "data" not in tree:
            shown["data"] = [self.object(row, {}, path) for row in made["data"]]
        for name, deeper in tree.items():
            shown[name] = self._expanded(made, name, deeper, f"{path}.{name}" if path else name)
        return shown

    def _expanded(self, made: Object, name: str, deeper: Tree, path: str) -> Any:
        included = _included(self.account, made, name)
        value = made.get(name) if included is None else included
        if isinstance(value, str):
            found = self._by_id(value)
            if found is not None:
                return self.object(found, deeper, path)
            if value.startswith("pr_"):
                return value
        elif isinstance(value, dict):
            return self.object(value, deeper, path)
        elif isinstance(value, list):
            return [self.object(each, deeper, path) if isinstance(each, dict) else self._by_id(each) for each in value]
        elif name in made and value is None:
            return None
        raise StripeRefusal(f"This property cannot be expanded ({path}).", param="expand")

    def _by_id(self, id_: str) -> Object | None:
        if id_ == self.account.external["id"]:
            return self.account.external
        return self.account.find(KINDS.get(id_.split("_", 1)[0], ""), id_)


def _included(account: Account, made: Object, name: str) -> Object | None:
    """Lists that stand on an object only when asked for."""
    kind, id_ = made.get("object"), made.get("id")
    if (kind, name) == ("invoice", "payments"):
        return page(
            f"/v1/invoices/{id_}/payments",
            [each for each in account.sorted("invoice_payment") if each["invoice"] == id_],
        )
    if (kind, name) == ("charge", "refunds"):
        return page(f"/v1/charges/{id_}/refunds", [each for each in account.sorted("refund") if each["charge"] == id_])
    if (kind, name) == ("payment_link", "line_items"):
        return account.objects["link items"][str(id_)]
    if kind == "customer" and name in ("sources", "subscriptions", "tax_ids"):
        return page(f"/v1/customers/{id_}/{name}", [])
    if (kind, name) == ("invoice", "confirmation_secret"):
        for paid in account.all("invoice_payment"):
            intent = account.find("payment_intent", str(paid["payment"].get("payment_intent")))
            if paid["invoice"] == id_ and paid["status"] == "open" and intent is not None:
                return {"client_secret": intent["client_secret"], "type": "payment_intent"}
    return None
