"""Connections: who is linked to what, how long that lasts, how fresh it is, and the one act that mends what is wrong."""

import re
import shlex
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.kernel.clock import local_date
from interlock.kernel.errors import NotFound, Refused
from interlock.kernel.scope import Scope
from interlock.rails import meter, schedule
from interlock.rails.connections import NEEDS_RECONNECT, Passport
from interlock.rails.errors import spoken
from interlock.rails.ports import SyncsLedger
from interlock.runway.services.calculators.words import on_day
from interlock.runway.services.data_orchestrators.connections_snapshot import ConnectionsSnapshot, Linked
from interlock.runway.services.data_orchestrators.rail_links import RailLinks
from interlock.runway.services.experiences.rail_links import LEDGER, RailLinkView, rail_links, worn
from interlock.runway.services.views import BusinessView, Instant, SyncStatus, View

RAIL = "qbo"
Tone = Literal["stop", "warn", "clear"]
_TONES: tuple[Tone, ...] = ("stop", "warn", "clear")
_ASKED = "a person asked"
State = Literal["not connected", "connected", "expiring", "expired", "needs reconnect", "disconnected"]


class PassportView(View):
    """What a connection can show of itself. ``scopes`` is empty where the grant was brought, not asked for here.

    ``ends_at``: when it ends by itself; ``next_consent_at``: when a person must consent again whatever happens. Once
    QuickBooks has ``refused`` the grant, what it was good until is nothing to rely on and left out.
    """

    realm_id: str
    scopes: tuple[str, ...]
    connected_at: Instant
    granted_at: Instant | None
    refreshed_at: Instant
    access_expires_at: Instant | None
    refresh_issued_at: Instant | None
    refresh_expires_at: Instant | None
    next_consent_at: Instant | None
    ends_at: Instant | None
    proved_at: Instant | None
    disconnected_at: Instant | None
    refused: bool
    records: bool


class ReadingView(View):
    """How its books are read. ``failures`` in a row; ``next_due`` is ``None`` while it waits for a person."""

    last_sync: Instant | None
    last_full: Instant | None
    next_due: Instant | None
    reason: str | None
    failures: int
    trouble: str | None
    reads_this_month: int


class MendView(View):
    """The one act that mends it: on pages a button, at a terminal ``command``."""

    act: Literal["connect", "sync"]
    label: str
    command: str


class ConnectionView(View):
    """One client's connection to its ledger. ``alarm`` is set while it ends within 14 days, or has ended.

    ``rails``: how it stands with every rail of this build, the ledger's among them.
    """

    business: BusinessView
    rail: str
    state: State
    tone: Tone
    words: str
    alarm: str | None
    mend: MendView | None
    passport: PassportView | None
    reading: ReadingView
    sync_status: SyncStatus
    rails: tuple[RailLinkView, ...]


class BudgetView(View):
    """The month's metered reads of the firm against what the plan allows; ``month`` is UTC."""

    month: str
    used: int
    budget: int
    a_day: int
    exhausted_on: date | None
    words: str


class ConnectionsExperience(View):
    """Connections by what needs a person first."""

    ask: str
    say: str
    as_of: Instant
    connections: tuple[ConnectionView, ...]
    budget: BudgetView


class ConnectionExperience(View):
    """One client's connection, asked about by itself."""

    ask: str
    say: str
    as_of: Instant
    connection: ConnectionView


