"""What an installation needs, looked at piece by piece: what was found, and the one act that mends it."""

import shlex
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from interlock.app import evidence
from interlock.app.consents import CALLBACK
from interlock.app.house import House
from interlock.app.notices import NO_TOKEN
from interlock.app.opening import open_house
from interlock.app.rotation import show_keys
from interlock.app.settings import Settings
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.domains.qbo.mapper import RAIL
from interlock.infra import translog
from interlock.infra.crypto import KeyBroken
from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import require_newest, revision
from interlock.infra.durable import workers
from interlock.infra.durable.workers import LEASES
from interlock.kernel.clock import local_date
from interlock.kernel.errors import InterlockError, NotFound
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections, items, meter, schedule
from interlock.rails.connections import Connection
from interlock.rails.errors import spoken
from interlock.runway.services.experiences.connections import alarm

State = Literal["good", "watch", "broken"]

_WHOLE = SystemScope("the doctor's look at the whole installation")
_OLDEST_SQLITE = (3, 35, 0)
_OLDEST_PYTHON = (3, 11)
_LITTLE_BYTES = 2 * 1024**3
_NONE_LEFT_BYTES = 100 * 1024**2
_LONG_AGO = timedelta(hours=26)  # a nightly sync, and two hours' grace


class Item(Struct, frozen=True):
    """One thing looked at: ``good``, ``watch`` (works, and a person should look) or ``broken``; ``mend`` is one act."""

    what: str
    state: State
    found: str
    mend: str = ""


def examine(settings: Settings) -> list[Item]:
    """Look at everything; what can't be looked at because something before it is broken is left out."""
    items = [_python(), _sqlite(), _app_keys(settings), _public_url(settings), _webhooks(settings)]
    try:
        database = open_database(settings.database_url)
    except InterlockError as trouble:
        return [*items, Item("Database", "broken", trouble.sentence, "Correct INTERLOCK_DATABASE_URL.")]
    try:
        if database.path is not None:
            items.append(_disk(database.path.absolute().parent))
            if not database.path.exists():
                mend = "Run interlock connect qbo, which makes it."
                return [*items, Item("Database", "watch", f"There is none at {database.path} yet.", mend)]
        found = _database(database)
    finally:
        database.close()
    items += found
    return items if any(item.state == "broken" for item in found) else items + _inside(settings)


def _python() -> Item:
    found = sys.version.split()[0]
    if sys.version_info < _OLDEST_PYTHON:
        return Item("Python", "broken", found, "Install Python 3.11 or newer and set Interlock up anew.")
    return Item("Python", "good", found)


def _sqlite() -> Item:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        mend = "Use a Python built with SQLite 3.35 or newer, or PostgreSQL."
        return Item("SQLite", "broken", sqlite3.sqlite_version, mend)
    return Item("SQLite", "good", sqlite3.sqlite_version)


def _app_keys(settings: Settings) -> Item:
    try:
        settings.qbo_app()
    except InterlockError as trouble:
        return Item(
            "Intuit app", "watch", "Its keys are not in the environment, so nothing can sync.", trouble.sentence
        )
    return Item("Intuit app", "good", f"Keys are set; books are read from {settings.qbo_api_url}.")


def _public_url(settings: Settings) -> Item:
    """Where Intuit sends people back to; production apps may name https addresses only."""
    where = settings.public_url
    if not where:
        found = "None; consents come back to this machine's own address, which a production app can't register."
        mend = "Set INTERLOCK_PUBLIC_URL to an https address that leads here, before production keys."
        return Item("Public address", "watch" if settings.qbo_client_id else "good", found, mend)
    parts = urlsplit(where)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        mend = "Set INTERLOCK_PUBLIC_URL to an address without a path, like https://desk.example.com."
        return Item("Public address", "broken", f"{where} is not an address of this installation.", mend)
    back = f"{where.rstrip('/')}{CALLBACK}"
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        mend = "Set INTERLOCK_PUBLIC_URL to its https address."
        return Item("Public address", "broken", f"Consents would come back to {back}, unsealed.", mend)
    return Item("Public address", "good", f"Consents come back to {back}; the Intuit app must know it.")


