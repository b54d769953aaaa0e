"""``interlock recording``: the switch at the terminal."""

import pytest

from tests.cli.terminal import Terminal
from tests.support.sandbox import Sandbox


@pytest.fixture
def slug(terminal: Terminal, sandbox: Sandbox) -> str:
    terminal.connect(sandbox.clients()[0])
    (client,) = terminal.run("business", "list", "--json").json()["businesses"]
    found: str = client["slug"]
    return found


def test_on_and_off_say_what_they_do_and_are_logged(terminal: Terminal, slug: str) -> None:
    assert "No. Interlock only reads" in terminal.run("recording", slug).out
    turned = " ".join(terminal.run("recording", "on", slug).out.split())
    assert "No money moves by it" in turned and f"interlock recording off {slug}" in turned
    assert terminal.run("recording", "on", slug, "--json").json()["on"], "turned twice it stays on"
    assert not terminal.run("recording", "off", slug, "--json").json()["on"]
    actions = [line["action"] for line in terminal.run("log", slug, "--json").json()["lines"]]
    assert actions.count("connection.records_switched") == 2


@pytest.mark.usefixtures("slug")
def test_a_client_nobody_knows_and_no_client_at_all(terminal: Terminal) -> None:
    said = terminal.run("recording", "on", "nobody", expect=1).err
    assert "There is no business 'nobody' here" in said
    assert "BUSINESS" in terminal.run("recording", "on", expect=2).err
