"""An installation with sealed values of every kind in it, and no outside world."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from interlock.app.house import House
from interlock.app.opening import open_house
from interlock.app.settings import Settings, read_settings
from interlock.app.taking import sealed_for
from interlock.domains.firm.services.business_service import the_firm
from interlock.infra.db import Database
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections
from interlock.rails.attempts import ConnectAttempt
from interlock.rails.connections import Grant

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EVERYTHING = SystemScope("tests look at everything")
WAITING = b"a grant that waits for a person's word"


@dataclass
class Office:
    """``scopes`` are the connected clients; the last one is disconnected."""

    settings: Settings
    scopes: list[Scope]
    gone: Scope

    def opens_everything(self, house: House) -> None:
        """Every sealed value opens, and says what it said."""
        for number, scope in enumerate(self.scopes):
            with house.database.reading(scope) as session:
                assert connections.grant_of(session, scope, house.vault, "qbo") == grant(number)
        with house.database.reading(EVERYTHING) as session:
            attempt = session.get_one(ConnectAttempt, "attempt_1")
            assert attempt.sealed is not None
            assert house.vault.open(attempt.sealed, sealed_for(attempt)) == WAITING


def grant(number: int) -> Grant:
    return Grant(f"RT-refresh-of-{number}", f"AT-access-of-{number}", NOW + timedelta(hours=1))


def settle_in(database: Database, folder: Path, *, clients: int = 3, **environment: str) -> Office:
    """The installation made, its clients connected, the house closed again."""
    url = database.url.render_as_string(hide_password=False)
    settings = read_settings({"INTERLOCK_DATABASE_URL": url, "XDG_DATA_HOME": str(folder), **environment})
    with open_house(settings) as house:
        with house.database.writing(EVERYTHING) as session:
            firm = the_firm(session, "Fir & Partners", NOW).firm_id
        scopes = [Scope(firm, f"biz_{number}") for number in range(clients)]
        gone = Scope(firm, "biz_gone")
        with house.database.writing(EVERYTHING) as session:
            for number, scope in enumerate([*scopes, gone]):
                connections.connect(
                    session,
                    scope,
                    house.vault,
                    rail="qbo",
                    external_id=f"{number + 1}11",
                    grant=grant(number),
                    now=NOW,
                    actor="ana",
                )
            connections.disconnect(session, gone, "qbo", NOW, "ana")
            attempt = ConnectAttempt(
                attempt_id="attempt_1", round_id="round_1", place=1, rail="qbo", actor="ana", created_at=NOW
            )
            attempt.sealed = house.vault.seal(WAITING, sealed_for(attempt))
            session.add(attempt)
    return Office(settings, scopes, gone)
