"""``interlock people``: making people, giving roles, letting somebody stand in."""

import pytest

from tests.cli.terminal import Terminal
from tests.support.sandbox import Sandbox


@pytest.fixture
def slug(terminal: Terminal, sandbox: Sandbox) -> str:
    terminal.connect(sandbox.clients()[0])
    (client,) = terminal.run("business", "list", "--json").json()["businesses"]
    found: str = client["slug"]
    return found


def test_from_nobody_to_two_who_decide_and_one_who_stands_in(terminal: Terminal, slug: str) -> None:
    assert "Nobody yet" in terminal.run("people", "list").out
    assert "nothing can be decided" in " ".join(terminal.run("people", "list", slug).out.split())
    assert "interlock people grant BUSINESS iris" in " ".join(
        terminal.run("people", "add", "iris", "Iris Fenwick", "--client", "--email", "iris@people.example").out.split()
    )
    terminal.run("people", "add", "olaf", "Olaf Fenwick", "--client")
    assert "is now client owner" in terminal.run("people", "grant", slug, "iris", "client_owner").out
    terminal.run("people", "grant", slug, "olaf", "client_approver")
    said = terminal.run(
        "people", "delegate", slug, "olaf", "--limit", "900.00", "--until", "2031-01-01", "--reason", "on leave",
        "--as", "iris", expect=1,
    ).err  # fmt: skip
    assert "92 days" in said, "a stand-in for years is none"
    shown = terminal.run("people", "list", slug, "--json").json()
    assert {each["handle"]: each["roles"] for each in shown["people"]} == {
        "iris": ["client owner"],
        "olaf": ["client approver"],
    }
    actions = [line["action"] for line in terminal.run("log", slug, "--json").json()["lines"]]
    assert actions.count("role.granted") == 2
    terminal.run("people", "revoke", slug, "olaf", "client_approver")
    assert "Only Iris Fenwick may approve" in " ".join(terminal.run("people", "list", slug).out.split())
    assert "has left" in terminal.run("people", "leave", "iris").out
    assert "nobody called 'iris'" in " ".join(
        terminal.run("people", "grant", slug, "iris", "client_owner", expect=1).err.split()
    )
