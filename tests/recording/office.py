"""An installation whose clients allow recording, and the books as a third party reads them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from interlock.app.house import House, StoredGrant
from interlock.app.permits import StoredPermit
from interlock.domains.qbo.rail import QBORail
from interlock.kernel.scope import Scope
from interlock.rails import connections
from interlock.rails.records import LedgerRecord, RecordsBillPayments
from tests.recording.kinds import Asked, Kind
from tests.recording.prompting import Prompted
from tests.support.house import take_on
from tests.support.sandbox import Sandbox
from tests.support.world import Row, read_all, witness

_NUMBERS = count(1)


@dataclass(frozen=True)
class Client:
    realm_id: str
    scope: Scope


@dataclass(frozen=True)
class Office:
    house: House
    sandbox: Sandbox
    folder: Path
    clients: list[Client]

    @property
    def client(self) -> Client:
        """The client that trades in one currency."""
        return self.clients[1]

    @property
    def abroad(self) -> Client:
        """The client that keeps several currencies."""
        return self.clients[0]

    def rail(self, client: Client | None = None) -> QBORail:
        opened = self.house.registry.require((client or self.client).scope, RecordsBillPayments)
        assert isinstance(opened, QBORail)
        return opened

    def prompted(self, acts: dict[int, Callable[[], object]], client: Client | None = None) -> QBORail:
        """A rail beside which things happen, whenever the business's word is asked."""
        at = client or self.client
        permit = Prompted(StoredPermit(self.house.database, at.scope), acts)
        return self.house.qbo_rail(at.realm_id, "USD", StoredGrant(self.house, at.scope), permit)

    def record(self, kind: Kind, asked: Asked, rail: QBORail | None = None) -> LedgerRecord:
        return self.house.transport.run(kind.record(rail or self.rail(), asked))

    def find(self, kind: Kind, asked: Asked, rail: QBORail | None = None) -> LedgerRecord | None:
        return self.house.transport.run(kind.find(rail or self.rail(), asked))

    def switch(self, client: Client, on: bool) -> None:
        switch(self.house, client.scope, on)

    def recorded(self, kind: Kind, key: str, client: Client | None = None) -> list[Row]:
        """The payments that carry ``key``, as python-quickbooks reads the company."""
        books = witness(self.sandbox, (client or self.client).realm_id)
        return [row for row in read_all(books, kind.entity) if key in row.get("PrivateNote", "")]

    def open_balance(self, kind: Kind, owed: dict[str, Any], client: Client | None = None) -> Decimal:
        books = witness(self.sandbox, (client or self.client).realm_id)
        (found,) = [row for row in read_all(books, kind.owed_entity) if row["Id"] == owed["Id"]]
        return Decimal(found["Balance"])

    def faults_left(self) -> list[dict[str, Any]]:
        """Planned trouble that nothing has run into yet."""
        left: list[dict[str, Any]] = self.sandbox.fault("latency", path="/nowhere", count=1)["active"]
        return [each for each in left if each["path"] != "/nowhere"]


def new_key() -> str:
    return f"pay_{next(_NUMBERS):026d}"


def switch(house: House, scope: Scope, on: bool) -> None:
    with house.database.writing(scope) as session:
        connections.set_records(session, scope, "qbo", on, house.clock.now(), "a test")


def office_over(house: House, sandbox: Sandbox, folder: Path) -> Office:
    clients = [Client(each.realm_id, take_on(house, each)[1]) for each in sandbox.clients()]
    for client in clients:
        switch(house, client.scope, True)
    return Office(house, sandbox, folder, clients)
