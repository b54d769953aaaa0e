"""People and their roles at a client: made at a terminal, kept as rows, each change a line in the log."""

from datetime import UTC, datetime, timedelta

import pytest

from interlock.domains.firm.people_models import RoleGrant
from interlock.domains.firm.services.people_service import PeopleService
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.kernel.scope import Scope

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
FIRM, ALDER, BIRCH = "firm_a", "biz_alder", "biz_birch"


def hire(database: Database) -> None:
    """Wren and Ada of the firm, Iris of the client Alder."""
    with database.writing(Scope(FIRM)) as session:
        people = PeopleService(session, FIRM)
        for handle, side in (("wren", "firm"), ("ada", "firm"), ("iris", "client"), ("olaf", "client")):
            people.add(handle, handle.title(), side=side, email=None, now=NOW, actor="a test")
    with database.writing(Scope(FIRM, ALDER)) as session:
        people = PeopleService(session, FIRM)
        for handle, role in (
            ("wren", "controller"),
            ("ada", "advisor"),
            ("iris", "client_owner"),
            ("olaf", "client_approver"),
        ):
            people.grant(ALDER, handle, role, now=NOW, actor="a test")


def test_a_role_is_held_at_one_client_and_leaves_a_line_there(database: Database) -> None:
    hire(database)
    with database.reading(Scope(FIRM, ALDER)) as session:
        people = PeopleService(session, FIRM)
        wren = people.acting(ALDER, "wren", through="command line")
        assert wren.roles == frozenset({"controller"})
        assert wren.actor == "Wren [wren] (command line)"
        assert people.deciding_here(ALDER) == 4
        assert [line.action for line in translog.lines(session, ALDER)] == ["role.granted"] * 4
    with database.reading(Scope(FIRM, BIRCH)) as session, pytest.raises(Refused, match="no role at this client"):
        PeopleService(session, FIRM).acting(BIRCH, "wren")
    with database.reading(Scope(FIRM)) as session:
        assert [line.action for line in translog.lines(session, FIRM)] == ["person.added"] * 4


def test_a_stranger_firm_knows_none_of_them(database: Database) -> None:
    hire(database)
    with database.reading(Scope("firm_b")) as session:
        people = PeopleService(session, "firm_b")
        assert list(people.people()) == []
        with pytest.raises(NotFound):
            people.find("wren")


def test_a_role_of_the_other_side_is_refused_and_so_is_one_held_already(database: Database) -> None:
    hire(database)
    with database.writing(Scope(FIRM, ALDER)) as session:
        people = PeopleService(session, FIRM)
        with pytest.raises(Refused, match="the other side"):
            people.grant(ALDER, "wren", "client_owner", now=NOW, actor="a test")
        with pytest.raises(Refused, match="the other side"):
            people.grant(ALDER, "iris", "controller", now=NOW, actor="a test")
        with pytest.raises(BadInput, match="already"):
            people.grant(ALDER, "wren", "controller", now=NOW, actor="a test")
        with pytest.raises(BadInput, match="no role 'king'"):
            people.grant(ALDER, "wren", "king", now=NOW, actor="a test")


def test_who_leaves_loses_every_role_and_keeps_the_row(database: Database) -> None:
    hire(database)
    with database.writing(Scope(FIRM)) as session:
        PeopleService(session, FIRM).leave("wren", now=NOW, actor="a test")
    with database.reading(Scope(FIRM, ALDER)) as session:
        people = PeopleService(session, FIRM)
        with pytest.raises(NotFound):
            people.acting(ALDER, "wren")
        grants = session.query(RoleGrant).filter(RoleGrant.role == "controller").all()
        assert [(each.ended_by, each.ended_at) for each in grants] == [("a test", NOW)]


def test_a_role_taken_back_can_be_given_again(database: Database) -> None:
    hire(database)
    with database.writing(Scope(FIRM, ALDER)) as session:
        people = PeopleService(session, FIRM)
        people.revoke(ALDER, "wren", "controller", now=NOW, actor="a test")
        with pytest.raises(NotFound):
            people.revoke(ALDER, "wren", "controller", now=NOW, actor="a test")
        people.grant(ALDER, "wren", "controller", now=NOW, actor="a test")
        assert people.acting(ALDER, "wren").roles == frozenset({"controller"})


@pytest.mark.parametrize(
    ("handle", "name", "side", "says"),
    [
        ("Wren", "W", "firm", "handle"),
        ("wren halloran", "W", "firm", "handle"),
        ("wren", "  ", "firm", "name"),
        ("wren", "W", "bank", "of the firm or of a client"),
    ],
)
def test_what_cant_be_a_person_is_refused_with_what_can(
    database: Database, handle: str, name: str, side: str, says: str
) -> None:
    with database.writing(Scope(FIRM)) as session, pytest.raises(BadInput, match=says):
        PeopleService(session, FIRM).add(handle, name, side=side, email=None, now=NOW, actor="a test")


def test_a_stand_in_adds_no_right_and_ends_by_itself(database: Database) -> None:
    hire(database)
    with database.writing(Scope(FIRM, ALDER)) as session:
        people = PeopleService(session, FIRM)
        iris, olaf, wren = (people.acting(ALDER, each) for each in ("iris", "olaf", "wren"))

        def stand_in(to: str, *, until: datetime = NOW + timedelta(days=7), limit: int = 900_000) -> None:
            people.delegate(
                ALDER, iris, to, limit_minor=limit, reason="on leave", starts_at=NOW, ends_at=until, now=NOW
            )

        for to, says in (("iris", "for themselves"), ("wren", "stays with the client's people")):
            with pytest.raises(Refused, match=says):
                stand_in(to)
        with pytest.raises(BadInput, match="within 92 days"):
            stand_in("olaf", until=NOW + timedelta(days=200))
        stand_in("olaf")
        assert people.stands_in(ALDER, olaf, "iris", 900_000, NOW).person_id == iris.person_id
        with pytest.raises(Refused, match="lower amount"):
            people.stands_in(ALDER, olaf, "iris", 900_001, NOW)
        with pytest.raises(Refused, match="don't stand in"):
            people.stands_in(ALDER, olaf, "iris", 1, NOW + timedelta(days=7))
        (made,) = people.delegations(ALDER, NOW)
        with pytest.raises(Refused, match="Only who gave"):
            people.end_delegation(ALDER, made.delegation_id, by=wren, now=NOW)
        people.end_delegation(ALDER, made.delegation_id, by=iris, now=NOW)
        assert list(people.delegations(ALDER, NOW)) == []
