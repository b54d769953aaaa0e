"""What a ledger says of its books as a whole: rows by kind, agings, balances; and where what we hold of them differs."""

from datetime import date, datetime

from msgspec import Struct

from interlock.rails.facts import Fact


class LedgerCounts(Struct, frozen=True):
    """Rows of every kind, inactive names included, as the ledger counts them; without the kinds that its plan lacks."""

    as_of: datetime
    rows: dict[type[Fact], int]


class LedgerTotals(Struct, frozen=True):
    """The ledger's own sums, to hold a mirror against. Minor units of the home currency.

    ``counts``: rows by entity. ``payables_minor`` and ``receivables_minor``: the aging reports' grand totals on
    ``report_date``, credits and unapplied payments subtracted; ``by_vendor`` and ``by_customer`` their rows by id (``None``
    where the report names no ids). ``balances``: the balance sheet's figure of each account by id, everything dated up to
    ``balances_on`` in it; assets positive as owned, liabilities positive as owed. ``lacking``: entities that the company's plan
    doesn't include, so that they are not counted.
    """

    as_of: datetime
    report_date: date
    counts: dict[str, int]
    payables_minor: int
    receivables_minor: int
    by_vendor: dict[str, int] | None = None
    by_customer: dict[str, int] | None = None
    balances: dict[str, int] | None = None
    balances_on: date | None = None
    lacking: tuple[str, ...] = ()


class Difference(Struct, frozen=True):
    """Where the ledger and what we hold of it disagree. ``what``: ``count`` (``id`` is the entity), ``vendor``,

    ``customer``, ``account``, ``side`` (payables or receivables as a whole) or ``row`` (one the ledger fails to show).
    Counts are rows, the rest minor units of the home currency.
    """

    what: str
    id: str
    name: str
    theirs: int
    ours: int
