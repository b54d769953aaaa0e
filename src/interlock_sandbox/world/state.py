"""What the engine remembers of one company between days: whom it deals with, what is open, what is coming."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from .chance import Chance
from .chart import Chart
from .desk import Desk
from .model import Planted
from .profiles import Profile
from .workdays import PaymentTerms, months_apart, on_or_after

SETTLED_KEPT = 2000
QUIET_DAYS = 12


@dataclass(slots=True)
class Supplier:
    """A vendor the company buys from. `kind` is "fixed", "metered" (monthly, varying) or "trade" (as work needs)."""

    id: str
    name: str
    kind: str
    account: str
    terms_key: str
    terms: PaymentTerms
    mean_cents: int
    prefix: str
    day_of_month: int = 1
    by_card: bool = False
    foreign: bool = False
    next_number: int = 1001
    amounts: set[int] = field(default_factory=set)

    def number(self) -> str:
        """The vendor's own next invoice number."""
        self.next_number += 1
        return f"{self.prefix}-{self.next_number}"


@dataclass(slots=True)
class Buyer:
    """A customer. Half of its invoices are paid within `p50` days of the due date, four of five within `p80`."""

    id: str
    name: str
    email: str
    terms_key: str
    terms: PaymentTerms
    p50: int
    p80: int
    pays_by: str
    weight: int = 1
    foreign: bool = False

    def days_late(self, chance: Chance) -> int:
        """One draw of how late this customer pays; negative is early."""
        draw = chance.below(1000)
        if draw < 500:
            return self.p50 - 6 + 6 * draw // 500
        if draw < 800:
            return self.p50 + (self.p80 - self.p50) * (draw - 500) // 300
        return self.p80 + (self.p80 - self.p50 + 2) * (draw - 800) // 130


@dataclass(slots=True)
class OpenBill:
    """A bill to be paid: `cents` is what is open, `whole` its total, both in the bill's own currency."""

    id: str
    supplier: Supplier
    number: str
    dated: date
    due: date
    cents: int
    whole: int
    rate: Decimal = Decimal(1)


@dataclass(slots=True)
class OpenInvoice:
    id: str
    buyer: Buyer
    dated: date
    due: date
    cents: int
    rate: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Held:
    """A receipt waiting in Undeposited Funds."""

    id: str
    entity: str
    cents: int
    method: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that will happen: `kind` names the handler, `ref` the document it is about."""

    kind: str
    ref: str = ""
    cents: int = 0


@dataclass(slots=True)
class Company:
    """The whole memory of one company. Amounts are cents in US dollars unless the document is foreign."""

    seed: int
    slug: str
    profile: Profile
    as_of: date
    start: date
    desk: Desk
    chart: Chart
    suppliers: list[Supplier] = field(default_factory=list)
    buyers: list[Buyer] = field(default_factory=list)
    walk_in: str = ""
    merchants: list[str] = field(default_factory=list)
    bills: dict[str, OpenBill] = field(default_factory=dict)
    invoices: dict[str, OpenInvoice] = field(default_factory=dict)
    on_account: dict[str, OpenInvoice] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    credits: dict[str, tuple[str, int]] = field(default_factory=dict)
    copied: set[str] = field(default_factory=set)
    settled: list[OpenBill] = field(default_factory=list)
    cash: dict[str, int] = field(default_factory=dict)
    agenda: dict[date, list[Event]] = field(default_factory=dict)
    planted: list[Planted] = field(default_factory=list)
    decoys: list[Planted] = field(default_factory=list)
    refused: list[tuple[date, str]] = field(default_factory=list)
    day: date = date.min
    chance: Chance = field(default_factory=lambda: Chance(0))
    newcomers: int = 0
    next_invoice: int = 1001
    next_check: int = 2001
    next_journal: int = 1

    def open_day(self, day: date) -> None:
        self.day = day
        self.chance = Chance(self.seed, self.slug, day.isoformat())
        self.desk.open(day)

    def expect(self, day: date, event: Event) -> None:
        """Put an event on the first business day on or after `day`, never earlier than tomorrow."""
        later = on_or_after(max(day, self.day + timedelta(days=1)))
        self.agenda.setdefault(later, []).append(event)

    def settle(self, bill: OpenBill) -> None:
        """A bill is paid in full: no longer open, remembered for those who enter it twice."""
        self.bills.pop(bill.id, None)
        self.settled.append(bill)
        if len(self.settled) > SETTLED_KEPT:
            del self.settled[:500]

    @property
    def live(self) -> bool:
        """Whether the world has been shown: from then on others may have changed the books."""
        return self.day >= self.as_of

    @property
    def quiet(self) -> bool:
        """The last days before the world is first shown: nothing is left half done that a check would report."""
        return self.as_of - timedelta(days=QUIET_DAYS) <= self.day < self.as_of

    def level(self) -> int:
        """How large the business is against its first month, in thousandths, without season."""
        level = 1000
        for _ in range(max(0, months_apart(self.start, self.day))):
            level += level * self.profile.growth // 1000
        return max(level, 400)

    def demand(self) -> int:
        """Level and season together, in thousandths."""
        return self.level() * self.profile.season[self.day.month - 1] // 1000

    def check_number(self) -> str:
        self.next_check += 1
        return str(self.next_check)

    def move(self, account: str, cents: int) -> None:
        """Follow an account's balance: positive is more cash, or more owed on a liability."""
        self.cash[account] = self.cash.get(account, 0) + cents
