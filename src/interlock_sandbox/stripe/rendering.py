"""Objects as they are answered: what is asked for expanded in place, balances as available as they are by now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from interlock_sandbox.stripe.store import KINDS, Account, Object, page, stamp

Tree = dict[str, Any]


def rendered(account: Account, made: Object, expand: list[Any], now: datetime) -> Object:
    """The answer for an object or a page of them; ``expand`` has been checked (``expanding.check``)."""
    tree: Tree = {}
    for path in expand:
        place = tree
        for step in str(path).split("."):
            place = place.setdefault(step, {})
    return Renderer(account, stamp(now)).object(made, tree)


class Renderer:
    """Renders within one account at one moment (seconds since 1970)."""

    def __init__(self, account: Account, now: int) -> None:
        self.account = account
        self.now = now

    def object(self, made: Object, tree: Tree) -> Object:
        kind = made.get("object")
        shown = dict(made)
        if kind == "balance_transaction":
            shown["status"] = "available" if made["available_on"] <= self.now else "pending"
        elif kind == "dispute":
            shown["balance_transactions"] = [self.object(row, {}) for row in made["balance_transactions"]]
        elif kind == "list" and "data" not in tree:
            shown["data"] = [self.object(row, {}) for row in made["data"]]
        for name, deeper in tree.items():
            included = _included(self.account, made, name)
            value = made.get(name) if included is None else included
            if value is not None:
                shown[name] = self._expanded(value, deeper)
        return shown

    def _expanded(self, value: Any, deeper: Tree) -> Any:
        if isinstance(value, list):
            return [self._expanded(each, deeper) for each in value]
        found = self._by_id(value) if isinstance(value, str) else value
        return self.object(found, deeper) if isinstance(found, dict) else value

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
