"""Acts at Stripe under keys of ours: invoices made, finalised, sent, voided; charges given back (stripe.md §2, §3).

Stripe repeats its answer to a key for a day and may forget the key then. An order older than that is looked up by the mark it
carries (``metadata[interlock_key]``), in lists, which show what was written at once, unlike the search.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, time, timedelta

from interlock.domains.stripe import forms, mapper, wire
from interlock.domains.stripe.client import StripeClient
from interlock.domains.stripe.mapper import RAIL, decoded
from interlock.kernel.money import Money
from interlock.rails.errors import ContractBroken, OutcomeUnknown, Rejected
from interlock.rails.moves import Instructed, InvoiceOrder, RefundOrder
from interlock.rails.witnesses import UNKNOWN, RailInvoice

KEY_LIVES = timedelta(hours=23)  # Stripe promises 24; one for two clocks and a slow call
_BEFORE = timedelta(hours=1)  # an order is committed before it is sent; clocks may differ
_PAGES_MOST = 50
_SENT_EVENTS_KEPT = timedelta(days=30)
_EXPIRED = "This order is older than a day and Stripe has nothing under it: make a new one. Nothing was made."


class Collecting:
    """What may be done at one account. ``now``: the house's clock, to tell whether a key still lives."""

    def __init__(self, client: StripeClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def create_invoice(self, order: InvoiceOrder) -> Instructed:
        """A draft with one line for the whole of the order. Begun and cut off, it is completed, not made twice."""
        draft, found = await self._draft(order)
        if draft.total_minor == order.amount.minor and draft.currency == order.amount.currency:
            return _instructed(order.key, draft, found=found)
        if draft.state != "draft" or draft.total_minor != 0:
            raise Rejected(
                RAIL,
                f"Stripe's invoice {draft.id} was made by this order and is over another amount now; look at it there.",
                "amount_differs",
            )
        # Without ``invoice`` it would land on the customer's next one, whichever that is.
        line: dict[str, forms.Value] = {
            "customer": order.customer_id,
            "invoice": draft.id,
            "amount": _stripes(order.amount),
            "currency": order.amount.currency.lower(),
            "description": order.description or None,
            "metadata": {mapper.KEY: order.key},
        }
        await self._client.act("invoiceitems", line, f"{order.key}:line", order=order.key)
        whole = mapper.invoice(await self._client.one("invoices/{id}", draft.id))
        if whole.total_minor != order.amount.minor:
            raise OutcomeUnknown(
                RAIL,
                f"Stripe's invoice {draft.id} is over {whole.total_minor} and not {order.amount.minor} minor units; look at it.",
                order.key,
            )
        return _instructed(order.key, whole, found=found)

    async def send_invoice(self, invoice_id: str, key: str) -> Instructed:
        """Finalise a draft and have it e-mailed, once a key: what was sent under it before is seen, also after a day."""
        stands = await self._invoice(invoice_id)
        if _marked_sent(stands, key):
            return _instructed(key, stands, found=True)
        if stands.state == "draft":
            await self._client.act(
                "invoices/{id}/finalize", {"auto_advance": False}, f"{key}:finalise", invoice_id, order=key
            )
        elif stands.state != "open":
            raise _not_now(stands, "sent")
        elif await self._was_sent(stands, f"{key}:send"):
            return await self._mark_sent(invoice_id, key, found=True)
        await self._client.act("invoices/{id}/send", {}, f"{key}:send", invoice_id, order=key)
        return await self._mark_sent(invoice_id, key, found=False)

    async def void_invoice(self, invoice_id: str, key: str) -> Instructed:
        """Irreversible; of an open or uncollectible one. A draft is deleted at Stripe by a person, a paid one is given back."""
        return await self._to_state(invoice_id, key, "void", "void", {"open", "uncollectible"})

    async def mark_uncollectible(self, invoice_id: str, key: str) -> Instructed:
        return await self._to_state(invoice_id, key, "uncollectible", "mark_uncollectible", {"open"})

    async def find_invoice(self, order: InvoiceOrder) -> Instructed | None:
        found = await self._find_draft(order)
        if found is None:
            return None
        whole = found.total_minor == order.amount.minor and found.currency == order.amount.currency
        return Instructed(order.key, found.id, found.state if whole else UNKNOWN, found.url, found=True)

    async def refund_payment(self, order: RefundOrder) -> Instructed:
        if self._expired(order.committed_at):
            found = await self.find_refund(order)
            if found is None:
                raise Rejected(RAIL, _EXPIRED, "order_expired")
            return found
        asked: dict[str, forms.Value] = {
            "charge": order.charge_id,
            "amount": _stripes(order.amount),
            "reason": order.reason if order.reason in {"duplicate", "fraudulent", "requested_by_customer"} else None,
            "metadata": {mapper.KEY: order.key},
        }
        raw = await self._client.act("refunds", asked, order.key)
        try:
            made = mapper.refund(raw)
        except ContractBroken as trouble:
            raise OutcomeUnknown(RAIL, f"{trouble.sentence} It was sent; look it up.", order.key) from trouble
        return Instructed(order.key, made.id, made.state, None, found=False)

    async def find_refund(self, order: RefundOrder) -> Instructed | None:
        async for raw in self._made_since("refunds", {"charge": order.charge_id}, order.committed_at):
            stands = mapper.refund(raw)
            if stands.order_key == order.key:
                return Instructed(order.key, stands.id, stands.state, None, found=True)
        return None

    async def _draft(self, order: InvoiceOrder) -> tuple[RailInvoice, bool]:
        if self._expired(order.committed_at):
            found = await self._find_draft(order)
            if found is None:
                raise Rejected(RAIL, _EXPIRED, "order_expired")
            return found, True
        asked: dict[str, forms.Value] = {
            "customer": order.customer_id,
            "currency": order.amount.currency.lower(),
            "collection_method": "send_invoice",
            "due_date": _due(order),
            "auto_advance": False,  # Stripe would finalise and chase it by itself
            "pending_invoice_items_behavior": "exclude",
            "description": order.description or None,
            "metadata": {
                mapper.KEY: order.key,
                mapper.LEDGER_ID: order.ledger_id,
                mapper.LEDGER_NUMBER: order.ledger_number,
            },
        }
        made = decoded(await self._client.act("invoices", asked, order.key), wire.Object)
        # What was answered may be the first answer again, of a draft that is further by now.
        return await self._invoice(made.id), False

    async def _find_draft(self, order: InvoiceOrder) -> RailInvoice | None:
        async for raw in self._made_since("invoices", {"customer": order.customer_id}, order.committed_at):
            stands = mapper.invoice(raw)
            if stands.order_key == order.key:
                return stands
        return None

    async def _to_state(self, invoice_id: str, key: str, state: str, act: str, from_: set[str]) -> Instructed:
        stands = await self._invoice(invoice_id)
        if stands.state == state:
            return _instructed(key, stands, found=True)
        if stands.state not in from_:
            raise _not_now(stands, state)
        await self._client.act(f"invoices/{{id}}/{act}", {}, key, invoice_id)
        return _instructed(key, await self._invoice(invoice_id), found=False)

    async def _mark_sent(self, invoice_id: str, key: str, *, found: bool) -> Instructed:
        """Stripe keeps no sign on an invoice that it was e-mailed, so we leave one."""
        await self._client.act("invoices/{id}", {"metadata": {mapper.SENT: key}}, f"{key}:mark", invoice_id, order=key)
        return _instructed(key, await self._invoice(invoice_id), found=found)

    async def _was_sent(self, stands: RailInvoice, key: str) -> bool:
        """Whether Stripe sent it under this key before. Its events are kept for 30 days and name the key."""
        since = stands.finalised_at or stands.created_at
        if since is None or self._now() - since > _SENT_EVENTS_KEPT:
            since = self._now() - _SENT_EVENTS_KEPT
        async for raw in self._made_since("events", {"type": "invoice.sent"}, since):
            event = decoded(raw, wire.Event)
            if event.data.object.id == stands.id and event.request and event.request.idempotency_key == key:
                return True
        return False

    async def _made_since(
        self, resource: str, params: Mapping[str, forms.Value], since: datetime
    ) -> AsyncIterator[bytes]:
        """Everything made since shortly before then, newest first. Too much to look through is ``ContractBroken``, never 'none'."""
        cursor: str | None = None
        asked: dict[str, forms.Value] = {**params, "created": {"gte": int((since - _BEFORE).timestamp())}}
        for _ in range(_PAGES_MOST):
            page = await self._client.listing(resource, {**asked, "starting_after": cursor})
            for each in page.data:
                yield bytes(each)
            if not page.has_more or not page.data:
                return
            cursor = decoded(bytes(page.data[-1]), wire.Named).id
        raise ContractBroken(RAIL, f"Stripe has too many {resource} to find one among them; look there.", resource)

    async def _invoice(self, invoice_id: str) -> RailInvoice:
        return mapper.invoice(await self._client.one("invoices/{id}", invoice_id))

    def _expired(self, committed_at: datetime) -> bool:
        return self._now() - committed_at >= KEY_LIVES


def _instructed(key: str, invoice: RailInvoice, *, found: bool) -> Instructed:
    return Instructed(key, invoice.id, invoice.state, invoice.url, found)


def _marked_sent(invoice: RailInvoice, key: str) -> bool:
    return (decoded(invoice.raw, wire.Invoice).metadata or {}).get(mapper.SENT) == key


def _not_now(invoice: RailInvoice, wish: str) -> Rejected:
    return Rejected(
        RAIL,
        f"Stripe's invoice {invoice.id} is {invoice.state} and can't be made {wish}. Nothing was changed.",
        "wrong_state",
    )


def _due(order: InvoiceOrder) -> int:
    """The end of the day it is due. Stripe refuses one that is past: what is overdue is due the day after it is asked for, told

    by the order alone, so that sending it again says the same.
    """
    day = max(order.due, (order.committed_at + timedelta(days=1)).date())
    return int(datetime.combine(day, time(23, 59, 59), UTC).timestamp())


def _stripes(amount: Money) -> int:
    if amount.minor <= 0:
        raise Rejected(RAIL, "An amount above zero is needed. Nothing was made.", "amount")
    return mapper.stripes_own(amount.minor, amount.currency)
