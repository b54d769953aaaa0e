"""A round of bank syncs over a firm's clients, settling included, in a process of its own.

python -m bench.bank_round < what.json
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import func, select

from bench.measuring import peak_mib
from interlock.app.house import House
from interlock.app.opening import open_house
from interlock.app.plaid import plaid_rail
from interlock.app.settings import Settings
from interlock.domains.bank.match_models import BankMatch
from interlock.domains.bank.matches import MATCHED, SUGGESTED
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.domains.plaid.mapper import RAIL as PLAID
from interlock.domains.plaid.rail import PlaidRail
from interlock.domains.plaid.services.sync_service import PlaidSyncService
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import witnesses as facts
from interlock.rails.ports import SyncReport

_EVERYBODY = SystemScope("measuring all clients")


class Place(msgspec.Struct, frozen=True):
    """Where an installation lives and what it talks to."""

    url: str
    client_id: str
    client_secret: str
    plaid_client_id: str
    plaid_secret: str
    folder: str

    def at(self, folder: Path) -> "Place":
        return msgspec.structs.replace(self, folder=str(folder))

    def open(self, *, limited: bool) -> House:
        """``limited``: within the vendors' limits."""
        folder = Path(self.folder)
        settings = Settings(
            database_url=f"sqlite:///{folder / 'interlock.db'}",
            key_file=folder / "interlock.key",
            secret_key=None,
            public_url=None,
            qbo_api_url=self.url,
            qbo_token_url=f"{self.url}/oauth2/v1/tokens/bearer",
            qbo_client_id=self.client_id,
            qbo_client_secret=self.client_secret,
            plaid_api_url=f"{self.url}/plaid",
            plaid_client_id=self.plaid_client_id,
            plaid_secret=self.plaid_secret,
        )
        return open_house(settings, limited=limited)


class Wanted(msgspec.Struct, frozen=True):
    place: Place
    limited: bool
    at_once: int


class Round(msgspec.Struct, frozen=True):
    """One round. Seconds; ``settling`` is CPU, of all threads; ``accounts`` and ``lines`` are what came in, ``matched`` and

    ``suggested`` what stands afterwards."""

    wall: float
    cpu: float
    settling: float
    calls: int
    accounts: int
    lines: int
    matched: int
    suggested: int
    problems: int
    peak: float


@dataclass
class _Settling:
    """CPU of what follows each sync, whichever thread it ran on."""

    seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def timed(self, work: Callable[[], None]) -> None:
        began = time.thread_time()
        work()
        with self._lock:
            self.seconds += time.thread_time() - began


def a_round(house: House, at_once: int) -> Round:
    """Every client's banks once, ``at_once`` side by side as workers do."""
    settling = _Settling()
    with house.database.reading(_EVERYBODY) as session:
        clients = BusinessService(session, the_firm(session, None, house.clock.now()).firm_id).list_businesses()
        session.expunge_all()

    def read(business: Business) -> SyncReport:
        return _sync(house, business, settling).sync()

    began, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(at_once) as workers:
        reports = list(workers.map(read, clients))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    came = [(each.entity, each.rows) for report in reports for each in report.entities]
    with house.database.reading(_EVERYBODY) as session:
        query = select(BankMatch.state, func.count()).group_by(BankMatch.state)
        states = {row[0]: row[1] for row in session.execute(query)}
    return Round(
        wall=wall,
        cpu=cpu,
        settling=settling.seconds,
        calls=sum(report.calls for report in reports),
        accounts=sum(rows for entity, rows in came if entity == facts.BankAccount.entity),
        lines=sum(rows for entity, rows in came if entity == facts.BankLine.entity),
        matched=states.get(MATCHED, 0),
        suggested=states.get(SUGGESTED, 0),
        problems=sum(len(report.problems) for report in reports),
        peak=peak_mib(),
    )


def _sync(house: House, business: Business, settling: _Settling) -> PlaidSyncService:
    scope = Scope(business.firm_id, business.business_id)
    parts = house.sync_parts(PLAID, business)
    timed = replace(parts, ended=partial(settling.timed, parts.ended))

    def opened() -> PlaidRail:
        rail = plaid_rail(house, scope)
        assert rail is not None, "every client of this world has its banks linked"
        return rail

    return PlaidSyncService(scope, house.database, opens=opened, parts=timed)


def round_of(wanted: Wanted) -> Round:
    """The round in a process of its own, which shows its own memory."""
    command = [sys.executable, "-m", "bench.bank_round"]
    done = subprocess.run(command, input=msgspec.json.encode(wanted), stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=Round)


def main() -> None:
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Wanted)
    with wanted.place.open(limited=wanted.limited) as house:
        sys.stdout.buffer.write(msgspec.json.encode(a_round(house, wanted.at_once)))


if __name__ == "__main__":
    main()
