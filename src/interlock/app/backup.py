"""Backup and restore of an embedded installation: the database, its key named apart, and a manifest of chain heads.

A backup is a folder that is there whole or not at all. Restoring proves the copy before anything is put in place: the key
opens it, its schema is this build's or is brought there, and every chain ends where the manifest says.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
from alembic.util.exc import CommandError

from interlock.app import evidence
from interlock.app.evidence import Anchor
from interlock.app.opening import open_house
from interlock.app.settings import Settings
from interlock.infra import translog
from interlock.infra.crypto import KeyBroken, write_key
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from interlock.kernel.errors import BadInput, NotFound, Refused, SetupBroken
from interlock.kernel.scope import SystemScope

DATABASE = "interlock.db"
KEY = "interlock.key"
MANIFEST = "manifest.json"
_WHOLE = SystemScope("backup and restore of the whole installation")
_BLOCK_BYTES = 1024 * 1024


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds. ``key`` is ``None`` when it was left out; ``heads`` are where each chain ends in the copy."""

    made_at: str
    interlock: str
    revision: str
    database_sha256: str
    key: str | None
    heads: list[Anchor]


class Restored(msgspec.Struct, frozen=True):
    """What a restore did: chains verified, whether the schema was brought forward, whether the key was put in place."""

    manifest: Manifest
    lines: int
    upgraded: bool
    key_placed: bool


def back_up(settings: Settings, folder: Path, *, now: datetime, with_key: bool) -> Manifest:
    """Copy the database as of one moment, while others may write, into the new ``folder``.

    ``Refused`` for a PostgreSQL database, ``BadInput`` for a folder that holds something.
    """
    source = _sqlite_path(settings, "back it up with pg_dump, and keep a copy of the secret key")
    if not source.exists():
        raise NotFound(f"There is no database at {source} to back up.")
    if with_key:
        open_house(settings).close()  # a key that doesn't open this database is not worth keeping
    with _whole_folder(folder) as staged:
        copy = staged / DATABASE
        schema, heads = _copy_consistently(source, copy, now)
        if with_key:
            keys = [settings.secret_key or settings.key_file.read_text().strip(), *settings.old_secret_keys]
            write_key(staged / KEY, "\n".join(keys))
        manifest = Manifest(
            made_at=now.isoformat(timespec="seconds"),
            interlock=version("interlock"),
            revision=schema,
            database_sha256=_sha256(copy),
            key=KEY if with_key else None,
            heads=heads,
        )
        with (staged / MANIFEST).open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    return manifest


def restore(settings: Settings, folder: Path) -> Restored:
    """Put a backup where ``settings`` look for the database. Nothing is placed before everything is proven."""
    target = _sqlite_path(settings, "restore it with pg_restore")
    if target.exists():
        raise Refused(f"There is a database at {target} already; it was left as it is. Move it away first.")
    manifest = _manifest(folder)
    key, new_to_us = _key(settings, folder, manifest)
    staging = target.absolute().with_name(target.name + ".restoring")
    _make_anew(staging)
    try:
        copy = staging / DATABASE
        shutil.copyfile(folder / DATABASE, copy)
        if _sha256(copy) != manifest.database_sha256:
            raise SetupBroken(f"{folder / DATABASE} is not what was backed up: its bytes have changed.")
        write_key(staging / KEY, key)
        upgraded = _bring_forward(copy)
        lines = _prove(settings, staging, manifest)
        _to_disk(copy)
        _place(copy, target, settings.key_file if new_to_us else None, key)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Restored(manifest, lines, upgraded, new_to_us)


def _sqlite_path(settings: Settings, instead: str) -> Path:
    database = open_database(settings.database_url)
    path = database.path
    database.close()
    if path is None:
        raise Refused(f"Interlock copies its own SQLite file only. This database lives on a server: {instead}.")
    return path


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill, renamed to ``folder`` when the block ends well and gone when it does not."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} holds something already and was left as it is; name a new folder.")
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = folder.with_name(folder.name + ".partial")
    _make_anew(staged)
    try:
        yield staged
        os.replace(staged, folder)
    except BaseException:  # whatever ended it, an interrupt too: nothing half-copied stays
        shutil.rmtree(staged, ignore_errors=True)
        raise


