"""Moments of a payment's run at which its process may be killed: around each commit and around each request to a rail."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session

from interlock.app.collecting import order_work
from interlock.app.house import House
from interlock.app.paying import payment_work
from interlock.app.recording_receipts import receipt_work
from interlock.domains.ap.workflows.payment_work import PaymentWork
from interlock.domains.ar.workflows.order_work import OrderWork
from interlock.domains.ar.workflows.receipt_work import ReceiptWork
from interlock.infra.db import Database
from interlock.infra.transport import Reply, Request, Transport, Usage
from interlock.kernel.scope import AnyScope

Strike = Callable[[str], None]
"""Told of each moment as it comes: ``commit 1 before``, ``commit 1 after``, ``request 1 before``, …"""


class Watched(Database):
    """The same database; its writing transactions are moments."""

    def __init__(self, database: Database, strike: Strike) -> None:
        super().__init__(database.url)
        self._strike, self._commits = strike, 0

    @contextmanager
    def writing(self, scope: AnyScope) -> Iterator[Session]:
        self._commits += 1
        number = self._commits
        with super().writing(scope) as session:
            yield session
            session.flush()
            self._strike(f"commit {number} before")
        self._strike(f"commit {number} after")


class Watching(Transport):
    """A transport whose requests are moments."""

    strike: Strike
    requests: int = 0

    async def send(self, request: Request, usage: Usage | None = None) -> Reply:
        self.requests += 1
        number = self.requests
        self.strike(f"request {number} before")
        reply = await super().send(request, usage)
        self.strike(f"request {number} after")
        return reply


@dataclass
class Moments:
    """Those that came, in their order; ``call`` is a ``Strike`` that only notes them."""

    seen: list[str]

    def __call__(self, moment: str) -> None:
        self.seen.append(moment)


@contextmanager
def watched(house: House, strike: Strike) -> Iterator[PaymentWork]:
    """The house's payment work, each of its moments told to ``strike``."""
    with _watched(house, strike) as database:
        yield replace(payment_work(house), database=database)


@contextmanager
def watched_receipts(house: House, strike: Strike) -> Iterator[ReceiptWork]:
    """The house's recording of collected payments, each of its moments told to ``strike``."""
    with _watched(house, strike) as database:
        yield replace(receipt_work(house), database=database)


@contextmanager
def watched_orders(house: House, strike: Strike) -> Iterator[OrderWork]:
    """The house's orders to the collecting rail, each of their moments told to ``strike``."""
    with _watched(house, strike) as database:
        yield replace(order_work(house), database=database)


@contextmanager
def _watched(house: House, strike: Strike) -> Iterator[Database]:
    transport, database = Watching(), Watched(house.database, strike)
    transport.strike = strike
    before, house.transport = house.transport, transport
    try:
        yield database
    finally:
        house.transport = before
        transport.close()
        database.close()


def settings_file(house: House, folder: Path) -> Path:
    """Where a process of its own finds this house's settings."""

    file = folder / "settings.json"
    file.write_text(json.dumps({**dataclasses.asdict(house.settings), "key_file": str(house.settings.key_file)}))
    return file
