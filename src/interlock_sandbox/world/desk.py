"""The bookkeeper's desk: every write to a company's books goes through here, at an instant in office hours.

The clock of the desk starts at eight in the morning, company time, and moves on with each write, so that instants
rise strictly within a day and a day's work ends before midnight UTC in every US time zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from interlock_sandbox.books import Books, BooksFault

OPENING_TIME = time(8, 0)
BETWEEN_WRITES = timedelta(seconds=41)

Body = dict[str, Any]


def money(cents: int) -> Decimal:
    """Cents as the decimal a document carries."""
    return Decimal(cents).scaleb(-2)


def in_cents(amount: Decimal | int | float) -> int:
    """A document's amount in cents; exact for anything with two decimals."""
    return int((Decimal(str(amount)) * 100).to_integral_value())


class Desk:
    """Writes to one company's books, each at its own instant."""

    def __init__(self, books: Books, time_zone: str) -> None:
        self.books = books
        self._zone = ZoneInfo(time_zone)
        self._now = datetime.min.replace(tzinfo=UTC)

    def open(self, day: date) -> None:
        """Begin the working day `day`; a day already worked at goes on from where it was."""
        morning = datetime.combine(day, OPENING_TIME, self._zone).astimezone(UTC)
        self._now = max(self._now, morning)

    def instant(self) -> datetime:
        self._now += BETWEEN_WRITES
        return self._now

    def create(self, entity: str, body: Body) -> str:
        """Write a new row or document; returns its id."""
        stored: str = self.books.create(entity, body, at=self.instant())["Id"]
        return stored

    def change(self, entity: str, id: str, fields: Body) -> None:
        """A sparse update of the row as it stands."""
        current = self.books.get(entity, id)
        body = {"Id": id, "SyncToken": current["SyncToken"], **fields}
        self.books.update(entity, body, at=self.instant(), sparse=True)

    def standing(self, entity: str, id: str) -> Body | None:
        """The document as the books hold it now, or None when someone removed it."""
        try:
            return self.books.get(entity, id)
        except BooksFault:
            return None

    def open_cents(self, entity: str, id: str) -> int:
        """What is open on a document now, in its own currency; zero when it is gone."""
        found = self.standing(entity, id)
        return in_cents(found["Balance"]) if found else 0

    def delete(self, entity: str, id: str) -> None:
        self.books.delete(entity, id, at=self.instant())

    def void(self, entity: str, id: str) -> None:
        self.books.void(entity, id, at=self.instant())
