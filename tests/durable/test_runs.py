"""How a run ends decides when the next one tries: the due row is moved whatever happened, and hints outlive a failure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from interlock.infra.db import Database
from interlock.kernel.errors import Busy, InterlockError
from interlock.kernel.scope import Scope
from interlock.rails import schedule
from interlock.rails.due_work import Linked, Proving, RailWork
from interlock.rails.errors import ContractBroken, OutcomeUnknown, Rejected, Unauthorised, Unavailable
from interlock.rails.ports import Progress, SyncReport
from interlock.rails.schedule import NEVER, SyncDue

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ALDER = Scope("firm_a", "biz_alder")
RUN = "sync:biz_alder:1"


@dataclass
class Ledger:
    """Books whose sync ends as the test says: with an error, or well (then it moves the row itself, as the real one does)."""

    database: Database
    now: datetime = NOW
    trouble: Exception | None = None
    syncs: int = 0
    proofs: int = 0
    faults: list[str] = field(default_factory=list)
    stopping: bool = False
    pages: int = 3
    meanwhile: Callable[[], None] = lambda: None

    def sync(self, *, full: bool = False, progress: Progress | None = None) -> SyncReport:
        assert not full and progress is not None
        self.syncs += 1
        for page in range(self.pages):
            progress("bill", page, None)
        self.meanwhile()
        if self.trouble is not None:
            raise self.trouble
        with self.database.writing(ALDER) as session:
            due = self.now + timedelta(hours=4)
            schedule.after_sync(session, ALDER, "qbo", now=self.now, next_due=due, began=NOW)
        return SyncReport("biz_alder", "changes", (), 1, 2, 0.1, self.now)

    def prove(self) -> None:
        self.proofs += 1
        if self.trouble is not None:
            raise self.trouble

    def work(self) -> RailWork:
        proving = Proving(self.prove, lambda: self.now + timedelta(days=1))
        linked = Linked(ALDER, self, proving)
        return RailWork(
            "qbo",
            self.database,
            Standing(self.now),
            lambda business_id: linked if business_id == "biz_alder" else None,
            lambda: self.stopping,
            lambda _business, trouble: self.faults.append(type(trouble).__name__),
        )

    def run(self) -> SyncDue:
        self.work().sync_business("biz_alder", RUN)
        return self.row()

    def row(self) -> SyncDue:
        with self.database.reading(ALDER) as session:
            found = schedule.find(session, ALDER, "qbo")
            assert found is not None
            session.expunge(found)
            return found


@dataclass(frozen=True)
class Standing:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """Due since a minute ago."""
    with database.writing(ALDER) as session:
        schedule.hasten(session, ALDER, "qbo", due_at=NOW - timedelta(minutes=1), reason="notice")
    return Ledger(database)


def test_a_success_is_due_again_by_the_timetable(ledger: Ledger) -> None:
    row = ledger.run()
    assert (row.due_at, row.failures, row.holder) == (NOW + timedelta(hours=4), 0, None)


def test_what_is_not_due_any_more_is_not_done_again(ledger: Ledger) -> None:
    ledger.run()
    ledger.run()
    assert ledger.syncs == 1


def test_a_business_that_is_gone_is_nobodys_work(ledger: Ledger) -> None:
    ledger.work().sync_business("biz_gone", "sync:biz_gone:1")
    ledger.work().prove_business("biz_gone", "prove:biz_gone:1")
    assert (ledger.syncs, ledger.proofs) == (0, 0)


@pytest.mark.parametrize(
    "trouble",
    [
        Unavailable("qbo", "QuickBooks is down."),
        Rejected("qbo", "QuickBooks refused the question."),
        ContractBroken("qbo", "QuickBooks' answer lacks its time."),
        OutcomeUnknown("qbo", "Nobody knows.", "key"),
    ],
)
def test_trouble_is_said_in_plain_words_and_tried_again_later_each_time(
    ledger: Ledger, trouble: InterlockError
) -> None:
    ledger.trouble = trouble
    pauses = []
    for failures in range(1, 12):
        row = ledger.run()
        assert (row.failures, row.trouble) == (failures, trouble.sentence)
        pauses.append(row.due_at - ledger.now)
        ledger.now = row.due_at
    assert pauses[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert pauses[-1] == timedelta(hours=4), "an installation must not fall silent for days"
    assert ledger.faults == [], "what the rail does is no fault of ours"


def test_reconnected_while_a_run_of_the_old_grant_fails_it_is_due_all_the_same(ledger: Ledger) -> None:
    def reconnect() -> None:
        with ledger.database.writing(ALDER) as session:
            schedule.hasten(session, ALDER, "qbo", due_at=NOW, reason="connected", mended=True)

    ledger.meanwhile, ledger.trouble = reconnect, Unauthorised("qbo", "QuickBooks refused the old grant.")
    row = ledger.run()
    assert (row.due_at, row.failures, row.trouble) == (NOW, 0, None), (
        "else nobody reads this client until a person asks"
    )


def test_the_rails_own_wait_is_kept(ledger: Ledger) -> None:
    ledger.trouble = Unavailable("qbo", "QuickBooks asks us to slow down.", retry_after=900)
    assert ledger.run().due_at == NOW + timedelta(minutes=15)


def test_without_a_grant_nothing_is_tried_until_a_person_reconnects(ledger: Ledger) -> None:
    ledger.trouble = Unauthorised("qbo", "Intuit no longer accepts this connection.")
    assert ledger.run().due_at == NEVER


def test_while_somebody_else_syncs_it_comes_back_soon_and_calls_it_no_failure(ledger: Ledger) -> None:
    ledger.trouble = Busy("Another sync of the same business is running.")
    row = ledger.run()
    assert (row.due_at, row.failures, row.trouble) == (NOW + timedelta(seconds=20), 0, None)


def test_a_fault_of_ours_is_reported_and_tried_again(ledger: Ledger) -> None:
    ledger.trouble = ZeroDivisionError("secret figures")
    row = ledger.run()
    assert row.due_at == NOW + timedelta(minutes=1)
    assert row.trouble is not None and "ZeroDivisionError" in row.trouble and "secret" not in row.trouble
    assert ledger.faults == ["ZeroDivisionError"]


def test_a_process_that_ends_leaves_between_two_pages_and_the_sync_is_due_at_once(ledger: Ledger) -> None:
    ledger.stopping = True
    row = ledger.run()
    assert (row.due_at, row.failures, row.holder) == (NOW, 0, None)


def test_a_sync_cut_off_by_our_own_end_is_no_failure(ledger: Ledger) -> None:
    def end() -> None:
        ledger.stopping = True

    ledger.meanwhile = end
    ledger.trouble = Unavailable("qbo", "The connection was closed.")
    row = ledger.run()
    assert (row.due_at, row.failures, row.trouble) == (NOW, 0, None)


def test_a_hint_during_a_sync_is_followed_up(ledger: Ledger) -> None:
    def hint() -> None:
        with ledger.database.writing(ALDER) as session:
            schedule.hasten(session, ALDER, "qbo", due_at=NOW + timedelta(seconds=1), reason="notice")

    ledger.meanwhile = hint
    ledger.now = NOW + timedelta(seconds=5)
    assert ledger.run().due_at == NOW + timedelta(seconds=1)


def test_a_proof_has_its_own_time(ledger: Ledger) -> None:
    ledger.work().prove_business("biz_alder", "prove:biz_alder:1")
    assert ledger.row().proof_due_at == NOW + timedelta(days=1)
    ledger.trouble = Unavailable("qbo", "QuickBooks is down.")
    ledger.work().prove_business("biz_alder", "prove:biz_alder:2")
    assert ledger.row().proof_due_at == NOW + timedelta(hours=1)
    assert ledger.row().failures == 0, "a proof that could not be taken holds no sync back"
