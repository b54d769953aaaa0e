"""Orders to the collecting rail as both ledgers stand now, and what speaks against them.

A person's yes binds to the content; the same reading is made again in the transaction that would have the order sent, so that what
was paid, changed or asked for meanwhile stops it.
"""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import CollectionOrder
from interlock.domains.ar.models import Invoice, InvoiceAnnotation
from interlock.domains.ar.policy.orders import LIVE
from interlock.domains.ar.services.open_balances import OpenBalance, open_balances
from interlock.domains.ar.services.order_content import LEDGER, RAIL, OrderContent, Wish, changes, content_of
from interlock.domains.ar.services.rail_money import at_rail
from interlock.domains.ar.services.refund_reader import RefundReader
from interlock.domains.ar.witness_models import (
    CustomerLink,
    RailCustomer,
    RailInvoice,
)
from interlock.domains.firm.annotations import hold_in_words, is_held
from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.kernel.errors import BadInput, NotFound
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.rails.connections import CONNECTED, Connection, sync_state
from interlock.rails.errors import spoken
from interlock.rails.identity import LINKED

READ_WITHIN = timedelta(hours=24)
"""What neither ledger has said for so long isn't known well enough to ask anybody for money, or give it back."""
_GIVING_UP_FROM: dict[str, frozenset[str]] = {
    "void": frozenset({"open", "uncollectible"}),
    "uncollectible": frozenset({"open"}),
}


class Read(Struct, frozen=True):
    """An order as it would be now, and why it must not be."""

    content: OrderContent
    against: tuple[str, ...]


