"""Businesses that are linked to QuickBooks companies, without any QuickBooks: notices are taken in without asking it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from interlock.domains.firm.models import Business, Firm
from interlock.infra.crypto import Vault, new_key
from interlock.infra.db import Database
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections, inbox, schedule
from interlock.rails.connections import Grant, SyncState

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EVERYTHING = SystemScope("tests look at everything")
BUDGET = 500_000
_VAULT = Vault.from_text(new_key())


@dataclass(frozen=True)
class Linked:
    """A business and the company it is linked to."""

    realm: str
    scope: Scope

    @property
    def business_id(self) -> str:
        assert self.scope.business_id is not None
        return self.scope.business_id


ALDER = Linked("111", Scope("firm_a", "biz_alder"))
BIRCH = Linked("222", Scope("firm_a", "biz_birch"))
CEDAR = Linked("333", Scope("firm_b", "biz_cedar"))


def link(database: Database, *which: Linked) -> None:
    """Taken on, connected, and read ten hours ago; the next sync is due tonight."""
    with database.writing(EVERYTHING) as session:
        for firm_id in sorted({each.scope.firm_id for each in which}):
            session.add(Firm(firm_id=firm_id, name=firm_id, created_at=NOW))
        for each in which:
            session.add(
                Business(
                    business_id=each.business_id, firm_id=each.scope.firm_id, name=each.business_id,
                    slug=each.business_id, time_zone="UTC", home_currency="USD", control_start=date(2026, 1, 1),
                    created_at=NOW,
                )
            )  # fmt: skip
            session.add(
                SyncState(
                    firm_id=each.scope.firm_id, business_id=each.business_id, rail="qbo", listing=1, since=None,
                    progress="null", last_sync=NOW - timedelta(hours=10), last_full=None,
                )
            )  # fmt: skip
            grant = Grant("RT-1", "AT-1", NOW + timedelta(hours=1))
            connections.connect(
                session, each.scope, _VAULT, rail="qbo", external_id=each.realm, grant=grant, now=NOW, actor="ana"
            )
            schedule.hasten(session, each.scope, "qbo", due_at=NOW + timedelta(hours=10), reason="timetable")


def due_at(database: Database, which: Linked) -> datetime:
    with database.reading(which.scope) as session:
        found = schedule.find(session, which.scope, "qbo")
        assert found is not None
        return found.due_at


def waiting(database: Database, which: Linked) -> list[str]:
    """Ids of what the business's notices are about, that no sync has seen."""
    with database.reading(which.scope) as session:
        return [notice.entity_id for notice in inbox.unhandled(session, which.scope, "qbo")]
