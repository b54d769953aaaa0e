"""What every view model is made of: exact amounts, instants with Z, and totals that say what they leave out."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from interlock.domains.firm.models import Business
from interlock.kernel.money import Money, decimals
from interlock.rails.ports import Freshness

Instant = Annotated[
    datetime,
    PlainSerializer(
        lambda at: at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        return_type=str,
        when_used="json",
    ),
]


class View(BaseModel):
    """Frozen; the same object serves page, API and ``--json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Amount(View):
    """``amount`` is exact text in major units with the currency's decimals: ``"1234.50"``, ``"-3.00"``."""

    amount: str
    currency: str

    @classmethod
    def of(cls, money: Money) -> "Amount":
        return cls(amount=f"{money.amount:.{decimals(money.currency)}f}", currency=money.currency)

    @classmethod
    def minor(cls, minor: int, currency: str) -> "Amount":
        return cls.of(Money(minor, currency))

    @property
    def money(self) -> Money:
        return Money.of(self.amount, self.currency)

    def __str__(self) -> str:
        """Accountant's form, without the currency."""
        return str(self.money)


class Exclusion(View):
    """What a total leaves out, and why: a currency's documents, say."""

    what: str
    rows: int
    amount: Amount


class Total(View):
    """A sum that explains itself: how many rows it is of, how it is made, and what stands outside it."""

    amount: Amount
    rows: int
    basis: str
    excluded: tuple[Exclusion, ...] = ()

    @classmethod
    def of(cls, amounts: Iterable[Money], home_currency: str, basis: str, what: str = "documents") -> "Total":
        """Home-currency amounts are summed; each other currency stands apart with its own count and sum."""
        home, apart = Money.zero(home_currency), dict[str, tuple[int, Money]]()
        rows = 0
        for amount in amounts:
            if amount.currency == home_currency:
                home, rows = home + amount, rows + 1
            else:
                count, total = apart.get(amount.currency, (0, Money.zero(amount.currency)))
                apart[amount.currency] = (count + 1, total + amount)
        excluded = tuple(
            Exclusion(what=f"{what} in {currency}", rows=count, amount=Amount.of(total))
            for currency, (count, total) in sorted(apart.items())
        )
        return cls(amount=Amount.of(home), rows=rows, basis=basis, excluded=excluded)

    @property
    def words(self) -> str:
        """``49,308.78 and GBP 6,064.42``: the sum, and what stands apart in other currencies."""
        return str(self.amount) + "".join(f" and {each.amount.currency} {each.amount}" for each in self.excluded)


class BusinessView(View):
    """Which client a view is about."""

    business_id: str
    slug: str
    name: str
    home_currency: str
    time_zone: str

    @classmethod
    def of(cls, business: Business) -> "BusinessView":
        return cls(
            business_id=business.business_id,
            slug=business.slug,
            name=business.name,
            home_currency=business.home_currency,
            time_zone=business.time_zone,
        )


class SyncStatus(View):
    """How fresh the mirror is. Bills and invoices come with the same sync; both keys stand, as they may part one day."""

    bills_last_sync: Instant | None
    invoices_last_sync: Instant | None
    age_seconds: int | None
    stale: bool
    words: str

    @classmethod
    def of(cls, freshness: Freshness) -> "SyncStatus":
        return cls(
            bills_last_sync=freshness.last_sync,
            invoices_last_sync=freshness.last_sync,
            age_seconds=freshness.age_seconds,
            stale=freshness.stale,
            words=freshness.words,
        )


class DifferenceView(View):
    """One place where QuickBooks' totals and ours differ; amounts for money, rows for counts. ``off_by``: ours less theirs."""

    what: str
    id: str
    name: str
    words: str
    quickbooks: Amount | None
    ours: Amount | None
    off_by: Amount | None
    rows_quickbooks: int | None
    rows_ours: int | None


class TiedView(View):
    """Whether the totals shown are QuickBooks' own and its control accounts', to the cent. ``tied`` is ``None`` before the

    first proof.
    ``as_of``: when QuickBooks' totals were taken. ``differences``: the first twenty of ``differences_count``;
    ``left_out``: what isn't compared, and why.
    """

    tied: bool | None
    words: str
    as_of: Instant | None = None
    differences_count: int = 0
    differences: tuple[DifferenceView, ...] = ()
    left_out: tuple[str, ...] = ()
