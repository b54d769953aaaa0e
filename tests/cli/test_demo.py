"""The demonstration: one command shows a firm with its clients, and leaves nothing behind however it ends."""

import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.forking import COMMAND_SECONDS, Forker
from tests.cli.terminal import INTERLOCK, Terminal, sentence_of

_GONE_SECONDS = 20


@dataclass
class Demo:
    """A running demo: its process, its pages, its QuickBooks, where it lives."""

    process: "subprocess.Popen[str]"
    pages: str
    sandbox: str
    folder: Path
    environment: Path

    def line_to_sandbox(self) -> socket.socket:
        """An open connection to the sandbox: it ends when the sandbox does."""
        port = int(self.sandbox.rsplit(":", 1)[1])
        return socket.create_connection(("127.0.0.1", port), timeout=_GONE_SECONDS)


@pytest.fixture
def anywhere(tmp_path: Path, forker: Forker) -> Terminal:
    """A terminal whose environment points at nothing that works: a demo must not care."""
    unusable = {"INTERLOCK_DATABASE_URL": "mysql://nowhere", "INTERLOCK_QBO_API_URL": "http://127.0.0.1:9"}
    return Terminal(tmp_path, forker, {**unusable, "INTERLOCK_SECRET_KEY": "broken", "TMPDIR": str(tmp_path)})


@contextmanager
def running(terminal: Terminal, *arguments: str) -> Iterator[Demo]:
    command = [*INTERLOCK, "demo", "--clients", "1", "--port", "0", *arguments]
    with subprocess.Popen(
        command, env=terminal.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        while "Everything lives in" not in said:
            line = process.stdout.readline()
            assert line, f"the demo ended before it served: {process.communicate()[1]}"
            said += line
        pages, sandbox = re.findall(r"http://127\.0\.0\.1:\d+", said)
        environment = Path(re.search(r"\. (/\S+)", said)[1])  # type: ignore[index]
        try:
            yield Demo(process, pages, sandbox, environment.parent, environment)
        finally:
            process.kill()


def ended(line: socket.socket) -> bool:
    """Whether the other side goes away; waits for it."""
    with closing(line):
        try:
            return line.recv(1) == b""
        except ConnectionResetError:
            return True


def test_headless_prints_the_portfolio_and_one_digest(anywhere: Terminal) -> None:
    said = anywhere.run_alone("demo", "--headless", "--clients", "2", "--seed", "3")
    assert "2 clients" in said.out and "What is next" in said.out and "seal " in said.out
    assert not list(anywhere.folder.glob("interlock-demo-*")), "a demo leaves no folder behind"


def test_pages_are_served_and_other_commands_find_the_demo(anywhere: Terminal, forker: Forker) -> None:
    with running(anywhere) as demo:
        with urllib.request.urlopen(demo.pages) as page:
            assert page.status == 200
        exports = dict(re.findall(r"^export (\w+)=(.*)$", demo.environment.read_text(), re.MULTILINE))
        (client,) = Terminal(demo.folder, forker, exports).run("business", "list", "--json").json()["businesses"]
        assert "No changes" in Terminal(demo.folder, forker, exports).run("sync", client["slug"], "--rail", "qbo").out
        assert demo.environment.stat().st_mode & 0o077 == 0, "the app's secret is for its owner only"

        port = demo.pages.rsplit(":", 1)[1]
        second = anywhere.run_alone("demo", "--port", port, expect=1)
        assert f"Port {port}" in sentence_of(second), "a taken port is the only thing a second demo says"
        assert len(list(anywhere.folder.glob("interlock-demo-*"))) == 1, "a refused demo makes no folder"

        sandbox = demo.line_to_sandbox()
        demo.process.send_signal(signal.SIGINT)
        _, err = demo.process.communicate(timeout=COMMAND_SECONDS)
        assert demo.process.returncode == 130
        assert "Traceback" not in err and "Error" not in err, f"an interrupt ends quietly: {err}"
        assert ended(sandbox)
        assert not demo.folder.exists(), "a demo leaves no folder behind"


def test_a_killed_demo_leaves_no_sandbox(anywhere: Terminal) -> None:
    with running(anywhere) as demo:
        sandbox = demo.line_to_sandbox()
        demo.process.kill()
        assert ended(sandbox), "the sandbox outlived the demo that started it"


def test_a_kept_demo_goes_on_where_it_was(anywhere: Terminal) -> None:
    kept = ("--data", str(anywhere.folder / "kept"))
    with running(anywhere, *kept) as demo:
        demo.process.terminate()
        _, err = demo.process.communicate(timeout=COMMAND_SECONDS)
        assert "Traceback" not in err
        exports = dict(re.findall(r"^export (\w+)=(.*)$", demo.environment.read_text(), re.MULTILINE))
    anywhere.run_alone("demo", "--headless", "--clients", "1", *kept)
    there = Terminal(anywhere.folder, anywhere.forker, exports)
    (client,) = there.run("business", "list", "--json").json()["businesses"]
    lines = there.run("log", client["slug"], "--most", "40", "--json").json()["lines"]
    reads = [each["body"] for each in lines if each["action"] == "sync.finished"]
    newest = {each["rail"]: each["mode"] for each in reversed(reads)}
    # Ramp tells no changes: it is read whole each time.
    assert newest == {"qbo": "changes", "plaid": "changes", "stripe": "changes", "ramp": "full"}