def _webhooks(settings: Settings) -> Item:
    if settings.qbo_webhook_token is None:
        return Item("Webhooks", "watch", "QuickBooks' notices are turned away: they can't be verified.", NO_TOKEN)
    where = settings.public_url
    if not where:
        mend = "Set INTERLOCK_PUBLIC_URL to the https address that Intuit reaches this machine by."
        return Item("Webhooks", "watch", "The verifier token is set, and Intuit can't reach this machine.", mend)
    return Item("Webhooks", "good", f"QuickBooks' notices are taken at {where.rstrip('/')}/webhooks/qbo.")


def _disk(folder: Path) -> Item:
    free = shutil.disk_usage(folder).free
    state: State = "broken" if free < _NONE_LEFT_BYTES else "watch" if free < _LITTLE_BYTES else "good"
    return Item(
        "Disk",
        state,
        f"{free / 1024**3:,.1f} GiB free beside the database.",
        "" if state == "good" else "Free some space.",
    )


def _database(database: Database) -> list[Item]:
    where = database.path or database.url.render_as_string(hide_password=True)
    try:
        found = revision(database)
        require_newest(database)
    except InterlockError as trouble:
        return [Item("Database", "broken", trouble.sentence, "Run interlock db upgrade.")]
    except DBAPIError as trouble:
        said = str(trouble.orig).splitlines()[0]
        return [Item("Database", "broken", f"{where} can't be used: {said}.", "Check its address, and that it runs.")]
    items = [Item("Database", "good", f"{where}, at schema {found}.")]
    try:
        with database.writing(_WHOLE) as session:
            session.execute(text("UPDATE installation SET demo = demo"))
    except InterlockError as trouble:
        items.append(Item("Writing", "broken", trouble.sentence, "Give this user the right to write there."))
    else:
        items.append(Item("Writing", "good", "A change was written and kept."))
    if database.dialect == "postgresql":
        items.append(_role(database))
    return items


def _role(database: Database) -> Item:
    """Row-level security binds nobody who is a superuser or bypasses it."""
    with database.reading(_WHOLE) as session:
        role, superuser, bypasses = session.execute(
            text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).one()
    if superuser or bypasses:
        why = "is a superuser" if superuser else "bypasses row-level security"
        mend = "Connect as a role that is a member of interlock_app and neither."
        return Item("Role", "broken", f"{role} {why}, so a client's rows are not locked from another's.", mend)
    return Item("Role", "good", f"{role} is bound by row-level security.")


def _inside(settings: Settings) -> list[Item]:
    try:
        house = open_house(settings)
    except KeyBroken as trouble:
        return [Item("Secret key", "broken", trouble.sentence, "Put the key of this database back.")]
    try:
        return [
            Item("Secret key", "good", "It opens this database."),
            *_key_file(settings),
            _keys(house),
            *_firm(house),
            _budget(house),
            _workers(house),
            _log(house),
        ]
    finally:
        house.close()


def _key_file(settings: Settings) -> Iterator[Item]:
    if settings.secret_key is not None or not settings.key_file.exists():
        return
    others = stat.S_IMODE(settings.key_file.stat().st_mode) & 0o077
    if others:
        found = f"{settings.key_file} can be read by others than its owner."
        yield Item("Key file", "watch", found, f"chmod 600 {settings.key_file}")


def _firm(house: House) -> list[Item]:
    now = house.clock.now()
    with house.database.reading(_WHOLE) as session:
        try:
            firm = the_firm(session, None, now)
        except NotFound as trouble:
            return [Item("Clients", "watch", "There is none yet.", trouble.sentence)]
        clients = BusinessService(session, firm.firm_id).list_businesses()
        return [
            item for client in clients for item in (_connection(session, client, now), *_beside(session, client, now))
        ]


