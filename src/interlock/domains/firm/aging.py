"""Aging, pure: open items by how late they are, from the due date, in QuickBooks' five columns (product-map §2.4).

Whatever is not a bill or invoice stands in a column of its own (credits, unapplied payments, journal entries, other
currencies), so that every party's line sums to what the ledger's aging report says of it, and each cause has a name.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

BUCKETS = ("Current", "1–30", "31–60", "61–90", "91+")
_UPPER_DAYS = (0, 30, 60, 90)

DOCUMENT = "document"
CREDIT = "credit"
UNAPPLIED = "unapplied"
JOURNAL = "journal"
FOREIGN = "foreign"


class OpenItem(Struct, frozen=True):
    """One open item, signed: what is owed is positive, what reduces it negative. Minor units of the home currency."""

    kind: str
    party_id: str | None
    party_name: str
    due: date
    minor: int


class AgingRow(Struct, frozen=True):
    """One party. ``buckets`` are documents in home currency by lateness; the other columns are signed sums."""

    party_id: str | None
    party_name: str
    buckets: tuple[int, int, int, int, int]
    credit_minor: int
    unapplied_minor: int
    journal_minor: int
    foreign_minor: int

    @property
    def total_minor(self) -> int:
        return sum(self.buckets) + self.credit_minor + self.unapplied_minor + self.journal_minor + self.foreign_minor


class Aging(Struct, frozen=True):
    """An aging as of a date; rows by name, largest total not singled out. ``currency`` is the home currency."""

    as_of: date
    currency: str
    rows: tuple[AgingRow, ...]

    @property
    def total(self) -> AgingRow:
        """The foot: sums of every column."""
        sums = [sum(row.buckets[at] for row in self.rows) for at in range(5)]
        return AgingRow(
            None,
            "Total",
            (sums[0], sums[1], sums[2], sums[3], sums[4]),
            sum(row.credit_minor for row in self.rows),
            sum(row.unapplied_minor for row in self.rows),
            sum(row.journal_minor for row in self.rows),
            sum(row.foreign_minor for row in self.rows),
        )


def bucket(due: date, as_of: date) -> int:
    """Which of ``BUCKETS``: an item due today is current."""
    late = (as_of - due).days
    return next((at for at, upper in enumerate(_UPPER_DAYS) if late <= upper), len(_UPPER_DAYS))


def age(items: Iterable[OpenItem], as_of: date, currency: str) -> Aging:
    """Sum ``items`` by party."""
    sums: dict[tuple[str | None, str], dict[str | int, int]] = {}
    for item in items:
        column: str | int = bucket(item.due, as_of) if item.kind == DOCUMENT else item.kind
        row = sums.setdefault((item.party_id, item.party_name), {})
        row[column] = row.get(column, 0) + item.minor
    rows = [
        AgingRow(
            party_id,
            name,
            (row.get(0, 0), row.get(1, 0), row.get(2, 0), row.get(3, 0), row.get(4, 0)),
            row.get(CREDIT, 0),
            row.get(UNAPPLIED, 0),
            row.get(JOURNAL, 0),
            row.get(FOREIGN, 0),
        )
        for (party_id, name), row in sums.items()
    ]
    return Aging(as_of, currency, tuple(sorted(rows, key=lambda row: (row.party_name, row.party_id or ""))))
