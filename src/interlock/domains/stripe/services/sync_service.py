"""Keeps the mirror of one business's Stripe account: everything once, then what happened since, and payouts until they are final.

Everything: each kind listed newest first, resumed where it was cut off; the place in Stripe's events is taken before, so that
nothing falls between. After that: events since the last one, of which only the ids are believed; payouts that may still change,
with their parts as soon as Stripe is done saying them; movements of the balance that are new. Stripe keeps events for 30 days;
a longer gap is met by reading everything.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from interlock.domains.stripe import following, wire
from interlock.domains.stripe.following import Wanted
from interlock.domains.stripe.mapper import RAIL
from interlock.domains.stripe.rail import StripeRail
from interlock.domains.stripe.refusals import GONE
from interlock.domains.stripe.rereading import RESOURCES
from interlock.kernel.scope import Scope
from interlock.rails import connections
from interlock.rails.errors import ContractBroken, Rejected, Unauthorised
from interlock.rails.facts import Fact, Page
from interlock.rails.freshness import freshness
from interlock.rails.inbox import Notice
from interlock.rails.ports import Freshness, Progress, SyncReport
from interlock.rails.reads import Part
from interlock.rails.syncing import RailWriter, SyncParts, writing
from interlock.rails.witnesses import Payout, PayoutPart, RailCustomer, RailInvoice

STALE_AFTER = timedelta(hours=4)
EVENTS_KEPT = timedelta(days=29)  # Stripe says 30
PAYOUTS_CHANGE_FOR = timedelta(days=10)  # "paid" may become "failed" within five business days of arrival
_CLOCKS_DIFFER = timedelta(days=1)
_MOVEMENTS_AT_FIRST = timedelta(days=30)  # older ones have gone out with a payout
_PAYOUT_PAGES_MOST = 100
_MOVEMENT_PAGES_MOST = 10_000
_KINDS: tuple[type[Fact], ...] = (*RESOURCES, Payout)
# Others never go: what was charged, refunded, contested or paid out stays in the books of Stripe.
_MAY_GO: tuple[type[Fact], ...] = (RailCustomer, RailInvoice)


class Listed(Struct):
    """Where a full listing stands: the kind, and the cursor of its next page."""

    entity: str
    cursor: str | None


class Place(Struct):
    """Where the sync goes on. ``event``: the last one seen, ``None`` when there was none, and ``at``, when it happened; ``asked``:

    when events were last asked for; ``moved``: when the newest movement was (all in Unix seconds); ``settled``: payouts that may
    still change and whose parts are known.
    """

    event: str | None
    at: int
    asked: int
    moved: int
    settled: list[str]
    listing: Listed | None = None


class StripeSyncService:
    """The sync of one business's Stripe account (``rails.ports.SyncsRail``)."""

    def __init__(self, business_id: str, *, firm_id: str, opens: Callable[[], StripeRail], parts: SyncParts) -> None:
        self._scope = Scope(firm_id, business_id)
        self._opens = opens
        self._parts = parts

    def freshness(self) -> Freshness:
        """When the mirror was last brought up to date, and whether that is too long ago to decide on (4 hours)."""
        with self._parts.db.reading(self._scope) as session:
            last = connections.sync_state(session, self._scope, RAIL).last_sync
        return freshness(last, self._parts.clock.now(), STALE_AFTER)

    def sync(self, *, full: bool = False, progress: Progress | None = None) -> SyncReport:
        """Bring the mirror up to date. ``Busy`` when another sync of this business runs; the five rail errors leave what was

        committed and are resumed; ``Unauthorised`` also marks the connection, so that a person is asked to reconnect.
        """
        try:
            rail = self._opens()
            with writing(self._parts, self._scope, RAIL) as run:
                return _Sync(rail, run, self._parts, self._scope, progress or _quiet).go(full=full)
        except Unauthorised as trouble:
            with self._parts.db.writing(self._scope) as session:
                connections.mark_trouble(session, self._scope, RAIL, trouble.sentence, self._parts.clock.now())
            raise


