"""A consent somebody was sent to give: its state is good once, in time, in that browser, and nobody loses their place."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from interlock.infra.db import Database
from interlock.kernel.errors import BadInput, NotFound
from interlock.kernel.scope import SystemScope
from interlock.rails import attempts
from interlock.rails.attempts import ConnectAttempt

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
WHOLE = SystemScope("tests look at everything")
BROWSER = "the cookie of the browser that began"


def a_round(database: Database, *names: str | None, now: datetime = NOW) -> str:
    with database.writing(WHOLE) as session:
        return attempts.begin_round(
            session, firm_id="firm_a", firm_name=None, rail="qbo", names=names, actor="ana", now=now
        )


def sent(database: Database, round_id: str, place: int = 1, now: datetime = NOW) -> str:
    with database.writing(WHOLE) as session:
        attempt = attempts.in_round(session, round_id)[place - 1]
        return attempts.begin(
            session,
            attempt,
            browser=BROWSER,
            origin="http://127.0.0.1:1",
            redirect_uri="http://127.0.0.1:1/cb",
            now=now,
        )


def taken(database: Database, state: str, browser: str | None = BROWSER, now: datetime = NOW) -> bool:
    with database.writing(WHOLE) as session:
        attempt = attempts.by_state(session, state)
        assert attempt is not None, "the state was given out"
        return attempts.redeem(session, attempt, browser, now)


def test_a_state_is_good_once(database: Database) -> None:
    state = sent(database, a_round(database, "Alder"))
    assert [taken(database, state), taken(database, state)] == [True, False]


def test_a_state_is_good_for_ten_minutes(database: Database) -> None:
    state = sent(database, a_round(database, "Alder"))
    assert taken(database, state, now=NOW + timedelta(minutes=10)) is False
    assert taken(database, state, now=NOW + timedelta(minutes=9, seconds=59)) is True


@pytest.mark.parametrize("browser", [None, "", "another browser's"])
def test_a_state_is_good_in_the_browser_that_began(database: Database, browser: str | None) -> None:
    state = sent(database, a_round(database, "Alder"))
    assert taken(database, state, browser) is False
    assert taken(database, state) is True, "a stranger's try must not spend it"


def test_a_state_given_out_anew_ends_the_one_before(database: Database) -> None:
    round_id = a_round(database, "Alder")
    first, second = sent(database, round_id), sent(database, round_id)
    with database.reading(WHOLE) as session:
        assert attempts.by_state(session, first) is None
        assert attempts.by_state(session, "never given out") is None
    assert taken(database, second) is True


def test_neither_states_nor_cookies_can_be_read_in_the_database(database: Database) -> None:
    state = sent(database, a_round(database, "Alder"))
    with database.reading(WHOLE) as session:
        (row,) = session.execute(select(ConnectAttempt.__table__)).all()
    assert not {state, BROWSER} & {str(value) for value in row}


def test_the_row_keeps_its_order_and_what_came_of_each(database: Database) -> None:
    round_id = a_round(database, "Alder", None, "Cedar")
    with database.writing(WHOLE) as session:
        attempts.end(attempts.in_round(session, round_id)[1], "denied", "Intuit was told no.")
    with database.reading(WHOLE) as session:
        shown = [(each.business_name, each.outcome) for each in attempts.in_round(session, round_id)]
    assert shown == [("Alder", None), (None, "denied"), ("Cedar", None)]
    sent(database, round_id, 2)
    with database.reading(WHOLE) as session:
        again = attempts.in_round(session, round_id)[1]
        assert (again.outcome, again.said) == (None, None), "trying again forgets the refusal"


def test_old_rows_of_clients_go_and_unknown_ones_are_said(database: Database) -> None:
    old = a_round(database, "Alder")
    new = a_round(database, "Birch", now=NOW + attempts.KEPT_FOR + timedelta(seconds=1))
    with database.reading(WHOLE) as session:
        assert len(attempts.in_round(session, new)) == 1
        with pytest.raises(NotFound, match="start one anew"):
            attempts.in_round(session, old)


@pytest.mark.parametrize("many", [0, attempts.MOST_NAMES + 1])
def test_a_row_has_a_length_one_can_keep(database: Database, many: int) -> None:
    with pytest.raises(BadInput, match="1 to 200"):
        a_round(database, *("Alder",) * many)
