"""A company whose books a bookkeeper edits while we follow them; what the mirror holds of it, and whether that is the world."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from interlock.app.house import House
from interlock.domains.ap.mirror import MIRROR as PAYABLES
from interlock.domains.ar.mirror import MIRROR as RECEIVABLES
from interlock.domains.bank.mirror import MIRROR as LEDGER
from interlock.domains.firm.mirror import MIRROR as COMPANY
from interlock.domains.firm.models import Business
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from interlock.kernel.scope import Scope
from interlock.rails import facts
from interlock.rails.facts import Fact
from interlock.rails.ports import ProofReport, SyncReport
from tests.support.clock import clock_of
from tests.support.house import house_over, take_on
from tests.support.mirror import differences, read_mirror
from tests.support.sandbox import Sandbox, SandboxClient
from tests.support.world import Row, read_all, read_world, witness

_SLICES = (COMPANY, LEDGER, PAYABLES, RECEIVABLES)


@dataclass
class Books:
    """One client of a sandbox and our mirror of it, brought up to date once."""

    house: House
    sandbox: Sandbox
    client: SandboxClient
    business: Business
    scope: Scope

    @property
    def realm(self) -> str:
        return self.client.realm_id

    def sync(self, *, full: bool = False) -> SyncReport:
        return self.house.sync_of(self.business).sync(full=full)

    def prove(self) -> ProofReport:
        return self.house.sync_of(self.business).prove()

    def differences(self) -> list[str]:
        """The mirror against the world as somebody else's client reads it; empty when they are equal."""
        world = read_world(witness(self.sandbox, self.realm), self.business.home_currency)
        return differences(world, read_mirror(self.house.database, self.scope))

    def world(self, entity: str) -> list[Row]:
        """Every object of an entity, by QuickBooks' name."""
        return read_all(witness(self.sandbox, self.realm), entity)

    def row(self, kind: type[Fact], id_: str) -> Any:
        """Our row, buried or not; ``None`` when we never had it."""
        model = next(part.shelves[kind].model for part in _SLICES if kind in part.shelves)
        with self.house.database.reading(self.scope) as session:
            return session.get(model, (self.scope.business_id, id_))

    def rows(self, kind: type[Fact]) -> list[Any]:
        """Our rows that stand."""
        model = next(part.shelves[kind].model for part in _SLICES if kind in part.shelves)
        with self.house.database.reading(self.scope) as session:
            query = select(model).where(model.business_id == self.scope.business_id, model.buried_at.is_(None))
            return list(session.scalars(query.order_by(model.id)))

    def links(self, kind: type[Fact], id_: str) -> set[tuple[str, str]]:
        """What our row of a document says it is linked to."""
        with self.house.database.reading(self.scope) as session:
            found = self.house.mirror.ties(session, self.scope, kind, [id_]).outward
        return {(tie.linked_kind, tie.linked_id) for tie in found}

    def spoil(self, kind: type[Fact], id_: str, **values: Any) -> None:
        """Change our row behind the product's back."""
        model = next(part.shelves[kind].model for part in _SLICES if kind in part.shelves)
        with self.house.database.writing(self.scope) as session:
            row = session.get_one(model, (self.scope.business_id, id_))
            for name, value in values.items():
                setattr(row, name, value)

    def minutes_pass(self, minutes: int = 5, *, here: bool = True) -> None:
        """So that what was changed before lies outside the overlap of changes that are asked for again."""
        self.sandbox.control("POST", "clock/advance", {"seconds": 60 * minutes, "live": False})
        if here:
            clock_of(self.house).wait(minutes=minutes)

    def settle(self) -> None:
        """Read what was made so far, and let it grow old: from now on only new changes are told."""
        self.sync()
        self.minutes_pass()
        self.sync()

    def create(self, entity: str, **body: Any) -> Row:
        made: Row = self.sandbox.create(self.realm, entity, body)["object"]
        return made

    def update(self, entity: str, id_: str, **body: Any) -> Row:
        made: Row = self.sandbox.update(self.realm, entity, {"Id": id_, **body})["object"]
        return made

    def delete(self, entity: str, id_: str) -> None:
        self.sandbox.delete(self.realm, entity, id_)

    def void(self, entity: str, id_: str) -> None:
        self.sandbox.void(self.realm, entity, id_)

    def control(self, path: str, body: dict[str, Any], method: str = "POST") -> Any:
        """The sandbox's control API about this company."""
        return self.sandbox.control(method, f"companies/{self.realm}/{path}", body)

    def account(self, kind: str, sub_kind: str | None = None) -> str:
        """Id of an active account of a kind."""
        for row in self.rows(facts.Account):
            if row.kind == kind and row.active and (sub_kind is None or row.sub_kind == sub_kind):
                return str(row.id)
        raise AssertionError(f"the world has no account of kind {kind} {sub_kind or ''}")

    def vendor(self, name: str) -> str:
        return str(self.create("Vendor", DisplayName=name)["Id"])

    def customer(self, name: str, **more: Any) -> str:
        return str(self.create("Customer", DisplayName=name, **more)["Id"])

    def bill(self, vendor: str, amount: str = "101.10", **more: Any) -> str:
        line = {
            "Amount": amount,
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": self.account("Expense")}},
        }
        body = {
            "VendorRef": {"value": vendor},
            "TxnDate": "2026-11-20",
            "DueDate": "2026-12-20",
            "Line": [line],
            **more,
        }
        return str(self.create("Bill", **body)["Id"])

    def receipt(self, customer: str, amount: str = "80.00") -> str:
        """A customer's payment on account, waiting in Undeposited Funds."""
        made = self.create("Payment", CustomerRef={"value": customer}, TotalAmt=amount, TxnDate="2026-11-20")
        return str(made["Id"])

    def deposit_lines(self, *payments: tuple[str, str, str]) -> list[Row]:
        """Lines that take documents in: (QuickBooks' type, id, amount)."""
        return [
            {"Amount": amount, "LinkedTxn": [{"TxnId": id_, "TxnType": kind, "TxnLineId": "0"}]}
            for kind, id_, amount in payments
        ]

    def deposit(self, *payments: tuple[str, str, str]) -> str:
        made = self.create(
            "Deposit",
            DepositToAccountRef={"value": self.account("Bank")},
            TxnDate="2026-11-23",
            Line=self.deposit_lines(*payments),
        )
        return str(made["Id"])


@contextmanager
def kept_books(folder: Path, *, at: int = 0, clients: int = 1, extra: tuple[str, ...] = ()) -> Iterator[Books]:
    """A sandbox of its own, and one of its clients in a mirror of its own."""
    with Sandbox.started(folder / "world", clients=clients, extra=extra) as sandbox:
        database = open_database(f"sqlite:///{folder / 'interlock.db'}")
        upgrade(database)
        house = house_over(database, sandbox, folder)
        try:
            client = sandbox.clients()[at]
            business, scope = take_on(house, client)
            books = Books(house, sandbox, client, business, scope)
            books.sync()
            yield books
        finally:
            house.close()
