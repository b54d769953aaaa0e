"""The sync against a real Intuit sandbox company, held against what ``python-quickbooks`` reads there.

Needs an Intuit app and a grant in the environment (see the README): INTERLOCK_LIVE_QBO_CLIENT_ID, INTERLOCK_LIVE_QBO_CLIENT_SECRET,
INTERLOCK_LIVE_QBO_REALM_ID and INTERLOCK_LIVE_QBO_REFRESH_TOKEN. It only reads.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from intuitlib.client import AuthClient
from quickbooks import QuickBooks

from interlock.app.connecting import connect_qbo
from interlock.app.house import House
from interlock.app.opening import open_house
from interlock.app.settings import Settings
from interlock.domains.firm.models import LedgerProof
from interlock.domains.qbo.mapper import RAIL
from interlock.kernel.scope import Scope
from interlock.rails import connections
from tests.support.mirror import differences, read_mirror
from tests.support.world import read_world

_NAMES = ("CLIENT_ID", "CLIENT_SECRET", "REALM_ID", "REFRESH_TOKEN")
_GIVEN = {name: os.environ.get(f"INTERLOCK_LIVE_QBO_{name}") for name in _NAMES}
pytestmark = pytest.mark.skipif(
    None in _GIVEN.values(), reason="no Intuit sandbox company is given in INTERLOCK_LIVE_QBO_*"
)

_API = "https://sandbox-quickbooks.api.intuit.com"
_TOKENS = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'live.db'}",
        key_file=tmp_path / "live.key",
        secret_key=None,
        public_url=None,
        qbo_api_url=_API,
        qbo_token_url=_TOKENS,
        qbo_client_id=_GIVEN["CLIENT_ID"],
        qbo_client_secret=_GIVEN["CLIENT_SECRET"],
    )
    with open_house(settings) as opened:
        yield opened


def test_a_real_company_comes_in_whole_and_ties(house: House) -> None:
    realm_id = _GIVEN["REALM_ID"] or ""
    business = connect_qbo(
        house, name="Live sandbox", realm_id=realm_id, refresh_token=_GIVEN["REFRESH_TOKEN"] or "", actor="live test"
    )
    scope = Scope(business.firm_id, business.business_id)
    house.sync_of(business).sync()
    with house.database.reading(scope) as session:
        grant = connections.grant_of(session, scope, house.vault, RAIL)
        proof = session.get_one(LedgerProof, business.business_id)
    auth = AuthClient(
        _GIVEN["CLIENT_ID"], _GIVEN["CLIENT_SECRET"], "http://localhost/", "sandbox", access_token=grant.access_token
    )
    books = QuickBooks(
        auth_client=auth, refresh_token=grant.refresh_token, company_id=realm_id, minorversion=75, use_decimal=True
    )
    assert differences(read_world(books, business.home_currency), read_mirror(house.database, scope))[:20] == []
    assert proof.payables_here_minor == proof.payables_minor
    assert proof.receivables_here_minor == proof.receivables_minor
