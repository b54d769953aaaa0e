"""The same commands over PostgreSQL, as the app's own role: bound by row-level security, owning nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forking import Forker
from tests.cli.terminal import Terminal, at_terminal
from tests.support.postgres import PostgresServer
from tests.support.sandbox import Sandbox


@pytest.fixture
def server(tmp_path: Path, sandbox: Sandbox, forker: Forker, postgres: PostgresServer) -> Iterator[Terminal]:
    terminal = at_terminal(tmp_path, sandbox, forker)
    terminal.environment["INTERLOCK_DATABASE_URL"] = postgres.migrated_database()
    terminal.environment["XDG_DATA_HOME"] = str(tmp_path)
    yield terminal
    sandbox.calm()


def test_clients_come_in_side_by_side_and_everything_answers(server: Terminal, sandbox: Sandbox) -> None:
    for client in sandbox.clients():
        server.connect(client)
    syncs = server.run("sync", "--all", "--json").json()["syncs"]
    assert [each["error"] for each in syncs] == [None] * 3
    for client in sandbox.clients():
        assert server.run("aging", client.name, "--json").json()["tie_out"]["tied"] is True
    assert len(server.run("portfolio", "--json").json()["clients"]) == 3
    assert "all hold" in server.run("log", "verify", "--all").out


def test_the_doctor_knows_a_bound_role_from_one_that_sees_all(server: Terminal, postgres: PostgresServer) -> None:
    bound = {item["what"]: item for item in server.run("doctor", "--json").json()["items"]}
    assert bound["Role"]["state"] == "good", bound["Role"]
    owner = {"INTERLOCK_DATABASE_URL": postgres.owner_database()}
    assert "is now at this build's schema" in server.run("db", "upgrade", changes=owner).out
    found = {item["what"]: item for item in server.run("doctor", "--json", changes=owner, expect=1).json()["items"]}
    assert found["Role"]["state"] == "broken" and "superuser" in found["Role"]["found"], found["Role"]
