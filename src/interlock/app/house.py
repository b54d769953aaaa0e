"""Everything wired together, once a process: the only place that knows every rail and every slice."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast

from sqlalchemy.orm import Session

from interlock.app.permits import StoredPermit
from interlock.app.proofs import HouseProofs
from interlock.app.settings import Settings
from interlock.app.settling import settle
from interlock.domains.ap.mirror import MIRROR as PAYABLES
from interlock.domains.ap.witness_mirror import MIRROR as PAYING
from interlock.domains.ar.mirror import MIRROR as RECEIVABLES
from interlock.domains.ar.witness_mirror import MIRROR as COLLECTING
from interlock.domains.bank.mirror import MIRROR as LEDGER
from interlock.domains.bank.witness_mirror import MIRROR as BANKS
from interlock.domains.firm.mirror import MIRROR as COMPANY
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.letter_calendar import letter_moves, plan_next
from interlock.domains.firm.services.pay_run_calendar import pay_run_moves, plan_pay_run
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.domains.qbo.client import QBOClient
from interlock.domains.qbo.grant import App, Tokens
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.domains.qbo.pacing import BATCHES, REQUESTS, Pacer
from interlock.domains.qbo.rail import QBORail
from interlock.domains.qbo.recording import RecordingPermit
from interlock.domains.qbo.services.sync_service import QBOSyncService
from interlock.infra.crypto import Vault
from interlock.infra.db import Database
from interlock.infra.governor import Governor
from interlock.infra.locks import held
from interlock.infra.transport import Transport, TransportError
from interlock.kernel.clock import Clock
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import cadence, connections, meter, schedule, witnesses
from interlock.rails.connections import Grant
from interlock.rails.listens import FollowsChanges
from interlock.rails.mirror import ComposedMirror
from interlock.rails.registry import Registry
from interlock.rails.syncing import SyncParts

if TYPE_CHECKING:
    from interlock.app.build import RailBuild

P = TypeVar("P", bound="RailPart")

log = logging.getLogger("interlock.house")

_GIVING_BACK_SECONDS = 2.0
_SETTLED_AGAIN = timedelta(minutes=2)
_TIMETABLE = SystemScope("what the installation may still read this month")


class RailPart(Protocol):
    """What a rail keeps in this process."""

    async def close(self) -> None: ...


@dataclass
class House:
    """The process's parts. ``limited=False`` lifts Intuit's pace limits, for measuring only; ``build``: the rails there are.

    Where QuickBooks asks for a pause longer than ``patience`` seconds, work ends and is tried again instead of waiting.
    """

    settings: Settings
    database: Database
    vault: Vault
    clock: Clock
    transport: Transport
    limited: bool = True
    patience: float = float("inf")
    build: "tuple[RailBuild, ...]" = field(default_factory=lambda: _as_shipped())

    def __post_init__(self) -> None:
        slices = [COMPANY, LEDGER, PAYABLES, RECEIVABLES]
        self.mirror = ComposedMirror(slices, HouseProofs(slices))
        self.governor = Governor(self.database)
        self._calls_ended = False
        self._pacers: dict[str, Pacer] = {}
        self._parts: dict[str, RailPart] = {}
        self._making = threading.Lock()
        self.witnesses = ComposedMirror([BANKS, PAYING, COLLECTING], kinds=witnesses.KINDS)
        self.registry = Registry()
        for each in self.build:
            self.registry.add(each.name, each.rail, partial(each.opens, self))

    def sync_of(self, business: Business) -> QBOSyncService:
        """The ledger sync of one business."""
        scope = Scope(business.firm_id, business.business_id)
        return QBOSyncService(
            business.business_id,
            self.database,
            firm_id=business.firm_id,
            home_currency=business.home_currency,
            time_zone=business.time_zone,
            opens=lambda: self._ledger(scope),
            mirror=self.mirror,
            transport=self.transport,
            clock=self.clock,
            timetable=_Timetable(self, business),
            ended=partial(self._settle, business, QBO),
        )

    def sync_parts(self, rail: str, business: Business) -> SyncParts:
        """What the sync of a rail beside the ledger needs."""

        def next_read() -> datetime:
            scope = Scope(business.firm_id, business.business_id)
            with self.database.reading(scope) as session:
                due = schedule.find(session, scope, rail)
                looked_at = due.looked_at if due else None
            return cadence.next_read(rail, now=self.clock.now(), looked_at=looked_at, business_id=business.business_id)

        return SyncParts(
            self.database, self.witnesses, self.transport, self.clock, next_read, partial(self._settle, business, rail)
        )

    def _settle(self, business: Business, rail: str) -> None:
        """What follows a sync. The sync stands whatever becomes of this; it is told, and tried again with another one soon."""
        try:
            settle(self.database, self.clock, business)
            self._plan_letter(business)
            self._plan_pay_run(business)
        except Exception:  # whatever it was: the sync before it is kept and must not be told as failed
            log.exception("What follows a sync of %s failed.", business.business_id)
            scope = Scope(business.firm_id, business.business_id)
            with self.database.writing(scope) as session:
                again = self.clock.now() + _SETTLED_AGAIN
                schedule.hasten(session, scope, rail, due_at=again, reason="settling")

    def _plan_letter(self, business: Business) -> None:
        """The policy may have moved the next letter, or the client be new; written only where it did or is."""
        scope = Scope(business.firm_id, business.business_id)
        with self.database.reading(scope) as session:
            moves = letter_moves(session, business, self.clock.now()) is not None
        if moves:
            with self.database.writing(scope) as session:
                plan_next(session, business, self.clock.now())

    def _plan_pay_run(self, business: Business) -> None:
        """The firm's policy may have moved the client's next pay run, or who lets it go; written only where it did."""
        scope, now = Scope(business.firm_id, business.business_id), self.clock.now()
        with self.database.reading(scope) as session:
            policy = PolicyService(session, business.firm_id).in_force(business).policy.pay_runs
            moves = pay_run_moves(session, business, policy, now)
        if moves:
            with self.database.writing(scope) as session:
                plan_pay_run(session, business, policy, now)

    def next_sync(self, business: Business) -> datetime:
        """When a business that was just read is read next, by the timetable."""
        scope, now = Scope(business.firm_id, business.business_id), self.clock.now()
        with self.database.reading(_TIMETABLE) as session:
            room = meter.room(session, QBO, self.settings.qbo_monthly_reads, now)
            due = schedule.find(session, scope, QBO)
            looked_at = due.looked_at if due else None
        return meter.timetable(
            room, now=now, looked_at=looked_at, business_id=business.business_id, time_zone=business.time_zone
        )

    def looked(self, business_id: str) -> None:
        """Somebody opened a page of this business: bring its next sync forward, as far as the timetable allows."""
        now = self.clock.now()
        with self.database.reading(_TIMETABLE) as session:
            business = session.get(Business, business_id)
            if business is None:
                return
            scope = Scope(business.firm_id, business_id)
            room = meter.room(session, QBO, self.settings.qbo_monthly_reads, now)
            last = connections.sync_state(session, scope, QBO).last_sync
            pause = meter.timetable(room, now=now, looked_at=now, business_id=business_id) - now
        with self.database.writing(scope) as session:
            if schedule.looked(session, scope, QBO, now):
                wanted = max(now, last + pause) if last else now
                schedule.hasten(session, scope, QBO, due_at=wanted, reason="somebody looks")
            for rail in (each.name for each in self.build if each.name in cadence.CADENCES):
                if schedule.looked(session, scope, rail, now):
                    read = connections.sync_state(session, scope, rail).last_sync
                    wanted = max(now, read + cadence.CADENCES[rail].watched) if read else now
                    schedule.hasten(session, scope, rail, due_at=wanted, reason="somebody looks")

    def after_notice(self, business: Business) -> datetime | None:
        """When what QuickBooks told us of a business that was just read is followed up."""
        scope, now = Scope(business.firm_id, business.business_id), self.clock.now()
        with self.database.reading(_TIMETABLE) as session:
            room = meter.room(session, QBO, self.settings.qbo_monthly_reads, now)
            due = schedule.find(session, scope, QBO)
            looked_at = due.looked_at if due else None
        return meter.after_hint(room, now=now, last_sync=now, looked_at=looked_at)

    def next_proof(self, business: Business) -> datetime:
        """When a business's completeness is proved next, by the timetable."""
        now = self.clock.now()
        with self.database.reading(_TIMETABLE) as session:
            room = meter.room(session, QBO, self.settings.qbo_monthly_reads, now)
        return meter.next_proof(room, now=now, business_id=business.business_id, time_zone=business.time_zone)

    def qbo_rail(
        self,
        realm_id: str,
        home_currency: str,
        store: "StoredGrant | FreshGrant",
        permit: RecordingPermit | None = None,
    ) -> QBORail:
        """The QBO rail over a grant, saved or not yet saved. Without a ``permit`` the calls that record don't exist in it."""
        client_id, client_secret = self.settings.qbo_app()
        app = App(client_id, client_secret, self.settings.qbo_token_url, self.settings.qbo_api_url)
        tokens = Tokens(app, self.transport, store, self.clock.now)
        client = QBOClient(
            realm_id,
            app.api_url,
            self.transport,
            tokens,
            self.pacer_of(realm_id),
            records=None if permit is None else permit.granted,
            patience=self.patience,
        )
        return QBORail(client, home_currency, permit, self.settings.qbo_webhook_token)

    def pacer_of(self, realm_id: str) -> Pacer:
        """The realm's one pacer: Intuit counts a realm's requests, whichever of our rails sends them."""
        if realm_id not in self._pacers:
            self._pacers[realm_id] = Pacer(
                limited=self.limited,
                requests=self.governor.source(f"{QBO}:{realm_id}", REQUESTS),
                batches=self.governor.source(f"{QBO}:{realm_id}:batch", BATCHES),
            )
        return self._pacers[realm_id]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.end_calls()
        self.database.close()

    def end_calls(self) -> None:
        """Cut off whatever still waits for a rail's answer; from now on none is called. Twice is once."""
        if self._calls_ended:
            return
        self._calls_ended = True
        with suppress(TransportError):  # a database too busy to be told sees the leases end by themselves
            self.transport.run(self._give_back(), _GIVING_BACK_SECONDS)
        self.governor.close()
        self.transport.close()

    async def _give_back(self) -> None:
        """What this process leased of the realms' budgets, so that others needn't wait for it."""
        await asyncio.gather(*(each.close() for each in (*self._pacers.values(), *self._parts.values())))

    def part(self, name: str, make: Callable[[], P]) -> P:
        """What a rail keeps once a process (its pacer, its keys), made when first asked for and closed with the calls."""
        with self._making:
            if name not in self._parts:
                self._parts[name] = make()
            return cast(P, self._parts[name])

    def _ledger(self, scope: Scope) -> QBORail:
        rail = self.registry.require(scope, FollowsChanges)
        assert isinstance(rail, QBORail), "the ledger sync speaks to QuickBooks"
        return rail

    def open_qbo(self, scope: Scope) -> QBORail | None:
        with self.database.reading(scope) as session:
            found = session.get(connections.Connection, (scope.business_id, QBO))
            business = session.get(Business, scope.business_id)
            if found is None or business is None:
                return None
            realm_id, home_currency, records = found.external_id, business.home_currency, found.records
        permit = StoredPermit(self.database, scope) if records else None
        return self.qbo_rail(realm_id, home_currency, StoredGrant(self, scope), permit)


