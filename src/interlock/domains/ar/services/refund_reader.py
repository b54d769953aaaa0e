"""Money given back of what the collecting rail took: what is left of a payment, and what speaks against it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import CollectionOrder
from interlock.domains.ar.models import Customer, Invoice
from interlock.domains.ar.policy.orders import LIVE
from interlock.domains.ar.services.order_content import RAIL, OrderContent, Wish
from interlock.domains.ar.services.rail_money import DECIDED_FOR_US
from interlock.domains.ar.witness_models import (
    Charge,
    CustomerLink,
    Dispute,
    InvoiceLink,
    InvoiceReceipt,
    RailCustomer,
    Refund,
)
from interlock.domains.firm.models import Business
from interlock.kernel.errors import BadInput, NotFound
from interlock.kernel.money import Money
from interlock.rails.errors import spoken
from interlock.rails.identity import LINKED

REASONS = ("requested_by_customer", "duplicate", "fraudulent")
_RAIL = spoken(RAIL)


class RefundReader:
    """Reads refunds off the mirror at one business."""

    def __init__(self, db: Session, business: Business) -> None:
        self._db = db
        self._business = business

    def read(self, wish: Wish, itself: str | None) -> tuple[OrderContent, list[str]]:
        charge = self._db.get(Charge, (self._business.business_id, wish.charge_id or ""))
        if charge is None or charge.buried_at is not None:
            raise NotFound(f"There is no payment {wish.charge_id!r} at {_RAIL} that we have read.")
        if wish.reason not in REASONS:
            raise BadInput(f"Money is given back because of one of {', '.join(REASONS)}. Nothing was changed.")
        left = charge.amount_minor - charge.refunded_minor - self._going_back(charge.id, itself)
        amount = left if wish.amount_minor is None else wish.amount_minor
        if amount <= 0 and wish.amount_minor is not None:
            raise BadInput("An amount above zero is given back. Nothing was changed.")
        against = self._not_to_be_given_back(charge)
        if amount > left:
            against.append(f"{Money(max(left, 0), charge.currency)} is left of this payment to give back.")
        elif left <= 0:
            against.append("Nothing is left of this payment to give back.")
        invoice_id, customer_id, named, number = self._paid_by(charge)
        content = OrderContent(
            act="refund",
            invoice_id=invoice_id,
            rail_invoice_id=None,
            charge_id=charge.id,
            customer_id=customer_id,
            rail_customer_id=charge.customer_id,
            customer=named,
            email=None,
            number=number,
            due=None,
            amount_minor=amount,
            currency=charge.currency,
            reason=wish.reason,
        )
        return content, against

    def _going_back(self, charge_id: str, itself: str | None) -> int:
        """What is ordered to be given back of a payment and that the rail doesn't count as given back yet."""
        query = select(CollectionOrder).where(
            CollectionOrder.business_id == self._business.business_id,
            CollectionOrder.charge_id == charge_id,
            CollectionOrder.act == "refund",
            CollectionOrder.state.in_(sorted({*LIVE, "standing"})),
            CollectionOrder.order_id != (itself or ""),
        )
        seen = select(Refund.order_key).where(
            Refund.business_id == self._business.business_id,
            Refund.charge_id == charge_id,
            Refund.order_key.is_not(None),
        )
        shown = set(self._db.scalars(seen))
        return sum(each.amount_minor for each in self._db.scalars(query) if each.order_id not in shown)

    def _not_to_be_given_back(self, charge: Charge) -> list[str]:
        against = []
        if charge.state != "succeeded":
            against.append(f"This payment is {charge.state} at {_RAIL}; only one that succeeded is given back.")
        disputes = select(Dispute.state).where(
            Dispute.business_id == charge.business_id,
            Dispute.charge_id == charge.id,
            Dispute.buried_at.is_(None),
        )
        if set(self._db.scalars(disputes)) - DECIDED_FOR_US:
            against.append("The customer’s bank disputes this payment: it would be paid back twice.")
        if charge.currency != self._business.home_currency:
            against.append(
                f"It is in {charge.currency}, which the policy’s limits don’t measure: give it back at {_RAIL}."
            )
        return against

    def _paid_by(self, charge: Charge) -> tuple[str | None, str | None, str, str | None]:
        """The ledger's invoice that a charge paid, where it is the only one, with its customer and number."""
        of_it = InvoiceReceipt.charge_id == charge.id
        if charge.payment_id is not None:
            of_it = of_it | (InvoiceReceipt.payment_id == charge.payment_id)
        link = (InvoiceLink.business_id == InvoiceReceipt.business_id) & (
            InvoiceLink.rail_id == InvoiceReceipt.invoice_id
        )
        here = (Invoice.business_id == InvoiceLink.business_id) & (Invoice.id == InvoiceLink.ledger_id)
        query = (
            select(Invoice)
            .join(InvoiceLink, here)
            .join(InvoiceReceipt, link)
            .where(
                Invoice.business_id == charge.business_id,
                InvoiceLink.state == LINKED,
                InvoiceReceipt.buried_at.is_(None),
                of_it,
            )
            .distinct()
        )
        found = self._db.scalars(query).all()
        if len(found) == 1:
            one = found[0]
            return one.id, one.customer_id, one.customer_name or "nobody named", one.number
        return self._payer(charge)

    def _payer(self, charge: Charge) -> tuple[None, str | None, str, None]:
        there = self._db.get(RailCustomer, (charge.business_id, charge.customer_id or ""))
        link = select(CustomerLink.ledger_id).where(
            CustomerLink.business_id == charge.business_id,
            CustomerLink.rail_id == (charge.customer_id or ""),
            CustomerLink.state == LINKED,
        )
        customer_id = self._db.scalars(link).first()
        named = self._db.get(Customer, (charge.business_id, customer_id or ""))
        return None, customer_id, named.name if named else there.name if there else "nobody named", None