class _Sync:
    """One run. Rows are written page by page; the place moves with them, or only after them."""

    def __init__(self, rail: StripeRail, run: RailWriter, parts: SyncParts, scope: Scope, progress: Progress) -> None:
        self._rail = rail
        self._run = run
        self._parts = parts
        self._scope = scope
        self._progress = progress
        self._now = parts.clock.now()
        self._rows: dict[str, int] = {}
        self._place = _read(run.place)

    def go(self, *, full: bool) -> SyncReport:
        place = self._place
        if place is not None and not full and place.listing is None and not self._run.outdated and self._reaches(place):
            try:
                events = self._parts.transport.run(self._events(place))
            except Rejected as refusal:
                if refusal.reason != GONE:  # Stripe forgot the event that we stand at
                    raise
            else:
                return self._follow(place, events)
        return self._list_all(place)

    def _reaches(self, place: Place) -> bool:
        """Whether Stripe still has every event since we last asked."""
        return self._now - _instant(place.asked) < EVENTS_KEPT

    async def _events(self, place: Place) -> list[wire.Event]:
        """What happened since. In a quiet account the last event is soon older than Stripe keeps any: then by time."""
        kept = self._now - _instant(place.at) < EVENTS_KEPT
        return await self._rail.events_since(place.event if kept else None, _instant(place.asked) - _CLOCKS_DIFFER)

    def _list_all(self, place: Place | None) -> SyncReport:
        if place is None or place.listing is None or not self._reaches(place):
            event, at = self._parts.transport.run(self._rail.latest_event())
            first = int((self._now - _MOVEMENTS_AT_FIRST).timestamp())
            asked = int(self._now.timestamp())
            place = Place(event, int(at.timestamp()), asked, first, [], Listed(_KINDS[0].entity, None))
            self._run.begin_listing()
        for kind, part in self._parts.transport.stream(self._everything(place.listing)):
            place.listing = Listed(kind.entity, part.next) if part.next else _after(kind)
            if kind is Payout:
                self._keep_payouts(place, part.page.facts)
                self._run.write([], place=_text(place))
            else:
                self._run.write([part.page], place=_text(place))
            self._tell(part.page)
        self._run.bury_unseen(_MAY_GO)
        self._keep_movements(place)
        place.listing = None
        self._run.place = _text(place)
        return self._run.finish("full", self._rail.usage)

    async def _everything(self, listing: Listed | None) -> AsyncIterator[tuple[type[Fact], Part]]:
        """Pages of every kind, from where a listing stands."""
        begin = next((i for i, kind in enumerate(_KINDS) if listing and kind.entity == listing.entity), len(_KINDS))
        for i, kind in enumerate(_KINDS[begin:]):
            cursor = listing.cursor if listing and i == 0 else None
            while True:
                try:
                    part = await self._one_page(kind, cursor)
                except Rejected as refusal:
                    if refusal.reason != GONE or cursor is None:
                        raise
                    part = await self._one_page(
                        kind, None
                    )  # what the cursor named is gone: this kind from its beginning
                yield kind, part
                cursor = part.next
                if cursor is None:
                    break

    async def _one_page(self, kind: type[Fact], cursor: str | None) -> Part:
        return await (self._rail.payouts(cursor) if kind is Payout else self._rail.part_of(kind, cursor))

    def _follow(self, place: Place, events: list[wire.Event]) -> SyncReport:
        wanted = following.wanted(events)
        seen = {each.id for each in events}
        _heed(wanted, [each for each in self._run.notices if each.event_id not in seen])
        payouts = wanted.again.pop(Payout, {})
        invoices: list[Fact] = []
        for kind in RESOURCES:
            if kind in wanted.again or kind in wanted.gone:
                found = self._read_again(kind, wanted)
                invoices += found if kind is RailInvoice else []
        self._read_receipts([each for each in invoices if isinstance(each, RailInvoice)])
        self._keep_payouts(place, self._changing_payouts(place, set(payouts)))
        self._keep_movements(place)
        if events:
            place.event, place.at = events[-1].id, events[-1].created or place.at
        place.asked = int(self._now.timestamp())
        self._run.place = _text(place)
        return self._run.finish("changes", self._rail.usage)

    def _read_again(self, kind: type[Fact], wanted: Wanted) -> list[Fact]:
        """Things that changed, as they are now; those that are gone are buried where their kind can go."""
        times = wanted.again.get(kind, {})
        pages = self._parts.transport.run(self._rail.again(kind, times))
        found = [each for page in pages for each in page.facts]
        lost = (set(times) - {each.id for each in found}) | wanted.gone.get(kind, set()) if kind in _MAY_GO else set()
        self._run.write(pages, gone=[(kind, sorted(lost))] if lost else [])
        for page in pages:
            self._tell(page)
        return found

    def _read_receipts(self, invoices: list[RailInvoice]) -> None:
        """Payments of the invoices that changed: only some events of theirs name one."""
        pages = self._parts.transport.run(self._rail.receipts_of(invoices))
        if pages:
            self._run.write(pages)
        for page in pages:
            self._tell(page)

    def _changing_payouts(self, place: Place, named: set[str]) -> list[Fact]:
        """Payouts that may still change, and those that something was said of; ``place.settled`` forgets all others."""
        since = self._now - PAYOUTS_CHANGE_FOR
        found: dict[str, Fact] = {}
        cursor: str | None = None
        for _ in range(_PAYOUT_PAGES_MOST):
            part = self._parts.transport.run(self._rail.payouts_since(since, cursor))
            found.update({each.id: each for each in part.page.facts})
            cursor = part.next
            if cursor is None:
                break
        place.settled = [each for each in place.settled if each in found]
        missing = dict.fromkeys(sorted(named - set(found)))
        for page in self._parts.transport.run(self._rail.again(Payout, missing)):
            found.update({each.id: each for each in page.facts})
        return list(found.values())

    def _keep_payouts(self, place: Place, payouts: Iterable[Fact]) -> None:
        """Write payouts, each with its parts in one transaction. The parts of one that is settled are not read again."""
        recent = (self._now - PAYOUTS_CHANGE_FOR).date()
        alone: list[Fact] = []
        for payout in payouts:
            assert isinstance(payout, Payout), "payouts are kept"
            if payout.id in place.settled:
                alone.append(self._rail.settled(payout))
                continue
            whole = self._parts.transport.run(self._rail.unbundled(payout))
            if whole.parts is None:
                alone.append(whole.payout)
                continue
            self._write_attributed(whole.payout, whole.parts)
            if payout.arrives_on >= recent:
                place.settled.append(payout.id)
        if alone:
            page = Page(Payout, tuple(alone), self._now)
            self._run.write([page])
            self._tell(page)

    def _write_attributed(self, payout: Payout, parts: tuple[Page, ...]) -> None:
        if self._run.last_full is not None:
            # That its parts are known now shows nowhere in its own payload.
            with self._parts.db.writing(self._scope) as session:
                self._parts.mirror.distrust(session, self._scope, Payout, [payout.id])
        pages = [Page(Payout, (payout,), self._now), *parts]
        self._run.write(pages)
        for page in pages:
            self._tell(page)

    def _keep_movements(self, place: Place) -> None:
        """Movements that are new to us wait for their payout; what is known keeps the payout it went out with."""
        cursor: str | None = None
        newest = place.moved
        for _ in range(_MOVEMENT_PAGES_MOST):
            part = self._parts.transport.run(self._rail.movements(_instant(place.moved), cursor))
            ids = [each.id for each in part.page.facts]
            with self._parts.db.reading(self._scope) as session:
                known = self._parts.mirror.standing(session, self._scope, PayoutPart, ids)
            new = tuple(each for each in part.page.facts if each.id not in known)
            if new:
                self._run.write([Page(PayoutPart, new, part.page.as_of)])
                self._tell(Page(PayoutPart, new, part.page.as_of))
            times = [int(each.created_at.timestamp()) for each in part.page.facts if each.created_at]
            newest = max([newest, *times])
            cursor = part.next
            if cursor is None:
                place.moved = newest
                return
        raise ContractBroken(RAIL, "Stripe's movements have no end.", "balance_transactions.has_more")

    def _tell(self, page: Page) -> None:
        entity = page.kind.entity
        self._rows[entity] = self._rows.get(entity, 0) + page.rows
        self._progress(entity, self._rows[entity], None)


def _heed(wanted: Wanted, notices: Iterable[Notice]) -> None:
    """What Stripe told us of and its events may not show yet."""
    for notice in notices:
        if notice.entity in following.CONCERNED and notice.entity_id and notice.operation != "deleted":
            wanted.about(notice.entity, notice.entity_id)


def _after(kind: type[Fact]) -> Listed:
    """The beginning of the kind that is listed next; after the last, an end that begins nothing."""
    i = _KINDS.index(kind) + 1
    return Listed(_KINDS[i].entity if i < len(_KINDS) else "", None)


def _read(text: str | None) -> Place | None:
    return None if text is None else msgspec.json.decode(text, type=Place)


def _text(place: Place) -> str:
    return msgspec.json.encode(place).decode()


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _quiet(_entity: str, _rows: int, _whole: int | None) -> None:
    """Nobody watches."""