@dataclass(frozen=True)
class _Timetable:
    """``rails.ports.Timetable`` of one business."""

    house: House
    business: Business

    def next_sync(self) -> datetime:
        return self.house.next_sync(self.business)

    def after_notice(self) -> datetime | None:
        return self.house.after_notice(self.business)


@dataclass
class StoredGrant:
    """A connection's grant in the database: read, replaced and marked lost there."""

    house: House
    scope: Scope

    def load(self) -> Grant:
        with self.house.database.reading(self.scope) as session:
            return connections.grant_of(session, self.scope, self.house.vault, QBO)

    def keep(self, fresh: Grant, was: Grant) -> Grant:
        with self.house.database.writing(self.scope) as session:
            stands = self._standing(session)
            if stands.refresh_token != was.refresh_token:
                return stands  # a person connected anew meanwhile: theirs counts
            connections.keep_grant(session, self.scope, self.house.vault, QBO, fresh, self._now())
        return fresh

    def lost(self, sentence: str, was: Grant) -> None:
        with self.house.database.writing(self.scope) as session:
            if self._standing(session).refresh_token == was.refresh_token:
                connections.mark_trouble(session, self.scope, QBO, sentence, self._now())

    def _standing(self, session: Session) -> Grant:
        """The grant, its row ours until the transaction ends."""
        session.get(connections.Connection, (self.scope.business_id, QBO), with_for_update=True)
        return connections.grant_of(session, self.scope, self.house.vault, QBO)

    def refreshing(self) -> AbstractContextManager[None]:
        return held(self.house.database, f"token refresh:{self.scope.business_id}", wait=True)

    def _now(self) -> datetime:
        return self.house.clock.now()


@dataclass
class FreshGrant:
    """A grant somebody just brought; kept here until the connection it proves is saved."""

    grant: Grant

    def load(self) -> Grant:
        return self.grant

    def keep(self, fresh: Grant, was: Grant) -> Grant:
        del was
        self.grant = fresh
        return fresh

    def lost(self, sentence: str, was: Grant) -> None:
        """Nothing is saved yet, so nothing is to be marked; the refusal itself goes to whoever connects."""

    @contextmanager
    def refreshing(self) -> Iterator[None]:
        yield


def _as_shipped() -> "tuple[RailBuild, ...]":
    # Not before a house is made: the modules that link a rail import this one.
    from interlock.app.build import BUILD

    return BUILD
