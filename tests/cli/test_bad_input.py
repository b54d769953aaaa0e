"""What goes wrong at a terminal: each time one clear sentence, a failing exit code, and nothing half-written."""

import base64
import ctypes
import os
import sqlite3
import sys
from contextlib import closing

import pytest

from tests.cli.terminal import Terminal, sentence_of
from tests.cli.thinning import thinned
from tests.support.sandbox import Sandbox, SandboxClient

_FULL_DISK = """
import sys
from sqlalchemy import Engine, event
pages = int(sys.argv[1])
event.listen(Engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages}"))
sys.argv = ["interlock", *sys.argv[2:]]
from interlock.__main__ import main
main()
"""
_NOWHERE = "http://127.0.0.1:9"
_PR_CAPBSET_DROP = 24
_CAPABILITIES_OVER_FILES = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_PAGES_LEFT = 40


@pytest.fixture
def client(sandbox: Sandbox) -> SandboxClient:
    return sandbox.clients()[0]


@pytest.fixture
def connected(terminal: Terminal, client: SandboxClient) -> Terminal:
    """An installation with one client, not yet synced."""
    terminal.connect(client)
    return terminal


def connecting(client: SandboxClient, *, realm_id: str | None = None, token: str | None = None) -> tuple[str, ...]:
    named = ("connect", "qbo", "--business", client.name)
    return (*named, "--realm-id", realm_id or client.realm_id, "--refresh-token", token or client.refresh_token)


def nothing_was_taken_on(terminal: Terminal) -> None:
    kept = terminal.kept()
    assert not any(kept.values()), f"a refused connection left rows behind: {kept}"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"INTERLOCK_QBO_CLIENT_SECRET": "wrong"}, "INTERLOCK_QBO_CLIENT_SECRET"),
        ({"INTERLOCK_QBO_CLIENT_ID": ""}, "INTERLOCK_QBO_CLIENT_ID"),
        ({"INTERLOCK_QBO_TOKEN_URL": f"{_NOWHERE}/token"}, "Nothing answers at 127.0.0.1:9"),
        ({"INTERLOCK_QBO_TOKEN_URL": "nonsense"}, "is not an address"),
    ],
)
def test_a_wrong_app_or_address_connects_nothing(
    terminal: Terminal, client: SandboxClient, changes: dict[str, str], says: str
) -> None:
    assert says in terminal.refused(*connecting(client), changes=changes)
    nothing_was_taken_on(terminal)


def test_a_wrong_or_foreign_grant_connects_nothing(terminal: Terminal, sandbox: Sandbox) -> None:
    client, other, _ = sandbox.clients()
    assert "no longer accepts" in terminal.refused(*connecting(client, token="RT1-nobody"))
    assert "doesn't cover that" in terminal.refused(*connecting(client, token=other.refresh_token))
    assert "is a number" in terminal.refused(*connecting(client, realm_id="12a"))
    nothing_was_taken_on(terminal)
    used_up = terminal.run("connect", "qbo", "--business", "X", "--realm-id", "1", expect=2).err
    assert "--refresh-token" in used_up, "a missing token is a usage error that names the option"


def test_a_revoked_grant_stops_the_sync_and_stands_in_the_list(
    connected: Terminal, sandbox: Sandbox, client: SandboxClient
) -> None:
    connected.run("sync", client.name)
    before = connected.kept()
    sandbox.fault("revoke_grant", realm=client.realm_id)
    assert "Reconnect" in connected.refused("sync", client.name)
    after = connected.kept()
    assert after == {**before, "translog": before["translog"] + 1}, "only the loss of the connection is written"
    (listed,) = connected.run("business", "list", "--json").json()["businesses"]
    assert listed["connection"]["state"] == "needs reconnect"
    assert "connect qbo" in connected.run("doctor", expect=1).out
    connected.connect(sandbox.clients()[0])
    assert "up to date" in connected.run("sync", client.name).out


def test_a_server_that_is_down_fails_one_client_and_not_the_others(terminal: Terminal, sandbox: Sandbox) -> None:
    down, well, _ = sandbox.clients()
    for each in (down, well):
        terminal.connect(each)
    sandbox.fault("down", path=down.realm_id)
    said = terminal.run("sync", "--all", "--json", expect=1).json()["syncs"]
    ended = {each["name"]: each["error"] for each in said}
    assert ended[well.name] is None, "one failing client must not stop the others"
    assert ended[down.name]["code"] == "rail_unavailable" and ended[down.name]["sentence"].endswith(".")
    assert terminal.run("aging", well.name, "--json").json()["tie_out"]["tied"] is True


def test_malformed_json_is_named_and_the_next_sync_completes(
    connected: Terminal, sandbox: Sandbox, client: SandboxClient
) -> None:
    sandbox.fault("malformed", path="/query", count=1)
    assert "can't read" in connected.refused("sync", client.name)
    assert connected.run("log", "verify", "--all").code == 0
    sandbox.calm()
    connected.run("sync", client.name)
    assert connected.run("aging", client.name, "--json").json()["tie_out"]["tied"] is True, "the next sync completes"


