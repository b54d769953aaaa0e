"""The log as evidence: exported, verified with no database, anchored outside, and every way of bending it shown."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="module")
def name(sandbox: Sandbox) -> str:
    return sandbox.clients()[0].name


def exported(office: Terminal, name: str, to: Path) -> Path:
    office.run("log", name, "--export", str(to))
    return to


def test_all_chains_hold_and_each_is_named(office: Terminal, name: str) -> None:
    verdict = office.run("log", "verify", "--all", "--json").json()
    assert verdict["holds"] and not verdict["breaks"]
    assert {"The firm", name} <= {chain["name"] for chain in verdict["chains"]}
    assert "all hold" in office.run("log", "verify", name).out


def test_an_export_is_verified_without_any_database(office: Terminal, name: str, tmp_path: Path) -> None:
    file = exported(office, name, tmp_path / "log.ndjson")
    nowhere = {"INTERLOCK_DATABASE_URL": f"sqlite:///{tmp_path / 'nowhere' / 'interlock.db'}"}
    assert "all hold" in office.run("log", "verify", "--file", str(file), changes=nowhere).out
    assert not (tmp_path / "nowhere").exists(), "verifying a file opens no database"


@pytest.mark.parametrize("bend", ["edited", "removed", "moved"])
def test_a_bent_export_is_broken_and_the_line_is_named(office: Terminal, name: str, tmp_path: Path, bend: str) -> None:
    file = exported(office, name, tmp_path / "log.ndjson")
    lines = file.read_text().splitlines(keepends=True)
    if bend == "edited":
        lines[4] = json.dumps({**json.loads(lines[4]), "actor": "somebody else"}) + "\n"
    elif bend == "removed":
        del lines[4]
    else:
        lines[4], lines[5] = lines[5], lines[4]
    file.write_text("".join(lines))
    verdict = office.run("log", "verify", "--file", str(file), "--json", expect=1).json()
    assert not verdict["holds"] and verdict["breaks"][0]["seq"] in {5, 6}, verdict["breaks"]
    assert "Broken" in office.run("log", "verify", "--file", str(file), expect=1).out


def test_a_cut_off_end_shows_against_an_anchor_only(office: Terminal, name: str, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors"
    office.run("log", "anchor", "--all", "--to", str(anchors))
    file = exported(office, name, tmp_path / "log.ndjson")
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-2]))
    office.run("log", "verify", "--file", str(file))
    verdict = office.run("log", "verify", "--file", str(file), "--anchor", str(anchors), "--json", expect=1).json()
    assert verdict["breaks"][0]["why"] == "was anchored and is gone"


def test_an_older_anchor_counts_as_much_as_the_newest(office: Terminal, name: str, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors"
    office.run("log", "anchor", name, "--to", str(anchors))
    (good,) = anchors.read_text().splitlines()
    forged = {**json.loads(good), "seq": 2, "hash": "0" * 64}
    anchors.write_text(json.dumps(forged) + "\n" + good + "\n")
    said = office.run("log", "verify", name, "--anchor", str(anchors), expect=1).out
    assert "line 2 is not the line that was anchored" in said


def test_a_log_rewritten_in_the_database_is_found_by_verify_and_doctor(office: Terminal, tmp_path: Path) -> None:
    office.run("backup", "--to", str(tmp_path / "copy"))
    bent = Terminal(tmp_path / "bent", office.forker, {**office.environment})
    bent.environment["INTERLOCK_DATABASE_URL"] = f"sqlite:///{bent.database}"
    bent.folder.mkdir()
    bent.run("restore", str(tmp_path / "copy"))
    with closing(sqlite3.connect(bent.database)) as at:
        at.execute("DROP TRIGGER translog_no_update")
        at.execute("UPDATE translog SET actor = 'nobody' WHERE seq = 3")
        at.commit()
    assert "was changed after it was written" in bent.run("log", "verify", "--all", expect=1).out
    found = bent.run("doctor", "--json", expect=1).json()
    assert [item["what"] for item in found["items"] if item["state"] == "broken"] == ["Log"]


def test_files_that_are_no_log_and_no_anchors_are_refused_by_line(office: Terminal, name: str, tmp_path: Path) -> None:
    file = exported(office, name, tmp_path / "log.ndjson")
    assert "exists already" in office.refused("log", name, "--export", str(file))
    with file.open("a") as more:
        more.write("{half a li")
    last = len(file.read_text().splitlines())
    assert f"line {last}" in office.refused("log", "verify", "--file", str(file))
    assert "line 1" in office.refused("log", "verify", name, "--anchor", str(file))
    assert "There is no file" in office.refused("log", "verify", "--file", str(tmp_path / "none"))
