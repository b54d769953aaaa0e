"""What a rail's sync needs from the house, and what the house needs from a sync. Wiring joins them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Literal, Protocol, TypedDict

from msgspec import Struct
from sqlalchemy.orm import Session

from interlock.kernel.scope import Scope
from interlock.rails.facts import Fact, Page
from interlock.rails.totals import Difference, LedgerTotals


class Tie(Struct, frozen=True):
    """One document's link to another, each by its kind's entity and its id."""

    kind: str
    id: str
    linked_kind: str
    linked_id: str


class Ties(Struct, frozen=True):
    """Links from and to some documents."""

    outward: frozenset[Tie]
    inward: frozenset[Tie]


class Comparison(Struct, frozen=True):
    """The ledger's totals beside ours. ``located``: every difference; ``left_out``: what can't be compared, and why."""

    theirs: LedgerTotals
    ours: LedgerTotals
    located: tuple[Difference, ...]
    left_out: tuple[str, ...] = ()


class Mirror(Protocol):
    """The rows we keep of what a ledger said. Slices never commit: the sync's transaction does."""

    def store(self, session: Session, scope: Scope, page: Page, listing: int, *, fresh: bool = False) -> int:
        """Write a page's facts with their lines and links; returns how many rows were new or different.

        ``listing`` numbers the full listing a row was last seen in; changes carry the number of the latest one.
        ``fresh``: the rows are likely seen for the first time, which is tried first because it costs less.
        """
        ...

    def bury(self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str], now: datetime) -> list[str]:
        """Mark as deleted; returns the ids that were standing."""
        ...

    def unseen(self, session: Session, scope: Scope, kind: type[Fact], listing: int) -> list[str]:
        """Ids of standing rows that full listing ``listing`` did not show."""
        ...

    def ties(self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str]) -> Ties:
        """What the given documents link to, and what links to them, as stored now."""
        ...

    def referring(
        self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str]
    ) -> dict[type[Fact], list[str]]:
        """Standing rows that name any of these vendors, customers, accounts or terms, by kind."""
        ...

    def standing(
        self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str]
    ) -> dict[str, datetime | None]:
        """Those of ``ids`` that stand, and when the ledger says each last changed."""
        ...

    def distrust(self, session: Session, scope: Scope, kind: type[Fact], ids: Sequence[str]) -> None:
        """Write these rows anew the next time they are shown, also where their payload is what we know."""
        ...

    def latest_day(self, session: Session, scope: Scope) -> date | None:
        """The date of the standing document dated latest."""
        ...

    def count(self, session: Session, scope: Scope, kind: type[Fact]) -> int:
        """Rows that stand."""
        ...

    def rows(self, session: Session, scope: Scope, kind: type[Fact]) -> Sequence[Any]:
        """The rows that stand, as the owning slice's models."""
        ...

    def compare(self, session: Session, scope: Scope, totals: LedgerTotals) -> Comparison:
        """Hold the ledger's own totals against ours of the same moment."""
        ...

    def keep_proof(self, session: Session, scope: Scope, comparison: Comparison) -> None:
        """Make this the business's proof."""
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


class RowProblem(Struct, frozen=True):
    """A row the ledger fails to show; all others are read. ``id`` is ``None`` where it can't be told."""

    entity: str
    id: str | None
    sentence: str


class SyncReport(Struct, frozen=True):
    """What a sync did: ``mode`` is full or changes; bytes as decoded, seconds of wall time; ``metered``: reads that count.

    ``notices``: how many of the rail's notices it answered.
    """

    business_id: str
    mode: str
    entities: tuple[EntityReport, ...]
    calls: int
    bytes: int
    seconds: float
    last_sync: datetime
    metered: int = 0
    notices: int = 0
    problems: tuple[RowProblem, ...] = ()


