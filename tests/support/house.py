"""A house over a test database and a sandbox."""

from pathlib import Path

from interlock.app.connecting import connect_qbo
from interlock.app.house import House
from interlock.app.opening import found_installation, make_vault
from interlock.app.settings import Settings
from interlock.domains.firm.models import Business
from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.kernel.scope import Scope
from tests.support.clock import MovedClock
from tests.support.sandbox import Sandbox, SandboxClient


def settings_for(sandbox: Sandbox, database_url: str, folder: Path) -> Settings:
    client_id, client_secret = sandbox.app()
    plaid = sandbox.control("GET", "rails")["clients"][0]["plaid"]
    return Settings(
        database_url=database_url,
        key_file=folder / "interlock.key",
        secret_key=None,
        public_url=None,
        qbo_api_url=sandbox.url,
        qbo_token_url=f"{sandbox.url}/oauth2/v1/tokens/bearer",
        qbo_client_id=client_id,
        qbo_client_secret=client_secret,
        qbo_authorize_url=f"{sandbox.url}/connect/oauth2",
        qbo_revoke_url=f"{sandbox.url}/v2/oauth2/tokens/revoke",
        ramp_api_url=f"{sandbox.url}/ramp",
        plaid_api_url=f"{sandbox.url}/plaid",
        plaid_client_id=plaid["client_id"],
        plaid_secret=plaid["secret"],
        stripe_api_url=f"{sandbox.url}/stripe",
    )


def house_over(database: Database, sandbox: Sandbox, folder: Path, *, demo: bool = True) -> House:
    """Everything wired over ``database``, on the sandbox's time. Intuit's pace limits are lifted: what a test waits for is
    never a timer.

    ``demo``: the database is marked as a demo's, so that whatever else opens it takes the time from the sandbox too.
    """
    settings = settings_for(sandbox, database.url.render_as_string(hide_password=False), folder)
    vault = make_vault(settings)
    clock = MovedClock.of(sandbox)
    clock_url = f"{sandbox.url}/control/clock" if demo else None
    found_installation(database, vault, demo=demo, clock_url=clock_url, now=clock.now())
    return House(settings, database, vault, clock, Transport(), limited=False)


def take_on(house: House, client: SandboxClient) -> tuple[Business, Scope]:
    """Connect one of the sandbox's clients."""
    business = connect_qbo(
        house, name=client.name, realm_id=client.realm_id, refresh_token=client.refresh_token, actor="a test"
    )
    return business, Scope(business.firm_id, business.business_id)