class ConnectionsService:
    """The connections that the session's scope can see."""

    def __init__(
        self,
        db: Session,
        firm_id: str,
        businesses: Sequence[Business],
        *,
        sync_of: Callable[[Business], SyncsLedger],
        monthly_reads: int,
        rails: Sequence[str],
        now: datetime,
    ) -> None:
        only = businesses[0].business_id if len(businesses) == 1 else None
        self._db = db
        self._links = RailLinks(db, firm_id, now, only)
        self._rails = rails
        self._snapshot = ConnectionsSnapshot(db, firm_id, RAIL, now)
        self._businesses = businesses
        self._sync_of = sync_of
        self._monthly_reads = monthly_reads
        self._now = now

    def get_connections_experience(self) -> ConnectionsExperience:
        found = self._all()
        found.sort(key=lambda each: (_TONES.index(_worst(each)), each.business.name))
        waiting = sum(each.mend is not None or bool(worn(each.rails)) for each in found)
        budget = self._budget()
        first = "None needs a person." if not waiting else f"{waiting} of {len(found)} need a person."
        if waiting == 1:
            first = f"1 of {len(found)} needs a person."
        return ConnectionsExperience(
            ask="Which connection needs a person?",
            say=f"{first} {budget.words}",
            as_of=self._now,
            connections=tuple(found),
            budget=budget,
        )

    def get_connection_experience(self) -> ConnectionExperience:
        """Of the one business there is."""
        (only,) = self._all()
        return ConnectionExperience(
            ask=f"What is {only.business.name} connected to?",
            say=_told(only),
            as_of=self._now,
            connection=only,
        )

    def read_soon(self, rail: str | None = None) -> tuple[str, ...]:
        """Have the one business's rails beside the ledger read now, or ``rail`` alone, whatever pause one was in; which those are.

        Workers do it: what a bank takes half a minute to answer keeps no page waiting. ``NotFound`` for a rail the business isn't
        linked to, ``Refused`` for one that a person has to mend first.
        """
        (business,) = self._businesses
        scope = Scope(business.firm_id, business.business_id)
        links = self._links.by_business().get(business.business_id) or {}
        found = rail_links(business, self._rails, links, self._now)
        wanted = [each for each in found if each.rail == rail or (rail is None and each.rail != LEDGER)]
        ready = [each for each in wanted if each.linked and each.state not in ("expired", "needs reconnect")]
        if rail is not None and not ready:
            if not any(each.linked for each in wanted):
                raise NotFound(f"{business.name} is not connected to {spoken(rail)}.")
            raise Refused(f"{wanted[0].words} Nothing was read; connect it again first.")
        for each in ready:
            schedule.hasten(self._db, scope, each.rail, due_at=self._now, reason=_ASKED, mended=True)
        return tuple(each.rail for each in ready)

    def _all(self) -> list[ConnectionView]:
        linked, links = self._snapshot.by_business(), self._links.by_business()
        return [
            self._view(
                business,
                linked[business.business_id],
                rail_links(business, self._rails, links.get(business.business_id) or {}, self._now),
            )
            for business in self._businesses
        ]

    def _view(self, business: Business, linked: Linked, rails: tuple[RailLinkView, ...]) -> ConnectionView:
        today = local_date(self._now, business.time_zone)
        sync_status = SyncStatus.of(self._sync_of(business).freshness())
        state: State = linked.passport.state if linked.passport else "not connected"
        return ConnectionView(
            business=BusinessView.of(business),
            rail=RAIL,
            state=state,
            tone=_tone(state, linked),
            words=_words(state, linked, sync_status, business, today),
            alarm=alarm(linked.passport, business.time_zone, today) if linked.passport else None,
            mend=_mend(state, linked, business),
            passport=_passport(linked.passport) if linked.passport else None,
            reading=ReadingView(
                last_sync=linked.last_sync,
                last_full=linked.last_full,
                next_due=linked.next_due if state in ("connected", "expiring") else None,
                reason=linked.reason,
                failures=linked.failures,
                trouble=linked.trouble,
                reads_this_month=linked.reads,
            ),
            sync_status=sync_status,
            rails=rails,
        )

    def _budget(self) -> BudgetView:
        told = meter.forecast(self._snapshot.reads_this_month(), self._monthly_reads, self._now)
        return BudgetView(
            month=told.month,
            used=told.used,
            budget=told.budget,
            a_day=told.a_day,
            exhausted_on=told.exhausted_on,
            words=told.words,
        )


