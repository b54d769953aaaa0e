"""The grant in the database: a renewal never overwrites what a person connected meanwhile, and never marks it lost."""

from datetime import timedelta
from pathlib import Path

import pytest

from interlock.app.house import StoredGrant
from interlock.app.opening import open_house
from interlock.infra.db import Database
from interlock.kernel.errors import InterlockError
from interlock.rails import connections
from interlock.rails.connections import CONNECTED, NEEDS_RECONNECT, Grant
from tests.support.sealed import NOW, grant, settle_in


def test_a_renewal_replaces_what_it_renewed(database: Database, tmp_path: Path) -> None:
    office = settle_in(database, tmp_path)
    scope = office.scopes[0]
    with open_house(office.settings) as house:
        store, fresh = StoredGrant(house, scope), Grant("RT-fresh", hard_expires_at=NOW + timedelta(days=1_800))
        assert store.keep(fresh, grant(0)) == fresh == store.load()
        with house.database.reading(scope) as session:
            passport = connections.passport_of(session, scope, "qbo", NOW)
        assert passport.next_consent_at == fresh.hard_expires_at
        assert passport.refresh_issued_at is not None
        issued = passport.refresh_issued_at
        assert store.keep(Grant("RT-fresh", "AT-new"), fresh).access_token == "AT-new"
        with house.database.reading(scope) as session:
            passport = connections.passport_of(session, scope, "qbo", NOW)
        assert passport.refresh_issued_at == issued, "the same value is no newer for having been used"


def test_what_a_person_connected_meanwhile_stands(database: Database, tmp_path: Path) -> None:
    office = settle_in(database, tmp_path)
    scope = office.scopes[0]
    with open_house(office.settings) as house:
        store, theirs = StoredGrant(house, scope), Grant("RT-connected-anew")
        with house.database.writing(scope) as session:
            connections.connect(
                session, scope, house.vault, rail="qbo", external_id="111", grant=theirs, now=NOW, actor="ana"
            )
        assert store.keep(Grant("RT-renewed-from-the-old-one"), grant(0)) == theirs == store.load()
        store.lost("QuickBooks no longer accepts this connection.", grant(0))
        with house.database.reading(scope) as session:
            assert connections.find(session, scope, "qbo").state == CONNECTED
        store.lost("QuickBooks no longer accepts this connection.", theirs)
        with house.database.reading(scope) as session:
            assert connections.find(session, scope, "qbo").state == NEEDS_RECONNECT


def test_a_renewal_brings_no_disconnected_client_back(database: Database, tmp_path: Path) -> None:
    office = settle_in(database, tmp_path)
    with open_house(office.settings) as house:
        store = StoredGrant(house, office.gone)
        with pytest.raises(InterlockError, match="connect it again first"):
            store.keep(Grant("RT-late"), grant(3))
        with house.database.reading(office.gone) as session:
            assert connections.find(session, office.gone, "qbo").sealed == b""
