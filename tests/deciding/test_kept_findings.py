"""What is kept of findings and of the cash path is what reading everything anew gives, whatever was decided or changed since."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Connection, event

from interlock.domains.firm.services.policy_service import PolicyService
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.examining import Examined
from interlock.runway.services.calculators.finding import Finding
from interlock.runway.services.calculators.links import QUICKBOOKS_PAGES, Links
from interlock.runway.services.data_orchestrators.books_snapshot import read_books
from interlock.runway.services.data_orchestrators.findings import Scan, Scans, scan_of
from interlock.runway.services.data_orchestrators.mirror_memory import DECISIONS
from interlock.runway.services.data_orchestrators.plan_snapshot import read_plan
from interlock.runway.services.data_orchestrators.plans import Plans
from tests.deciding.clients import NEXT_RUN, Desk
from tests.runway import said

LINKS = Links(None, QUICKBOOKS_PAGES)
Act = Callable[[Desk], object]


class Kept:
    """What one process keeps of one client, each look held against a reading that keeps nothing."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.plans = Plans()
        self.scans = Scans(self.plans)
        self.statements = 0

    def look(self, after: str) -> Scan:
        books, now = self.desk.books, self.desk.books.firm.clock.now()
        with books.firm.database.reading(books.scope) as session:
            in_force = PolicyService(session, books.business.firm_id).in_force(books.business)
            with counted(session.connection()) as told:
                kept = self.scans.of(session, books.business, said.TODAY, now, LINKS, None)
                plan = self.plans.bare(session, books.business, in_force, now)
            self.statements = told[0]
            anew = scan_of(read_books(session, books.business, said.TODAY, now), LINKS)
            assert kept == anew, f"after {after}, findings that are kept differ from those read anew"
            assert plan == read_plan(session, books.business, in_force.policy, now), f"after {after}, the plan differs"
        return kept


