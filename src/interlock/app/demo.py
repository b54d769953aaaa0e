"""The demonstration: a sandbox beside us as the outside world, a database of its own, a firm's clients connected and synced.

Nothing of the environment's own installation is read or touched. Everything is real but the world: HTTP, grants, sync.
"""

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from interlock.app.connecting import connect_qbo
from interlock.app.demo_rails import RailsOfClient, read_rails
from interlock.app.house import House
from interlock.app.opening import found_installation, make_vault, open_house
from interlock.app.settings import Settings
from interlock.domains.firm.models import Business, Installation
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from interlock.infra.transport import Request, Transport
from interlock.kernel.clock import SystemClock
from interlock.kernel.errors import NotFound, Refused, SetupBroken
from interlock.kernel.scope import Scope, SystemScope

AS_OF = date(2026, 11, 24)
"""Today in the demo's world, so that the same seed shows the same figures on every day."""

MAIL_FROM = "letters@tern-and-marlow.example"
_SET_UP = SystemScope("setting a demo up")
_ANSWER_SECONDS = 30.0
_STOP_SECONDS = 10.0
_ACTOR = "demo"
_IN_TROUBLE = "in trouble"
_OWNERS_DOLLARS = 48_000


class WorldClient(msgspec.Struct, frozen=True):
    """A company in the sandbox, with a fresh grant of its own."""

    name: str
    character: str
    realm_id: str
    refresh_token: str


class WorldFirm(msgspec.Struct, frozen=True):
    name: str


class World(msgspec.Struct, frozen=True):
    """What the sandbox says of itself: the firm, the app to sign in with, the companies."""

    firm: WorldFirm
    client_id: str
    client_secret: str
    clients: list[WorldClient]


@dataclass(frozen=True)
class Wish:
    """What demo to run. ``folder`` keeps it; without one it lives in a temporary folder and goes with the process."""

    clients: int
    seed: int
    folder: Path | None = None


@dataclass(frozen=True)
class Scene:
    """A demo set up but not yet connected: where it lives, the sandbox's address, its world, our settings."""

    folder: Path
    url: str
    world: World
    rails: list[RailsOfClient]
    settings: Settings

    @property
    def environment(self) -> Path:
        """A file to source in another terminal, so that other commands speak to this demo."""
        return self.folder / "environment"


