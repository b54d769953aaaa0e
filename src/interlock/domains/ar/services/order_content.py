"""What an order to the collecting rail says: what a person's yes to it binds to."""

import hashlib
from datetime import date

import msgspec
from msgspec import Struct

from interlock.domains.ar.collecting_models import CollectionOrder
from interlock.domains.ar.policy.orders import Act
from interlock.kernel.money import Money

RAIL, LEDGER = "stripe", "qbo"


class Wish(Struct, frozen=True):
    """What a person wants done. ``invoice_id``: the ledger's; ``rail_invoice_id``: which of the rail's, where there are several;

    ``charge_id``, ``amount_minor`` and ``reason``: of money given back, all that is left of it where no amount is said.
    """

    act: Act
    invoice_id: str | None = None
    rail_invoice_id: str | None = None
    charge_id: str | None = None
    amount_minor: int | None = None
    reason: str | None = None


class OrderContent(Struct, frozen=True):
    """What a yes binds to. ``customer_id``: the ledger's, ``rail_customer_id`` the rail's; ``email``: where the rail writes to."""

    act: Act
    invoice_id: str | None
    rail_invoice_id: str | None
    charge_id: str | None
    customer_id: str | None
    rail_customer_id: str | None
    customer: str
    email: str | None
    number: str | None
    due: date | None
    amount_minor: int
    currency: str
    reason: str | None = None

    @property
    def hash(self) -> str:
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


def content_of(order: CollectionOrder) -> OrderContent:
    """What an order was prepared with."""
    return msgspec.json.decode(order.instruction or "{}", type=OrderContent)


def changes(was: OrderContent, now: OrderContent) -> str:
    """What differs, both values said, one field after the other."""
    said = []
    if was.amount != now.amount:
        said.append(f"{was.amount} is {now.amount}")
    for name in ("customer", "email", "number", "due", "rail_customer_id", "customer_id"):
        before, after = getattr(was, name), getattr(now, name)
        if before != after:
            said.append(f"{name.replace('_', ' ')} {before or 'none'} is {after or 'none'}")
    return ", ".join(said) or "what it is made of"
