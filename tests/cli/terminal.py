"""A person at a terminal: runs the real command as a process of its own, and reads what it says."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.forking import COMMAND_SECONDS, Forker
from tests.support.sandbox import Sandbox, SandboxClient

INTERLOCK = (sys.executable, "-m", "interlock")
_STANDING = ("business", "firm", "connection", "sync_state", "bill", "bill_annotation", "payable_line", "translog")


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Terminal:
    """Commands run here see ``environment`` and nothing of the machine's own Interlock."""

    folder: Path
    forker: Forker
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "interlock.db"

    @property
    def key(self) -> Path:
        return self.folder / "interlock.key"

    def env(self, **changes: str | None) -> dict[str, str]:
        """The environment; ``None`` takes a variable away."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("INTERLOCK_")}
        said = {**kept, "HOME": str(self.folder), "PYTHONWARNINGS": "error", **self.environment, **changes}
        return {name: value for name, value in said.items() if value is not None}

    def run(
        self,
        *arguments: str,
        expect: int = 0,
        typed: str | None = None,
        without: tuple[str, ...] = (),
        changes: Mapping[str, str] | None = None,
    ) -> Said:
        """Run one command to its end; it must end with ``expect``."""
        env = self.env(**(changes or {}), **dict.fromkeys(without))
        said = Said(*self.forker.run(list(arguments), env, typed))
        return _as_expected(said, arguments, expect)

    def run_alone(
        self,
        *arguments: str,
        expect: int = 0,
        command: tuple[str, ...] = INTERLOCK,
        preexec: Callable[[], None] | None = None,
        changes: Mapping[str, str] | None = None,
    ) -> Said:
        """The same by a Python started for it, or by another ``command``."""
        ended = subprocess.run(
            [*command, *arguments],
            env=self.env(**(changes or {})),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            preexec_fn=preexec,
        )
        return _as_expected(Said(ended.returncode, ended.stdout, ended.stderr), arguments, expect)

    def refused(self, *arguments: str, **how: Any) -> str:
        """Run a command that must fail: nothing on stdout, one sentence on stderr, which is returned."""
        return sentence_of(self.run(*arguments, expect=1, **how))

    def connect(self, client: SandboxClient, **how: Any) -> Said:
        """Take a client on; its token goes through standard input."""
        return self.run(
            *("connect", "qbo", "--business", client.name, "--realm-id", client.realm_id, "--refresh-token", "-"),
            typed=client.refresh_token,
            **how,
        )

    def kept(self) -> dict[str, int]:
        """How many rows stand in the tables that a command may write to; all zero where there is no database."""
        if not self.database.exists():
            return dict.fromkeys(_STANDING, 0)
        with closing(sqlite3.connect(self.database)) as at:
            return {table: at.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _STANDING}


def sentence_of(said: Said) -> str:
    """What a failed command says: one sentence on stderr, nothing on stdout."""
    assert not said.out, f"a command that fails says nothing on stdout, but said {said.out!r}"
    sentence = said.err.strip()
    assert len(sentence.splitlines()) == 1, f"one sentence was expected, not {said.err!r}"
    assert sentence[0] not in "([{<" and len(sentence.split()) > 3, f"not a sentence: {sentence!r}"
    return sentence


def _as_expected(said: Said, arguments: tuple[str, ...], expect: int) -> Said:
    spoken = f"`interlock {' '.join(arguments)}`"
    assert said.code == expect, f"{spoken} ended with {said.code}, not {expect}: {said.err or said.out}"
    assert "Traceback" not in said.err, f"{spoken} showed a traceback: {said.err}"
    return said


def at_terminal(folder: Path, sandbox: Sandbox, forker: Forker) -> Terminal:
    """A terminal set up for the sandbox, with an empty database in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    client_id, client_secret = sandbox.app()
    return Terminal(
        folder,
        forker,
        {
            "INTERLOCK_DATABASE_URL": f"sqlite:///{folder / 'interlock.db'}",
            "INTERLOCK_QBO_API_URL": sandbox.url,
            "INTERLOCK_QBO_TOKEN_URL": f"{sandbox.url}/oauth2/v1/tokens/bearer",
            "INTERLOCK_QBO_AUTHORIZE_URL": f"{sandbox.url}/connect/oauth2",
            "INTERLOCK_QBO_REVOKE_URL": f"{sandbox.url}/v2/oauth2/tokens/revoke",
            "INTERLOCK_QBO_CLIENT_ID": client_id,
            "INTERLOCK_QBO_CLIENT_SECRET": client_secret,
        },
    )
