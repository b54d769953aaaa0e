"""A client's counter: what its customers are asked for through Stripe, by whom, and what stands there then."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from interlock.app.abilities import abilities_of
from interlock.app.collecting import order_work
from interlock.app.house import House
from interlock.domains.ar.collecting_models import CollectionOrder
from interlock.domains.ar.services.open_balances import OpenBalance, open_balances
from interlock.domains.firm.services.people_service import PeopleService
from interlock.infra import translog
from interlock.kernel.scope import Scope
from interlock.runway.collecting_desk import orders
from interlock.runway.desk import Desk
from interlock.runway.services.experiences.order_views import OrderView
from interlock.runway.services.experiences.orders import OrdersService
from tests.rails.stripe.at_stripe import Client
from tests.recording.kinds import INVOICE
from tests.support.clock import clock_of
from tests.support.sandbox import Sandbox

CUSTOMER = "34"
"""Whom the invoices of these stories are to: a customer of the books, whom Stripe knows too."""
_LOTS = count(1)
PEOPLE = (
    ("bo", "Bo Lindqvist", "firm", "bookkeeper"),
    ("wren", "Wren Halloran", "firm", "controller"),
    ("odell", "Odell Marsh", "client", "client_owner"),
    ("mara", "Mara Finch", "client", "client_approver"),
)


@dataclass
class Counter:
    client: Client
    desk: Desk
    rail_customer: str = ""

    @classmethod
    def opened(cls, client: Client) -> "Counter":
        house = client.house
        can = abilities_of(house)
        desk = Desk(house.database, house.clock, house.sync_of, client.business.firm_id, abilities=can)
        made = cls(client, desk)
        for handle, name, side, role in PEOPLE:
            with house.database.writing(Scope(client.business.firm_id)) as session:
                people, now = PeopleService(session, client.business.firm_id), house.clock.now()
                people.add(handle, name, side=side, email=None, now=now, actor="a test")
                people.grant(client.business.business_id, handle, role, now=now, actor="a test")
        made.rail_customer = made.customer()
        made.sync()
        return made

    @property
    def house(self) -> House:
        return self.client.house

    @property
    def sandbox(self) -> Sandbox:
        return self.client.sandbox

    @property
    def business_id(self) -> str:
        return self.client.business.business_id

    def customer(self, **more: str) -> str:
        """Made by hand at Stripe, carrying the ledger's id; the one that is there already otherwise."""
        here = [each for each in self.client.there("customers") if each["metadata"].get("qbo_customer_id") == CUSTOMER]
        if here:
            return str(here[0]["id"])
        said = {"name": "Marlow Tiles", "email": "pay@marlow.example", "metadata[qbo_customer_id]": CUSTOMER}
        return str(self.client.by_hand("customers", **{**said, **more})["id"])

    def sync(self) -> None:
        self.house.sync_of(self.client.business).sync()
        self.client.sync()

    def owed(self, amount: str = "120.00") -> str:
        """An open invoice of the books, read; its id."""
        made = self.owes(amount)
        self.sync()
        return made

    def owes(self, amount: str) -> str:
        """An open invoice of the books that nobody has read yet; its id."""
        line = {
            "Amount": amount,
            "Description": f"Tiles, lot {next(_LOTS)}",  # two alike would be one invoice twice to the checks
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "1"}, "Qty": 1, "UnitPrice": amount},
        }
        said = {"CustomerRef": {"value": CUSTOMER}, "Line": [line]}
        return str(INVOICE.owes(self.sandbox, self.client.realm_id, amount, **said)["Id"])

    @contextmanager
    def as_(self, handle: str | None) -> Iterator[OrdersService]:
        """Orders as one person acts on them, in one transaction."""
        with self.desk.writing(self.business_id) as at:
            yield orders(at, at.acting(handle) if handle else None, self.desk.capabilities)

    def prepare(self, act: Any, invoice_id: str, by: str = "bo", **more: Any) -> OrderView:
        with self.as_(by) as service:
            return service.prepare(act, invoice_id, **more).order

    def refund(self, charge_id: str, amount: str | None = None, by: str = "bo", **more: Any) -> OrderView:
        with self.as_(by) as service:
            return service.refund(charge_id, amount=amount, reason="requested_by_customer", **more).order

    def decide(self, order: OrderView, does: Any, by: str = "wren", **more: Any) -> OrderView:
        with self.as_(by) as service:
            return service.decide(order.order_id, does, **more).order

    def undo_passes(self) -> None:
        clock_of(self.house).wait(seconds=11)

    def hours_pass(self, hours: int) -> None:
        clock_of(self.house).wait(hours=hours)

    def work(self) -> int:
        """Whatever is due to be sent or looked up now."""
        return order_work(self.house).run_due(self.business_id)

    def sent(self, invoice_id: str) -> OrderView:
        """Prepared, approved, and sent."""
        order = self.prepare("invoice", invoice_id)
        self.decide(order, "approve")
        self.undo_passes()
        self.work()
        return self.now(order)

    def now(self, order: OrderView) -> OrderView:
        with self.desk.reading(self.business_id) as at:
            return orders(at, None, self.desk.capabilities).get_order_experience(order.order_id).order

    def row(self, order: OrderView) -> CollectionOrder:
        with self.house.database.reading(self.client.scope) as session:
            found = session.get_one(CollectionOrder, (self.business_id, order.order_id))
            session.expunge(found)
            return found

    def tried(self, order: OrderView, attempt: int) -> None:
        """As if it had been tried that often."""
        with self.house.database.writing(self.client.scope) as session:
            session.get_one(CollectionOrder, (self.business_id, order.order_id)).attempt = attempt

    def open_balance(self, invoice_id: str) -> OpenBalance:
        with self.house.database.reading(self.client.scope) as session:
            return open_balances(session, self.business_id, [invoice_id])[invoice_id]

    def at_stripe(self, invoice_id: str) -> list[dict[str, Any]]:
        """Stripe's invoices of one of the books', as its owner's own program reads them."""
        listed = self.client.there("invoices", customer=self.rail_customer)
        return [each for each in listed if each["metadata"].get("qbo_invoice_id") == invoice_id]

    def mailed(self, rail_id: str) -> int:
        """How often Stripe e-mailed an invoice."""
        events = self.client.there("events", type="invoice.sent")
        return sum(each["data"]["object"]["id"] == rail_id for each in events)

    def pays(self, rail_id: str, method: str = "card") -> str:
        """Its customer pays it there; the charge."""
        return str(self.client.happens("pay", invoice=rail_id, method=method)["charge"]["id"])

    def refunds(self, charge_id: str) -> list[dict[str, Any]]:
        return self.client.there("refunds", charge=charge_id)

    def prove_the_log(self) -> list[str]:
        """What the log says of orders; its chain holds."""
        with self.house.database.reading(self.client.scope) as session:
            lines = list(translog.lines(session, self.business_id))
        assert translog.verify(lines)[1] == [], "the log's chain is broken"
        return [line.action for line in lines if line.action.startswith("order.")]
