"""What Stripe can do for a business (stripe.md, capability table). It collects; it pays no bill and creates none."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from interlock.domains.stripe import mapper, wire
from interlock.domains.stripe.client import StripeClient
from interlock.domains.stripe.collecting import Collecting
from interlock.domains.stripe.following import Times
from interlock.domains.stripe.forms import Value
from interlock.domains.stripe.mapper import RAIL, decoded
from interlock.domains.stripe.notifications import Notifications
from interlock.domains.stripe.rereading import RESOURCES, Rereading, next_of
from interlock.infra.transport import Usage
from interlock.rails import reads
from interlock.rails.errors import ContractBroken
from interlock.rails.facts import Fact, Page
from interlock.rails.listens import Hint, ListensForEvents
from interlock.rails.moves import CollectsInvoices, Instructed, InvoiceOrder, RefundOrder, RefundsPayments
from interlock.rails.reads import Part
from interlock.rails.witnesses import (
    Charge,
    Dispute,
    InvoiceReceipt,
    Payout,
    PayoutPart,
    RailCustomer,
    RailInvoice,
    Refund,
)

_PARTS_PAGES_MOST = 1_000  # 100,000 movements in one payout


class AccountFacts(Struct, frozen=True):
    """The account itself, as the key that asked sees it."""

    id: str
    name: str
    currency: str | None
    charges: bool
    payouts: bool


class Unbundled(Struct, frozen=True):
    """A payout and all its parts; ``parts`` is ``None`` where Stripe doesn't say them (yet)."""

    payout: Payout
    parts: tuple[Page, ...] | None