def _connection(session: Session, client: Business, now: datetime) -> Item:
    again = f"interlock connect qbo --browser --business {shlex.quote(client.name)}"
    scope = Scope(client.firm_id, client.business_id)
    try:
        linked = connections.passport_of(session, scope, RAIL, now)
    except NotFound:
        return Item(client.name, "watch", "QuickBooks is not connected.", again)
    if linked.state == "disconnected":
        left = f" {linked.trouble}" if linked.trouble else ""
        return Item(client.name, "watch", f"QuickBooks was disconnected.{left}", again)
    ends = alarm(linked, client.time_zone, local_date(now, client.time_zone))
    if linked.state in ("needs reconnect", "expired"):
        return Item(client.name, "broken", f"QuickBooks {linked.state}: {ends or linked.trouble}", again)
    if ends is not None:
        return Item(client.name, "watch", ends, again)
    due = schedule.find(session, scope, RAIL)
    if due is not None and due.failures:
        found = f"Reading failed {due.failures} times in a row: {due.trouble}"
        return Item(client.name, "watch", found, f"interlock sync {client.slug}")
    last = connections.sync_state(session, scope, RAIL).last_sync
    if last is None or now - last > _LONG_AGO:
        age = "never" if last is None else f"last {(now - last).days} days ago"
        return Item(client.name, "watch", f"QuickBooks is connected; synced {age}.", f"interlock sync {client.slug}")
    return Item(client.name, "good", f"QuickBooks is connected; synced {last:%d %b %H:%M} UTC.")


def _beside(session: Session, client: Business, now: datetime) -> Iterator[Item]:
    """What is wrong with the rails beside a client's books; those that work are not named one by one."""
    scope = Scope(client.firm_id, client.business_id)
    linked = select(Connection.rail).where(Connection.business_id == client.business_id, Connection.rail != RAIL)
    for rail in session.scalars(linked.order_by(Connection.rail)).all():
        passport, due = connections.passport_of(session, scope, rail, now), schedule.find(session, scope, rail)
        again = f"interlock connect {rail} {client.slug}"
        if passport.state in ("needs reconnect", "expired"):
            yield Item(client.name, "broken", f"{spoken(rail)} {passport.state}: {passport.trouble}", again)
        elif due is not None and due.failures and passport.state != "disconnected":
            found = f"Reading {spoken(rail)} failed {due.failures} times in a row: {due.trouble}"
            yield Item(client.name, "watch", found, f"interlock sync {client.slug} --rail {rail}")
        for login in items.of_business(session, scope, rail):
            if login.trouble is not None:
                mend = f"interlock connect {rail} {client.slug} --relink {shlex.quote(login.institution)}"
                yield Item(client.name, "watch", f"{login.institution}: {login.trouble}", mend)


def _keys(house: House) -> Item:
    """What a key rotation left behind, and secrets whose key is gone."""
    found = show_keys(house)
    lost = sum(key.values for key in found.keys if not key.at_hand)
    if lost:
        mend = "Put the old key back (INTERLOCK_OLD_SECRET_KEYS), or connect those clients again."
        return Item("Sealed secrets", "broken", f"{lost} are under a key that is not at hand.", mend)
    if found.left_behind:
        return Item("Sealed secrets", "watch", f"{found.left_behind} are under an old key.", "interlock keys rotate")
    return Item("Sealed secrets", "good", f"All are under the key from {found.kept_in}.")


def _budget(house: House) -> Item:
    now, allowed = house.clock.now(), house.settings.qbo_monthly_reads
    with house.database.reading(_WHOLE) as session:
        told = meter.forecast(meter.used(session, None, RAIL, meter.month_of(now)), allowed, now)
    if told.exhausted_on is None:
        return Item("Reads", "good", told.words)
    state: State = "broken" if told.used >= told.budget else "watch"
    return Item(
        "Reads", state, told.words, "A larger Intuit plan, and INTERLOCK_QBO_MONTHLY_READS set to what it allows."
    )


def _workers(house: House) -> Item:
    with house.database.reading(LEASES) as session:
        living = workers.living(session)
    if living:
        return Item("Workers", "good", f"{len(living)} at work: what is due is synced by itself.")
    mend = "Start interlock serve."
    if house.database.dialect == "postgresql":
        mend = "Start interlock serve or interlock worker."
    return Item("Workers", "watch", "None is at work, so nothing is synced by itself.", mend)


def _log(house: House) -> Item:
    with house.database.reading(_WHOLE) as session:
        chains = evidence.chains(session)
        verdict = evidence.examine(line for chain in chains for line in translog.lines(session, chain))
    lines = sum(seq for seq, _ in verdict.heads.values())
    if verdict.holds:
        return Item("Log", "good", f"{lines:,} lines in {len(chains):,} chains hold.")
    first = verdict.breaks[0]
    mend = "Run interlock log verify --all, and restore a backup made before."
    return Item("Log", "broken", f"{first.chain}, line {first.seq:,} {first.why}.", mend)