def alarm(passport: Passport, time_zone: str, today: date) -> str | None:
    """What is said from 14 days before a connection ends by itself."""
    if passport.ends_at is None or passport.state not in ("expiring", "expired"):
        return None
    day = on_day(local_date(passport.ends_at, time_zone), today)
    if passport.state == "expired":
        return f"The connection ended by itself on {day}."
    if passport.ends_at == passport.next_consent_at:
        return f"Intuit asks for a person’s consent again by {day}."
    return f"The connection ends on {day} unless QuickBooks is read before."


def _worst(of: ConnectionView) -> Tone:
    """Of the ledger's connection and every other rail that needs a person."""
    told: list[Tone] = [of.tone, *(each.tone for each in worn(of.rails) if each.tone != "none")]
    return min(told, key=_TONES.index)


def _told(of: ConnectionView) -> str:
    """The ledger first, then the rails beside it: what stands, what needs a person, what is not there."""
    beside = [each for each in of.rails if each.rail != LEDGER]
    needs = worn(of.rails)
    good = [each.name for each in beside if each.linked and each not in needs]
    none = [each.name for each in beside if not each.linked]
    told = [f"QuickBooks: {of.words}"]
    told += [f"{_and(good)} {'is' if len(good) == 1 else 'are'} connected too."] if good else []
    told += [f"{each.name}: {each.words}" for each in needs]
    told += [f"Not connected: {_and(none)}."] if none else []
    return " ".join(told)


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _tone(state: State, linked: Linked) -> Tone:
    if state == "expiring":
        return "warn"
    if state != "connected":
        return "stop"
    return "warn" if linked.failures else "clear"


def _words(state: State, linked: Linked, fresh: SyncStatus, business: Business, today: date) -> str:
    passport = linked.passport
    if passport is None:
        return "QuickBooks was never connected."
    if state in ("expiring", "expired"):
        return alarm(passport, business.time_zone, today) or ""
    if state == "disconnected" and passport.disconnected_at is not None:
        day = on_day(local_date(passport.disconnected_at, business.time_zone), today)
        return f"Disconnected on {day}; what was read before stays readable." + (
            f" {passport.trouble}" if passport.trouble else ""
        )
    if state == "needs reconnect":
        # What mends it stands beside the words, so the half that names a command is left to the terminal.
        trouble = passport.trouble or "QuickBooks no longer accepts this connection."
        return re.sub(r"[;.] *[Rr]econnect .*$", ".", trouble)
    if linked.failures:
        times = "" if linked.failures == 1 else f", {linked.failures} times in a row"
        return f"The last reading failed{times}: {linked.trouble}"
    if fresh.bills_last_sync is None:
        return "Connected; its books are about to be read for the first time."
    return f"Connected; its books were read {fresh.words}."


def _mend(state: State, linked: Linked, business: Business) -> MendView | None:
    if state != "connected":
        label = "Connect" if state == "not connected" else "Connect again"
        return MendView(
            act="connect",
            label=label,
            command=f"interlock connect qbo --browser --business {shlex.quote(business.name)}",
        )
    if linked.failures:
        return MendView(act="sync", label="Read now", command=f"interlock sync {business.slug}")
    return None


def _passport(passport: Passport) -> PassportView:
    refused = passport.state == NEEDS_RECONNECT
    return PassportView(
        realm_id=passport.external_id,
        scopes=passport.scopes,
        connected_at=passport.connected_at,
        granted_at=passport.granted_at,
        refreshed_at=passport.refreshed_at,
        access_expires_at=None if refused else passport.access_expires_at,
        refresh_issued_at=passport.refresh_issued_at,
        refresh_expires_at=None if refused else passport.refresh_expires_at,
        next_consent_at=None if refused else passport.next_consent_at,
        ends_at=None if refused else passport.ends_at,
        proved_at=passport.proved_at,
        disconnected_at=passport.disconnected_at,
        refused=refused,
        records=passport.records,
    )
