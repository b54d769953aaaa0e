"""One governor for all workers: a rail's limits as budgets that processes lease in chunks.

Every exchange is one short transaction that locks the budget's row and tells the time by the database's clock, so that
machines with different clocks agree. Reports and leases speak of ages and durations only. A budget that nobody uses costs
nothing.
"""

import asyncio
import functools
import hashlib
import os
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import String, Text, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from interlock.infra.db.base import Base
from interlock.infra.db.database import Database
from interlock.infra.db.types import Instant, Whole
from interlock.infra.shares import Books, Lease, Limits, Report, Share, settle
from interlock.kernel.scope import SystemScope

_BUDGETS = SystemScope("budgets of rails belong to the installation")
_THREADS = 4

T = TypeVar("T")


class Budget(Base):
    """A budget by name (``qbo:<realm>``). ``spent`` (JSON): starts of the last minute; ``paused_until``: throttled."""

    __tablename__ = "budget"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    spent: Mapped[str] = mapped_column(Text)
    paused_until: Mapped[datetime | None] = mapped_column(Instant)


class BudgetLease(Base):
    """A holder's share of a budget: starts a second, requests in flight and tokens, from ``since`` to ``until``."""

    __tablename__ = "budget_lease"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80), primary_key=True)
    a_second: Mapped[int] = mapped_column(Whole)
    in_flight: Mapped[int] = mapped_column(Whole)
    tokens: Mapped[int] = mapped_column(Whole)
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)


class Governor:
    """A process's access to the budgets. Trips to the database run on threads of their own, never on an event loop."""

    def __init__(self, database: Database, *, holder: str | None = None, wall: Callable[[], float] = time.time) -> None:
        self.holder = holder or _this_process()
        self._database = database
        self._wall = wall
        self.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="interlock-governor")

    def source(self, name: str, limits: Limits) -> "GovernedBudget":
        """Leases of the budget ``name``, for an allowance."""
        return GovernedBudget(self, name, limits)

    def ask(self, name: str, limits: Limits, report: Report) -> Lease:
        """One exchange with the books of ``name``; ``DatabaseBroken`` when they can't be reached."""
        with self._database.writing(_BUDGETS) as session:
            row, now = self._locked(session, name)
            found = session.scalars(select(BudgetLease).where(BudgetLease.name == name)).all()
            books = Books(
                msgspec.json.decode(row.spent, type=list[tuple[float, int]]),
                None if row.paused_until is None else row.paused_until.timestamp(),
                {each.holder: _share(each) for each in found},
            )
            gone = frozenset(holder for holder in books.shares if _has_ended(holder))
            lease = settle(books, limits, self.holder, report, now, gone)
            row.spent = msgspec.json.encode(books.spent).decode()
            row.paused_until = None if books.paused_until is None else _instant(books.paused_until)
            _keep(session, name, found, books.shares)
        return lease

    def pause(self, name: str, seconds: float) -> None:
        """Nobody starts anything of ``name`` for ``seconds``, whoever said so last; a longer pause stands."""
        with self._database.writing(_BUDGETS) as session:
            row, now = self._locked(session, name)
            until = _instant(now + seconds)
            if row.paused_until is None or row.paused_until < until:
                row.paused_until = until

    def paused(self, name: str) -> float:
        """Seconds for which ``name`` is still paused; 0 when it is not."""
        with self._database.reading(_BUDGETS) as session:
            row = session.get(Budget, name)
            if row is None or row.paused_until is None:
                return 0.0
            return max(0.0, row.paused_until.timestamp() - self._now(session))

    def close(self) -> None:
        """Nothing is asked any more; a trip under way ends by itself."""
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _locked(self, session: Session, name: str) -> tuple[Budget, float]:
        """The budget's row, ours until the transaction ends, and the time after we got it."""
        query = select(Budget).where(Budget.name == name).with_for_update()
        row = session.scalars(query).first()
        if row is None:
            insert = postgresql.insert if self._database.dialect == "postgresql" else sqlite.insert
            session.execute(insert(Budget).values(name=name, spent="[]").on_conflict_do_nothing())
            row = session.scalars(query).one()
        return row, self._now(session)

    def _now(self, session: Session) -> float:
        if self._database.dialect == "postgresql":
            return float(session.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
        return self._wall()  # an SQLite file is on this machine: everybody who writes it has this clock


class GovernedBudget:
    """One budget, asked from an event loop."""

    def __init__(self, governor: Governor, name: str, limits: Limits) -> None:
        self._governor = governor
        self._name = name
        self._limits = limits

    async def ask(self, report: Report) -> Lease:
        return await self._away(functools.partial(self._governor.ask, self._name, self._limits, report))

    async def pause(self, seconds: float) -> None:
        await self._away(functools.partial(self._governor.pause, self._name, seconds))

    async def _away(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._governor.threads, work)


def _keep(session: Session, name: str, found: Sequence[BudgetLease], shares: dict[str, Share]) -> None:
    """Write the shares down as the budget's rows."""
    rows = {row.holder: row for row in found}
    for holder, row in rows.items():
        if holder not in shares:
            session.delete(row)
    for holder, share in shares.items():
        lease = rows.get(holder) or BudgetLease(name=name, holder=holder)
        lease.a_second, lease.in_flight, lease.tokens = share.a_second, share.in_flight, share.tokens
        lease.since, lease.until = _instant(share.since), _instant(share.until)
        session.add(lease)


def _share(row: BudgetLease) -> Share:
    return Share(row.a_second, row.in_flight, row.tokens, row.since.timestamp(), row.until.timestamp())


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _this_process() -> str:
    """A name that says where to look whether its bearer still lives: machine, process, and one of our own."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(4)}"


def _has_ended(holder: str) -> bool:
    """Whether a holder was a process of this machine that is no more. Of other machines nothing is known."""
    machine, _, rest = holder.partition(":")
    pid = rest.partition(":")[0]
    if machine != _machine() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # it is there, and somebody else's
    return False


@functools.cache
def _machine() -> str:
    """This machine since its start, and on it the part in which process numbers mean the same."""
    parts = [socket.gethostname()]
    for source in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        with suppress(OSError):
            path = Path(source)
            parts.append(os.readlink(path) if path.is_symlink() else path.read_text().strip())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
