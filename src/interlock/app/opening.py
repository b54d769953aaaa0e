"""Opening the house: schema, secret key and clock are checked before anything else happens."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import select

from interlock.app.house import House
from interlock.app.settings import Settings
from interlock.domains.firm.models import Installation
from interlock.infra.crypto import KeyBroken, Vault, new_key, write_key
from interlock.infra.db import Database, open_database
from interlock.infra.db.migrate import require_newest, revision, upgrade
from interlock.infra.locks import held
from interlock.infra.transport import Request, Transport, TransportError
from interlock.kernel.clock import Clock, DemoClock, SystemClock
from interlock.kernel.errors import Refused
from interlock.kernel.scope import SystemScope

_SELF = SystemScope("the installation itself")
_PROOF = b"interlock"
PROOF_OWNER = "installation"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_CLOCK_SECONDS = 3.0


def open_house(settings: Settings, *, limited: bool = True) -> House:
    """Everything wired, or one sentence saying what is wrong with the installation.

    An SQLite database that does not exist yet is made; one of another version waits for ``interlock db upgrade``.
    """
    database = open_database(settings.database_url)
    try:
        if database.dialect == "sqlite" and revision(database) is None:
            upgrade(database)
        require_newest(database)
    except BaseException:  # whatever ended it: a house not opened holds nothing open
        database.close()
        raise
    transport = Transport()
    try:
        installation = _installation(database)
        vault = _found_alone(settings, database) if installation is None else _vault(settings, installation)
        clock = _clock(database, transport, installation)
    except BaseException:  # whatever ended it: a house not opened holds nothing open
        transport.close()
        database.close()
        raise
    return House(settings, database, vault, clock, transport, limited)


def found_installation(database: Database, vault: Vault, *, demo: bool, clock_url: str | None, now: datetime) -> None:
    """Say once what this database is, sealed with its key."""
    with database.writing(_SELF) as session:
        session.add(
            Installation(
                id=1,
                demo=demo,
                clock_url=clock_url,
                clock_offset_seconds=0,
                key_check=vault.seal(_PROOF, PROOF_OWNER),
                created_at=now,
            )
        )


def _found_alone(settings: Settings, database: Database) -> Vault:
    """Found the installation, unless another process opening the same new database was faster."""
    with held(database, "set-up", wait=True):
        installation = _installation(database)
        vault = _vault(settings, installation)
        if installation is None:
            found_installation(database, vault, demo=False, clock_url=None, now=SystemClock().now())
    return vault


def refresh_clock(house: House) -> None:
    """Follow the sandbox's clock, where this database does."""
    if isinstance(house.clock, DemoClock):
        installation = _installation(house.database)
        house.clock.offset = _demo_offset(house.database, house.transport, installation)


def make_vault(settings: Settings) -> Vault:
    """The vault of a new database: from the environment, the key file, or a key made now."""
    if settings.secret_key is None and not settings.key_file.exists():
        with suppress(FileExistsError):  # another process opening the same new database was faster: its key is the key
            write_key(settings.key_file, new_key())
    return _read_vault(settings)


def _vault(settings: Settings, installation: Installation | None) -> Vault:
    if installation is None:
        return make_vault(settings)
    vault = _read_vault(settings)
    vault.open(installation.key_check, PROOF_OWNER)
    return vault


def _read_vault(settings: Settings) -> Vault:
    """All keys of this installation; they are read again whenever the vault has to know."""
    return Vault.from_text(
        settings.secret_key or read_key_file(settings.key_file),
        settings.old_secret_keys,
        follow=partial(_read_vault, settings),
    )


def read_key_file(path: Path) -> str:
    """The keys in a key file, a line each; ``KeyBroken`` when it is not there or can't be read."""
    try:
        return path.read_text()
    except FileNotFoundError:
        raise KeyBroken(f"The secret key is missing: put it back at {path} or set INTERLOCK_SECRET_KEY.") from None
    except UnicodeDecodeError:
        raise KeyBroken(f"The secret key at {path} is not base64 text; restore the key file from its backup.") from None
    except OSError as trouble:
        raise KeyBroken(f"The secret key at {path} can't be read: {trouble.strerror}.") from None


def _installation(database: Database) -> Installation | None:
    with database.reading(_SELF) as session:
        found = session.scalars(select(Installation)).first()
        if found is not None:
            session.expunge(found)
        return found


def _clock(database: Database, transport: Transport, installation: Installation | None) -> Clock:
    if installation is None or not installation.demo or installation.clock_url is None:
        return SystemClock()
    return DemoClock(_demo_offset(database, transport, installation))


def _demo_offset(database: Database, transport: Transport, installation: Installation | None) -> timedelta:
    """The sandbox's offset; the last known one when it isn't running."""
    assert installation is not None and installation.clock_url is not None, "only a demo database follows a clock"
    if urlsplit(installation.clock_url).hostname not in _LOOPBACK:
        raise Refused("A demo clock is followed on this machine only; this database names another host.")
    try:
        reply = transport.run(transport.send(Request("GET", installation.clock_url)), _CLOCK_SECONDS)
        seconds = int(msgspec.json.decode(reply.body, type=dict[str, object])["offset_seconds"])  # type: ignore[call-overload]
    except (TransportError, msgspec.DecodeError, KeyError):
        return timedelta(seconds=installation.clock_offset_seconds)
    if seconds != installation.clock_offset_seconds:
        with database.writing(_SELF) as session:
            row = session.get_one(Installation, 1)
            row.clock_offset_seconds = seconds
    return timedelta(seconds=seconds)
