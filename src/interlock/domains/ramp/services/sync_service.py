"""Keeps the mirror of one business's Ramp by listing it whole each time: Ramp tells no changes, and its notices may be lost.

A listing has no traces, and no vendor in it says where it can be paid: both are asked for one by one, the newest and those that owe
us first, so many a sync and no more; what was learnt before is carried over.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct, field

from interlock.domains.ramp import mapper
from interlock.domains.ramp.mapper import RAIL
from interlock.domains.ramp.rail import RampRail
from interlock.kernel.scope import Scope
from interlock.rails import connections
from interlock.rails.cadence import CADENCES
from interlock.rails.errors import ContractBroken, Rejected, Unauthorised
from interlock.rails.facts import Fact, Page
from interlock.rails.freshness import freshness
from interlock.rails.paying_states import debits_the_bank
from interlock.rails.ports import Freshness, Progress, RowProblem, SyncReport
from interlock.rails.reads import Part
from interlock.rails.syncing import RailWriter, SyncParts, writing
from interlock.rails.witnesses import PAYING_KINDS, RailBill, RailVendor

TRACES_A_SYNC = 40
TRACE_TRIES = 8
TRACED_FOR = timedelta(days=30)
ACCOUNTS_A_SYNC = 120
ACCOUNTS_KEPT = timedelta(hours=6)
PAGES_MOST = 2_000  # 200,000 rows
BEGUN_AGAIN_MOST = 3
_LEFT = frozenset({"payment_processing", "payment_completed"})


class Place(Struct):
    """What is remembered between syncs. ``accounts``: when (Unix seconds) a vendor was asked where it can be paid; ``tries``: how

    often a bill was asked for a trace it didn't have.
    """

    accounts: dict[str, int] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)


class RampSyncService:
    """The sync of one business's Ramp (``rails.ports.SyncsRail``). ``opens`` makes the rail when a sync needs it."""

    def __init__(self, business_id: str, *, firm_id: str, opens: Callable[[], RampRail], parts: SyncParts) -> None:
        self._scope = Scope(firm_id, business_id)
        self._opens = opens
        self._parts = parts

    def freshness(self) -> Freshness:
        """When the mirror was last brought up to date, and whether that is too long ago to decide on."""
        with self._parts.db.reading(self._scope) as session:
            last = connections.sync_state(session, self._scope, RAIL).last_sync
        return freshness(last, self._parts.clock.now(), CADENCES[RAIL].stale)

    def sync(self, *, full: bool = False, progress: Progress | None = None) -> SyncReport:
        """Bring the mirror up to date; ``full`` also asks again what was asked a while ago.

        ``Busy`` when another sync of this business runs; the five rail errors leave what was committed, and bury nothing;
        ``Unauthorised`` also marks the connection, so that a person is asked to reconnect.
        """
        try:
            with writing(self._parts, self._scope, RAIL) as run:
                return _Sync(self._opens(), run, self._parts, self._scope, progress or _quiet).go(full=full)
        except Unauthorised as trouble:
            with self._parts.db.writing(self._scope) as session:
                connections.mark_trouble(session, self._scope, RAIL, trouble.sentence, self._parts.clock.now())
            raise


