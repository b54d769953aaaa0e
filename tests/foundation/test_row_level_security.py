"""PostgreSQL's second lock: whatever SQL the app runs, rows outside the transaction's scope don't exist for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from interlock.infra.db import Database, open_database
from interlock.kernel.scope import AnyScope, Scope, SystemScope
from tests.support.log_attacks import refused
from tests.support.postgres import PostgresServer
from tests.support.schema import row_for, whole_schema

TABLES = {table.name: table for table in whole_schema().sorted_tables}
SCOPED = sorted(name for name, table in TABLES.items() if {"firm_id", "business_id"} & set(table.c.keys()))
# Tables of the installation as a whole: nothing in them belongs to a firm.
NOBODYS = {"installation", "budget", "budget_lease", "worker"}
APPEND_ONLY = {
    "translog", "policy_version", "decision", "decision_inputs", "disbursement_step", "collection_step", "letter"
}  # fmt: skip
# Rows of a firm as a whole: each of its clients sees them.
OF_FIRM = {"firm", "person", "policy_version", "answered_request"}
OWNERS = (("firm_a", "biz_a1"), ("firm_a", "biz_a2"), ("firm_b", "biz_b1"))
EVERYTHING = SystemScope("tests look at everything")


@pytest.fixture(scope="module")
def firms(postgres: PostgresServer) -> Iterator[Database]:
    """Two firms, three businesses, a row of each in every table; tests leave it as it is."""
    opened = open_database(postgres.migrated_database())
    with opened.writing(EVERYTHING) as session:
        for name in SCOPED:
            for firm_id, business_id in OWNERS:
                if name not in OF_FIRM or business_id.endswith("1"):
                    session.execute(insert(TABLES[name]), row(TABLES[name], firm_id, business_id))
    yield opened
    opened.close()


def row(table: Table, firm_id: str, business_id: str) -> dict[str, Any]:
    return row_for(table, firm_id=firm_id, business_id=business_id, token=business_id)


def owners_seen(database: Database, scope: AnyScope, table: Table) -> list[tuple[Any, ...]]:
    business = table.c.get("business_id", table.c.get("chain"))
    columns = [table.c.firm_id] if business is None else [table.c.firm_id, business]
    with database.reading(scope) as session:
        return sorted(tuple(found) for found in session.execute(select(*columns)))


def expected(table: Table, *owners: tuple[str, str]) -> list[tuple[Any, ...]]:
    return sorted({(firm_id,) for firm_id, _ in owners}) if table.name in OF_FIRM else sorted(owners)


def test_every_table_is_scoped_or_says_why_it_is_not() -> None:
    assert set(TABLES) - set(SCOPED) == NOBODYS, (
        "give the new table firm_id and business_id, and security.scope(...) it"
    )
    assert "firm_id" in set.intersection(*(set(TABLES[name].c.keys()) for name in SCOPED))


@pytest.mark.parametrize("name", SCOPED)
def test_each_scope_sees_its_own_rows_and_no_others(firms: Database, name: str) -> None:
    table = TABLES[name]
    assert owners_seen(firms, Scope("firm_a"), table) == expected(table, *OWNERS[:2])
    assert owners_seen(firms, Scope("firm_a", "biz_a2"), table) == expected(table, OWNERS[1])
    assert owners_seen(firms, Scope("firm_b"), table) == expected(table, OWNERS[2])
    assert owners_seen(firms, Scope("firm_b", "biz_a1"), table) == ([("firm_b",)] if name in OF_FIRM else [])
    assert owners_seen(firms, Scope("firm_c"), table) == []
    assert owners_seen(firms, Scope(""), table) == []
    assert owners_seen(firms, EVERYTHING, table) == expected(table, *OWNERS)


@pytest.mark.parametrize("name", SCOPED)
def test_without_a_scope_nothing_is_seen_and_nothing_can_be_written(firms: Database, name: str) -> None:
    with firms.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(TABLES[name])).scalar_one() == 0
        with refused(f"an insert into {name} without a scope", saying="row-level security"):
            connection.execute(insert(TABLES[name]), row_for(TABLES[name], firm_id="", business_id="", token="new"))


@pytest.mark.parametrize("name", sorted(set(SCOPED) - APPEND_ONLY))
@pytest.mark.parametrize("scope", [Scope("firm_a"), Scope("firm_a", "biz_a1")], ids=["firm", "business"])
def test_other_peoples_rows_can_be_neither_changed_nor_removed(firms: Database, name: str, scope: Scope) -> None:
    table = TABLES[name]
    with Undone(firms, scope) as session:
        changed = session.execute(table.update().values(firm_id=scope.firm_id))
        removed = session.execute(table.delete())
        mine = 1 if scope.business_id or name in OF_FIRM else 2
        assert (changed.rowcount, removed.rowcount) == (mine, mine)  # type: ignore[attr-defined]
    assert owners_seen(firms, EVERYTHING, table) == expected(table, *OWNERS)


@pytest.mark.parametrize("name", SCOPED)
@pytest.mark.parametrize(
    ("scope", "firm_id", "business_id"),
    [
        (Scope("firm_a"), "firm_b", "biz_b9"),
        (Scope("firm_a", "biz_a1"), "firm_b", "biz_b9"),
        (Scope("firm_a", "biz_a1"), "firm_a", "biz_a9"),
    ],
    ids=["another firm", "another firm's business", "a sibling business"],
)
def test_rows_cannot_be_slipped_into_somebody_elses_books(
    firms: Database, name: str, scope: Scope, firm_id: str, business_id: str
) -> None:
    if name in OF_FIRM and firm_id == scope.firm_id:
        firm_id = "firm_z"  # a firm has no sibling business; another firm is what a business must not make
    new = row_for(TABLES[name], firm_id=firm_id, business_id=business_id, token="new")
    with Undone(firms, scope) as session, refused(f"a row of {firm_id} in {name}", saying="row-level security"):
        session.execute(insert(TABLES[name]), new)


@pytest.mark.parametrize("name", sorted(set(SCOPED) - APPEND_ONLY))
def test_a_row_cannot_be_given_away(firms: Database, name: str) -> None:
    with (
        Undone(firms, Scope("firm_a")) as session,
        refused(f"giving a row of {name} away", saying="row-level security"),
    ):
        session.execute(TABLES[name].update().values(firm_id="firm_b"))


def test_a_scope_ends_with_its_transaction(postgres: PostgresServer) -> None:
    database = open_database(postgres.migrated_database())
    asked = text(
        "SELECT pg_backend_pid(), current_setting('interlock.firm', true), current_setting('interlock.system', true)"
    )
    pids = set()
    for scope in (Scope("firm_a", "biz_a1"), EVERYTHING):
        for enter in (database.reading, database.writing):
            with enter(scope) as session:
                pids.add(session.execute(asked).one()[0])
            with database.engine.connect() as connection:
                pid, firm, system = connection.execute(asked).one()
                pids.add(pid)
                assert (firm or "", system or "") == ("", ""), "the pooled connection still carries the last scope"
    assert len(pids) == 1, "this proves something only while one connection is used over and over"
    database.close()


def test_the_apps_role_owns_nothing_and_bypasses_nothing(firms: Database) -> None:
    with firms.reading(EVERYTHING) as session:
        role = session.execute(
            text("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        ).one()
        assert tuple(role) == (False, False, False, False)
        tables = session.execute(
            text(
                "SELECT relname, pg_get_userbyid(relowner) = current_user AS mine, relrowsecurity, relforcerowsecurity,"
                " (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid AND polcmd = '*'"
                " AND polqual IS NOT NULL AND polwithcheck IS NOT NULL) AS policies"
                " FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            )
        ).all()
    assert {found.relname for found in tables} == set(TABLES) | {"alembic_version"}
    assert not [found.relname for found in tables if found.mine], "an owner could lift every policy"
    for found in tables:
        if found.relname not in NOBODYS | {"alembic_version"}:
            assert (found.relrowsecurity, found.relforcerowsecurity, found.policies) == (True, True, 1), found.relname


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE bill DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE bill NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY bill_scope ON bill",
        "ALTER TABLE translog DISABLE TRIGGER ALL",
        "DROP TRIGGER translog_no_change ON translog",
        "DROP TABLE translog",
        "CREATE OR REPLACE FUNCTION translog_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "SET LOCAL session_replication_role = replica",
        "SET ROLE postgres",
        "UPDATE alembic_version SET version_num = 'none'",
    ],
)
def test_the_apps_role_cannot_lift_the_lock(firms: Database, statement: str) -> None:
    with firms.engine.begin() as connection, refused(statement, saying=""):
        connection.exec_driver_sql(statement)
    with firms.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM bill").scalar_one() == 0


class Undone:
    """A writing session whose changes are rolled back at the end."""

    def __init__(self, database: Database, scope: AnyScope) -> None:
        self._writing = database.writing(scope)

    def __enter__(self) -> Session:
        self._session = self._writing.__enter__()
        return self._session

    def __exit__(self, kind: type[BaseException] | None, trouble: BaseException | None, _: Any) -> None:
        if trouble is None:
            self._session.rollback()
        self._writing.__exit__(kind, trouble, None)
