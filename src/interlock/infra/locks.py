"""Locks across processes that vanish with the process that held them: a file lock beside SQLite, an advisory lock on PostgreSQL."""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, NullPool, create_engine, text

from interlock.infra.db.database import Database, said_plainly
from interlock.kernel.errors import Busy

_gates: dict[tuple[str, str], threading.Lock] = {}
_engines: WeakKeyDictionary[Database, Engine] = WeakKeyDictionary()
_registering = threading.Lock()


@contextmanager
def held(database: Database, name: str, *, wait: bool = False) -> Iterator[None]:
    """Hold ``name`` for the block. Without ``wait`` raises ``Busy`` when somebody else holds it."""
    if database.dialect == "postgresql":
        with _advisory(database, name, wait=wait):
            yield
    else:
        with _file(database, name, wait=wait):
            yield


@contextmanager
def _advisory(database: Database, name: str, *, wait: bool) -> Iterator[None]:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with _one_thread(database, name, wait=wait), _lock_connection(database) as connection:
        if wait:
            connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": number})
        elif not connection.execute(text("SELECT pg_try_advisory_lock(:n)"), {"n": number}).scalar_one():
            raise _busy(name)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": number})


@contextmanager
def _one_thread(database: Database, name: str, *, wait: bool) -> Iterator[None]:
    """Of a process one thread at a time asks the server: the others wait here, where waiting costs no connection."""
    with _registering:
        gate = _gates.setdefault((str(database.url), name), threading.Lock())
    if not gate.acquire(blocking=wait):
        raise _busy(name)
    try:
        yield
    finally:
        gate.release()


def _lock_connection(database: Database) -> Connection:
    """A connection of its own: the lock belongs to the database session and goes when the process does.

    Not from the pool, which those who hold a lock need for their work: waiters would leave them none.
    """
    with _registering:
        engine = _engines.get(database)
        if engine is None:
            engine = _engines[database] = create_engine(database.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with said_plainly(database):
        return engine.connect()


@contextmanager
def _file(database: Database, name: str, *, wait: bool) -> Iterator[None]:
    path = database.path
    assert path is not None, "an SQLite database without a file has no other process to lock out"
    folder = path.with_name(path.name + ".locks")
    folder.mkdir(exist_ok=True)
    handle = os.open(_lock_file(folder, name), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(name) from None
        yield
    finally:
        os.close(handle)


def _lock_file(folder: Path, name: str) -> Path:
    return folder / hashlib.sha256(name.encode()).hexdigest()[:32]


def _busy(name: str) -> Busy:
    what = name.partition(":")[0]
    return Busy(f"Another {what} of the same business is running; nothing was changed. Try again when it has ended.")
