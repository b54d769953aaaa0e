"""The same at a terminal: connecting through a browser, passports, disconnecting, what can be had."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.forking import Forker
from tests.cli.terminal import INTERLOCK, Terminal, at_terminal
from tests.journeys.conftest import through_intuit
from tests.journeys.traveller import Traveller
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    forking = Forker()
    yield forking
    forking.close()


@pytest.fixture
def terminal(tmp_path: Path, sandbox: Sandbox, forker: Forker) -> Iterator[Terminal]:
    yield at_terminal(tmp_path / "installation", sandbox, forker)
    sandbox.calm()


@contextmanager
def running(terminal: Terminal, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
    """A command that waits for a person."""
    process = subprocess.Popen(
        [*INTERLOCK, *arguments], env=terminal.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address_in(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, f"no address in {line!r}: {process.communicate()}"
    return found[0]


def test_a_client_is_connected_through_a_browser_from_a_terminal(terminal: Terminal, sandbox: Sandbox) -> None:
    first, second = sandbox.clients()[:2]
    names = ("--business", first.name, "--business", second.name)
    with running(terminal, "connect", "qbo", "--browser", *names, "--port", "0") as process:
        person = Traveller()
        row = person.follow(address_in(process))
        for company in (first, second):
            row = person.follow(through_intuit(person, person.send_first(row, "/go"), company).onward)
        said, trouble = process.communicate(timeout=60)
    assert process.returncode == 0, trouble
    assert f"{first.name} is connected" in said and f"{second.name} is connected" in said
    listed = terminal.run("connections", "--json").json()
    assert [each["state"] for each in listed["connections"]] == ["connected", "connected"]


def test_the_passport_is_read_aloud_and_a_disconnect_ends_it(terminal: Terminal, sandbox: Sandbox) -> None:
    client = sandbox.clients()[0]
    terminal.connect(client)
    shown = terminal.run("connections", client.name).out
    for words in (client.realm_id, "Refresh token until", "Recording", "off", "Last proof of reading"):
        assert words in shown
    assert "1 client" in terminal.run("connections").out
    ended = terminal.run("disconnect", "qbo", client.name).out
    assert "is disconnected, at Intuit too" in ended
    assert terminal.run("disconnect", "qbo", client.name, "--json").json()["words"].endswith("nothing was changed.")
    after = terminal.run("connections", client.name, "--json").json()["connection"]
    assert after["state"] == "disconnected"
    assert after["mend"]["command"] == f"interlock connect qbo --browser --business '{client.name}'"
    assert "disconnected" in terminal.refused("sync", client.name)
    terminal.connect(sandbox.clients()[0])
    assert terminal.run("connections", client.name, "--json").json()["connection"]["state"] == "connected"


def test_capabilities_say_what_works_and_what_would_change_the_rest(terminal: Terminal, sandbox: Sandbox) -> None:
    client = sandbox.clients()[0]
    said = terminal.run("capabilities", "--json").json()
    build = {each["key"]: each["state"] for each in (*said["features"], *said["parked"])}
    assert (build["payables"], build["approve-in-ramp"]) == ("connect:qbo", "parked:ApprovesBills")
    page = terminal.run("capabilities", "--markdown").out
    assert page.startswith("# What each rail can do") and "`PaysBills`" in page
    terminal.run("capabilities", "--markdown", "--json", expect=2)
    terminal.connect(client)
    theirs = {
        each["key"]: each["state"] for each in terminal.run("capabilities", client.name, "--json").json()["features"]
    }
    assert (theirs["payables"], theirs["recording-bills"], theirs["pay"]) == ("live", "off:recording", "connect:ramp")
    terminal.run("recording", "on", client.name)
    shown = terminal.run("capabilities", client.name).out
    assert "off:recording" not in shown
    assert "Connect Ramp to have it." in shown and "Parked: no public API can" in shown and "Declined" in shown


def test_what_cannot_be_used_is_said_before_anything_happens(terminal: Terminal) -> None:
    terminal.run("connect", "qbo", "--business", "Alder", expect=2)
    terminal.run("connect", "qbo", "--realm-id", "1", "--refresh-token", "T", expect=2)
    terminal.run("connect", "qbo", "--browser", "--realm-id", "1", expect=2)
    assert "INTERLOCK_QBO_CLIENT_ID" in terminal.refused(
        "connect", "qbo", "--browser", without=("INTERLOCK_QBO_CLIENT_ID",)
    )
    assert "no firm" in terminal.refused("disconnect", "qbo", "Alder")
    assert "no firm" in terminal.refused("connections")
