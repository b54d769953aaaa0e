"""``interlock policy``: a file checked, compared, tried on the past, put in force, and what is kept of it."""

from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.support.sandbox import Sandbox

TEXT = '[floor]\nabsolute = "25000"\n\n[limits]\npayment = "100"\n'


@pytest.fixture
def slug(terminal: Terminal, sandbox: Sandbox) -> str:
    """A client whose owner is Iris and whose controller is Wren."""
    terminal.connect(sandbox.clients()[0])
    (client,) = terminal.run("business", "list", "--json").json()["businesses"]
    found: str = client["slug"]
    terminal.run("people", "add", "iris", "Iris Fenwick", "--client")
    terminal.run("people", "add", "wren", "Wren Halloran")
    terminal.run("people", "grant", found, "iris", "client_owner")
    terminal.run("people", "grant", found, "wren", "controller")
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "policy.toml"
    made.write_text(TEXT)
    return made


def test_a_broken_file_ends_with_two_and_the_line_of_every_fault(terminal: Terminal, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text('[floor]\nabsolute = 1.5\n[limit]\nday = "1"\n')
    said = terminal.run("policy", "check", str(broken), expect=2).out
    assert f"{broken}:2: floor.absolute is 1.5 without quotes" in said
    assert f"{broken}:3: limit is no section; did you mean [limits]?" in said
    as_json = terminal.run("policy", "check", str(broken), "--json", expect=2).json()
    assert [each["line"] for each in as_json["faults"]] == [2, 3]


def test_two_files_are_compared_without_any_client(terminal: Terminal, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(TEXT.replace("25000", "30000"))
    said = terminal.run("policy", "diff", str(file), str(other)).out
    assert "floor.absolute: USD 25,000.00 → USD 30,000.00" in said
    assert "limits.payment" not in said
    assert "Compare with what?" in terminal.run("policy", "diff", str(file), expect=1).err


def test_from_a_file_to_what_is_in_force_and_its_history(terminal: Terminal, slug: str, file: Path) -> None:
    assert "It changes 2 values" in terminal.run("policy", "check", str(file), "--business", slug).out
    assert "It waits for whoever puts it in force" in " ".join(
        terminal.run(
            "policy", "propose", str(file), "--business", slug, "--reason", "a calmer floor", "--as", "wren"
        ).out.split()
    )
    assert terminal.run("policy", slug, "--json").json()["proposal"]["check"]["fits"] is True
    set_it = ("policy", "set", str(file), "--business", slug, "--reason", "the owner asked", "--as")
    assert "may not put a policy in force" in " ".join(terminal.run(*set_it, "wren", expect=1).err.split())
    assert "In force as version 1." in terminal.run(*set_it, "iris", "--base", "0").out
    assert "meanwhile" in " ".join(terminal.run(*set_it, "iris", "--base", "0", expect=1).err.split())
    assert terminal.run("policy", "show", slug, "--text").out == TEXT
    shown = {each["path"]: each for each in terminal.run("policy", slug, "--json").json()["values"]}
    assert (shown["floor.absolute"]["value"], shown["floor.absolute"]["from_words"]) == (
        "USD 25,000.00",
        "client version 1",
    )
    assert shown["limits.day"]["from_words"] == "default"
    assert terminal.run("policy", slug, "--json").json()["proposal"] is None
    history = terminal.run("policy", "history", slug).out
    assert "Iris Fenwick [iris] (command line)" in history and "the owner asked" in history
    assert "floor.absolute: USD 0.00 → USD 25,000.00" in history
    actions = [line["action"] for line in terminal.run("log", slug, "--json").json()["lines"]]
    assert actions.count("policy.written") == 1


def test_the_firms_policy_is_every_clients_where_its_own_is_silent(terminal: Terminal, slug: str, file: Path) -> None:
    terminal.run("policy", "set", str(file), "--firm", "--reason", "house rules", "--as", "wren")
    shown = {each["path"]: each for each in terminal.run("policy", slug, "--json").json()["values"]}
    assert shown["limits.payment"]["from_words"] == "firm version 1"
    assert "By the firm’s version 1" in terminal.run("policy", "show", "--firm").out
    assert "Say whose policy" in " ".join(terminal.run("policy", "show", expect=1).err.split())


def test_a_dry_run_says_what_would_flip(terminal: Terminal, slug: str, file: Path) -> None:
    terminal.run("sync", slug)
    view = terminal.run("policy", "dry-run", str(file), slug, "--since", "120d", "--json").json()
    blocked = next(each for each in view["outcomes"] if each["outcome"] == "block")
    assert view["payments"] > 0
    assert blocked["after"] > blocked["before"]
    assert view["flips_count"] == len(view["flips"]) > 0
    paper = terminal.run("policy", "dry-run", str(file), slug, "--since", "120d").out
    assert "Reconstructed, not recorded" in paper
    assert (
        "--since is a number of days"
        in terminal.run("policy", "dry-run", str(file), slug, "--since", "soon", expect=1).err
    )
