"""How lists are read page by page, and single things again, with few calls however many changed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from interlock.domains.stripe import mapper, wire
from interlock.domains.stripe.client import StripeClient
from interlock.domains.stripe.following import Times
from interlock.domains.stripe.forms import Value
from interlock.domains.stripe.mapper import RAIL, decoded
from interlock.domains.stripe.refusals import GONE
from interlock.rails.errors import ContractBroken, Rejected
from interlock.rails.facts import Fact, Page
from interlock.rails.reads import Part
from interlock.rails.witnesses import (
    Charge,
    Dispute,
    InvoiceReceipt,
    Payout,
    RailCustomer,
    RailInvoice,
    Refund,
)

RESOURCES: dict[type[Fact], str] = {
    RailCustomer: "customers",
    RailInvoice: "invoices",
    InvoiceReceipt: "invoice_payments",
    Charge: "charges",
    Refund: "refunds",
    Dispute: "disputes",
}
"""Kinds that are listed whole, in the order they are read."""

_BY_TIME = frozenset({RailCustomer, RailInvoice, Charge, Refund, Dispute})
# Whether an invoice was paid by a person's word alone shows in its payments.
_EXPANDED: dict[type[Fact], str] = {RailInvoice: "payments"}
_EVENTS_PAGES_MOST = 2_000
_FEW = 4
_WORTH_A_PAGE = 2


class Rereading:
    """Reads of one account that a sync is made of."""

    def __init__(self, client: StripeClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def page(self, kind: type[Fact], cursor: str | None) -> Part:
        """One page of a kind that ``RESOURCES`` names, newest first."""
        answer = await self._listed(kind, {"starting_after": cursor})
        return Part(self._page(kind, _facts(kind, answer)), next_of(answer))

    async def again(self, kind: type[Fact], wanted: Times) -> list[Page]:
        """Things by id, as they are now: from lists where many were made about the same time, else one by one."""
        left = dict(wanted)
        pages = await self._from_lists(kind, left) if len(left) > _FEW and kind in _BY_TIME else []
        found = [await self._one(kind, id_) for id_ in left]
        facts = [each for each in found if each is not None]
        return [*pages, self._page(kind, facts)] if facts else pages

    async def receipts_of(self, invoices: Sequence[RailInvoice]) -> list[Page]:
        """What payments did to these invoices. A payment is never older than its invoice, so the newest payments, back to some

        time, are all those of the invoices made since; the rest are asked for one by one.
        """
        left = {each.id: each.created_at or datetime.min.replace(tzinfo=UTC) for each in invoices}
        pages: list[Page] = []
        if len(left) > _FEW:
            pages = await self._receipts_from_list(left)
        for invoice_id in left:
            cursor: str | None = None
            while True:
                answer = await self._listed(InvoiceReceipt, {"invoice": invoice_id, "starting_after": cursor})
                if answer.data:
                    pages.append(self._page(InvoiceReceipt, _facts(InvoiceReceipt, answer)))
                cursor = next_of(answer)
                if cursor is None:
                    break
        return pages

    async def latest_event(self) -> tuple[str | None, datetime]:
        """Where following begins: the newest event there is, and when it happened."""
        answer = await self._client.listing("events", {}, limit=1)
        if not answer.data:
            return None, self._now()
        event = decoded(bytes(answer.data[0]), wire.Event)
        return event.id, datetime.fromtimestamp(event.created or 0, UTC)

    async def events_since(self, event_id: str | None, since: datetime) -> list[wire.Event]:
        """What happened after an event, oldest first; without one, since an instant. ``Rejected`` when it is forgotten there."""
        if event_id is None:
            return await self._events_from(since)
        found: list[wire.Event] = []
        cursor = event_id
        for _ in range(_EVENTS_PAGES_MOST):
            answer = await self._client.listing("events", {"ending_before": cursor})
            page = [decoded(bytes(each), wire.Event) for each in answer.data]
            found += reversed(page)
            if not answer.has_more or not page:
                return found
            cursor = page[0].id
        raise endless("events")

    async def _events_from(self, since: datetime) -> list[wire.Event]:
        found: list[wire.Event] = []
        cursor: str | None = None
        for _ in range(_EVENTS_PAGES_MOST):
            asked: dict[str, Value] = {"created": {"gte": int(since.timestamp())}, "starting_after": cursor}
            answer = await self._client.listing("events", asked)
            found += [decoded(bytes(each), wire.Event) for each in answer.data]
            cursor = next_of(answer)
            if cursor is None:
                return found[::-1]
        raise endless("events")

    async def _one(self, kind: type[Fact], id_: str) -> Fact | None:
        expanded = _EXPANDED.get(kind)
        resource = "payouts" if kind is Payout else RESOURCES[kind]
        try:
            raw = await self._client.one(f"{resource}/{{id}}", id_, {"expand": [expanded] if expanded else None})
        except Rejected as refusal:
            if refusal.reason == GONE:
                return None
            raise
        if kind is Payout:
            return mapper.payout(raw)
        return None if decoded(raw, wire.Object).deleted else mapper.READERS[kind](raw)

    async def _from_lists(self, kind: type[Fact], left: Times) -> list[Page]:
        """Take from ``left`` what lists show, as long as a page brings more than asking for its rows one by one would."""
        made = [each for each in left.values() if each is not None]
        pages: list[Page] = []
        cursor: str | None = None
        while len(made) >= _WORTH_A_PAGE and len(left) >= _WORTH_A_PAGE:
            between: dict[str, Value] = {"gte": min(made), "lte": max(made)}
            answer = await self._listed(kind, {"created": between, "starting_after": cursor})
            facts = [each for each in _facts(kind, answer) if each.id in left]
            for each in facts:
                del left[each.id]
            if facts:
                pages.append(self._page(kind, facts))
            cursor = next_of(answer)
            if cursor is None or len(facts) < _WORTH_A_PAGE:
                break
        return pages

    async def _receipts_from_list(self, left: dict[str, datetime]) -> list[Page]:
        """The newest payments of all invoices; takes from ``left`` the invoices whose payments were all among them."""
        pages: list[Page] = []
        cursor: str | None = None
        for _ in range(len(left) // _WORTH_A_PAGE):  # more pages than that cost more than invoice by invoice
            answer = await self._listed(InvoiceReceipt, {"starting_after": cursor})
            listed = [each for each in _facts(InvoiceReceipt, answer) if isinstance(each, InvoiceReceipt)]
            facts = [each for each in listed if each.invoice_id in left]
            if facts:
                pages.append(self._page(InvoiceReceipt, facts))
            cursor = next_of(answer)
            back_to = listed[-1].created_at if listed and cursor is not None else None
            whole = [id_ for id_, made in left.items() if cursor is None or (back_to is not None and made > back_to)]
            if cursor is None or len(whole) == len(left):
                left.clear()
                return pages
        for id_ in whole:
            del left[id_]
        return pages

    async def _listed(self, kind: type[Fact], params: dict[str, Value]) -> wire.Listing:
        expanded = _EXPANDED.get(kind)
        return await self._client.listing(
            RESOURCES[kind], {**params, "expand": [f"data.{expanded}"] if expanded else None}
        )

    def _page(self, kind: type[Fact], facts: Sequence[Fact]) -> Page:
        return Page(kind, tuple(facts), self._now())


def next_of(answer: wire.Listing) -> str | None:
    """The cursor of the page after this one. A page that says there is more and holds nothing would be asked for forever."""
    if not answer.has_more:
        return None
    if not answer.data:
        raise endless("list")
    return decoded(bytes(answer.data[-1]), wire.Named).id


def endless(what: str) -> ContractBroken:
    return ContractBroken(RAIL, f"Stripe's {what} has no end.", "has_more")


def _facts(kind: type[Fact], answer: wire.Listing) -> tuple[Fact, ...]:
    return tuple(mapper.READERS[kind](bytes(each)) for each in answer.data)