class ProofReport(Struct, frozen=True):
    """What a proof of completeness found. ``tied`` is ``None`` when the books moved faster than they could be compared;

    the proof before then stands. ``mended``: rows that were read again because of a difference, by entity.
    """

    business_id: str
    tied: bool | None
    taken_at: datetime | None
    located: tuple[Difference, ...]
    left_out: tuple[str, ...]
    mended: dict[str, int]
    rounds: int
    calls: int
    bytes: int
    metered: int
    seconds: float


class Timetable(Protocol):
    """When a business is read next."""

    def next_sync(self) -> datetime:
        """If nothing else happens."""
        ...

    def after_notice(self) -> datetime | None:
        """To follow up what the rail said changed; ``None``: not before somebody asks."""
        ...


Progress = Callable[[str, int, int | None], None]
"""Told of work done: entity, rows so far, rows in all where known."""


class SyncsLedger(Protocol):
    """The door to a ledger's sync (the seed's ``qbo_sync``)."""

    def get_bills(self) -> LedgerAnswer: ...
    def get_invoices(self) -> LedgerAnswer: ...
    def freshness(self) -> Freshness: ...
    def sync(self, *, full: bool = False, progress: Progress | None = None) -> SyncReport: ...
    def prove(self, *, progress: Progress | None = None) -> ProofReport: ...


class SyncsRail(Protocol):
    """A sync of what stands beside the ledger: a bank's word, the paying rail's, the collecting rail's."""

    def freshness(self) -> Freshness: ...
    def sync(self, *, full: bool = False, progress: Progress | None = None) -> SyncReport: ...


Standing = Literal[
    "waiting", "asked", "at work", "cut short", "connected", "unsure", "denied", "refused", "failed", "left out"
]
"""How an attempt to connect stands: the first four before there is an outcome."""


class Place(Struct, frozen=True):
    """One in a row of clients to connect. ``name`` is what was asked for, ``None`` where the ledger's own is to be taken;

    ``client`` and ``slug`` are the client it became.
    """

    attempt_id: str
    place: int
    name: str | None
    standing: Standing
    said: str | None
    company_name: str | None
    external_id: str | None
    client: str | None
    slug: str | None


class ConnectRow(Struct, frozen=True):
    """Clients that somebody connects one after the other, in their order."""

    round_id: str
    places: tuple[Place, ...]


class ConsentAnswer(Struct, frozen=True):
    """What a rail's consent page sent back, as it came."""

    state: str
    code: str
    external_id: str
    error: str


class Received(Struct, frozen=True):
    """Where the person goes on: ``origin`` where their pages are, ``elsewhere`` when the answer has to be given there."""

    round_id: str
    origin: str
    elsewhere: bool


class Disconnected(Struct, frozen=True):
    """``revoked``: whether the rail knows of it too; ``words`` says what is left to do."""

    business_id: str
    slug: str
    revoked: bool
    words: str


class Connects(Protocol):
    """Linking businesses to a ledger by consent, and unlinking them."""

    def trouble(self) -> str | None:
        """Why nobody can be sent to consent now; ``None`` when they can."""
        ...

    def begin(self, names: Sequence[str], *, actor: str, firm_name: str = "") -> str:
        """Keep a row of clients to connect (an empty name takes the ledger's own); its id."""
        ...

    def row(self, round_id: str) -> ConnectRow: ...

    def send(self, attempt_id: str, *, browser: str, host: str) -> str:
        """The address of the consent page to send the browser to. ``browser`` is its own secret, ``host`` what it calls us."""
        ...

    def receive(self, answer: ConsentAnswer, *, browser: str | None, host: str) -> Received:
        """Take a consent page's answer and make of it what can be made; the outcome stands in its row."""
        ...

    def settle(self, attempt_id: str, *, theirs: bool) -> str:
        """A person's word for an ``unsure`` one: connect it under the ledger's name, or under ours; the row's id."""
        ...

    def leave_out(self, attempt_id: str) -> str:
        """Go on without this one; the row's id."""
        ...

    def disconnect(self, business: str, *, actor: str) -> Disconnected:
        """Tell the rail, forget the grant, keep the history."""
        ...
