"""Policies over time: who may write one, what is in force at a client, what stays of it, and two who write at once."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from interlock.domains.firm.models import Business
from interlock.domains.firm.pay_run_times import PAY_RUN
from interlock.domains.firm.policy.text import PolicyBroken
from interlock.domains.firm.policy_models import PolicyVersion
from interlock.domains.firm.services.business_service import BusinessService
from interlock.domains.firm.services.calendar_service import find_due
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.kernel.errors import BadInput, Busy, Refused
from interlock.kernel.scope import Scope

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
FIRM = "firm_a"
FLOOR = '[floor]\nabsolute = "25000"\n'


@pytest.fixture
def client(database: Database) -> Business:
    """Alder: Iris owns it, Wren of the firm controls it, Ada advises it."""
    with database.writing(Scope(FIRM)) as session:
        made = BusinessService(session, FIRM).take_on(
            "Alder",
            home_currency="USD",
            time_zone="America/New_York",
            control_start=date(2026, 1, 1),
            now=NOW,
            actor="t",
        )
        people = PeopleService(session, FIRM)
        for handle, side in (("iris", "client"), ("wren", "firm"), ("ada", "firm"), ("finn", "firm")):
            people.add(handle, handle.title(), side=side, email=None, now=NOW, actor="t")
        for handle, role in (
            ("iris", "client_owner"),
            ("wren", "controller"),
            ("ada", "advisor"),
            ("finn", "firm_admin"),
        ):
            people.grant(made.business_id, handle, role, now=NOW, actor="t")
        session.flush()
        session.expunge(made)
    return made


def write(
    database: Database,
    client: Business | None,
    text: str,
    *,
    by: str = "iris",
    now: datetime = NOW,
    base: int | None = None,
) -> PolicyVersion:
    with database.writing(Scope(FIRM, client.business_id if client else None)) as session:
        service = PolicyService(session, FIRM)
        acting = PeopleService(session, FIRM).acting(client.business_id, by) if client else service.firm_acting(by)
        made = service.write(client, text, reason="the owner asked", by=acting, now=now, base_version=base)
        session.flush()
        session.expunge(made)
    return made


def test_nothing_written_means_the_defaults(database: Database, client: Business) -> None:
    with database.reading(Scope(FIRM, client.business_id)) as session:
        found = PolicyService(session, FIRM).in_force(client)
    assert (found.policy_id, found.firm_policy_id, found.version, found.edited_by) == (None, None, 0, None)
    assert found.words == "Interlock's defaults"


def test_a_version_is_in_force_at_once_and_its_line_says_what_it_changed(database: Database, client: Business) -> None:
    firm = write(database, None, '[floor]\nbuffer_days = 7\n[limits]\npayment = "9000"\n', by="ada")
    own = write(database, client, FLOOR)
    with database.reading(Scope(FIRM, client.business_id)) as session:
        found = PolicyService(session, FIRM).in_force(client)
        line = [each for each in translog.lines(session, client.business_id) if each.action == "policy.written"][-1]
    assert (found.policy.floor.absolute_minor, found.policy.floor.buffer_days) == (2_500_000, 7)
    assert found.policy.limits.payment_minor == 900_000
    assert (found.policy_id, found.firm_policy_id) == (own.policy_id, firm.policy_id)
    assert found.words == "the client's version 1 over the firm's version 1 over Interlock's defaults"
    assert (found.origins["floor.absolute"], found.origins["limits.payment"]) == ("client", "firm")
    assert "floor.absolute: USD 0.00 → USD 25,000.00" in line.body
    assert own.digest in line.body and "the owner asked" in line.body
    with database.reading(Scope(FIRM)) as session:
        assert [each.action for each in translog.lines(session, FIRM)].count("policy.written") == 1


def test_only_the_owner_puts_a_clients_policy_in_force(database: Database, client: Business) -> None:
    for handle in ("wren", "ada", "finn"):
        with pytest.raises(Refused, match="may not put a policy in force here"):
            write(database, client, FLOOR, by=handle)


def test_only_those_who_propose_at_the_firm_write_the_firms(database: Database, client: Business) -> None:
    for handle in ("iris", "finn"):
        with pytest.raises(Refused, match="controller or advisor of the firm"):
            write(database, None, FLOOR, by=handle)
    assert write(database, None, FLOOR, by="wren").version == 1
    assert client.business_id != FIRM


def test_what_is_broken_or_without_a_reason_or_the_same_is_not_written(database: Database, client: Business) -> None:
    with pytest.raises(PolicyBroken, match="did you mean absolute"):
        write(database, client, '[floor]\nabsolut = "1"\n')
    write(database, client, FLOOR)
    with pytest.raises(BadInput, match="in force already"):
        write(database, client, FLOOR)
    with database.writing(Scope(FIRM, client.business_id)) as session:
        owner = PeopleService(session, FIRM).acting(client.business_id, "iris")
        with pytest.raises(BadInput, match="Say why"):
            PolicyService(session, FIRM).write(client, "", reason="  ", by=owner, now=NOW)
    with database.reading(Scope(FIRM, client.business_id)) as session:
        assert [each.version for each in PolicyService(session, FIRM).history(client)] == [1]


def test_a_firms_text_that_contradicts_a_clients_own_names_the_client(database: Database, client: Business) -> None:
    write(database, client, '[approvals]\nclient_side = "6000"\n')
    with pytest.raises(PolicyBroken, match="at Alder, whose own policy speaks too"):
        write(database, None, '[approvals]\none_person = "7000"\nclient_side = "8000"\n', by="wren")


def test_who_started_from_an_older_version_is_told_so(database: Database, client: Business) -> None:
    write(database, client, FLOOR, base=0)
    with pytest.raises(Busy, match="version 1 meanwhile"):
        write(database, client, '[floor]\nabsolute = "1"\n', base=0)
    assert write(database, client, '[floor]\nabsolute = "1"\n', base=1).version == 2


def test_of_two_who_write_at_once_one_is_told_and_no_version_is_lost(database: Database, client: Business) -> None:
    ends: list[object] = []
    start = threading.Barrier(2)

    def go(amount: int) -> None:
        start.wait()
        try:
            ends.append(write(database, client, f'[floor]\nabsolute = "{amount}"\n', base=0).version)
        except Busy as busy:
            ends.append(busy.code)

    threads = [threading.Thread(target=go, args=(amount,)) for amount in (1, 2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(map(str, ends)) == ["1", "busy"]
    with database.reading(Scope(FIRM, client.business_id)) as session:
        assert [each.version for each in PolicyService(session, FIRM).history(client)] == [1]


def test_a_version_is_never_changed_or_taken_away(database: Database, client: Business) -> None:
    made = write(database, client, FLOOR)
    for act in (
        update(PolicyVersion).where(PolicyVersion.policy_id == made.policy_id).values(text=""),
        delete(PolicyVersion).where(PolicyVersion.policy_id == made.policy_id),
    ):
        with pytest.raises(DBAPIError), database.writing(Scope(FIRM, client.business_id)) as session:
            session.execute(act)
    with database.reading(Scope(FIRM, client.business_id)) as session:
        assert PolicyService(session, FIRM).newest(client).text == FLOOR  # type: ignore[union-attr]


def propose(database: Database, client: Business, text: str, *, by: str, now: datetime = NOW) -> None:
    with database.writing(Scope(FIRM, client.business_id)) as session:
        acting = PeopleService(session, FIRM).acting(client.business_id, by)
        PolicyService(session, FIRM).propose(client, text, reason="a calmer floor", by=acting, now=now)


def test_what_is_proposed_waits_until_the_owner_writes_and_changes_nothing_meanwhile(
    database: Database, client: Business
) -> None:
    propose(database, client, FLOOR, by="wren")
    with database.reading(Scope(FIRM, client.business_id)) as session:
        service = PolicyService(session, FIRM)
        waiting = service.proposal(client)
        assert waiting is not None
        assert (waiting.text, waiting.reason, waiting.made_by, waiting.made_at) == (
            FLOOR,
            "a calmer floor",
            "Wren [wren]",
            NOW,
        )
        assert service.in_force(client).version == 0
    write(database, client, FLOOR, now=NOW + timedelta(minutes=5))
    with database.reading(Scope(FIRM, client.business_id)) as session:
        assert PolicyService(session, FIRM).proposal(client) is None


def test_only_a_text_that_fits_is_proposed_and_only_by_those_who_may(database: Database, client: Business) -> None:
    with pytest.raises(PolicyBroken):
        propose(database, client, "[floor]\nabsolute = 1.5\n", by="ada")
    with pytest.raises(Refused, match="may not propose a policy"):
        propose(database, client, FLOOR, by="finn")
    write(database, client, FLOOR)
    with pytest.raises(BadInput, match="in force already"):
        propose(database, client, FLOOR, by="ada")


def test_another_firm_sees_none_of_it(database: Database, client: Business) -> None:
    write(database, client, FLOOR)
    with database.reading(Scope("firm_b")) as session:
        assert PolicyService(session, "firm_b").newest(client) is None


def test_what_stood_before_a_persons_own_edit_is_known_for_three_days(database: Database, client: Business) -> None:
    write(database, client, '[limits]\npayment = "1000"\n', now=NOW - timedelta(days=9))
    write(database, None, '[limits]\nday = "5000"\n', by="wren", now=NOW - timedelta(days=2))
    edit = write(database, client, '[limits]\npayment = "none"\n', now=NOW - timedelta(hours=71))
    person = str(edit.person_id)
    with database.reading(Scope(FIRM, client.business_id)) as session:
        service = PolicyService(session, FIRM)
        found = service.before_edits_of(client, person, NOW)
        assert found is not None
        before, at = found
        assert (before.limits.payment_minor, at) == (100_000, edit.made_at)
        assert service.before_edits_of(client, person, NOW + timedelta(hours=1)) is None
        assert service.before_edits_of(client, "nobody", NOW) is None
        stands = service.in_force(client)
        assert (stands.policy.limits.payment_minor, stands.policy.limits.day_minor) == (None, 500_000)


def test_the_firms_word_on_who_releases_reaches_its_clients_calendars_at_once(
    database: Database, client: Business
) -> None:
    scope = Scope(FIRM, client.business_id)

    def next_run() -> datetime | None:
        with database.reading(scope) as session:
            row = find_due(session, scope, PAY_RUN)
            return row.due_at if row else None

    write(database, None, "[pay_runs]\nautomatic_release = true\n", by="wren")
    assert next_run() == datetime(2026, 11, 24, 21, tzinfo=UTC), "decide-by of this very day, four in New York"
    write(database, client, "[pay_runs]\nautomatic_release = false\n")
    assert next_run() is None, "the client's own text stands over its firm's"
    later = NOW + timedelta(minutes=5)
    write(database, None, '[pay_runs]\nautomatic_release = true\ndecide_by = "12:00"\n', by="wren", now=later)
    assert next_run() is None, "and still does when the firm writes again"
