"""The capabilities' suites, those that only read, against the vendors' own sandboxes.

Ramp's demo, Plaid's sandbox and Stripe's test mode, each when its keys are in the environment:
INTERLOCK_LIVE_RAMP_CLIENT_ID and INTERLOCK_LIVE_RAMP_CLIENT_SECRET; INTERLOCK_LIVE_PLAID_CLIENT_ID and INTERLOCK_LIVE_PLAID_SECRET;
INTERLOCK_LIVE_STRIPE_KEY, a key of test mode. The accounts must hold something to read: a vendor, a bill and a bank account at
Ramp; a customer and an invoice at Stripe. Plaid's own test bank always does. INTERLOCK_LIVE_RAMP_API_URL, …_PLAID_API_URL and
…_STRIPE_API_URL ask another address, INTERLOCK_LIVE_PLAID_INSTITUTION another bank.

Nothing is paid, collected, refunded or cancelled; at Plaid a login and a link page are made, and the login is ended again.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from interlock.app.bank_taking import connect_plaid, disconnect_plaid
from interlock.app.build import BUILD
from interlock.app.house import House
from interlock.app.opening import open_house
from interlock.app.ramp import connect_ramp, disconnect_ramp
from interlock.app.settings import Settings
from interlock.app.stripe import connect_stripe
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.infra.transport import Request
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import items, links, listens, reads
from interlock.rails.capabilities import capabilities_of
from tests.support.conformance import SUITES, Ground

_ONLY_READING = {module.__name__ for module in (reads, links, listens)}
_NEEDED = {
    "ramp": ("RAMP_CLIENT_ID", "RAMP_CLIENT_SECRET"),
    "plaid": ("PLAID_CLIENT_ID", "PLAID_SECRET"),
    "stripe": ("STRIPE_KEY",),
}
_GATHERS_SECONDS = 90.0
_ASKED_AGAIN_SECONDS = 2.0
_ANSWER_SECONDS = 60.0


def _given(name: str, otherwise: str = "") -> str:
    return os.environ.get(f"INTERLOCK_LIVE_{name}") or otherwise


_PLAID = _given("PLAID_API_URL", "https://sandbox.plaid.com")
_BANK = _given("PLAID_INSTITUTION", "ins_109508")


def _keys(rail: str) -> pytest.MarkDecorator:
    missing = [f"INTERLOCK_LIVE_{name}" for name in _NEEDED[rail] if not _given(name)]
    return pytest.mark.skipif(bool(missing), reason=f"{rail} is not asked without {' and '.join(missing)}")


ASKED = [
    pytest.param(each.name, capability, id=f"{each.name}-{capability.__name__}", marks=_keys(each.name))
    for each in BUILD
    if each.name in _NEEDED
    for capability in capabilities_of(each.rail)
    if capability in SUITES and capability.__module__ in _ONLY_READING
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("live")
    settings = Settings(
        database_url=f"sqlite:///{folder / 'live.db'}",
        key_file=folder / "live.key",
        secret_key=None,
        public_url=None,
        qbo_api_url="https://sandbox-quickbooks.api.intuit.com",
        qbo_token_url="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
        qbo_client_id=None,
        qbo_client_secret=None,
        ramp_api_url=_given("RAMP_API_URL", "https://demo-api.ramp.com"),
        plaid_api_url=_PLAID,
        plaid_client_id=_given("PLAID_CLIENT_ID"),
        plaid_secret=_given("PLAID_SECRET"),
        stripe_api_url=_given("STRIPE_API_URL", "https://api.stripe.com"),
    )
    with open_house(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(house: House) -> Business:
    """A client of an installation made for this run. It has no books."""
    now = house.clock.now()
    with house.database.writing(SystemScope("a live test's client")) as session:
        firm = the_firm(session, "Live test", now)
        made = BusinessService(session, firm.firm_id).take_on(
            "Live sandboxes",
            home_currency="USD",
            time_zone="America/New_York",
            control_start=now.date(),
            now=now,
            actor="live test",
        )
        session.flush()
        session.expunge(made)
    return made


@pytest.fixture(scope="module")
def grounds(house: House, client: Business) -> Iterator[Callable[[str], Ground]]:
    """Each rail, linked when it is first asked for and ended when all is done."""
    linked: dict[str, Ground] = {}

    def of(rail: str) -> Ground:
        if rail not in linked:
            linked[rail] = _linked(house, client, rail)
        return linked[rail]

    yield of
    if "plaid" in linked:
        disconnect_plaid(house, client, actor="live test")
    if "ramp" in linked:
        disconnect_ramp(house, client, actor="live test")


@pytest.mark.parametrize(("rail", "capability"), ASKED)
def test_the_vendor_keeps_what_the_capability_promises(
    grounds: Callable[[str], Ground], rail: str, capability: type[Any]
) -> None:
    ground = grounds(rail)
    SUITES[capability](ground)
    assert ground.rail.usage.calls or capability is listens.ListensForEvents, "the vendor itself was asked"


def test_no_suite_that_moves_money_is_asked_for_here() -> None:
    asked = {param.values[1] for param in ASKED}
    assert asked, "the build has no rail beside the books"
    assert {capability.__module__ for capability in asked} <= _ONLY_READING, "only what reads is put to real vendors"


def _linked(house: House, client: Business, rail: str) -> Ground:
    scope = Scope(client.firm_id, client.business_id)
    if rail == "ramp":
        connect_ramp(
            house,
            client,
            actor="live test",
            client_id=_given("RAMP_CLIENT_ID"),
            client_secret=_given("RAMP_CLIENT_SECRET"),
            read_only=True,
        )
    elif rail == "plaid":
        connect_plaid(house, client, public_token=_public_token(house), actor="live test")
    else:
        key = _given("STRIPE_KEY")
        assert "_test_" in key, "INTERLOCK_LIVE_STRIPE_KEY has to be a key of test mode (sk_test_… or rk_test_…)"
        connect_stripe(house, client, actor="live test", key=key)
    with house.database.reading(scope) as session:
        logins = [each.item_id for each in items.of_business(session, scope, rail)]
    opened = next(each for each in BUILD if each.name == rail).opens(house, scope)
    assert opened is not None, f"{rail} was linked a moment ago"
    ground = Ground(opened, house.transport, house.clock, logins)
    if rail == "plaid":
        _gathered(ground)
    return ground


def _public_token(house: House) -> str:
    """A login at Plaid's test bank, as if somebody had been at its page."""
    asked = {
        "client_id": _given("PLAID_CLIENT_ID"),
        "secret": _given("PLAID_SECRET"),
        "institution_id": _BANK,
        "initial_products": ["transactions", "auth", "identity"],
    }
    sent = Request(
        "POST",
        f"{_PLAID}/sandbox/public_token/create",
        (),
        {"Content-Type": "application/json"},
        msgspec.json.encode(asked),
    )
    reply = house.transport.run(house.transport.send(sent), _ANSWER_SECONDS)
    assert reply.status == 200, f"Plaid made no test login: {reply.body[:300]!r}"
    return str(msgspec.json.decode(reply.body, type=dict[str, Any])["public_token"])


def _gathered(ground: Ground) -> None:
    """Plaid reads a new login's history for a while; asked until it says that it has."""
    until = time.monotonic() + _GATHERS_SECONDS
    pause = threading.Event()
    for item in ground.items:
        while not ground.run(ground.rail.bank_lines(item, None)).ready:
            assert time.monotonic() < until, f"Plaid gathered no lines within {_GATHERS_SECONDS:.0f} seconds"
            pause.wait(_ASKED_AGAIN_SECONDS)
