"""A realm serves one business, a business one realm; tokens lie sealed; nothing is half connected."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.infra import translog
from interlock.infra.crypto import KeyBroken, Vault, new_key
from interlock.infra.db import Database
from interlock.infra.translog import LogLine
from interlock.kernel.errors import NotFound, Refused
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections
from interlock.rails.connections import CONNECTED, NEEDS_RECONNECT, Connection, Grant

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EVERYTHING = SystemScope("tests look at everything")
ALDER, BIRCH, OTHERS = Scope("firm_a", "biz_alder"), Scope("firm_a", "biz_birch"), Scope("firm_b", "biz_cedar")
GRANT = Grant("RT-refresh-of-alder", "AT-access-of-alder", NOW + timedelta(hours=1))
VAULT = Vault.from_text(new_key())


def connect(database: Database, scope: Scope, realm: str, grant: Grant = GRANT, *, within: Scope | None = None) -> None:
    with database.writing(within or EVERYTHING) as session:
        connections.connect(session, scope, VAULT, rail="qbo", external_id=realm, grant=grant, now=NOW, actor="ana")


def saved(database: Database) -> list[tuple[str, str]]:
    with database.reading(EVERYTHING) as session:
        query = select(Connection.business_id, Connection.external_id).order_by(Connection.business_id)
        return [(business, realm) for business, realm in session.execute(query)]


def log_lines(database: Database) -> int:
    with database.reading(EVERYTHING) as session:
        return session.execute(select(func.count()).select_from(LogLine)).scalar_one()


def test_a_connection_is_saved_with_its_line_and_gives_its_grant_back(database: Database) -> None:
    connect(database, ALDER, "111", within=ALDER)
    with database.reading(ALDER) as session:
        assert connections.find(session, ALDER, "qbo").state == CONNECTED
        assert connections.grant_of(session, ALDER, VAULT, "qbo") == GRANT
        (line,) = translog.lines(session, "biz_alder")
    assert line.action == "connection.connected"
    assert "AT-" not in line.body
    assert "RT-" not in line.body


@pytest.mark.parametrize("second", [BIRCH, OTHERS], ids=["a sibling", "another firm's business"])
@pytest.mark.parametrize("wide", [True, False], ids=["all firms", "own scope"])
def test_a_realm_that_serves_one_business_is_refused_to_a_second(database: Database, second: Scope, wide: bool) -> None:
    connect(database, ALDER, "111")
    before = log_lines(database)
    with pytest.raises(Refused, match="already serves another business") as refusal:
        connect(database, second, "111", within=None if wide else second)
    assert "biz_alder" not in refusal.value.sentence, "who else uses a realm is nobody's business"
    assert saved(database) == [("biz_alder", "111")]
    assert log_lines(database) == before, "a refused connection left a line behind"


def test_a_business_linked_to_one_realm_is_not_silently_moved_to_another(database: Database) -> None:
    connect(database, ALDER, "111")
    with pytest.raises(Refused, match="stays with it"):
        connect(database, ALDER, "222", Grant("RT-of-somebody-else"))
    assert saved(database) == [("biz_alder", "111")]
    with database.reading(ALDER) as session:
        assert connections.grant_of(session, ALDER, VAULT, "qbo") == GRANT


def test_taking_a_client_on_whose_realm_is_refused_leaves_no_client(database: Database) -> None:
    connect(database, ALDER, "111")
    before = log_lines(database)

    def take_on() -> None:
        with database.writing(EVERYTHING) as session:
            firm = the_firm(session, "Fir & Partners", NOW)
            birch = BusinessService(session, firm.firm_id).take_on(
                "Birch & Co",
                home_currency="USD",
                time_zone="America/Chicago",
                control_start=date(2026, 11, 24),
                now=NOW,
                actor="ana",
            )
            scope = Scope(firm.firm_id, birch.business_id)
            connections.connect(session, scope, VAULT, rail="qbo", external_id="111", grant=GRANT, now=NOW, actor="ana")

    with pytest.raises(Refused):
        take_on()
    with database.reading(EVERYTHING) as session:
        assert session.scalars(select(Business)).all() == []
    assert log_lines(database) == before


def test_the_same_realm_again_renews_the_grant_and_mends_the_connection(database: Database) -> None:
    connect(database, ALDER, "111")
    with database.writing(ALDER) as session:
        connections.mark_trouble(session, ALDER, "qbo", "QuickBooks no longer accepts this connection.", NOW)
        connections.mark_trouble(session, ALDER, "qbo", "said once more", NOW)
    with database.reading(ALDER) as session:
        lost = connections.find(session, ALDER, "qbo")
        assert (lost.state, lost.trouble) == (NEEDS_RECONNECT, "QuickBooks no longer accepts this connection.")
    fresh = Grant("RT-fresh")
    connect(database, ALDER, "111", fresh, within=ALDER)
    with database.reading(ALDER) as session:
        mended = connections.find(session, ALDER, "qbo")
        assert (mended.state, mended.trouble) == (CONNECTED, None)
        assert connections.grant_of(session, ALDER, VAULT, "qbo") == fresh
        actions = [line.action for line in translog.lines(session, "biz_alder")]
    assert actions == ["connection.connected", "connection.lost", "connection.connected"]


def test_a_rotated_grant_replaces_the_old_one(database: Database) -> None:
    connect(database, ALDER, "111")
    connect(database, BIRCH, "222", Grant("RT-of-birch"))
    rotated = Grant("RT-rotated", "AT-rotated", NOW)
    with database.writing(ALDER) as session:
        connections.keep_grant(session, ALDER, VAULT, "qbo", rotated, NOW + timedelta(hours=1))
    with database.reading(Scope("firm_a")) as session:
        assert connections.grant_of(session, ALDER, VAULT, "qbo") == rotated
        assert connections.grant_of(session, BIRCH, VAULT, "qbo") == Grant("RT-of-birch")


def test_a_sealed_token_moved_into_another_businesss_row_does_not_open(database: Database) -> None:
    connect(database, ALDER, "111")
    connect(database, BIRCH, "222")
    with database.writing(Scope("firm_a")) as session:
        mine, theirs = (connections.find(session, scope, "qbo") for scope in (ALDER, BIRCH))
        theirs.sealed = mine.sealed
    with database.reading(BIRCH) as session, pytest.raises(KeyBroken):
        connections.grant_of(session, BIRCH, VAULT, "qbo")


def test_a_connection_outside_the_scope_is_not_found(database: Database) -> None:
    connect(database, ALDER, "111")
    with database.reading(Scope("firm_b", "biz_alder")) as session, pytest.raises(NotFound):
        connections.find(session, Scope("firm_b", "biz_alder"), "qbo")
    with database.reading(ALDER) as session:
        with pytest.raises(NotFound):
            connections.find(session, ALDER, "plaid")
        assert connections.find(session, ALDER, "qbo").external_id == "111"


def test_no_token_can_be_read_in_the_database_file(sqlite_database: Database) -> None:
    connect(sqlite_database, ALDER, "111")
    assert sqlite_database.path is not None
    files = [path for path in Path(sqlite_database.path.parent).iterdir() if path.is_file()]
    written = b"".join(path.read_bytes() for path in files)
    assert b"biz_alder" in written, "look where SQLite writes: the file and its log"
    for secret in (b"RT-refresh-of-alder", b"AT-access-of-alder"):
        assert secret not in written