class _Sync:
    """One run. Rows are written page by page; what a whole listing didn't show is gone."""

    def __init__(self, rail: RampRail, run: RailWriter, parts: SyncParts, scope: Scope, progress: Progress) -> None:
        self._rail = rail
        self._run = run
        self._parts = parts
        self._scope = scope
        self._progress = progress
        self._now = parts.clock.now()
        self._place = Place() if run.place is None else msgspec.json.decode(run.place, type=Place)
        self._rows: dict[str, int] = {}
        self._problems: list[RowProblem] = []
        self._owed: set[str] = set()
        """Vendors with something open or in preparation."""
        self._untraced: list[RailBill] = []
        self._traceable: set[str] = set()

    def go(self, *, full: bool) -> SyncReport:
        if full:
            self._place = Place()
        self._run.begin_listing()
        self._write(self._parts.transport.run(self._rail.funding_accounts()))
        vendors = self._vendors()
        names = {each.id: each.name for page in vendors for each in page.facts if isinstance(each, RailVendor)}
        self._bills(names)
        self._traces()
        for page in self._with_accounts(vendors):
            self._write(page)
        self._run.bury_unseen(PAYING_KINDS)
        self._run.place = msgspec.json.encode(self._place).decode()
        report = self._run.finish("full", self._rail.usage)
        return msgspec.structs.replace(report, problems=tuple(self._problems))

    def _vendors(self) -> list[Page]:
        """All of them, kept until it is known of which we want to know more."""
        found: list[Page] = []
        for part in self._parts.transport.stream(pages(self._rail.rail_vendors, "vendors")):
            found.append(part.page)
            self._progress(RailVendor.entity, sum(page.rows for page in found), None)
        return found

    def _bills(self, names: dict[str, str]) -> None:
        held = self._held_traces()
        for part in self._parts.transport.stream(pages(self._rail.rail_bills, "bills")):
            facts = [self._completed(each, held, names) for each in part.page.facts if isinstance(each, RailBill)]
            self._write(Page(RailBill, tuple(facts), part.page.as_of, part.page.unread))
            for each in facts:
                self._heed(each)

    def _completed(self, bill: RailBill, held: dict[str, tuple[str | None, str]], names: dict[str, str]) -> RailBill:
        """With the trace we know of this very payment, and the vendor's name where a draft has its id only."""
        if bill.draft:
            name = bill.vendor_name or names.get(bill.vendor_id or "")
            return msgspec.structs.replace(bill, vendor_name=name)
        known = held.get(bill.id)
        if bill.trace is None and known is not None and known[0] == bill.payment_id:
            return mapper.bill(bill.raw, known[1])
        return bill

    def _held_traces(self) -> dict[str, tuple[str | None, str]]:
        with self._parts.db.reading(self._scope) as session:
            rows = self._parts.mirror.rows(session, self._scope, RailBill)
            return {row.id: (row.payment_id, row.trace) for row in rows if row.trace is not None}

    def _heed(self, bill: RailBill) -> None:
        if bill.archived_at is None and bill.payment_state != "paid" and bill.vendor_id is not None:
            self._owed.add(bill.vendor_id)
        if bill.trace is None and self._left_lately(bill):
            self._traceable.add(bill.id)
            if self._place.tries.get(bill.id, 0) < TRACE_TRIES:
                self._untraced.append(bill)

    def _left_lately(self, bill: RailBill) -> bool:
        """By bank: what is paid by card or outside of Ramp has no trace."""
        left = _when_paid(bill)
        by_bank = bill.method is not None and debits_the_bank(bill.method)
        return by_bank and bill.state in _LEFT and left is not None and self._now - left <= TRACED_FOR

    def _traces(self) -> None:
        """Traces of payments that left lately, the latest first: what the bank's line is recognised by."""
        wanted = sorted(self._untraced, key=lambda each: (_when_paid(each) or self._now, each.id), reverse=True)
        listed = {each.id: each for each in wanted[:TRACES_A_SYNC]}
        again = self._parts.transport.run(self._rail.payments_again(list(listed)))
        found = {each.id: each.trace for page in again for each in page.facts if isinstance(each, RailBill)}
        # The listing's payload with the trace put in: what the next listing is made of again.
        traced = tuple(mapper.bill(listed[id_].raw, trace) for id_, trace in found.items() if trace is not None)
        if traced:
            self._run.write([Page(RailBill, traced, self._now)])
        for id_ in set(listed) - {each.id for each in traced}:
            self._place.tries[id_] = self._place.tries.get(id_, 0) + 1
        self._place.tries = {id_: count for id_, count in self._place.tries.items() if id_ in self._traceable}

    def _with_accounts(self, listed: Sequence[Page]) -> list[Page]:
        """The vendors' pages again, with each one's accounts there: asked now, or known from before."""
        vendors = {each.id: each for page in listed for each in page.facts if isinstance(each, RailVendor)}
        asked = self._to_ask(list(vendors.values()))
        with self._parts.db.reading(self._scope) as session:
            known = {
                row.id: row.accounts
                for row in self._parts.mirror.rows(session, self._scope, RailVendor)
                if row.accounts is not None
            }
        known |= self._parts.transport.run(self._rail.accounts_of(asked))
        self._place.accounts |= dict.fromkeys(asked, int(self._now.timestamp()))
        self._place.accounts = {id_: at for id_, at in self._place.accounts.items() if id_ in vendors}
        return [
            Page(RailVendor, tuple(_with(each, known.get(each.id)) for each in page.facts), page.as_of, page.unread)
            for page in listed
        ]

    def _to_ask(self, vendors: Sequence[RailVendor]) -> list[str]:
        """Those we owe there, those that Ramp said something of, and those of the ledger that were never asked about, whom a bill

        may be made for; the one asked longest ago first.
        """
        told = {each.entity_id for each in self._run.notices if each.entity == "vendors"}
        long_ago = int((self._now - ACCOUNTS_KEPT).timestamp())
        asked = self._place.accounts
        due = [
            each.id
            for each in vendors
            if each.id in told
            or (each.active and each.id in self._owed and asked.get(each.id, 0) <= long_ago)
            or (each.active and each.ledger_id is not None and each.id not in asked)
        ]
        return sorted(due, key=lambda id_: (asked.get(id_, 0), id_))[:ACCOUNTS_A_SYNC]

    def _write(self, page: Page) -> None:
        self._run.write([page])
        entity = page.kind.entity
        self._rows[entity] = self._rows.get(entity, 0) + page.rows
        self._problems += [RowProblem(entity, each.id, each.sentence) for each in page.unread]
        self._progress(entity, self._rows[entity], None)


async def pages(listing: Callable[[str | None], Awaitable[Part]], what: str) -> AsyncIterator[Part]:
    """A listing to its end. Where the row that a page ended with is gone before the next is asked for, Ramp refuses the next page:

    the listing then begins again; a row that is seen twice is one.
    """
    cursor: str | None = None
    again = 0
    for _ in range(PAGES_MOST):
        try:
            part = await listing(cursor)
        except Rejected:
            again += 1
            if cursor is None or again > BEGUN_AGAIN_MOST:
                raise
            cursor = None
            continue
        yield part
        cursor = part.next
        if cursor is None:
            return
    raise ContractBroken(RAIL, f"Ramp's {what} have no end.", "page.next")


def _with(vendor: Fact, accounts: str | None) -> Fact:
    return vendor if accounts is None else mapper.vendor(vendor.raw, accounts)  # type: ignore[attr-defined]


def _when_paid(bill: RailBill) -> datetime | None:
    if bill.paid_at is not None:
        return bill.paid_at
    return None if bill.starts_on is None else datetime.combine(bill.starts_on, datetime.min.time(), UTC)


def _quiet(_entity: str, _rows: int, _whole: int | None) -> None:
    """Nobody watches."""