def _make_anew(folder: Path) -> None:
    """An empty folder for its owner only; what an interrupted run left there goes."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)


def _copy_consistently(source: Path, copy: Path, now: datetime) -> tuple[str, list[Anchor]]:
    """One snapshot through SQLite itself, checked and closed as a single file: its schema and where each chain ends."""
    at = now.isoformat(timespec="seconds")
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(copy)) as to,
        ):
            live.backup(to)
            to.execute("PRAGMA journal_mode=DELETE")
            found = to.execute("PRAGMA quick_check(1)").fetchone()[0]
            (schema,) = to.execute("SELECT version_num FROM alembic_version").fetchone()
            names = dict(to.execute("SELECT firm_id, name FROM firm UNION SELECT business_id, name FROM business"))
            ends = to.execute("SELECT chain, max(seq), hash FROM translog GROUP BY chain ORDER BY chain").fetchall()
    except sqlite3.Error as trouble:
        raise SetupBroken(f"The database {source} could not be copied: {trouble}. No backup was made.") from trouble
    if found != "ok":
        raise SetupBroken(f"The database {source} is damaged ({found}); no backup was made. Restore an earlier one.")
    _to_disk(copy)
    return schema, [Anchor(chain, seq, hash_, at, names.get(chain, chain)) for chain, seq, hash_ in ends]


def _manifest(folder: Path) -> Manifest:
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"{folder} is no backup: it holds no {MANIFEST}.") from None
    except msgspec.DecodeError:
        raise BadInput(f"{folder / MANIFEST} is damaged; take another backup.") from None


def _key(settings: Settings, folder: Path, manifest: Manifest) -> tuple[str, bool]:
    """The key the restored database will be opened with, and whether its file is to be put in place."""
    if settings.secret_key is not None:
        return settings.secret_key, False
    kept = settings.key_file.read_text().strip() if settings.key_file.exists() else None
    if manifest.key is None:
        if kept is None:
            raise KeyBroken(
                f"This backup was made without its key: put the key at {settings.key_file} or set INTERLOCK_SECRET_KEY,"
                " then restore again."
            )
        return kept, False
    try:
        key = (folder / manifest.key).read_text().strip()
    except FileNotFoundError:
        raise KeyBroken(
            f"The backup's key, {folder / manifest.key}, is missing; put it back, then restore again."
        ) from None
    if kept is not None and set(key.split()) <= set(kept.split()):
        return kept, False  # ours opens what the backup's opens: it may have been rotated since
    if kept is not None:
        raise Refused(f"There is another key at {settings.key_file}; it was left as it is. Move it away first.")
    return key, True


def _bring_forward(copy: Path) -> bool:
    database = open_database(f"sqlite:///{copy}")
    try:
        return upgrade(database)
    except CommandError:
        raise SetupBroken("This backup was made by a newer Interlock; install that one to restore it.") from None
    finally:
        database.close()


def _prove(settings: Settings, staging: Path, manifest: Manifest) -> int:
    """The key opens the copy and every chain ends where the manifest says; returns how many lines were recomputed."""
    at_hand = replace(settings, database_url=f"sqlite:///{staging / DATABASE}", key_file=staging / KEY, secret_key=None)
    house = open_house(at_hand)
    try:
        with house.database.reading(_WHOLE) as session:
            found = (line for chain in evidence.chains(session) for line in translog.lines(session, chain))
            verdict = evidence.examine(found, manifest.heads)
    finally:
        house.close()
    if not verdict.holds:
        first = verdict.breaks[0]
        raise SetupBroken(
            f"The backup's log does not hold: {first.chain}, line {first.seq}, {first.why}. Not restored."
        )
    if verdict.heads != {head.chain: (head.seq, head.hash) for head in manifest.heads}:
        raise SetupBroken("The backup's log does not end where its manifest says. Not restored.")
    return sum(seq for seq, _ in verdict.heads.values())


def _place(copy: Path, target: Path, key_file: Path | None, key: str) -> None:
    """The key, then the database; when the second can't be put there, the first isn't either."""
    if key_file is not None:
        write_key(key_file, key)
    try:
        os.link(copy, target)  # a rename would replace a database that appeared meanwhile
    except OSError as trouble:
        if key_file is not None:
            key_file.unlink()
        raise SetupBroken(
            f"The database can't be put at {target}: {trouble.strerror}. Nothing was restored."
        ) from trouble


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _to_disk(path: Path) -> None:
    """For its owner only, and on the disk when this returns."""
    path.chmod(0o600)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
