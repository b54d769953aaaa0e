"""Listing kinds whole: pages fetched side by side, handed on in order, and joined so that a row can't slip between two.

Every page begins with the last row of the page before it. Where that row is another one or none, the list moved under us (a
row before it was deleted) and the kind is listed anew. What is created or edited meanwhile comes with the changes afterwards.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from msgspec import Struct

from interlock.domains.qbo.mapper import RAIL, id_at
from interlock.domains.qbo.rail import QBORail
from interlock.rails import facts
from interlock.rails.errors import Unavailable
from interlock.rails.facts import Fact, Page
from interlock.rails.reads import PAGE_ROWS

_STRIDE = PAGE_ROWS - 1
_AHEAD = 10
_RESTARTS = 5

LISTERS: Mapping[type[Fact], Callable[[QBORail, int], Awaitable[Page]]] = {
    facts.Preferences: QBORail.preferences,
    facts.Term: QBORail.terms,
    facts.Account: QBORail.accounts,
    facts.Vendor: QBORail.vendors,
    facts.Customer: QBORail.customers,
    facts.Bill: QBORail.bills,
    facts.BillPayment: QBORail.bill_payments,
    facts.VendorCredit: QBORail.vendor_credits,
    facts.PurchaseOrder: QBORail.purchase_orders,
    facts.Invoice: QBORail.invoices,
    facts.Payment: QBORail.payments,
    facts.CreditMemo: QBORail.credit_memos,
    facts.SalesReceipt: QBORail.sales_receipts,
    facts.RefundReceipt: QBORail.refund_receipts,
    facts.Deposit: QBORail.deposits,
    facts.Purchase: QBORail.purchases,
    facts.Transfer: QBORail.transfers,
    facts.JournalEntry: QBORail.journal_entries,
}


class Place(Struct, frozen=True, array_like=True):
    """Where a kind's listing stands: the next page begins at row ``start`` with row ``after`` (none at the beginning)."""

    start: int = 1
    after: str | None = None


class Listed(Struct, frozen=True):
    """One page's new rows, and where the kind stands once they are stored; ``None`` when it is listed whole."""

    page: Page
    place: Place | None


class _Job(Struct):
    kind: type[Fact]
    start: int
    fetch: "asyncio.Task[Page]"


async def list_kinds(
    rail: QBORail, places: Sequence[tuple[type[Fact], Place]], counts: Mapping[type[Fact], int]
) -> AsyncIterator[Listed]:
    """List ``places`` in order; ``counts`` say how many pages to expect and may be out of date."""
    waiting = deque(
        (kind, start)
        for kind, place in places
        for start in range(place.start, max(counts.get(kind, 1), place.start) + 1, _STRIDE)
    )
    running: deque[_Job] = deque()
    standing: dict[type[Fact], Place] = dict(places)
    restarts = 0
    try:
        while waiting or running:
            while waiting and len(running) < _AHEAD:
                kind, start = waiting.popleft()
                running.append(_Job(kind, start, asyncio.create_task(_fetch(rail, kind, start))))
            job = running.popleft()
            page = await job.fetch
            place = standing[job.kind]
            more = any(other.kind is job.kind for other in running) or bool(waiting and waiting[0][0] is job.kind)
            first = id_at(page, 0)
            if place.after is not None and first != place.after and not page.unread:
                restarts += 1
                if restarts > _RESTARTS:
                    raise Unavailable(
                        RAIL, "These books are being edited faster than they can be listed; try again later."
                    )
                _drop(job.kind, waiting, running)
                standing[job.kind] = Place()
                waiting.appendleft((job.kind, 1))
                continue
            new = page.facts[1:] if place.after is not None and first == place.after else page.facts
            full = page.rows == PAGE_ROWS
            if full:
                # Which row is the last of a page with rows that can't be shown isn't known: it is joined unseen.
                standing[job.kind] = Place(job.start + _STRIDE, None if page.unread else id_at(page, -1))
                if not more:
                    waiting.appendleft((job.kind, job.start + _STRIDE))
            else:
                _drop(job.kind, waiting, running)
            yield Listed(Page(page.kind, new, page.as_of, page.unread), standing[job.kind] if full else None)
    finally:
        for job in running:
            job.fetch.cancel()


async def _fetch(rail: QBORail, kind: type[Fact], start: int) -> Page:
    return await LISTERS[kind](rail, start)


def _drop(kind: type[Fact], waiting: deque[tuple[type[Fact], int]], running: deque[_Job]) -> None:
    """Forget what is still to come of a kind."""
    while waiting and waiting[0][0] is kind:
        waiting.popleft()
    kept = [job for job in running if job.kind is not kind]
    for job in running:
        if job.kind is kind:
            job.fetch.cancel()
    running.clear()
    running.extend(kept)
