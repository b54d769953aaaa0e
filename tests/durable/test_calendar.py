"""Works of the calendar: each is begun when its hour has come, and one that fails says why and is tried again later."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from interlock.app.due_sources import Calendar
from interlock.app.house import House
from interlock.domains.firm.services.calendar_service import find_due, set_due
from interlock.domains.firm.timetable import BusinessDue
from interlock.infra.db import Database
from interlock.kernel.errors import Busy
from interlock.kernel.scope import Scope, SystemScope
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox

_EVERYBODY = SystemScope("what is due for all firms")
NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)


class Letters:
    """A work that ends as the test says; a good end moves its row a week on, as real works do."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.made: list[str] = []

    def __call__(self, house: House, business_id: str, _run_id: str) -> None:
        self.made.append(business_id)
        if self.trouble is not None:
            raise self.trouble
        with house.database.reading(_EVERYBODY) as session:
            firm_id = session.get_one(BusinessDue, (business_id, "digest")).firm_id
        with house.database.writing(Scope(firm_id, business_id)) as session:
            set_due(session, Scope(firm_id, business_id), "digest", NOW + timedelta(days=7))


@pytest.fixture
def house(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = house_over(database, sandbox, tmp_path)
    yield made
    made.transport.close()


@pytest.fixture
def scope(house: House, sandbox: Sandbox) -> Scope:
    _, taken = take_on(house, sandbox.clients()[0])
    with house.database.writing(taken) as session:
        set_due(session, taken, "digest", NOW)
    return taken


def due(house: House, calendar: Calendar, now: datetime) -> list[str]:
    with house.database.reading(_EVERYBODY) as session:
        return [task.business_id for task in calendar.due(session, now, 10)]


def row(house: House, scope: Scope) -> tuple[datetime, int, str | None]:
    with house.database.reading(scope) as session:
        found = find_due(session, scope, "digest")
        assert found is not None
        return found.due_at, found.failures, found.trouble


def test_what_is_due_is_done_once_and_moves_itself_on(house: House, scope: Scope) -> None:
    letters = Letters()
    calendar = Calendar(house, lambda _business, _trouble: None, {"digest": letters})
    assert due(house, calendar, NOW - timedelta(seconds=1)) == [], "its hour has not come"
    assert due(house, calendar, NOW) == [scope.business_id]
    calendar.works()["digest"](str(scope.business_id), "digest:1")
    assert letters.made == [scope.business_id] and due(house, calendar, NOW) == []
    assert row(house, scope) == (NOW + timedelta(days=7), 0, None)


def test_one_that_fails_says_why_and_is_tried_again_later_each_time(house: House, scope: Scope) -> None:
    letters, faults = Letters(), list[str]()
    calendar = Calendar(house, lambda _business, trouble: faults.append(type(trouble).__name__), {"digest": letters})
    letters.trouble = Busy("Another letter is being made.")
    before = house.clock.now()
    calendar.works()["digest"](str(scope.business_id), "digest:1")
    first, failures, trouble = row(house, scope)
    assert (failures, trouble) == (1, "Another letter is being made.") and first - before >= timedelta(minutes=5)
    letters.trouble = ZeroDivisionError("secret figures")
    calendar.works()["digest"](str(scope.business_id), "digest:2")
    second, failures, trouble = row(house, scope)
    assert failures == 2 and second - first >= timedelta(minutes=4)
    assert trouble == "Interlock met something it did not expect (ZeroDivisionError)." and faults == [
        "ZeroDivisionError"
    ]
    letters.trouble = None
    calendar.works()["digest"](str(scope.business_id), "digest:3")
    assert row(house, scope) == (NOW + timedelta(days=7), 0, None), "what went well puts an end to the trouble"


@pytest.mark.usefixtures("scope")
def test_a_row_that_a_run_left_where_it_was_is_begun_anew(house: House) -> None:
    calendar = Calendar(house, lambda _business, _trouble: None, {"digest": Letters()})
    with house.database.reading(_EVERYBODY) as session:
        (task,) = calendar.due(session, NOW, 10)
    later = NOW + timedelta(minutes=1)
    with house.database.writing(_EVERYBODY) as session:
        calendar.revive(session, task, later)
    with house.database.reading(_EVERYBODY) as session:
        (again,) = calendar.due(session, later, 10)
    assert again.run_id != task.run_id and again.due.due_at == later


def test_the_row_of_a_business_that_is_gone_is_nobodys_work(house: House) -> None:
    letters = Letters()
    letters.trouble = Busy("It must be told nowhere.")
    Calendar(house, lambda _business, _trouble: None, {"digest": letters}).works()["digest"]("biz_gone", "digest:1")
    assert letters.made == ["biz_gone"]
