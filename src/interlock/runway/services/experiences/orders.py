"""Orders to the collecting rail, as people see and decide on them: asking for an invoice, giving it up, giving money back."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.collecting_models import CollectionOrder, CollectionStep
from interlock.domains.ar.policy.orders import LIVE, Act, PersonSays
from interlock.domains.ar.services.invoice_management_service import InvoiceManagementService
from interlock.domains.ar.services.open_balances import OpenBalance, open_balances
from interlock.domains.ar.services.order_content import Wish, content_of
from interlock.domains.ar.services.order_steps import steps_of, yeses_of
from interlock.domains.ar.services.rail_money import at_rail
from interlock.domains.ar.services.refund_reader import REASONS
from interlock.domains.ar.witness_models import Charge, InvoiceReceipt, Refund
from interlock.domains.firm.models import Business
from interlock.domains.firm.people_models import Person
from interlock.infra.db.bulk import among
from interlock.kernel.errors import BadInput, NotFound
from interlock.kernel.money import Money, MoneyError
from interlock.runway.services.calculators.words import counted
from interlock.runway.services.experiences.order_views import (
    ACTS,
    APPROVED,
    HAPPENED,
    MEANS,
    REASONS_SAID,
    AtRailExperience,
    Does,
    OfferView,
    OrderDone,
    OrderExperience,
    OrdersExperience,
    OrderStepView,
    OrderView,
    PaidThereView,
    Shown,
    needs_of,
    words_of,
)
from interlock.runway.services.views import Amount, BusinessView

ORDERS_MOST = 200


class OrdersService:
    """Orders of one business. ``parked``: why nothing can be ordered here at all, in words; ``None`` where a rail can."""

    def __init__(
        self,
        db: Session,
        business: Business,
        service: InvoiceManagementService,
        *,
        parked: str | None,
        now: datetime,
    ) -> None:
        self._db = db
        self._business = business
        self._service = service
        self._parked = parked
        self._now = now

    def get_orders_experience(self, shown: Shown = "waiting", *, most: int = ORDERS_MOST) -> OrdersExperience:
        """Those to come or to be decided on; or all, ended ones too."""
        rows = self._service.orders(states=sorted(LIVE) if shown == "waiting" else (), most=most)
        views = self._views(rows)
        waiting = sum(each.needs is not None for each in views)
        live = sum(each.state in LIVE for each in views)
        say = f"{counted(live, 'order')} to come." if live else "None is to come."
        if waiting:
            say = f"{counted(waiting, 'order')} {'waits' if waiting == 1 else 'wait'} for a person. {say}"
        return OrdersExperience(
            business=BusinessView.of(self._business),
            as_of=self._now,
            ask=f"What is asked of Stripe for {self._business.name}?",
            say=f"{say} {self._parked}" if self._parked else say,
            shown=shown,
            orders=views,
            waiting=waiting,
        )

    def get_order_experience(self, order_id: str) -> OrderExperience:
        """``NotFound`` for one that isn't there."""
        row = self._service.get_order(order_id)
        view = self._views([row])[0]
        undecided = row.state in {"proposed", "half"} or (row.act == "refund" and row.state == "approved")
        return OrderExperience(
            business=BusinessView.of(self._business),
            as_of=self._now,
            ask=f"{view.name}: {view.customer}{f', {view.number}' if view.number else ''}",
            say=f"{view.amount.currency} {view.amount}, {view.words}.",
            order=view,
            against=self._service.against_order(row) if undecided else (),
            happened=tuple(self._step(each) for each in steps_of(self._db, row.business_id, row.order_id)),
        )

    def get_at_rail_experience(self, invoice_id: str) -> AtRailExperience:
        """``NotFound`` for an invoice that isn't in these books."""
        found = open_balances(self._db, self._business.business_id, [invoice_id]).get(invoice_id)
        if found is None:
            raise NotFound(f"There is no invoice {invoice_id!r} in these books.")
        return AtRailExperience(
            business=BusinessView.of(self._business),
            invoice_id=invoice_id,
            ledger=Amount.minor(found.ledger_minor, found.currency),
            at_rail=None if found.rail_minor is None else Amount.minor(found.rail_minor, found.currency),
            collected=Amount.minor(found.collected_minor, found.currency),
            in_flight=Amount.minor(found.in_flight_minor, found.currency),
            to_ask=Amount.minor(found.ask_minor, found.currency),
            why_not=found.why_not,
            link=found.url if found.why_not is None and found.ask_minor else None,
            parked=self._parked,
            offers=self._offers(found),
            payments=self._paid_there(invoice_id),
            reasons=tuple((each, REASONS_SAID[each]) for each in REASONS),
            orders=self._views(self._service.orders(invoice_id=invoice_id)),
        )

    def prepare(
        self, act: Act, invoice_id: str, *, rail_invoice_id: str | None = None, comment: str | None = None
    ) -> OrderDone:
        """Prepare an order about an invoice, for somebody else to approve."""
        if act == "invoice":
            row = self._service.create_invoice(invoice_id, comment=comment)
        elif act == "void":
            row = self._service.void_invoice(invoice_id, rail_invoice_id, comment=comment)
        elif act == "uncollectible":
            row = self._service.mark_uncollectible(invoice_id, rail_invoice_id, comment=comment)
        else:
            raise BadInput("Money is given back of a payment: name the payment. Nothing was changed.")
        return self._done("Prepared; somebody who may approve lets it go.", row)

    def refund(self, charge_id: str, *, amount: str | None, reason: str, comment: str | None = None) -> OrderDone:
        """Prepare that money is given back: ``amount`` in the payment's own currency, all that is left where none is said."""
        charge = self._db.get(Charge, (self._business.business_id, charge_id))
        minor = None
        if amount is not None and charge is not None:
            try:
                minor = Money.of(amount.strip(), charge.currency).minor
            except MoneyError as wrong:
                raise BadInput(f"{wrong} Nothing was changed.") from None
        row = self._service.refund_payment(charge_id, amount_minor=minor, reason=reason, comment=comment)
        return self._done("Prepared; it is approved and released by others.", row)

    def decide(self, order_id: str, does: Does, *, comment: str | None = None) -> OrderDone:
        """One person's act on one order; refused, nothing is changed."""
        if does == "approve":
            row = self._service.approve(order_id, comment=comment)
            words = APPROVED[row.act if row.state == "approved" else "half"]
        elif does == "release":
            row, words = self._service.release(order_id, comment=comment), "Released: the money goes back."
        elif does == "withdraw":
            row, words = self._service.withdraw(order_id, comment=comment), "Taken back; nothing was sent."
        else:
            says: PersonSays = does
            row = self._service.say(order_id, says, comment=comment)
            words = "Kept." if does == "not_made" else "It is looked up once more."
        return self._done(words, row)

    def payment_link(self, invoice_id: str) -> str:
        """Where the customer pays; refused where nothing is to be paid there."""
        return self._service.payment_link(invoice_id)

    def _offers(self, balance: OpenBalance) -> tuple[OfferView, ...]:
        offers = []
        acts: tuple[Act, ...] = ("invoice",) if balance.rail_minor is None else ("void", "uncollectible")
        for act in acts:
            wish = Wish(act, invoice_id=balance.invoice_id)
            try:
                against = [self._parked] if self._parked else list(self._service.against(wish))
            except (BadInput, NotFound) as trouble:
                against = [trouble.sentence]
            offers.append(
                OfferView(act=act, name=ACTS[act], means=MEANS[act], why_not=" ".join(dict.fromkeys(against)) or None)
            )
        return tuple(offers)

    def _paid_there(self, invoice_id: str) -> tuple[PaidThereView, ...]:
        """Charges that paid it at the rail, the latest first."""
        receipts = self._receipts(invoice_id)
        if not receipts:
            return ()
        named = sorted({each.charge_id for each in receipts if each.charge_id})
        payments = sorted({each.payment_id for each in receipts if each.payment_id})
        of_it = among(self._db, Charge.id, named) | among(self._db, Charge.payment_id, payments)
        query = select(Charge).where(
            Charge.business_id == self._business.business_id, Charge.buried_at.is_(None), of_it
        )
        found = []
        for charge in self._db.scalars(query.order_by(Charge.created_at.desc(), Charge.id)):
            if charge.state == "failed":
                continue
            read = self._service.refundable(charge.id)
            against = [self._parked] if self._parked else list(read.against)
            found.append(
                PaidThereView(
                    charge_id=charge.id,
                    amount=Amount.minor(charge.amount_minor, charge.currency),
                    left=Amount.minor(max(read.content.amount_minor, 0), charge.currency),
                    state=charge.state,
                    why_not=" ".join(against) or None,
                )
            )
        return tuple(found)

    def _receipts(self, invoice_id: str) -> Sequence[InvoiceReceipt]:
        there = at_rail(self._db, self._business.business_id, [invoice_id])[invoice_id].invoices
        query = select(InvoiceReceipt).where(
            InvoiceReceipt.business_id == self._business.business_id,
            InvoiceReceipt.buried_at.is_(None),
            among(self._db, InvoiceReceipt.invoice_id, [each.id for each in there]),
        )
        return self._db.scalars(query).all() if there else []

    def _done(self, words: str, row: CollectionOrder) -> OrderDone:
        self._db.flush()
        return OrderDone(words=words, order=self._views([row])[0])

    def _views(self, rows: Sequence[CollectionOrder]) -> tuple[OrderView, ...]:
        said = yeses_of(self._db, self._business.business_id, [each.order_id for each in rows])
        yeses = {id_: [who for who, _ in several] for id_, several in said.items()}
        names = self._names(
            {each.prepared_by for each in rows} | {who for several in yeses.values() for who in several}
        )
        refunds = self._refund_states([each.order_id for each in rows if each.act == "refund"])
        return tuple(self._view(each, yeses.get(each.order_id, []), names, refunds.get(each.order_id)) for each in rows)

    def _view(
        self, row: CollectionOrder, yeses: Sequence[str], names: Mapping[str, str], rail_state: str | None
    ) -> OrderView:
        content = content_of(row)
        can = self._can(row)
        return OrderView(
            order_id=row.order_id,
            act=content.act,
            name=ACTS[content.act],
            means=MEANS[content.act],
            state=row.state,
            words=words_of(row, rail_state),
            customer=content.customer,
            number=content.number,
            invoice_id=row.invoice_id,
            rail_invoice_id=row.rail_invoice_id,
            charge_id=row.charge_id,
            amount=Amount.minor(row.amount_minor, row.currency),
            reason=REASONS_SAID.get(row.reason or ""),
            prepared_by=names.get(row.prepared_by, row.prepared_by),
            prepared_at=row.prepared_at,
            approved_by=tuple(names.get(each, each) for each in yeses),
            undo_until=row.undo_until,
            next_at=row.due_at,
            rail_id=row.rail_id,
            rail_state=rail_state,
            url=row.url if row.state == "standing" else None,
            why=row.why,
            needs=needs_of(row),
            can=can,
        )

    def _can(self, row: CollectionOrder) -> tuple[Does, ...]:
        """What the person who looks may do by role and rule; nobody named sees what stands open in principle."""
        wanted: list[Does] = []
        if row.state in {"proposed", "half"} and self._service.refused_to("approve", row) is None:
            wanted.append("approve")
        if row.act == "refund" and row.state == "approved" and self._service.refused_to("release", row) is None:
            wanted.append("release")
        if row.state in {"proposed", "half", "approved"}:
            wanted.append("withdraw")
        if row.state == "unknown":
            wanted += ["look_again", "not_made"]
        return tuple(wanted)

    def _names(self, ids: set[str]) -> Mapping[str, str]:
        query = select(Person.person_id, Person.name).where(
            Person.firm_id == self._business.firm_id, among(self._db, Person.person_id, sorted(ids))
        )
        return {row.person_id: row.name for row in self._db.execute(query)} if ids else {}

    def _refund_states(self, order_ids: Sequence[str]) -> Mapping[str, str]:
        """The rail's later word on refunds: one under way may still fail."""
        query = select(Refund.order_key, Refund.state).where(
            Refund.business_id == self._business.business_id,
            Refund.buried_at.is_(None),
            Refund.order_key.is_not(None),
        )
        wanted = set(order_ids)
        if not wanted:
            return {}
        return {key: state for key, state in self._db.execute(query) if key in wanted}

    def _step(self, each: CollectionStep) -> OrderStepView:
        said = json.loads(each.said)
        words = HAPPENED.get(each.event, each.event.replace("_", " "))
        if each.event == "said_yes" and each.state == "half":
            words = "Approved by one of two"
        if each.event == "person_said":
            words = (
                "A person had it looked up again"
                if said.get("says") == "look_again"
                else "A person said it was not made"
            )
        return OrderStepView(at=each.at, words=words, why=said.get("why") or said.get("comment"), who=each.actor)