class counted:
    """Statements sent to the database within the block."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.told = [0]

    def __enter__(self) -> list[int]:
        event.listen(self._connection, "before_cursor_execute", self._one)
        return self.told

    def __exit__(self, *_: object) -> None:
        event.remove(self._connection, "before_cursor_execute", self._one)

    def _one(self, *_: object) -> None:
        self.told[0] += 1


def _undone(act: Callable[[Desk], str], who: str) -> Act:
    def done(desk: Desk) -> None:
        decision_id = act(desk)
        with desk.acting(who) as service:
            service.undo(decision_id)

    return done


def _hold(desk: Desk) -> str:
    with desk.acting("wren") as service:
        return service.hold(["b1"], "Not delivered").decision_id


def _release(desk: Desk) -> str:
    with desk.acting("wren") as service:
        return service.release(["b1"]).decision_id


def _snooze(desk: Desk) -> str:
    with desk.acting("wren") as service:
        return service.snooze(["b1"], NEXT_RUN).decision_id


def _wake(desk: Desk) -> str:
    with desk.acting("wren") as service:
        return service.wake(["b1"]).decision_id


def _propose(desk: Desk, bill_id: str = "b2") -> str:
    with desk.acting("bo") as service:
        return service.propose([desk.wish(bill_id)]).decision_id


def _approve(desk: Desk) -> str:
    with desk.acting("wren") as service:
        return service.approve_bill_for_payment([desk.wish("b2")]).decision_id


def _schedule(desk: Desk) -> str:
    with desk.acting("bo") as service:
        return service.schedule(desk.intents()["b2"].intent_id, NEXT_RUN).decision_id


def _reject(desk: Desk) -> str:
    with desk.acting("wren") as service:
        return service.reject(["b2"]).decision_id


def _withdraw(desk: Desk) -> str:
    with desk.acting("bo") as service:
        return service.withdraw(["b2"]).decision_id


def _comment(desk: Desk) -> str:
    with desk.acting("bo") as service:
        return service.comment("b1", "Is this ours?").decision_id


ACTS: tuple[tuple[str, Act], ...] = (
    ("a comment", _comment),
    ("a hold undone", _undone(_hold, "wren")),
    ("a hold", _hold),
    ("a release undone", _undone(_release, "wren")),
    ("a release", _release),
    ("a snooze undone", _undone(_snooze, "wren")),
    ("a snooze", _snooze),
    ("a bill woken, undone", _undone(_wake, "wren")),
    ("a bill woken", _wake),
    ("a proposal undone", _undone(_propose, "bo")),
    ("a proposal", _propose),
    ("an approval undone", _undone(_approve, "wren")),
    ("an approval", _approve),
    ("a rejection undone", _undone(_reject, "wren")),
    ("a rejection", _reject),
    ("another proposal", _propose),
    ("a withdrawal undone", _undone(_withdraw, "bo")),
    ("another day", _schedule),
    ("a withdrawal", _withdraw),
)


def test_after_every_kind_of_decision_what_is_kept_is_what_is_there(desk: Desk) -> None:
    kept = Kept(desk)
    kept.look("the start")
    before = len(desk.log(""))
    for name, act in ACTS:
        desk.books.firm.wait(minutes=1)
        act(desk)
        kept.look(name)
    lines = {line.action for line in desk.log("")[before:]}
    assert lines <= DECISIONS, f"these acts of deciding end what is kept: {sorted(lines - DECISIONS)}"
    # A move to another day is undone by another move; there is no line of it.
    missing = DECISIONS - lines - {"schedule.undone"}
    assert not missing, f"nobody shows that these write nothing of the mirror: {sorted(missing)}"


def test_the_mirror_is_not_read_again_for_a_decision(desk: Desk) -> None:
    kept = Kept(desk)
    kept.look("the start")
    everything = kept.statements
    _comment(desk)
    kept.look("a comment")
    assert kept.statements < everything * 2 // 3, f"{kept.statements} statements after a comment, {everything} at first"
    kept.look("nothing at all")
    assert kept.statements < 10, f"{kept.statements} statements where nothing has changed"


@pytest.mark.parametrize("decided", [False, True])
def test_what_the_ledger_changes_is_seen_at_once(desk: Desk, decided: bool) -> None:
    kept = Kept(desk)
    before = kept.look("the start")
    if decided:
        _approve(desk)
        kept.look("an approval")
    desk.books.say(said.bill("b1", 400_000, due=None))
    after = kept.look("a due date taken away")
    found = {each.rule.id for each in after.findings if each.subject.id == "b1"}
    assert "B01" in found and "B01" not in {each.rule.id for each in before.findings}


def test_the_firms_policy_changes_what_is_found_at_once(desk: Desk) -> None:
    """It leaves its line in the firm's chain and not in the client's."""
    kept = Kept(desk)
    desk.books.say(
        said.bill("b4", 300_000, dated=date(2026, 11, 20)), said.bill("b5", 290_000, dated=date(2026, 11, 21))
    )
    assert "B25" in {each.rule.id for each in kept.look("two bills").findings}
    firm = desk.books.business.firm_id
    now = desk.books.firm.clock.now()
    with desk.books.firm.database.writing(Scope(firm)) as session:
        policies = PolicyService(session, firm)
        policies.write(
            None, '[approvals]\none_person = "1000.00"\n', reason="Two people", by=policies.firm_acting("wren"), now=now
        )
    assert "B25" not in {each.rule.id for each in kept.look("a stricter policy of the firm").findings}


def test_a_check_runs_again_only_where_what_it_reads_has_changed(desk: Desk) -> None:
    books = desk.books
    with books.firm.database.reading(books.scope) as session:
        read = read_books(session, books.business, said.TODAY, books.firm.clock.now())
        same = read_books(session, books.business, said.TODAY, books.firm.clock.now())
    runs: list[str] = []

    def check(seen: Books) -> list[Finding]:
        runs.append(seen.home_currency)
        return []

    last = Examined()
    for each in (read, same):
        last.findings("T1", each, lambda seen: iter(check(seen)))
    assert runs == ["USD"], "equal books were examined twice"
