"""Bringing in what a business's banks say, login by login. One that fails leaves the others read.

A login's lines, burials and cursor commit together, so a crash resumes where the bank's own word was last kept whole. Balances come
from Plaid's cache, and from the banks themselves when a full sync or ``ask_banks`` wants them: that costs, and is rationed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from interlock.domains.plaid.mapper import RAIL, UNNAMED
from interlock.domains.plaid.rail import PlaidRail, Standing
from interlock.domains.plaid.refusals import KeysRefused, LoginLost
from interlock.infra.db import Database
from interlock.kernel.errors import NotFound
from interlock.kernel.scope import Scope
from interlock.rails import items, schedule
from interlock.rails.connections import sync_state
from interlock.rails.errors import RailError, Rejected, Unauthorised, Unavailable
from interlock.rails.facts import Fact, Page
from interlock.rails.freshness import freshness
from interlock.rails.items import NEEDS_LOGIN, UNREACHABLE, LinkedItem
from interlock.rails.ports import Freshness, Progress, RowProblem, SyncReport
from interlock.rails.reads import BankChanges
from interlock.rails.syncing import RailWriter, SyncParts, writing
from interlock.rails.witnesses import BankAccount, BankLine

_STALE_AFTER = timedelta(hours=10)
_UNREACHABLE_AGAIN = timedelta(minutes=15)
_HISTORY_AGAIN = timedelta(minutes=2)
_REASON_CHARACTERS = 40


@dataclass
class _Run:
    """What one sync has met. ``again``: in how long somebody has to look once more, and why."""

    read: int = 0
    full: bool = False
    problems: list[RowProblem] = field(default_factory=list)
    failed: list[RailError] = field(default_factory=list)
    again: list[tuple[timedelta, str]] = field(default_factory=list)


class PlaidSyncService:
    """The sync of one business's banks. ``opens`` makes the rail when a sync needs it."""

    def __init__(self, scope: Scope, db: Database, *, opens: Callable[[], PlaidRail], parts: SyncParts) -> None:
        self._scope = scope
        self._db = db
        self._opens = opens
        self._parts = parts

    def freshness(self) -> Freshness:
        """When the banks were last asked, all of them that could be, and whether that is too long ago (10 hours)."""
        with self._db.reading(self._scope) as session:
            last = sync_state(session, self._scope, RAIL).last_sync
        return freshness(last, self._parts.clock.now(), _STALE_AFTER)

    def sync(self, *, full: bool = False, progress: Progress | None = None) -> SyncReport:
        """Read every login. ``full`` reads all lines again and asks the banks for balances of this moment.

        ``Busy`` when another sync of this business runs. When no login could be read, the error of the first is raised; each
        login's own trouble stands with it either way.
        """
        with writing(self._parts, self._scope, RAIL) as writer:
            rail, run = self._opens(), _Run(full=full or writer.outdated)
            if run.full:
                writer.begin_listing()
            logins = self._logins()
            for login in logins:
                self._read_login(writer, rail, run, login, live=full)
                if progress is not None:
                    progress("bank login", run.read, len(logins))
            if run.failed and not run.read:
                raise self._none_read(run)
            report = writer.finish("full" if run.full else "changes", rail.usage)
            self._look_again(run)
            return msgspec.structs.replace(report, problems=tuple(run.problems))

    def ask_banks(self) -> Sequence[RowProblem]:
        """Balances of this moment from the banks themselves, 30 seconds and more each; what could not be had, and why."""
        with writing(self._parts, self._scope, RAIL) as writer:
            rail, run = self._opens(), _Run()
            for login in self._logins():
                try:
                    asking = rail.bank_accounts(login.item_id, live=True, institution_id=login.institution_id)
                    page = self._parts.transport.run(asking)
                except NotFound:
                    if not self._unlinked(login):
                        raise
                except RailError as trouble:
                    self._note(run, login, trouble)
                else:
                    self._unread(run, page)
                    writer.write([page])
            return run.problems

    def _read_login(self, writer: RailWriter, rail: PlaidRail, run: _Run, login: LinkedItem, *, live: bool) -> None:
        """One login: its state, accounts and lines, kept in one transaction. What it fails of is noted with it."""
        cursor = None if run.full else login.cursor
        try:
            standing = self._parts.transport.run(rail.standing(login.item_id))
            if standing.trouble is not None:
                raise standing.trouble
            accounts = self._accounts(rail, login, standing, live)
            changes, cursor = self._changes(rail, login, cursor)
        except KeysRefused:
            raise
        except NotFound:
            if not self._unlinked(login):
                raise
            return  # by a person, while others were read
        except RailError as trouble:
            self._note(run, login, trouble)
            self._mark(login, trouble, anew=run.full)
            return
        for page in (accounts, *changes.pages):
            self._unread(run, page)
        if not changes.whole:
            run.again.append((_HISTORY_AGAIN, "the bank gathers its history"))
        gone = self._gone(login, accounts, changes, listed=cursor is None and changes.whole)
        kept = self._newer(login, accounts)
        writer.write(
            [kept, *changes.pages],
            gone=gone,
            also=lambda session: self._keep(session, login, standing, changes),
        )
        run.read += 1

    def _changes(self, rail: PlaidRail, login: LinkedItem, cursor: str | None) -> tuple[BankChanges, str | None]:
        """Lines since the cursor, or all of them where Plaid no longer knows it (it is good for a year); from where they are."""
        try:
            return self._parts.transport.run(rail.bank_lines(login.item_id, cursor)), cursor
        except Rejected:
            if cursor is None:
                raise
        return self._parts.transport.run(rail.bank_lines(login.item_id, None)), None

    def _accounts(self, rail: PlaidRail, login: LinkedItem, standing: Standing, live: bool) -> Page:
        """From the bank where asked for, and from the cache when the bank doesn't give them."""
        told_at, bank = standing.lines_at, standing.item.institution_id
        if live:
            try:
                return self._parts.transport.run(rail.bank_accounts(login.item_id, live=True, institution_id=bank))
            except Rejected:
                pass  # a bank that gives no balance of the moment; the cached one is what there is
        return self._parts.transport.run(rail.bank_accounts(login.item_id, told_at=told_at))

    def _newer(self, login: LinkedItem, page: Page) -> Page:
        """Without what is older than what we hold: the cache may lag behind what a bank told us live."""
        with self._db.reading(self._scope) as session:
            held = {
                row.id: (row.observed_at, row.live)
                for row in self._rows(session, BankAccount)
                if row.item_id == login.item_id
            }
        facts = []
        for fact in page.facts:
            assert isinstance(fact, BankAccount), "a page of accounts holds accounts"
            observed_at, live = held.get(fact.id, (None, False))
            if fact.live or not live or observed_at is None or fact.observed_at > observed_at:
                facts.append(fact)
        return Page(BankAccount, tuple(facts), page.as_of, page.unread)

    def _gone(
        self, login: LinkedItem, accounts: Page, changes: BankChanges, *, listed: bool
    ) -> list[tuple[type[Fact], Sequence[str]]]:
        """Lines taken back, pending lines that were posted, accounts no longer shared; after a listing, what it didn't show."""
        lines = [line for page in changes.pages for line in page.facts if isinstance(line, BankLine)]
        seen = {line.id for line in lines}
        posted = [line.pending_id for line in lines if line.pending_id and line.pending_id not in seen]
        removed = list(dict.fromkeys((*changes.removed, *posted)))
        shown = {fact.id for fact in accounts.facts} | {each.id for each in accounts.unread}
        with self._db.reading(self._scope) as session:
            held = {row.id for row in self._rows(session, BankAccount) if row.item_id == login.item_id}
            if listed and lines:
                # Older ones are beyond what the bank still tells, not taken back.
                since, ours = min(line.dated for line in lines), held | shown
                standing = self._rows(session, BankLine)
                removed += [
                    row.id for row in standing if row.account_id in ours and row.dated >= since and row.id not in seen
                ]
        return [(BankLine, removed), (BankAccount, sorted(held - shown))]

    def _keep(self, session: Session, login: LinkedItem, standing: Standing, changes: BankChanges) -> None:
        """How far this login was read, and that it reads."""
        now = self._parts.clock.now()
        item = items.find(session, self._scope, RAIL, login.item_id)
        if item.state == items.REMOVED:
            return
        item.cursor = changes.cursor or None
        if standing.lines_at is not None:
            item.lines_at = standing.lines_at
        elif changes.ready:
            item.lines_at = now
        if standing.consent_ends_at is not None:
            item.ends_at = standing.consent_ends_at
        if item.institution == UNNAMED and standing.item.institution_name:
            item.institution, item.institution_id = standing.item.institution_name, standing.item.institution_id
        session.flush()
        items.mark(session, self._scope, RAIL, login.item_id, None, now)

    def _mark(self, login: LinkedItem, trouble: RailError, *, anew: bool) -> None:
        """``anew``: everything was to be read again, so this login's lines still are, whenever it can be read."""
        state = NEEDS_LOGIN if isinstance(trouble, (Unauthorised, Rejected)) else UNREACHABLE
        with self._db.writing(self._scope) as session:
            now = self._parts.clock.now()
            if anew:
                items.find(session, self._scope, RAIL, login.item_id).cursor = None
            items.mark(session, self._scope, RAIL, login.item_id, trouble.sentence, now, state=state)

    def _note(self, run: _Run, login: LinkedItem, trouble: RailError) -> None:
        run.failed.append(trouble)
        run.problems.append(RowProblem("bank login", login.item_id, f"{login.institution}: {trouble.sentence}"))
        if not isinstance(trouble, LoginLost):
            pause = getattr(trouble, "retry_after", None)
            again = timedelta(seconds=pause) if pause else _UNREACHABLE_AGAIN
            run.again.append((max(again, _HISTORY_AGAIN), f"{login.institution} could not be read"))

    def _unread(self, run: _Run, page: Page) -> None:
        run.problems += [RowProblem(each.kind.entity, each.id, each.sentence) for each in page.unread]

    def _look_again(self, run: _Run) -> None:
        """Sooner than the timetable says, where something was left."""
        if not run.again:
            return
        pause, reason = min(run.again)
        with self._db.writing(self._scope) as session:
            due_at = self._parts.clock.now() + pause
            schedule.hasten(session, self._scope, RAIL, due_at=due_at, reason=reason[:_REASON_CHARACTERS])

    def _none_read(self, run: _Run) -> RailError:
        """Not one login could be read. A login lost is for people, and the rest is tried again; so it is never ``Unauthorised``:

        what a bank mends by itself (it happens) must be seen without anybody's act.
        """
        passing = [each for each in run.failed if isinstance(each, Unavailable)]
        if passing:
            return passing[0]
        first = run.failed[0]
        if isinstance(first, LoginLost):
            return Rejected(RAIL, f"No bank could be read: {first.sentence}", first.reason)
        return first

    def _unlinked(self, login: LinkedItem) -> bool:
        with self._db.reading(self._scope) as session:
            return items.find(session, self._scope, RAIL, login.item_id).state == items.REMOVED

    def _rows(self, session: Session, kind: type[Fact]) -> Sequence[Any]:
        return self._parts.mirror.rows(session, self._scope, kind)

    def _logins(self) -> list[LinkedItem]:
        with self._db.reading(self._scope) as session:
            found = items.of_business(session, self._scope, RAIL)
            session.expunge_all()
            return found