class OrderReader:
    """Reads orders off the mirror at one business, within the session's transaction. No call to anyone."""

    def __init__(self, db: Session, business: Business, now: datetime) -> None:
        self._db = db
        self._business = business
        self._now = now
        self._refunds = RefundReader(db, business)

    def read(self, wish: Wish, *, itself: str | None = None) -> Read:
        """``itself``: the order that is read again, so that it doesn't stand in its own way. ``NotFound`` and ``BadInput`` for what

        can't be meant at all.
        """
        if wish.act == "refund":
            content, against = self._refunds.read(wish, itself)
        else:
            content, against = self._of_invoice(wish, itself)
        return Read(content, (*self._not_known(), *against))

    def again(self, order: CollectionOrder) -> Read:
        """The same wish, as both ledgers stand now."""
        was = content_of(order)
        wish = Wish(was.act, was.invoice_id, was.rail_invoice_id, was.charge_id, was.amount_minor, was.reason)
        found = self.read(wish, itself=order.order_id)
        if found.content.hash != order.content_hash:
            changed = changes(was, found.content)
            return Read(found.content, (*found.against, f"It changed since it was prepared: {changed}."))
        return found

    def _of_invoice(self, wish: Wish, itself: str | None) -> tuple[OrderContent, list[str]]:
        invoice = self._invoice(wish.invoice_id)
        other = self._live_on(invoice.id, itself)
        against = [] if other is None else [f"An order of this invoice stands already ({other.order_id})."]
        if wish.act == "invoice":
            content, more = self._ask(invoice, itself)
        else:
            content, more = self._give_up(invoice, wish)
        return content, against + more

    def _ask(self, invoice: Invoice, itself: str | None) -> tuple[OrderContent, list[str]]:
        balance = open_balances(self._db, self._business.business_id, [invoice.id], apart_from=itself)[invoice.id]
        customer, against = self._rail_customer(invoice)
        against += self._held(invoice)
        against += _not_to_be_asked(invoice, balance)
        content = OrderContent(
            act="invoice",
            invoice_id=invoice.id,
            rail_invoice_id=None,
            charge_id=None,
            customer_id=invoice.customer_id,
            rail_customer_id=customer.id if customer else None,
            customer=invoice.customer_name or "nobody named",
            email=customer.email if customer else None,
            number=invoice.number,
            due=invoice.due or invoice.dated,
            amount_minor=balance.ledger_minor,
            currency=invoice.currency,
        )
        return content, against

    def _give_up(self, invoice: Invoice, wish: Wish) -> tuple[OrderContent, list[str]]:
        there = {
            each.id: each for each in at_rail(self._db, self._business.business_id, [invoice.id])[invoice.id].invoices
        }
        rail = self._meant(there, wish)
        balance = open_balances(self._db, self._business.business_id, [invoice.id])[invoice.id]
        against = []
        if rail.state == "draft":
            against.append(f"{_RAIL}’s invoice is a draft: delete it there, nobody was asked by it.")
        elif rail.state not in _GIVING_UP_FROM[wish.act]:
            against.append(f"{_RAIL}’s invoice is {rail.state}; it can’t be {_TO[wish.act]} any more.")
        if balance.in_flight_minor:
            against.append(f"{Money(balance.in_flight_minor, invoice.currency)} is on its way at {_RAIL}; wait for it.")
        if wish.act == "void" and rail.paid_minor:
            against.append("Part of it was paid there: give that back first, or leave it.")
        content = OrderContent(
            act=wish.act,
            invoice_id=invoice.id,
            rail_invoice_id=rail.id,
            charge_id=None,
            customer_id=invoice.customer_id,
            rail_customer_id=rail.customer_id,
            customer=invoice.customer_name or rail.customer_name or "nobody named",
            email=None,
            number=rail.number or invoice.number,
            due=rail.due,
            amount_minor=rail.open_minor,
            currency=rail.currency,
        )
        return content, against

    def _not_known(self) -> list[str]:
        """What was read too long ago to go by, and a rail that doesn't answer."""
        scope = Scope(self._business.firm_id, self._business.business_id)
        said = []
        for rail in (LEDGER, RAIL):
            linked = self._db.get(Connection, (scope.business_id, rail))
            if linked is None or linked.state != CONNECTED:
                said.append(f"{spoken(rail)} isn’t connected.")
                continue
            read = sync_state(self._db, scope, rail).last_sync
            if read is None or self._now - read > READ_WITHIN:
                said.append(f"{spoken(rail)} wasn’t read for a day: sync first.")
        return said

    def _invoice(self, invoice_id: str | None) -> Invoice:
        found = self._db.get(Invoice, (self._business.business_id, invoice_id or ""), populate_existing=True)
        if found is None or found.buried_at is not None:
            raise NotFound(f"There is no invoice {invoice_id!r} in these books.")
        return found

    def _live_on(self, invoice_id: str, itself: str | None) -> CollectionOrder | None:
        query = select(CollectionOrder).where(
            CollectionOrder.business_id == self._business.business_id,
            CollectionOrder.invoice_id == invoice_id,
            CollectionOrder.act != "refund",
            CollectionOrder.state.in_(sorted(LIVE)),
            CollectionOrder.order_id != (itself or ""),
        )
        return self._db.scalars(query.order_by(CollectionOrder.order_id)).first()

    def _held(self, invoice: Invoice) -> list[str]:
        noted = self._db.get(InvoiceAnnotation, (self._business.business_id, invoice.id), populate_existing=True)
        today = local_date(self._now, self._business.time_zone)
        return [f"{hold_in_words(noted)}."] if noted is not None and is_held(noted, today) else []

    def _rail_customer(self, invoice: Invoice) -> tuple[RailCustomer | None, list[str]]:
        """The one customer there that is this invoice's. We make none: whom somebody else made may be another."""
        link = (CustomerLink.business_id == RailCustomer.business_id) & (CustomerLink.rail_id == RailCustomer.id)
        query = (
            select(RailCustomer)
            .join(CustomerLink, link)
            .where(
                RailCustomer.business_id == self._business.business_id,
                RailCustomer.buried_at.is_(None),
                CustomerLink.ledger_id == (invoice.customer_id or ""),
                CustomerLink.state == LINKED,
                CustomerLink.rail == RAIL,
            )
        )
        found = self._db.scalars(query.order_by(RailCustomer.id)).all()
        name = invoice.customer_name or "The customer"
        if not found:
            return None, [f"{name} has no customer at {_RAIL}: make one there, sync, and link it on the identity page."]
        if len(found) > 1:
            return None, [f"{name} is linked to several customers at {_RAIL}; undo the links that are wrong."]
        if not found[0].email:
            return found[0], [f"{_RAIL} has no e-mail address of {name}, so it can send nothing."]
        return found[0], []

    def _meant(self, there: dict[str, RailInvoice], wish: Wish) -> RailInvoice:
        if wish.rail_invoice_id is not None:
            if wish.rail_invoice_id not in there:
                raise NotFound(f"{_RAIL}’s invoice {wish.rail_invoice_id!r} isn’t linked to this one.")
            return there[wish.rail_invoice_id]
        asking = [each for each in there.values() if each.state in _GIVING_UP_FROM["void"]]
        if len(asking) == 1:
            return asking[0]
        if not asking:
            raise BadInput(f"{_RAIL} asks nobody for this invoice. Nothing was changed.")
        said = ", ".join(each.id for each in asking)
        raise BadInput(f"{_RAIL} asks for this invoice more than once: say which one ({said}). Nothing was changed.")


def _not_to_be_asked(invoice: Invoice, balance: OpenBalance) -> list[str]:
    against = []
    if balance.ledger_minor <= 0:
        against.append("Nothing is open on this invoice in QuickBooks.")
    if balance.why_not is not None:
        against.append(balance.why_not)
    elif balance.rail_minor is not None:
        against.append(f"{_RAIL} asks for it already ({balance.rail_invoice_id or 'being made'}).")
    if balance.collected_minor:
        taken = Money(balance.collected_minor, invoice.currency)
        against.append(f"{taken} of it was paid through {_RAIL} and isn’t in QuickBooks yet.")
    if balance.in_flight_minor:
        against.append(f"{Money(balance.in_flight_minor, invoice.currency)} of it is on its way at {_RAIL}.")
    return against


_RAIL = spoken(RAIL)
_TO = {"void": "voided", "uncollectible": "given up"}
