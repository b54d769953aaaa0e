"""Commands run as processes, over a sandbox process and databases of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forking import Forker
from tests.cli.terminal import Terminal, at_terminal
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    """What commands are forked from, with everything imported."""
    forking = Forker()
    yield forking
    forking.close()


@pytest.fixture
def terminal(tmp_path: Path, sandbox: Sandbox, forker: Forker) -> Iterator[Terminal]:
    """An empty installation. Trouble a test makes in the sandbox is over when it ends."""
    yield at_terminal(tmp_path / "installation", sandbox, forker)
    sandbox.calm()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, forker: Forker) -> Terminal:
    """An installation with every client of the sandbox connected and synced, shared by a module: tests leave it as it is."""
    terminal = at_terminal(tmp_path_factory.mktemp("office"), sandbox, forker)
    for client in sandbox.clients():
        terminal.connect(client)
    terminal.run("sync", "--all")
    return terminal
