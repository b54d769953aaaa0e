"""What a rail's sync needs from the house, and what the house needs from a sync. Wiring joins them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypedDict

from msgspec import Struct
from sqlalchemy.orm import Session

from interlock.kernel.scope import Scope
from interlock.rails.facts import Fact, LedgerTotals, Page


class Mirror(Protocol):
    """The rows we keep of what a ledger said. Slices never commit: the sync's transaction does."""

    def store(self, session: Session, scope: Scope, page: Page, listing: int) -> int:
        """Write a page's facts with their lines and links; returns how many rows were new or different.

        ``listing`` numbers the full listing a row was last seen in; changes carry the number of the latest one.
        """
        ...

    def bury(self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str], now: datetime) -> list[str]:
        """Mark as deleted; returns the ids that were standing."""
        ...

    def unseen(self, session: Session, scope: Scope, kind: type[Fact], listing: int) -> list[str]:
        """Ids of standing rows that full listing ``listing`` did not show."""
        ...

    def linked(
        self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str], to: Sequence[type[Fact]]
    ) -> dict[type[Fact], set[str]]:
        """Documents of the kinds ``to`` that the given ones link to, as stored now."""
        ...

    def count(self, session: Session, scope: Scope, kind: type[Fact]) -> int:
        """Rows that stand."""
        ...

    def rows(self, session: Session, scope: Scope, kind: type[Fact]) -> Sequence[Any]:
        """The rows that stand, as the owning slice's models."""
        ...

    def prove(self, session: Session, scope: Scope, totals: LedgerTotals) -> bool:
        """Keep the ledger's own totals beside ours of the same moment; says whether they are equal."""
        ...


class Freshness(Struct, frozen=True):
    """How old an answer is: ``words`` as a person would say it, ``stale`` when it should not be decided on."""

    last_sync: datetime | None
    age_seconds: int | None
    stale: bool
    words: str


class LedgerAnswer(TypedDict):
    """What ``get_bills`` and ``get_invoices`` return: rows of the mirror, when they were true, and how fresh that is."""

    rows: Sequence[Any]
    last_sync: datetime | None
    freshness: Freshness


class EntityReport(Struct, frozen=True):
    """What a sync did for one entity."""

    entity: str
    rows: int
    upserted: int
    deleted: int


class SyncReport(Struct, frozen=True):
    """What a sync did: ``mode`` is full or changes; bytes as decoded, seconds of wall time."""

    business_id: str
    mode: str
    entities: tuple[EntityReport, ...]
    calls: int
    bytes: int
    seconds: float
    last_sync: datetime


Progress = Callable[[str, int, int | None], None]
"""Told of work done: entity, rows so far, rows in all where known."""


class SyncsLedger(Protocol):
    """The door to a ledger's sync (the seed's ``qbo_sync``)."""

    def get_bills(self) -> LedgerAnswer: ...
    def get_invoices(self) -> LedgerAnswer: ...
    def freshness(self) -> Freshness: ...
    def sync(self, *, full: bool = False, progress: Progress | None = None) -> SyncReport: ...