@contextmanager
def staged(wish: Wish) -> Iterator[Scene]:
    """The sandbox running and a demo database ready for it; both end with the block, the folder too unless it was given."""
    folder = wish.folder.absolute() if wish.folder else Path(tempfile.mkdtemp(prefix="interlock-demo-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _sandbox(folder, wish) as (url, mail):
            world, rails = _world(url)
            settings = _settings(folder, url, mail, world, rails)
            _found(settings, f"{url}/control/clock")
            scene = Scene(folder, url, world, rails, settings)
            _write_environment(scene)
            yield scene
    finally:
        if wish.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def opened(scene: Scene) -> Iterator[House]:
    """The house over the demo's database."""
    house = open_house(scene.settings)
    try:
        yield house
    finally:
        house.close()


def connect_clients(house: House, world: World) -> list[Business]:
    """Every company of the world as a client; those known from an earlier run keep their connection."""
    known = {client.name: client for client in _clients(house)}
    return [
        known.get(each.name)
        or connect_qbo(
            house,
            name=each.name,
            realm_id=each.realm_id,
            refresh_token=each.refresh_token,
            actor=_ACTOR,
            firm_name=world.firm.name,
        )
        for each in world.clients
    ]


def put_in_owners_money(house: House, scene: Scene) -> None:
    """The owner of the client in trouble has just put money in, so that there is something to decide about."""
    for each in scene.world.clients:
        if each.character != _IN_TROUBLE:
            continue
        body = msgspec.json.encode({"amount": _OWNERS_DOLLARS, "date": AS_OF.isoformat()})
        address = f"{scene.url}/control/companies/{each.realm_id}/owner-puts-in"
        sent = Request("POST", address, (), {"Content-Type": "application/json"}, body)
        reply = house.transport.run(house.transport.send(sent), _ANSWER_SECONDS)
        if reply.status != 200:
            raise SetupBroken(f"The sandbox would not take the owner's money: {reply.body[:200].decode()}")


def rails_to_link(scene: Scene) -> list[RailsOfClient]:
    """Every client's but the one's in trouble: its owner decides from the books alone, and pays by hand."""
    alone = {each.name for each in scene.world.clients if each.character == _IN_TROUBLE}
    return [each for each in scene.rails if each.name not in alone]


def _clients(house: House) -> list[Business]:
    with house.database.reading(_SET_UP) as session:
        try:
            firm = the_firm(session, None, house.clock.now()).firm_id
        except NotFound:
            return []
    with house.database.reading(Scope(firm)) as session:
        found = list(BusinessService(session, firm).list_businesses())
        session.expunge_all()
        return found


@contextmanager
def _sandbox(folder: Path, wish: Wish) -> Iterator[tuple[str, str]]:
    """The sandbox as its own process, tied to this one; yields its address, and its mail server's."""
    command = [sys.executable, "-m", "interlock.app.tethered", "interlock_sandbox", "--port", "0"]
    command += ["--data", str(folder / "sandbox"), "--clients", str(wish.clients), "--seed", str(wish.seed)]
    command += ["--as-of", AS_OF.isoformat(), "--mail", str(folder / "mail")]
    log = folder / "sandbox.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # an interrupt is ours to answer; the tether ends the sandbox after us
        )
    assert process.stdin is not None and process.stdout is not None, "both were asked for"
    try:
        said = process.stdout.readline()
        if not said:
            reasons = log.read_text().strip().splitlines() or [f"it ended with {process.wait()}"]
            raise SetupBroken(f"The sandbox did not start: {reasons[-1]}")
        ready = json.loads(said)
        yield ready["url"], ready["mail"]
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _world(url: str) -> tuple[World, list[RailsOfClient]]:
    transport = Transport()
    try:
        reply = transport.run(transport.send(Request("GET", f"{url}/control/clients")), _ANSWER_SECONDS)
        return msgspec.json.decode(reply.body, type=World), read_rails(transport, url)
    finally:
        transport.close()


def _settings(folder: Path, url: str, mail: str, world: World, rails: list[RailsOfClient]) -> Settings:
    plaid = next((each.plaid for each in rails if each.plaid is not None), None)
    return Settings(
        database_url=f"sqlite:///{folder / 'interlock.db'}",
        key_file=folder / "interlock.key",
        secret_key=None,
        public_url=None,
        qbo_api_url=url,
        qbo_token_url=f"{url}/oauth2/v1/tokens/bearer",
        qbo_client_id=world.client_id,
        qbo_client_secret=world.client_secret,
        qbo_authorize_url=f"{url}/connect/oauth2",
        qbo_revoke_url=f"{url}/v2/oauth2/tokens/revoke",
        ramp_api_url=f"{url}/ramp",
        plaid_api_url=f"{url}/plaid",
        plaid_client_id=plaid.client_id if plaid else None,
        plaid_secret=plaid.secret if plaid else None,
        stripe_api_url=f"{url}/stripe",
        smtp_url=mail,
        mail_from=MAIL_FROM,
    )


def _found(settings: Settings, clock_url: str) -> None:
    """A database marked demo that follows the sandbox's clock; one from an earlier run follows the new address."""
    database = open_database(settings.database_url)
    try:
        upgrade(database)
        with database.writing(_SET_UP) as session:
            installation = session.get(Installation, 1)
            if installation is not None and not installation.demo:
                raise Refused(
                    f"The database {database.path} is not a demo's; it was left as it is. Name another folder."
                )
            if installation is not None:
                installation.clock_url = clock_url
                return
        found_installation(database, make_vault(settings), demo=True, clock_url=clock_url, now=SystemClock().now())
    finally:
        database.close()


def _write_environment(scene: Scene) -> None:
    settings = scene.settings
    said = {
        "INTERLOCK_DATABASE_URL": settings.database_url,
        "INTERLOCK_QBO_API_URL": settings.qbo_api_url,
        "INTERLOCK_QBO_TOKEN_URL": settings.qbo_token_url,
        "INTERLOCK_QBO_AUTHORIZE_URL": settings.qbo_authorize_url,
        "INTERLOCK_QBO_REVOKE_URL": settings.qbo_revoke_url,
        "INTERLOCK_QBO_CLIENT_ID": settings.qbo_client_id or "",
        "INTERLOCK_QBO_CLIENT_SECRET": settings.qbo_client_secret or "",
        "INTERLOCK_RAMP_API_URL": settings.ramp_api_url,
        "INTERLOCK_PLAID_API_URL": settings.plaid_api_url,
        "INTERLOCK_PLAID_CLIENT_ID": settings.plaid_client_id or "",
        "INTERLOCK_PLAID_SECRET": settings.plaid_secret or "",
        "INTERLOCK_STRIPE_API_URL": settings.stripe_api_url,
        "INTERLOCK_SMTP_URL": settings.smtp_url or "",
        "INTERLOCK_MAIL_FROM": settings.mail_from or "",
    }
    scene.environment.touch(mode=0o600)
    scene.environment.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in said.items()))
