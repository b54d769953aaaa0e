"""``interlock keys``: what an office that changes its key types, and reads."""

from pathlib import Path

from tests.cli.terminal import Terminal
from tests.support.sandbox import Sandbox


def test_a_key_is_changed_and_the_connections_go_on(terminal: Terminal, sandbox: Sandbox, tmp_path: Path) -> None:
    client = sandbox.clients()[0]
    terminal.connect(client)
    before = terminal.key.read_text().strip()
    (key,) = terminal.run("keys", "show", "--json").json()["keys"]
    assert (key["seals"], key["values"]) == (True, 2), "the connection, and the installation's own proof"
    backed_up = tmp_path / "backup"
    terminal.run("backup", "--to", str(backed_up))
    said = terminal.run("keys", "rotate").out
    assert "now seals 2 secrets" in said
    assert key["fingerprint"] in said
    shown = terminal.run("keys", "show").out
    assert "opens only" in shown
    for line in terminal.key.read_text().split():
        assert line not in said + shown, "a key was shown"
    terminal.run("sync", client.name)
    assert terminal.run("keys", "forget", "--json").json() == {"forgotten": [key["fingerprint"]]}
    assert before not in terminal.key.read_text()
    assert "There is no old key" in terminal.run("keys", "forget").out
    terminal.run("sync", client.name)


def test_a_backup_made_before_a_rotation_is_restored_with_the_keys_at_hand(
    terminal: Terminal, sandbox: Sandbox, tmp_path: Path
) -> None:
    client = sandbox.clients()[1]
    terminal.connect(client)
    backed_up = tmp_path / "backup"
    terminal.run("backup", "--to", str(backed_up))
    terminal.run("keys", "rotate")
    for name in ("interlock.db", "interlock.db-wal", "interlock.db-shm"):
        (terminal.folder / name).unlink(missing_ok=True)
    terminal.run("restore", str(backed_up))
    shown = terminal.run("keys", "show").out
    assert "under an old key: run `interlock keys rotate`" in shown
    terminal.run("keys", "rotate")
    assert "under an old key" not in terminal.run("keys", "show").out


def test_what_cannot_be_used_as_a_key_changes_nothing(terminal: Terminal, sandbox: Sandbox, tmp_path: Path) -> None:
    terminal.connect(sandbox.clients()[2])
    before = terminal.key.read_text()
    bad = tmp_path / "bad.key"
    bad.write_text("not a key\n")
    assert "not base64" in terminal.refused("keys", "rotate", "--new-key", str(bad))
    assert "There is no file" in terminal.refused("keys", "rotate", "--new-key", str(tmp_path / "nowhere"))
    assert "used before" in terminal.refused("keys", "rotate", "--new-key", str(terminal.key))
    assert terminal.key.read_text() == before
    fresh = tmp_path / "fresh.key"
    fresh.write_text(terminal.run("keys", "new").out)
    terminal.run("keys", "rotate", "--new-key", str(fresh))
    assert terminal.key.read_text().split() == [fresh.read_text().strip(), before.strip()]
    there = {"INTERLOCK_SECRET_KEY": fresh.read_text().strip()}
    assert "INTERLOCK_OLD_SECRET_KEYS" in terminal.refused("keys", "rotate", changes=there)
