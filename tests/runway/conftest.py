"""A firm with one client, books that are told to it fact by fact, and the desk over them. No rail is ever called."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import pytest

from interlock.domains.ap.mirror import MIRROR as PAYABLES
from interlock.domains.ar.mirror import MIRROR as RECEIVABLES
from interlock.domains.bank.mirror import MIRROR as LEDGER
from interlock.domains.firm.mirror import MIRROR as COMPANY
from interlock.domains.firm.models import Business, LedgerProof
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.domains.qbo.rail import QBORail
from interlock.domains.qbo.services.sync_service import QBOSyncService
from interlock.infra import translog
from interlock.infra.crypto import Vault, new_key
from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections
from interlock.rails.connections import Grant, sync_state
from interlock.rails.facts import Fact, Page
from interlock.rails.mirror import ComposedMirror
from interlock.rails.registry import CapabilityMissing
from interlock.runway.desk import Desk
from tests.runway import said
from tests.support.proofs import AlwaysTies

ACTOR = "Odell Marsh"


class StoppedClock:
    """Shows what it was set to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@dataclass
class ClientBooks:
    """One client's mirror, written as a sync would write it."""

    firm: "FirmBooks"
    business: Business

    @property
    def name(self) -> str:
        return self.business.slug

    @property
    def scope(self) -> Scope:
        return Scope(self.business.firm_id, self.business.business_id)

    def say(self, *stated: Fact) -> None:
        """QuickBooks states these; the sync stores them and leaves its line."""
        kinds = sorted(stated, key=lambda fact: type(fact).entity)
        now = self.firm.clock.now()
        with self.firm.database.writing(self.scope) as session:
            for _, group in groupby(kinds, key=type):
                found = tuple(group)
                self.firm.mirror.store(session, self.scope, Page(type(found[0]), found, now), 1)
            state = sync_state(session, self.scope, "qbo")
            state.listing, state.since, state.last_sync = 1, now, now
            session.merge(state)
            session.flush()
            entities = {type(fact).entity: [0, 0, 0] for fact in kinds}
            for fact in kinds:
                entities[type(fact).entity][0] += 1
                entities[type(fact).entity][1] += 1
            body = {"rail": "qbo", "mode": "changes", "entities": entities, "calls": 1, "bytes": 0, "milliseconds": 0}
            translog.append(session, self.scope, now=now, actor="sync", action="sync.finished", body=body)

    def delete(self, kind: type[Fact], id_: str) -> None:
        """QuickBooks says it is gone."""
        with self.firm.database.writing(self.scope) as session:
            self.firm.mirror.bury(session, self.scope, kind, [id_], self.firm.clock.now())
            body = {"rail": "qbo", "entity": kind.entity, "id": id_}
            translog.append(
                session, self.scope, now=self.firm.clock.now(), actor="sync", action="mirror.deleted", body=body
            )

    def prove(self, *, payables: tuple[int, int] = (0, 0), counts: tuple[str, str] = ("{}", "{}")) -> None:
        """A proof taken now: payables and counts as QuickBooks and as we have them."""
        with self.firm.database.writing(self.scope) as session:
            session.merge(
                LedgerProof(
                    firm_id=self.business.firm_id,
                    business_id=self.business.business_id,
                    taken_at=self.firm.clock.now(),
                    report_date=said.TODAY,
                    counts=counts[0],
                    counts_here=counts[1],
                    payables_minor=payables[0],
                    payables_here_minor=payables[1],
                    receivables_minor=0,
                    receivables_here_minor=0,
                )
            )
            body = {"rail": "qbo", "tied": payables[0] == payables[1]}
            translog.append(
                session, self.scope, now=self.firm.clock.now(), actor="sync", action="ledger.proved", body=body
            )


class FirmBooks:
    """A firm in a database; clients are taken on and connected as ``connect`` would do it."""

    def __init__(self, database: Database, transport: Transport, name: str = "Tern & Marlow CPAs") -> None:
        self.database = database
        self.clock = StoppedClock(said.NOW)
        self.mirror = ComposedMirror([COMPANY, LEDGER, PAYABLES, RECEIVABLES], AlwaysTies())
        self._transport = transport
        self._vault = Vault.from_text(new_key())
        with database.writing(SystemScope("founding a firm")) as session:
            self.firm_id = the_firm(session, name, self.clock.now()).firm_id
        self.desk = Desk(database, self.clock, self.sync_of, self.firm_id)

    def take_on(self, name: str, realm_id: str = "4620816365001", *, home_currency: str = "USD") -> ClientBooks:
        with self.database.writing(SystemScope("taking a client on")) as session:
            business = BusinessService(session, self.firm_id).take_on(
                name,
                home_currency=home_currency,
                time_zone="America/New_York",
                control_start=date(2026, 1, 1),
                now=self.clock.now(),
                actor=ACTOR,
            )
            connections.connect(
                session,
                Scope(self.firm_id, business.business_id),
                self._vault,
                rail="qbo",
                external_id=realm_id,
                grant=Grant("a grant"),
                now=self.clock.now(),
                actor=ACTOR,
            )
            session.expunge(business)
        return ClientBooks(self, business)

    def sync_of(self, business: Business) -> QBOSyncService:
        return QBOSyncService(
            business.business_id,
            self.database,
            firm_id=business.firm_id,
            home_currency=business.home_currency,
            time_zone=business.time_zone,
            opens=_no_rail,
            mirror=self.mirror,
            transport=self._transport,
            clock=self.clock,
        )

    def wait(self, **time: int) -> None:
        self.clock.at += timedelta(**time)


def _no_rail() -> QBORail:
    raise CapabilityMissing("A screen asked QuickBooks; screens read the mirror.")


@pytest.fixture(scope="session")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


@pytest.fixture
def firm(database: Database, transport: Transport) -> FirmBooks:
    return FirmBooks(database, transport)


@pytest.fixture
def client(firm: FirmBooks) -> ClientBooks:
    """Alder & Wren, with an empty set of books: accounts, settings, one customer, and one vendor, paid once long ago."""
    taken_on = firm.take_on("Alder & Wren")
    taken_on.say(
        *said.chart(),
        said.preferences(),
        said.vendor("v1", "Copperfield Freight"),
        said.purchase("p1", 100, dated=date(2024, 6, 3)),
        said.customer("c1", "Mossgate Schools"),
    )
    return taken_on
