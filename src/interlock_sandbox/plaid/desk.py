"""What Plaid's calls have in common: who asks, about which Item, and whether that works now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple

from interlock_sandbox.bank.bank import Bank
from interlock_sandbox.bank.model import BankAccount
from interlock_sandbox.parties import Step
from interlock_sandbox.plaid import faults
from interlock_sandbox.plaid.items import Item
from interlock_sandbox.plaid.party import Plaid
from interlock_sandbox.sandbox import Sandbox


class Asked(NamedTuple):
    """One call: its JSON body, when it came, and the address of this server."""

    body: dict[str, Any]
    now: datetime
    origin: str


Answer = dict[str, Any]
Call = Callable[[Asked], Awaitable[Answer]]


class Desk:
    """Handlers of some of the calls; ``calls`` names them by path."""

    def __init__(self, sandbox: Sandbox, plaid: Plaid) -> None:
        self.sandbox = sandbox
        self.plaid = plaid

    @property
    def bank(self) -> Bank:
        return self.plaid.bank

    def calls(self) -> dict[str, Call]:
        return {}

    def act(self, now: datetime, act: str, **more: Any) -> None:
        """Let something happen at Plaid, journaled before the answer leaves."""
        self.sandbox.act("plaid", Step(now, {"act": act, **more}))

    def item_of(self, body: dict[str, Any], *, broken: bool = False) -> Item:
        """The Item of the access token; one that needs its owner is refused unless ``broken`` ones will do."""
        token = text_of(body, "access_token")
        item_id = self.plaid.by_access.get(token)
        if item_id is None:
            raise faults.invalid_input("INVALID_ACCESS_TOKEN", "could not find matching access token")
        item = self.plaid.items[item_id]
        if item.removed:
            raise faults.item_error("ITEM_NOT_FOUND")
        if item.error is not None and not broken:
            raise faults.item_error(item.error)
        return item

    def reachable(self, item: Item) -> None:
        """Refuse what would need the bank's answer while the bank gives none."""
        if item.institution in self.plaid.down:
            raise faults.institution_error(self.plaid.down[item.institution])

    def uses(self, item: Item, product: str, now: datetime, **more: Any) -> None:
        """A product that was agreed to is added to the Item when first used; another is refused."""
        if product in item.products:
            return
        if not item.can(product):
            sentence = f"additional consent is needed from the end user to access the {product} product"
            raise faults.invalid_input("ADDITIONAL_CONSENT_REQUIRED", sentence)
        self.act(now, "consent", item=item.id, product=product, **more)

    def held(self, item: Item, options: dict[str, Any] | None = None) -> list[BankAccount]:
        """The Item's accounts, or those ``options.account_ids`` names."""
        wanted = (options or {}).get("account_ids")
        if wanted is None:
            return [self.bank.account(each) for each in item.accounts]
        if not isinstance(wanted, list):
            raise faults.invalid_field("options.account_ids must be an array")
        found = [item.held_as(str(each)) for each in wanted]
        if None in found:
            raise faults.invalid_input("INVALID_ACCOUNT_ID", "one of the account_id(s) requested is not of this Item")
        return [self.bank.account(each) for each in found if each is not None]


def text_of(body: dict[str, Any], name: str) -> str:
    """A required string."""
    value = body.get(name)
    if value is None or value == "":
        raise faults.missing(name)
    if not isinstance(value, str):
        raise faults.invalid_field(f"{name} must be a string")
    return value


def object_of(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An optional object."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise faults.invalid_field(f"{name} must be an object")
    return value


def list_of(body: dict[str, Any], name: str) -> list[str]:
    """An optional list of strings."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise faults.invalid_field(f"{name} must be an array of strings")
    return value
