"""What the guardrail is asked and what it answers (product-map §2.8). Both are kept with the decision, to be judged again.

Dates are the client's own, amounts minor units of home currency. ``ENGINE`` moves whenever the same question may get another
answer.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

ENGINE = 1

Outcome = Literal["allow", "warn", "block"]
Binding = Literal["none", "floor", "essentials", "inputs", "check", "payment", "vendor_week", "day", "week", "credit"]


class Cash(Struct, frozen=True, gc=False):
    """A dated movement of G: money in above zero, at p50 and at p80. ``bill_id``: a bill whose decision replaces it."""

    key: str
    label: str
    minor: int
    likely: date
    late: date
    essential: bool = False
    place: int = 99
    bill_id: str | None = None


class FloorTerms(Struct, frozen=True):
    """The floor is the largest term. ``essential_per_day_minor``: average daily essential outflow."""

    absolute_minor: int = 0
    buffer_days: int = 0
    essential_per_day_minor: int = 0
    covenant_minor: int = 0


class Limits(Struct, frozen=True):
    """As the policy has them; ``None``: no such limit."""

    payment_minor: int | None = None
    vendor_week_minor: int | None = None
    day_minor: int | None = None
    week_minor: int | None = None


class Spent(Struct, frozen=True):
    """What is approved already and counts towards the limits: in seven days by vendor and in all, and by day of payment."""

    by_vendor_minor: dict[str, int] = {}
    by_day_minor: dict[str, int] = {}
    week_minor: int = 0


class Stop(Struct, frozen=True, gc=False):
    """A finding that stops one bill. Only those that aren't critical and are no fraud check can be overridden."""

    rule: str
    severity: str
    words: str
    overridable: bool


class Wanted(Struct, frozen=True):
    """A bill that is to be paid: above zero ``minor``, on ``pay_on``. ``must_pay``: essential, so already in G."""

    bill_id: str
    label: str
    vendor_id: str | None
    minor: int
    pay_on: date
    due: date | None
    must_pay: bool = False
    place: int = 99
    stops: tuple[Stop, ...] = ()
    open_credit_minor: int = 0
    """Open credits of its vendor that this payment doesn't apply first."""


class Balance(Struct, frozen=True, gc=False):
    """A part of the cash that was started from, and when it was so."""

    label: str
    minor: int
    as_of: datetime | None


class Question(Struct, frozen=True):
    """Everything a verdict depends on. ``troubles``: why the inputs are not fit to decide on (C02, C03, C04, X12).

    ``balances``: what ``start_minor`` was made of, for whoever asks later; no verdict depends on it.
    """

    today: date
    currency: str
    horizon_days: int
    start_minor: int
    cash: tuple[Cash, ...]
    wanted: tuple[Wanted, ...]
    floor: FloorTerms
    limits: Limits = Limits()
    spent: Spent = Spent()
    troubles: tuple[str, ...] = ()
    balances: tuple[Balance, ...] = ()
    engine: int = ENGINE


class Low(Struct, frozen=True, gc=False):
    """The lowest balance in the horizon and the first day of it."""

    minor: int
    on: date


class Reason(Struct, frozen=True, gc=False):
    """One constraint that isn't kept. ``bill_ids``: those it is about, all when empty; ``overridable`` by a person who may."""

    binding: Binding
    words: str
    on: date | None = None
    shortfall_minor: int = 0
    bill_ids: tuple[str, ...] = ()
    overridable: bool = True


class Verdict(Struct, frozen=True):
    """Allow, warn (p50 holds, p80 doesn't) or block, with the binding constraint first among ``reasons``.

    ``before`` and ``after``: lowest p80 balance without and with the batch; ``breach_before``/``breach_after``: the first day
    under the floor at p80. ``drop``: bills without which the rest is allowed: fewest bills, then fewest dollars,
    ``drop_proven`` where every smaller set was tried (up to twelve candidates), else only that none of them can be put
    back. ``floor_minor`` with the term that binds.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    floor_minor: int
    floor_term: Literal["absolute", "buffer", "covenant", "none"]
    before: Low
    after: Low
    breach_before: date | None
    breach_after: date | None
    shortfall_minor: int = 0
    drop: tuple[str, ...] = ()
    drop_minor: int = 0
    drop_proven: bool = True
    words: str = ""
    engine: int = ENGINE