def test_an_entity_without_a_field_we_need_is_named(
    connected: Terminal, sandbox: Sandbox, client: SandboxClient
) -> None:
    with thinned(sandbox.url, b'"TxnDate"') as without_dates:
        sentence = connected.refused("sync", client.name, changes={"INTERLOCK_QBO_API_URL": without_dates})
    assert "TxnDate" in sentence, f"the missing field is named: {sentence}"
    assert connected.kept()["bill"] == 0, "no bill without its date is kept"
    connected.run("sync", client.name)
    assert connected.run("aging", client.name, "--json").json()["tie_out"]["tied"] is True, "the next sync completes"


def test_unknown_names_say_where_the_known_ones_are(connected: Terminal, client: SandboxClient) -> None:
    before = connected.kept()
    for arguments in (
        ("tray", "nobody"),
        ("sync", "nobody"),
        ("log", "nobody"),
        ("bills", "hold", "nobody", "1", "--reason", "x"),
    ):
        assert "interlock business list" in connected.refused(*arguments)
    assert "There is no bill" in connected.refused("bills", "hold", client.name, "no-such", "--reason", "x")
    assert "say why" in connected.run("bills", "hold", client.name, "1", "--reason", " ", expect=2).err
    assert connected.kept() == before


def test_an_installation_without_a_firm_says_how_to_begin(terminal: Terminal) -> None:
    for arguments in (("business", "list"), ("portfolio",), ("sync", "--all")):
        assert "connect qbo" in terminal.refused(*arguments)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://here/there", "SQLite or PostgreSQL"),
        ("not an address", "INTERLOCK_DATABASE_URL"),
        ("postgresql://nobody@127.0.0.1:1/nothing", "did not answer"),
        ("sqlite:////proc/nowhere/interlock.db", "can't be made"),
    ],
)
def test_a_database_that_is_none_is_named(terminal: Terminal, url: str, says: str) -> None:
    assert says in terminal.refused("business", "list", changes={"INTERLOCK_DATABASE_URL": url})


def test_a_file_that_is_no_database_is_left_alone(terminal: Terminal) -> None:
    terminal.database.write_bytes(b"these are somebody's notes, not a database\n" * 200)
    before = terminal.database.read_bytes()
    assert "not a database" in terminal.refused("business", "list")
    assert terminal.database.read_bytes() == before


def test_a_lost_or_wrong_key_changes_nothing(connected: Terminal, client: SandboxClient) -> None:
    before = connected.kept()
    another = base64.urlsafe_b64encode(bytes(32)).decode()
    assert "not the one" in connected.refused("sync", client.name, changes={"INTERLOCK_SECRET_KEY": another})
    assert "not base64" in connected.refused("sync", client.name, changes={"INTERLOCK_SECRET_KEY": "short"})
    key = connected.key.read_text()
    connected.key.unlink()
    assert str(connected.key) in connected.refused("sync", client.name)
    assert not connected.key.exists(), "a lost key is never replaced by a new one"
    assert "Secret key" in connected.run("doctor", expect=1).out
    connected.key.write_text(key)
    assert connected.kept() == before


def bound_by_file_permissions() -> None:
    """Before a command starts: give up root's right to write everywhere, where it is root that runs the tests."""
    if os.geteuid() == 0:
        for capability in _CAPABILITIES_OVER_FILES:
            ctypes.CDLL(None, use_errno=True).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def test_a_read_only_database_is_read_and_not_written(connected: Terminal, client: SandboxClient) -> None:
    connected.run("sync", client.name)
    bill = connected.run("bills", client.name, "--json").json()["bills"][0]["id"]
    paths = [connected.folder, *connected.folder.iterdir()]
    modes = {path: path.stat().st_mode for path in paths}
    before = connected.kept()
    for path in paths:
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        for arguments in (("bills", "hold", client.name, bill, "--reason", "x"), ("sync", client.name)):
            said = connected.run_alone(*arguments, expect=1, preexec=bound_by_file_permissions)
            assert "read-only" in sentence_of(said) or "can't be" in sentence_of(said)
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    assert connected.kept() == before


def test_a_full_disk_undoes_the_step_and_the_next_sync_completes(connected: Terminal, client: SandboxClient) -> None:
    with closing(sqlite3.connect(connected.database)) as at:
        (pages,) = at.execute("PRAGMA page_count").fetchone()
    full = (sys.executable, "-c", _FULL_DISK, str(pages + _PAGES_LEFT))
    assert "is full" in sentence_of(connected.run_alone("sync", client.name, expect=1, command=full))
    assert connected.run("log", "verify", "--all").code == 0, "what was committed before holds"
    connected.run("sync", client.name)
    assert connected.run("aging", client.name, "--json").json()["tie_out"]["tied"] is True, "the next sync completes"


def test_what_we_did_not_foresee_is_a_sentence_unless_debugging(terminal: Terminal) -> None:
    broken = "import interlock.app.settings as s; s.read_settings = lambda: 1 / 0; import sys;"
    command = (sys.executable, "-c", f"{broken} sys.argv[0] = 'interlock'; from interlock.__main__ import main; main()")
    said = terminal.run_alone("doctor", expect=70, command=command)
    assert "INTERLOCK_DEBUG=1" in sentence_of(said) and "division by zero" in said.err
