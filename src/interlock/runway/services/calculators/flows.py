"""Cash to come, item by item: what the dated cash path is drawn from (product-map §2.3). Pure values."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

Basis = Literal["bank", "books"]
Standing = Literal["sure", "forecast"]
FlowKind = Literal[
    "in_flight",  # left by our word or the books', not at the bank yet
    "in_transit",  # receipts on their way to the bank, Undeposited Funds among them
    "committed",  # approved here, not yet paid
    "bill",  # an open bill, by its pay run
    "payroll",
    "tax",
    "rent",
    "utilities",
    "debt",
    "card",  # settlement of a card's balance
    "recurring",  # confirmed by a person, of no other kind
    "receipt",  # an open invoice
    "payout",  # a payout of the collecting rail
    "sales",  # what isn't invoiced yet
    "unbilled",  # recurring bills not entered yet
]


class Source(Struct, frozen=True, gc=False):
    """Where a figure comes from: ``book`` is qbo, ramp, plaid, stripe or ours; ``kind`` and ``id`` as the mirror has them."""

    book: str
    kind: str
    id: str
    number: str | None = None


class Flow(Struct, frozen=True, gc=False):
    """One dated movement of cash to come. ``minor``: home currency, money in above zero; ``likely`` and ``late``: its date at p50

    and at p80 (the same for what is paid). ``sure``: part of what the guardrail starts from (G of §2.8); ``forecast``: drawn
    only. ``rule``: which rule placed it (``RULES``); ``because``: the same with this item's figures. ``essential`` with its
    ``place`` in the waterfall, 0 first. ``bill_id``: the bill that it pays, so that a decision on it replaces it.
    ``assumed``: its date stands on an assumption about something overdue (§2.3).
    """

    key: str
    kind: FlowKind
    standing: Standing
    minor: int
    likely: date
    late: date
    party: str | None
    label: str
    rule: str
    because: str
    source: Source
    essential: bool = False
    place: int = 99
    bill_id: str | None = None
    assumed: bool = False


class StartPart(Struct, frozen=True, gc=False):
    """One account's part of where the path starts."""

    label: str
    minor: int
    source: Source
    as_of: datetime | None


class Start(Struct, frozen=True):
    """Where the path starts: banks' available cash less what is restricted, or (no bank linked) the books' cash."""

    basis: Basis
    minor: int
    parts: tuple[StartPart, ...]
    as_of: datetime | None
    words: str
    restricted_minor: int = 0


class LeftOut(Struct, frozen=True, gc=False):
    """What the path leaves out, and why: foreign currency, disputed, without a date."""

    why: str
    currency: str
    rows: int
    minor: int


class Plan(Struct, frozen=True):
    """All that a path of one client is drawn from. ``essential_per_day_minor``: average daily essential outflow, above zero."""

    today: date
    currency: str
    start: Start
    flows: tuple[Flow, ...]
    essential_per_day_minor: int
    left_out: tuple[LeftOut, ...] = ()
    troubles: tuple[str, ...] = ()
    """Findings that make the inputs unfit to decide on (C02, C03, C04, X12), in words."""
