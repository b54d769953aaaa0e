"""From a notice to the books: one sync answers a burst, reads once, and leaves nothing unanswered that came meanwhile."""

from collections.abc import Iterator

import pytest

from interlock.domains.qbo.notifications import read
from interlock.kernel.scope import SystemScope
from interlock.rails import facts, inbox, schedule
from tests.rails.bookkeeping import Books, kept_books
from tests.webhooks.saying import classic, cloud_event, entity, events


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    with kept_books(tmp_path_factory.mktemp("books")) as kept:
        yield kept


def deliver(books: Books, body: bytes) -> None:
    with books.house.database.writing(SystemScope("a delivery")) as session:
        inbox.receive(session, "qbo", read(body), budget=500_000, now=books.house.clock.now())


def waiting(books: Books) -> int:
    with books.house.database.reading(books.scope) as session:
        return inbox.waiting(session, books.scope, "qbo")


def due_in_seconds(books: Books) -> float:
    with books.house.database.reading(books.scope) as session:
        due = schedule.find(session, books.scope, "qbo")
    assert due is not None
    return (due.due_at - books.house.clock.now()).total_seconds()


def test_a_burst_of_notices_is_answered_by_one_call(books: Books) -> None:
    vendor = books.vendor("Burst")
    bills = [books.bill(vendor, f"{number}.00") for number in range(1, 31)]
    deliver(books, events(*[cloud_event(f"b-{id_}", books.realm, "bill.created", id_) for id_ in bills]))
    assert waiting(books) == 30
    report = books.sync()
    assert (report.calls, report.notices) == (1, 30), "asking for each bill would cost thirty"
    assert waiting(books) == 0
    assert books.differences() == []


def test_a_notice_that_comes_late_or_again_costs_no_call_more(books: Books) -> None:
    bill = books.bill(books.vendor("Late"), "3.00")
    books.settle()
    updated = books.row(facts.Bill, bill).updated_at.isoformat()
    deliver(books, classic((books.realm, [entity("Bill", bill, "Create", updated)])))
    assert books.sync().calls == 1, "what it tells was read long ago"
    assert waiting(books) == 0


def test_a_notice_whose_change_the_answer_does_not_show_is_asked_for_by_id(books: Books) -> None:
    """Intuit does not say that a change is among the changes as soon as its notice is sent."""
    bill = books.bill(books.vendor("Not Shown"), "4.00")
    books.settle()
    books.spoil(facts.Bill, bill, buried_at=books.house.clock.now())
    deliver(books, classic((books.realm, [entity("Bill", bill, "Update", "2027-11-24T09:00:00Z")])))
    report = books.sync()
    assert report.calls == 2
    assert books.row(facts.Bill, bill).buried_at is None
    assert books.sync().calls == 1, "once is enough"


def test_a_notice_of_a_deletion_is_believed_only_when_the_row_is_gone(books: Books) -> None:
    vendor = books.vendor("Believed")
    stands, goes = books.bill(vendor, "5.00"), books.bill(vendor, "6.00")
    books.settle()
    books.delete("Bill", goes)
    deliver(books, classic((books.realm, [entity("Bill", stands, "Delete"), entity("Bill", goes, "Delete")])))
    books.sync()
    assert books.row(facts.Bill, stands).buried_at is None, "a hint is no truth"
    assert books.row(facts.Bill, goes).buried_at is not None
    assert books.differences() == []


def test_what_comes_while_a_sync_runs_is_followed_up_soon(books: Books) -> None:
    books.settle()
    deliver(books, classic((books.realm, [entity("Bill", "999991", when="2026-11-24T09:00:01Z")])))
    service = books.house.sync_of(books.business)
    timetable = service._timetable

    class Meanwhile:
        """The next sync is asked for at a sync's end, after it has asked QuickBooks: a notice comes at that moment."""

        def next_sync(self) -> object:
            deliver(books, classic((books.realm, [entity("Bill", "999992", when="2026-11-24T09:00:02Z")])))
            return timetable.next_sync()

        def after_notice(self) -> object:
            return timetable.after_notice()

    service._timetable = Meanwhile()  # type: ignore[assignment]
    assert service.sync().notices == 1
    assert waiting(books) == 1
    assert due_in_seconds(books) <= 3_600, "not when the timetable would have it: as soon as notices are answered"
    books.sync()
    assert waiting(books) == 0


def test_a_proof_answers_notices_too(books: Books) -> None:
    deliver(books, classic((books.realm, [entity("Vendor", "999993")])))
    assert books.prove().tied is True
    assert waiting(books) == 0


def test_settings_that_changed_are_read_again(books: Books) -> None:
    deliver(books, classic((books.realm, [entity("Preferences", "1")])))
    assert books.sync().calls == 3, "changes, CompanyInfo and Preferences"
