"""A backup proves what it copies; a restore proves everything before it puts anything in place."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.terminal import INTERLOCK, Terminal


@pytest.fixture
def copy(office: Terminal, tmp_path: Path) -> Path:
    """A fresh backup of the office."""
    folder = tmp_path / "backup"
    office.run("backup", "--to", str(folder))
    return folder


@pytest.fixture
def elsewhere(office: Terminal, tmp_path: Path) -> Terminal:
    """Another machine: the same servers, no database yet."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Terminal(
        folder, office.forker, {**office.environment, "INTERLOCK_DATABASE_URL": f"sqlite:///{folder / 'interlock.db'}"}
    )


def test_a_restored_installation_is_the_one_that_was_backed_up(
    office: Terminal, copy: Path, elsewhere: Terminal
) -> None:
    assert {path.name for path in copy.iterdir()} == {"interlock.db", "interlock.key", "manifest.json"}
    assert copy.joinpath("interlock.key").stat().st_mode & 0o077 == 0, "the key is for its owner only"
    said = elsewhere.run("restore", str(copy)).out
    assert "its key opens it" in said and "hold" in said
    assert elsewhere.kept() == office.kept()
    assert elsewhere.key.read_text() == office.key.read_text()
    assert {path.name for path in elsewhere.folder.iterdir()} <= {"interlock.db", "interlock.key"}, (
        "nothing else is left"
    )
    assert elsewhere.run("portfolio", "--json").json()["clients"], "the restored installation works"


def test_a_backup_taken_while_a_sync_writes_is_whole(office: Terminal, tmp_path: Path, elsewhere: Terminal) -> None:
    slug = office.run("business", "list", "--json").json()["businesses"][0]["slug"]
    with subprocess.Popen(
        [*INTERLOCK, "sync", slug, "--full"],
        env=office.env(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as writer:
        office.run("backup", "--to", str(tmp_path / "meanwhile"))
        _, trouble = writer.communicate()
    assert writer.returncode == 0, f"the sync was disturbed by the backup: {trouble}"
    assert "hold" in elsewhere.run("restore", str(tmp_path / "meanwhile")).out


def test_a_key_kept_elsewhere_is_asked_for(office: Terminal, tmp_path: Path, elsewhere: Terminal) -> None:
    said = office.run("backup", "--to", str(tmp_path / "keyless"), "--without-key").out
    assert "key was left out" in said and not (tmp_path / "keyless" / "interlock.key").exists()
    assert "made without its key" in elsewhere.refused("restore", str(tmp_path / "keyless"))
    assert not list(elsewhere.folder.iterdir()), "a refused restore leaves nothing"
    shutil.copy(office.key, elsewhere.key)
    elsewhere.run("restore", str(tmp_path / "keyless"))


def test_nothing_is_ever_overwritten(office: Terminal, copy: Path) -> None:
    before = office.kept()
    assert "it was left as it is" in office.refused("restore", str(copy))
    assert office.kept() == before
    assert "holds something already" in office.refused("backup", "--to", str(copy))


def test_a_bent_backup_is_not_restored(copy: Path, elsewhere: Terminal) -> None:
    manifest = copy / "manifest.json"
    told = json.loads(manifest.read_text())
    told["heads"][0]["hash"] = "0" * 64
    manifest.write_text(json.dumps(told))
    assert "does not hold" in elsewhere.refused("restore", str(copy))
    with (copy / "interlock.db").open("r+b") as file:
        file.seek(5000)
        file.write(b"bent")
    assert "bytes have changed" in elsewhere.refused("restore", str(copy))
    manifest.write_text("{")
    assert "damaged" in elsewhere.refused("restore", str(copy))
    manifest.unlink()
    assert "is no backup" in elsewhere.refused("restore", str(copy))
    assert not list(elsewhere.folder.iterdir()), "a refused restore leaves nothing"


def test_a_wrong_key_in_the_backup_is_found_before_anything_is_placed(copy: Path, elsewhere: Terminal) -> None:
    (copy / "interlock.key").write_text("A" * 43 + "=\n")
    assert "not the one this database was sealed with" in elsewhere.refused("restore", str(copy))
    assert not list(elsewhere.folder.iterdir()), "a refused restore leaves nothing"


def test_another_key_in_the_way_is_kept(copy: Path, elsewhere: Terminal) -> None:
    elsewhere.key.write_text("B" * 43 + "=\n")
    assert "another key" in elsewhere.refused("restore", str(copy))
    assert elsewhere.key.read_text() == "B" * 43 + "=\n" and not elsewhere.database.exists()


def test_a_server_database_is_left_to_its_own_tools(office: Terminal, copy: Path, tmp_path: Path) -> None:
    server = {"INTERLOCK_DATABASE_URL": "postgresql://somebody@127.0.0.1:1/interlock"}
    assert "pg_dump" in office.refused("backup", "--to", str(tmp_path / "dump"), changes=server)
    assert "pg_restore" in office.refused("restore", str(copy), changes=server)
    assert not (tmp_path / "dump").exists()
