"""A client's till: invoices of the books asked for through Stripe, paid there, and written down here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select

from interlock.app.house import House
from interlock.app.recording_receipts import receipt_work
from interlock.domains.ar.collecting_models import CollectingSetup, ReceiptRecord
from interlock.domains.firm.services.people_service import PeopleService
from interlock.infra import translog
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.rails import connections
from interlock.rails.moves import InvoiceOrder
from tests.rails.stripe.at_stripe import Client
from tests.recording.kinds import INVOICE
from tests.support.sandbox import Sandbox
from tests.support.world import Row, read_all, witness

_NUMBERS = count(1)


@dataclass(frozen=True)
class Asked:
    """An invoice of the books, and Stripe's for it."""

    ledger_id: str
    rail_id: str
    minor: int


@dataclass
class Till:
    """``clearing``: the account that payments are recorded to, ``fees``: what Stripe keeps."""

    client: Client
    clearing: str
    fees: str

    @classmethod
    def opened(cls, client: Client) -> "Till":
        """With accounts of its own in the books, chosen, and the switch on."""
        clearing = _account(client, "Stripe Clearing", "Other Current Asset", "OtherCurrentAssets")
        fees = _account(client, "Merchant Fees", "Expense", "BankCharges")
        till = cls(client, clearing, fees)
        till.sync()
        till.choose(clearing, fees)
        till.switch(True)
        return till

    @property
    def house(self) -> House:
        return self.client.house

    @property
    def sandbox(self) -> Sandbox:
        return self.client.sandbox

    @property
    def business_id(self) -> str:
        return self.client.business.business_id

    def choose(self, clearing: str | None, fees: str | None) -> None:
        client, now = self.client, self.house.clock.now()
        with self.house.database.writing(client.scope) as session:
            owner = {"firm_id": client.business.firm_id, "business_id": self.business_id}
            said = {"clearing_account_id": clearing, "fee_account_id": fees}
            session.merge(CollectingSetup(**owner, **said, changed_by="a test", changed_at=now))

    def switch(self, on: bool) -> None:
        with self.house.database.writing(self.client.scope) as session:
            connections.set_records(session, self.client.scope, "qbo", on, self.house.clock.now(), "a test")

    def sync(self) -> None:
        """The books and Stripe are read, and what follows a sync is done."""
        self.client.sync()
        self.house.sync_of(self.client.business).sync()

    def asks(self, amount: str = "120.00", *, first: str | None = None) -> Asked:
        """An open invoice of the books, and Stripe's for it; ``first``: what of it Stripe asks for, else all."""
        owed = INVOICE.owes(self.sandbox, self.client.realm_id, amount)
        rail, key = self.client.rail, f"{self.business_id}-{next(_NUMBERS)}"
        customer = str(self.client.by_hand("customers", name="Marlow Tiles", email="pay@marlow.example")["id"])
        now = self.house.clock.now()
        money = Money.of(first or amount, "USD")
        order = InvoiceOrder(
            key=key, committed_at=now, customer_id=customer, ledger_id=str(owed["Id"]), ledger_number=owed["DocNumber"],
            amount=money, due=now.date() + timedelta(days=14), description="Tiles",
        )  # fmt: skip
        made = self.house.transport.run(rail.create_invoice(order))
        self.house.transport.run(rail.send_invoice(made.rail_id, f"{key}-send"))
        return Asked(str(owed["Id"]), made.rail_id, money.minor)

    def pays(self, asked: Asked, method: str = "card") -> str:
        """Its customer pays it there; the charge."""
        return str(self.client.happens("pay", invoice=asked.rail_id, method=method)["charge"]["id"])

    def collected(self, amount: str = "120.00") -> Asked:
        """Asked for, paid, and read."""
        asked = self.asks(amount)
        self.pays(asked)
        self.sync()
        return asked

    def work(self) -> int:
        """Whatever is due to be written down."""
        return receipt_work(self.house).run_due(self.business_id)

    def record_of(self, asked: Asked) -> ReceiptRecord | None:
        with self.house.database.reading(self.client.scope) as session:
            query = select(ReceiptRecord).where(
                ReceiptRecord.business_id == self.business_id, ReceiptRecord.invoice_id == asked.ledger_id
            )
            found = session.scalars(query).one_or_none()
            if found is not None:
                session.expunge(found)
            return found

    def written(self, asked: Asked) -> ReceiptRecord:
        found = self.record_of(asked)
        assert found is not None, "the payment was not taken up to be written down: look at plan_records"
        return found

    def in_books(self, asked: Asked) -> list[Row]:
        """Payments of this invoice in the books, as somebody else's client reads them."""
        rows = read_all(witness(self.sandbox, self.client.realm_id), "Payment")
        return [row for row in rows if asked.ledger_id in _paid_by(row)]

    def enters(self, asked: Asked, amount: str, **more: Any) -> str:
        """A bookkeeper enters a payment of the invoice by hand."""
        owed = next(
            row
            for row in read_all(witness(self.sandbox, self.client.realm_id), "Invoice")
            if row["Id"] == asked.ledger_id
        )
        line = {"Amount": amount, "LinkedTxn": [{"TxnId": asked.ledger_id, "TxnType": "Invoice"}]}
        today = self.house.clock.now().date().isoformat()
        body = {"CustomerRef": owed["CustomerRef"], "TotalAmt": amount, "TxnDate": today, "Line": [line], **more}
        return str(self.sandbox.create(self.client.realm_id, "Payment", body)["object"]["Id"])

    def person(self, role: str) -> str:
        """The handle of somebody with that role at this client."""
        now, handle = self.house.clock.now(), f"{role.replace('_', '-')}-{next(_NUMBERS)}"
        firm_id, side = self.client.business.firm_id, "client" if role.startswith("client") else "firm"
        with self.house.database.writing(Scope(firm_id)) as session:
            people = PeopleService(session, firm_id)
            people.add(handle, handle.title(), side=side, email=None, now=now, actor="a test")
        with self.house.database.writing(self.client.scope) as session:
            PeopleService(session, firm_id).grant(self.business_id, handle, role, now=now, actor="a test")
        return handle

    def prove_the_log(self) -> list[str]:
        """What the log says of collected payments; its chain holds."""
        with self.house.database.reading(self.client.scope) as session:
            lines = list(translog.lines(session, self.business_id))
        assert translog.verify(lines)[1] == [], "the log's chain is broken"
        return [line.action for line in lines if line.action.startswith("receipt.")]


def cents(row: Mapping[str, Any], name: str = "TotalAmt") -> int:
    return int(Decimal(str(row[name])) * 100)


def _paid_by(row: Row) -> set[str]:
    return {each["TxnId"] for line in row.get("Line", []) for each in line.get("LinkedTxn", [])}


def _account(client: Client, name: str, kind: str, sub_kind: str) -> str:
    """Of that name in the books, made where there is none yet."""
    for row in read_all(witness(client.sandbox, client.realm_id), "Account"):
        if row["Name"] == name:
            return str(row["Id"])
    body = {"Name": name, "AccountType": kind, "AccountSubType": sub_kind}
    return str(client.sandbox.create(client.realm_id, "Account", body)["object"]["Id"])