class StripeRail(
    reads.ReadsRailCustomers,
    reads.ReadsRailInvoices,
    reads.ReadsPayments,
    reads.ReadsCharges,
    reads.ReadsPayouts,
    CollectsInvoices,
    RefundsPayments,
    ListensForEvents,
):
    """One Stripe account. ``now``: the house's clock; ``hook_secret``: what Stripe signs notices to its address with."""

    def __init__(
        self, client: StripeClient, account_id: str, now: Callable[[], datetime], *, hook_secret: str = ""
    ) -> None:
        self.account_id = account_id
        self._client = client
        self._now = now
        self._collecting = Collecting(client, now)
        self._reading = Rereading(client, now)
        self._notices = Notifications(hook_secret, now, account_id=account_id, live=client.live)

    @property
    def usage(self) -> Usage:
        return self._client.usage

    async def account(self) -> AccountFacts:
        it = decoded(await self._client.one("account"), wire.Account)
        named = [(it.business_profile or {}).get("name")]
        dashboard = (it.settings or {}).get("dashboard")
        named.append(dashboard.get("display_name") if isinstance(dashboard, dict) else None)
        name = next((each for each in named if isinstance(each, str) and each.strip()), it.id)
        currency = it.default_currency.upper() if it.default_currency else None
        return AccountFacts(it.id, name.strip(), currency, it.charges_enabled, it.payouts_enabled)

    async def try_reading(self) -> None:
        """Ask for one row of everything a sync reads: a restricted key that lacks a permission says so here."""
        for resource in (*RESOURCES.values(), "payouts", "balance_transactions", "events"):
            await self._client.listing(resource, {}, limit=1)

    async def rail_customers(self, cursor: str | None) -> Part:
        return await self._reading.page(RailCustomer, cursor)

    async def rail_invoices(self, cursor: str | None) -> Part:
        return await self._reading.page(RailInvoice, cursor)

    async def invoice_receipts(self, cursor: str | None) -> Part:
        return await self._reading.page(InvoiceReceipt, cursor)

    async def charges(self, cursor: str | None) -> Part:
        return await self._reading.page(Charge, cursor)

    async def refunds(self, cursor: str | None) -> Part:
        return await self._reading.page(Refund, cursor)

    async def disputes(self, cursor: str | None) -> Part:
        return await self._reading.page(Dispute, cursor)

    async def part_of(self, kind: type[Fact], cursor: str | None) -> Part:
        """One page of any kind that ``RESOURCES`` names."""
        return await self._reading.page(kind, cursor)

    async def payouts(self, cursor: str | None) -> Part:
        """Payouts as Stripe has them; whether one is attributed is known with its parts only (``unbundled``)."""
        return await self._payouts(cursor, {})

    async def payouts_since(self, arrives: datetime, cursor: str | None) -> Part:
        """Those that arrive at ``arrives`` or later, whatever their state: the ones that may still change."""
        return await self._payouts(cursor, {"arrival_date": {"gte": int(arrives.timestamp())}})

    async def payout_parts(self, payout_id: str, cursor: str | None) -> Part:
        """What a payout is made of; its own row is not among it."""
        asked: dict[str, Value] = {"payout": payout_id, "expand": ["data.source"], "starting_after": cursor}
        answer = await self._client.listing("balance_transactions", asked)
        rows = [bytes(each) for each in answer.data]
        facts = tuple(mapper.part(row, payout_id) for row in rows if not mapper.is_payout_itself(row, payout_id))
        return Part(Page(PayoutPart, facts, self._now()), next_of(answer))

    async def movements(self, since: datetime, cursor: str | None) -> Part:
        """Movements of the balance since then, whatever they (will) go out with."""
        asked: dict[str, Value] = {
            "created": {"gte": int(since.timestamp())},
            "expand": ["data.source"],
            "starting_after": cursor,
        }
        answer = await self._client.listing("balance_transactions", asked)
        rows = [bytes(each) for each in answer.data]
        facts = tuple(mapper.part(row, None) for row in rows if not mapper.is_payout_itself(row, None))
        return Part(Page(PayoutPart, facts, self._now()), next_of(answer))

    def settled(self, payout: Payout) -> Payout:
        """A payout whose parts were read before and summed to it: Stripe adds none to it any more."""
        return mapper.payout(payout.raw, payout.amount_minor)

    async def unbundled(self, payout: Payout) -> Unbundled:
        """A payout with its parts. They must sum to it to the cent, else it stays unattributed and says so."""
        if not mapper.can_be_unbundled(payout.raw):
            return Unbundled(payout, None)
        pages: list[Page] = []
        cursor: str | None = None
        for _ in range(_PARTS_PAGES_MOST):
            part = await self.payout_parts(payout.id, cursor)
            pages.append(part.page)
            cursor = part.next
            if cursor is None:
                break
        else:
            raise ContractBroken(RAIL, f"Payout {payout.id} has no end of parts.", "balance_transactions.has_more")
        facts = [each for page in pages for each in page.facts if isinstance(each, PayoutPart)]
        foreign = next((each for each in facts if each.currency != payout.currency), None)
        if foreign is not None:
            raise ContractBroken(
                RAIL, f"Payout {payout.id} holds {foreign.id} in {foreign.currency}.", "balance_transaction.currency"
            )
        whole = mapper.payout(payout.raw, sum(each.net_minor for each in facts))
        return Unbundled(whole, tuple(pages) if whole.attributed else None)

    async def payments_again(self, ids: Sequence[str]) -> list[Page]:
        """Invoice payments by id, as they are now; those that are gone are left out."""
        return await self.again(InvoiceReceipt, dict.fromkeys(ids))

    async def again(self, kind: type[Fact], wanted: Times) -> list[Page]:
        """Things by id, as they are now; those that are gone are left out."""
        return await self._reading.again(kind, wanted)

    async def receipts_of(self, invoices: Sequence[RailInvoice]) -> list[Page]:
        """What payments did to these invoices, as it is now."""
        return await self._reading.receipts_of(invoices)

    async def latest_event(self) -> tuple[str | None, datetime]:
        """Where following begins: the newest event there is, and when it happened."""
        return await self._reading.latest_event()

    async def events_since(self, event_id: str | None, since: datetime) -> list[wire.Event]:
        """What happened after an event, oldest first; without one, since an instant. ``Rejected`` when it is forgotten there."""
        return await self._reading.events_since(event_id, since)

    async def create_invoice(self, order: InvoiceOrder) -> Instructed:
        return await self._collecting.create_invoice(order)

    async def send_invoice(self, invoice_id: str, key: str) -> Instructed:
        return await self._collecting.send_invoice(invoice_id, key)

    async def void_invoice(self, invoice_id: str, key: str) -> Instructed:
        return await self._collecting.void_invoice(invoice_id, key)

    async def mark_uncollectible(self, invoice_id: str, key: str) -> Instructed:
        return await self._collecting.mark_uncollectible(invoice_id, key)

    async def find_invoice(self, order: InvoiceOrder) -> Instructed | None:
        return await self._collecting.find_invoice(order)

    async def refund_payment(self, order: RefundOrder) -> Instructed:
        return await self._collecting.refund_payment(order)

    async def find_refund(self, order: RefundOrder) -> Instructed | None:
        return await self._collecting.find_refund(order)

    async def genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        return await self._notices.genuine(body, headers)

    def hints(self, body: bytes) -> Sequence[Hint]:
        return self._notices.hints(body)

    async def _payouts(self, cursor: str | None, params: Mapping[str, Value]) -> Part:
        answer = await self._client.listing("payouts", {**params, "starting_after": cursor})
        facts = tuple(mapper.payout(bytes(each)) for each in answer.data)
        return Part(Page(Payout, facts, self._now()), next_of(answer))
