"""Asking customers for money through the collecting rail, and giving it back: prepared by one person, let go by others.

Nothing here calls the rail: what was approved is done by ``ar.workflows.order_work``, which reads both ledgers once more first. A
customer is asked only for an open invoice of the ledger, for what is open on it, and never while the two ledgers disagree.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar, cast

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import CollectionOrder
from interlock.domains.ar.policy.orders import Act, LetGo, PersonSaid, PersonSays, SaidYes, Withdrawn
from interlock.domains.ar.services.open_balances import open_balances
from interlock.domains.ar.services.order_content import OrderContent, Wish
from interlock.domains.ar.services.order_reader import OrderReader, Read
from interlock.domains.ar.services.order_steps import OrderSteps, yeses_of
from interlock.domains.ar.services.refund_reader import REASONS
from interlock.domains.firm.acting import Acting
from interlock.domains.firm.deciding_lock import take_decision_lock
from interlock.domains.firm.models import Business
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.roles import Right
from interlock.domains.firm.segregation import Facts, approvals_needed, refusal
from interlock.domains.firm.services.people_service import PeopleService
from interlock.kernel.errors import BadInput, InterlockError, NotFound, Refused
from interlock.kernel.ids import new_id
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope

ORDERS_SHOWN_MOST = 500
COMMENT_CHARACTERS = 2_000
_COUNTED = ("proposed", "half", "approved", "committed", "unknown", "standing")


class NotNow(InterlockError):
    """What the two ledgers say stands against it. Nothing was changed."""

    code: ClassVar[str] = "order_refused"
    status: ClassVar[int] = 409


class InvoiceManagementService:
    """Orders of one business, within the session's transaction. ``acting``: ``None`` for who only looks.

    ``required``: raises what is parked or not connected for an act; ``blocked``: findings against asking, by invoice. Every act
    takes the business's decision lock first.
    """

    def __init__(
        self,
        db: Session,
        business: Business,
        *,
        acting: Acting | None,
        policy: Callable[[], Policy],
        required: Callable[[Act], None],
        blocked: Callable[[], Mapping[str, str]],
        now: datetime,
    ) -> None:
        self._db = db
        self._business = business
        self._acting = acting
        self._policy = policy
        self._required = required
        self._blocked = blocked
        self._now = now
        self._reader = OrderReader(db, business, now)

    def create_invoice(self, invoice_id: str, *, comment: str | None = None) -> CollectionOrder:
        """Prepare that the customer of an open invoice is asked for what is open on it: made, finalised and sent there."""
        return self._prepare(Wish("invoice", invoice_id=invoice_id), comment)

    def void_invoice(
        self, invoice_id: str, rail_invoice_id: str | None = None, *, comment: str | None = None
    ) -> CollectionOrder:
        """Prepare that the rail stops asking for an invoice. Irreversible there; the ledger's invoice stays as it is."""
        return self._prepare(Wish("void", invoice_id=invoice_id, rail_invoice_id=rail_invoice_id), comment)

    def mark_uncollectible(
        self, invoice_id: str, rail_invoice_id: str | None = None, *, comment: str | None = None
    ) -> CollectionOrder:
        """Prepare that the rail counts an invoice as lost; its customer may still pay it."""
        return self._prepare(Wish("uncollectible", invoice_id=invoice_id, rail_invoice_id=rail_invoice_id), comment)

    def refund_payment(
        self, charge_id: str, *, amount_minor: int | None, reason: str, comment: str | None = None
    ) -> CollectionOrder:
        """Prepare that money is given back, all that is left of a payment where no amount is said."""
        return self._prepare(Wish("refund", charge_id=charge_id, amount_minor=amount_minor, reason=reason), comment)

    def payment_link(self, invoice_id: str) -> str:
        """Where the customer of an invoice pays at the rail; ``NotNow`` where nothing is to be paid there."""
        self._required("invoice")
        found = open_balances(self._db, self._business.business_id, [invoice_id]).get(invoice_id)
        if found is None:
            raise NotFound(f"There is no invoice {invoice_id!r} in these books.")
        if found.why_not is not None:
            raise NotNow(f"{found.why_not} Until that is settled there is no link to give to a customer.")
        if found.url is None or not found.ask_minor:
            raise NotNow("Stripe asks nobody for this invoice: create it there first.")
        return found.url

    def approve(self, order_id: str, *, comment: str | None = None) -> CollectionOrder:
        """Say yes to an order as it was prepared. ``NotNow`` where what it rests on changed since."""
        order = self._locked(order_id)
        if order.state not in {"proposed", "half"}:
            raise BadInput(f"This order is {order.state}; only one that is proposed can be approved.")
        self._required(cast(Act, order.act))
        facts = self._facts(order)
        self._may("approve", facts)
        self._not_against(order.act, self._reader.again(order).against, order.invoice_id)
        needed = approvals_needed(self._policy(), facts.amount_minor, facts.people_here)
        complete = len(facts.approvers) + 1 >= needed
        undo_until = self._now + timedelta(seconds=self._policy().approvals.undo_seconds)
        by = self._person
        steps = self._steps()
        if complete:
            order.approved_at, order.committed_by = self._now, None if order.act == "refund" else by.person_id
        said = {"person": by.person_id, "side": by.side, **_commented(comment)}
        steps.happened(order, SaidYes(complete, undo_until), said)
        steps.close()
        return order

    def release(self, order_id: str, *, comment: str | None = None) -> CollectionOrder:
        """Let money go back that was approved. What asks for money is let go by its approval alone."""
        order = self._locked(order_id)
        if order.act != "refund":
            raise BadInput("Only money given back is released; all else is done once it is approved.")
        if order.state != "approved":
            raise BadInput(f"This order is {order.state}; only one that is approved can be released.")
        self._required("refund")
        self._may("release", self._facts(order))
        self._not_against(order.act, self._reader.again(order).against, order.invoice_id)
        by, steps = self._person, self._steps()
        order.committed_by = by.person_id
        if not steps.happened(order, LetGo(), {"person": by.person_id, **_commented(comment)}):
            raise BadInput("The approval can still be undone; release it after that. Nothing was changed.")
        steps.close()
        return order

    def withdraw(self, order_id: str, *, comment: str | None = None) -> CollectionOrder:
        """Take an order back before anything was begun: one's own proposal, or as somebody who may approve."""
        order = self._locked(order_id)
        own = order.prepared_by == self._person.person_id and order.state == "proposed"
        self._may("propose" if own else "approve", Facts(now=self._now))
        steps = self._steps()
        if not steps.happened(order, Withdrawn(), {"person": self._person.person_id, **_commented(comment)}):
            raise BadInput(f"This order is {order.state} and can't be taken back any more. Nothing was changed.")
        steps.close()
        return order

    def say(self, order_id: str, says: PersonSays, *, comment: str | None = None) -> CollectionOrder:
        """What a person found out at the rail of an order that nobody knew about: look again, or it was not made there."""
        order = self._locked(order_id)
        self._may("release" if order.act == "refund" else "approve", Facts(now=self._now))
        if says == "not_made" and not (comment or "").strip():
            raise BadInput("Say what you saw at Stripe. Nothing was changed.")
        steps = self._steps()
        said = {"person": self._person.person_id, **_commented(comment)}
        why = f"{self._person.name} says it was not made." if says == "not_made" else None
        if not steps.happened(order, PersonSaid(says), said, why=why):
            raise BadInput(f"This order is {order.state}; only one that nobody knows about can be decided on.")
        steps.close()
        return order

    def get_order(self, order_id: str) -> CollectionOrder:
        """One order; ``NotFound`` otherwise."""
        found = self._db.get(CollectionOrder, (self._business.business_id, order_id), populate_existing=True)
        if found is None:
            raise NotFound(f"There is no order {order_id!r} here.")
        return found

    def orders(
        self, *, invoice_id: str | None = None, states: Sequence[str] = (), most: int = ORDERS_SHOWN_MOST
    ) -> Sequence[CollectionOrder]:
        """The latest changed first; of one invoice, or in some states."""
        query = select(CollectionOrder).where(CollectionOrder.business_id == self._business.business_id)
        if invoice_id is not None:
            query = query.where(CollectionOrder.invoice_id == invoice_id)
        if states:
            query = query.where(CollectionOrder.state.in_(sorted(states)))
        query = query.order_by(CollectionOrder.changed_at.desc(), CollectionOrder.order_id.desc())
        return self._db.scalars(query.limit(min(most, ORDERS_SHOWN_MOST))).all()

    def against(self, wish: Wish) -> tuple[str, ...]:
        """Why something can't be ordered now, in sentences, for who only looks; empty where nothing speaks against it."""
        return (*self._reader.read(wish).against, *self._findings(wish.act, wish.invoice_id))

    def refundable(self, charge_id: str) -> Read:
        """All that is left of a payment to give back, less what is ordered already, and why it can't be now."""
        return self._reader.read(Wish("refund", charge_id=charge_id, reason=REASONS[0]))

    def against_order(self, order: CollectionOrder) -> tuple[str, ...]:
        """Why an order that waits for a person can't go on, in sentences."""
        return (*self._reader.again(order).against, *self._findings(order.act, order.invoice_id))

    def refused_to(self, right: Right, order: CollectionOrder) -> str | None:
        """Why the person who looks may not do this with an order; ``None`` where they may, or nobody is named."""
        return None if self._acting is None else refusal(right, self._acting, self._policy(), self._facts(order))

    def _prepare(self, wish: Wish, comment: str | None) -> CollectionOrder:
        take_decision_lock(self._db, self._business.business_id)
        self._required(wish.act)
        self._may("propose", Facts(now=self._now))
        read = self._reader.read(wish)
        self._not_against(wish.act, read.against, wish.invoice_id)
        self._within_limits(read.content)
        order = self._row(read.content)
        steps = self._steps()
        steps.prepared(
            order, {"person": self._person.person_id, "customer": read.content.customer, **_commented(comment)}
        )
        steps.close()
        return order

    def _row(self, content: OrderContent) -> CollectionOrder:
        return CollectionOrder(
            firm_id=self._business.firm_id,
            business_id=self._business.business_id,
            order_id=new_id("ord", self._now),
            act=content.act,
            invoice_id=content.invoice_id,
            rail_invoice_id=content.rail_invoice_id,
            charge_id=content.charge_id,
            customer_id=content.customer_id,
            amount_minor=content.amount_minor,
            currency=content.currency,
            reason=content.reason,
            content_hash=content.hash,
            state="proposed",
            instruction=msgspec.json.encode(content).decode(),
            prepared_by=self._person.person_id,
            prepared_at=self._now,
            attempt=0,
            steps=0,
            changed_at=self._now,
        )

    def _facts(self, order: CollectionOrder) -> Facts:
        """Only what leaves counts towards the policy's limits: asking for money, or giving a claim up there, moves none."""
        return Facts(
            now=self._now,
            amount_minor=self._counted(order) if order.act == "refund" else 0,
            prepared_by=order.prepared_by,
            prepared_at=order.prepared_at,
            approvers=tuple(yeses_of(self._db, order.business_id, [order.order_id]).get(order.order_id, ())),
            people_here=self._people_here,
        )

    @cached_property
    def _people_here(self) -> int:
        """How many people may approve at this client."""
        return PeopleService(self._db, self._business.firm_id).deciding_here(self._business.business_id)

    def _counted(self, order: CollectionOrder) -> int:
        """All that is given back to one customer within the policy's days counts together: in parts it stays under no limit."""
        since = self._now - timedelta(days=self._policy().duplicates.splitting_days)
        same = CollectionOrder.charge_id == order.charge_id
        if order.customer_id is not None:
            same = same | ((CollectionOrder.customer_id == order.customer_id) & (CollectionOrder.prepared_at >= since))
        query = select(func.coalesce(func.sum(CollectionOrder.amount_minor), 0)).where(
            CollectionOrder.business_id == self._business.business_id,
            CollectionOrder.act == "refund",
            CollectionOrder.state.in_(_COUNTED),
            CollectionOrder.order_id != order.order_id,
            same,
        )
        return order.amount_minor + int(self._db.execute(query).scalar_one())

    def _within_limits(self, content: OrderContent) -> None:
        most = self._policy().limits.payment_minor
        if content.act == "refund" and most is not None and content.amount_minor > most:
            limit = Money(most, self._business.home_currency)
            raise NotNow(f"The policy lets no more than {limit} leave in one payment. Nothing was changed.")

    def _findings(self, act: str, invoice_id: str | None) -> tuple[str, ...]:
        if act != "invoice" or invoice_id is None:
            return ()
        said = self._blocked().get(invoice_id)
        return () if said is None else (f"{said.rstrip('.')}.",)

    def _not_against(self, act: str, against: Sequence[str], invoice_id: str | None) -> None:
        reasons = (*against, *self._findings(act, invoice_id))
        if reasons:
            raise NotNow(" ".join(dict.fromkeys(reasons)) + " Nothing was changed.")

    def _locked(self, order_id: str) -> CollectionOrder:
        take_decision_lock(self._db, self._business.business_id)
        return self.get_order(order_id)

    def _may(self, right: Right, facts: Facts) -> None:
        said = refusal(right, self._person, self._policy(), facts)
        if said is not None:
            raise Refused(said)

    def _steps(self) -> OrderSteps:
        scope = Scope(self._business.firm_id, self._business.business_id)
        return OrderSteps(self._db, scope, now=self._now, actor=self._person.actor)

    @property
    def _person(self) -> Acting:
        if self._acting is None:
            raise Refused("Nobody is named who would do this. Nothing was changed.")
        return self._acting


def _commented(comment: str | None) -> dict[str, str]:
    said = (comment or "").strip()
    if len(said) > COMMENT_CHARACTERS:
        raise BadInput(f"A comment has at most {COMMENT_CHARACTERS} characters. Nothing was changed.")
    return {"comment": said} if said else {}
