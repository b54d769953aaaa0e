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


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, forker: Forker) -> Iterator[tuple[Terminal, str]]:
    """An installation of the module's own: one client, a controller and a reviewer; and the client's short name."""
    terminal = at_terminal(tmp_path_factory.mktemp("desk"), sandbox, forker)
    terminal.connect(sandbox.clients()[0])
    terminal.run("sync", "--all")
    slug = terminal.run("business", "list", "--json").json()["businesses"][0]["slug"]
    for handle, name, role in (("wren", "Wren Halloran", "controller"), ("robin", "Robin Vale", "reviewer")):
        terminal.run("people", "add", handle, name)
        terminal.run("people", "grant", slug, handle, role)
    yield terminal, slug
    sandbox.calm()
