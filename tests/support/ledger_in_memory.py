"""A company's books in memory behind the QBO rail: they change while they are read, answer slowly, and keep 30 days of changes."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import cast

from msgspec import Raw

from interlock.domains.qbo import wire
from interlock.domains.qbo.client import QBOClient
from interlock.domains.qbo.mapper import BY_KIND, Company
from interlock.domains.qbo.rail import QBORail
from interlock.rails import facts
from interlock.rails.errors import Rejected, Unavailable
from interlock.rails.facts import Changes, Deletion, Fact, Page
from interlock.rails.reads import PAGE_ROWS
from interlock.rails.totals import LedgerCounts, LedgerTotals
from tests.support.ledger_facts import term, vendor

_DAYS_KEPT = timedelta(days=30)
_MAKES: dict[type[Fact], Callable[..., Fact]] = {facts.Term: term, facts.Vendor: vendor}


class Hands:
    """A clock that a test moves."""

    def __init__(self, at: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class _Settings:
    """The two answers that the rail reads a company's settings from."""

    def __init__(self, ledger: "LedgerInMemory") -> None:
        self._ledger = ledger

    async def company_info(self) -> wire.Settings:
        return wire.Settings(wire.Company(id="1", company_name=self._ledger.name), time=self._ledger.clock.now())

    async def preferences(self) -> wire.Settings:
        payload = Raw(b'{"Id": "1", "CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}}')
        return wire.Settings(None, payload, self._ledger.clock.now())


class LedgerInMemory(QBORail):
    """``most`` changes fit one answer; ``slowness`` passes with each call for changes; ``down`` kinds can't be listed."""

    def __init__(self, clock: Hands, *, most: int = 1_000) -> None:
        self._client = cast(QBOClient, _Settings(self))
        self._company = Company("USD")
        self.clock = clock
        self.most = most
        self.slowness = timedelta(0)
        self.down: set[type[Fact]] = set()
        self.after_changes_of: dict[type[Fact], Callable[[], None]] = {}
        self.name = "Alder Supply"
        self.settings_changed_at = clock.now()
        self.listed: list[type[Fact]] = []
        self._rows: dict[type[Fact], dict[str, tuple[Fact, datetime]]] = {kind: {} for kind in BY_KIND}
        self._gone: list[Deletion] = []

    def write(self, kind: type[Fact], *ids: str) -> None:
        """Terms or vendors, new or edited now."""
        for id_ in ids:
            version = str(int(self.clock.now().timestamp()))
            self._rows[kind][id_] = (_MAKES[kind](id_, version=version), self.clock.now())

    def delete(self, kind: type[Fact], id_: str) -> None:
        del self._rows[kind][id_]
        self._gone.append(Deletion(kind, id_, self.clock.now()))

    def rename(self, name: str) -> None:
        self.name, self.settings_changed_at = name, self.clock.now()

    @property
    def usage(self) -> tuple[int, int]:
        return 0, 0

    @property
    def metered(self) -> int:
        return 0

    async def counts(self) -> LedgerCounts:
        return LedgerCounts(self.clock.now(), {kind: len(rows) for kind, rows in self._rows.items()})

    async def totals(self, report_date: date, currency: str, balances_on: date) -> LedgerTotals:  # noqa: ARG002 - the rail's
        counts = {kind.entity: len(rows) for kind, rows in self._rows.items()}
        return LedgerTotals(self.clock.now(), report_date, counts, 0, 0)

    async def by_ids(self, wanted: dict[type[Fact], list[str]]) -> list[Page]:
        return [
            Page(kind, tuple(self._rows[kind][id_][0] for id_ in ids if id_ in self._rows[kind]), self.clock.now())
            for kind, ids in wanted.items()
        ]

    async def changes(self, since: datetime, kinds: Sequence[type[Fact]] = ()) -> Changes:
        if self.clock.now() - since > _DAYS_KEPT:
            raise Rejected("qbo", "Changes are kept for 30 days.", "2050")
        as_of = self.clock.now()
        found = [
            (kind, fact) for kind in kinds or list(BY_KIND) for fact, at in self._rows[kind].values() if at >= since
        ]
        shown = found[: self.most]
        pages = [Page(kind, tuple(fact for other, fact in shown if other is kind), as_of) for kind in kinds or BY_KIND]
        gone = [
            each
            for each in self._gone
            if each.at is not None and each.at >= since and (not kinds or each.kind in kinds)
        ]
        cut = len(found) >= self.most
        settings = not kinds and not cut and self.settings_changed_at >= since
        self.clock.at += self.slowness
        for kind in kinds:
            self.after_changes_of.pop(kind, lambda: None)()
        return Changes(tuple(page for page in pages if page.facts), tuple(gone), as_of, cut, settings)

    async def _page(self, kind: type[Fact], start: int) -> Page:
        if kind in self.down:
            raise Unavailable("qbo", "QuickBooks is down.")
        self.listed.append(kind)
        rows = sorted(self._rows[kind].items())[start - 1 : start - 1 + PAGE_ROWS]
        return Page(kind, tuple(fact for _, (fact, _at) in rows), self.clock.now())
