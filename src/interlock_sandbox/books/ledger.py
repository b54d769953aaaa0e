"""Double entry: every document posts lines that sum to zero, and account totals follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Posting(NamedTuple):
    """One line of a journal: account id, cents in home currency (debit positive), and whose it is."""

    account: str
    cents: int
    party: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """The postings of one document, dated with its TxnDate (``YYYY-MM-DD``)."""

    date: str
    entity: str
    postings: tuple[Posting, ...]


class Unbalanced(ValueError):
    """Postings that do not sum to zero: a fault in the caller, never accepted."""


class Ledger:
    """All entries by document id, with running totals per account."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.totals: dict[str, int] = {}

    def post(self, txn_id: str, entry: Entry) -> None:
        """Add a document's entry; the total of an account follows at once."""
        off = sum(posting.cents for posting in entry.postings)
        if off:
            raise Unbalanced(f"{entry.entity} {txn_id} is off by {off} cents")
        self.entries[txn_id] = entry
        totals = self.totals
        for posting in entry.postings:
            totals[posting.account] = totals.get(posting.account, 0) + posting.cents

    def retract(self, txn_id: str) -> Entry:
        """Take a document's entry out again."""
        entry = self.entries.pop(txn_id)
        for posting in entry.postings:
            self.totals[posting.account] -= posting.cents
        return entry

    def total(self, account: str) -> int:
        """Cents, debit positive, over all dates."""
        return self.totals.get(account, 0)

    def totals_between(self, accepts: Callable[[str], bool]) -> dict[str, int]:
        """Account totals over the entries whose date is accepted."""
        found: dict[str, int] = {}
        for entry in self.entries.values():
            if accepts(entry.date):
                for posting in entry.postings:
                    found[posting.account] = found.get(posting.account, 0) + posting.cents
        return found

    def __iter__(self) -> Iterator[tuple[str, Entry]]:
        return iter(self.entries.items())
