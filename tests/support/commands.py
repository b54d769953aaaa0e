"""Commands of the product as processes of their own, started with an environment and ended, or killed, by the test."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from interlock.app.settings import Settings

_END_SECONDS = 20


def environment_of(settings: Settings) -> dict[str, str]:
    """What a shell would have to export for ``settings``."""
    assert settings.key_file.exists(), "the key lies beside the database or is given"
    return {
        "INTERLOCK_DATABASE_URL": settings.database_url,
        "INTERLOCK_SECRET_KEY": settings.key_file.read_text().strip(),
        "INTERLOCK_QBO_API_URL": settings.qbo_api_url,
        "INTERLOCK_QBO_TOKEN_URL": settings.qbo_token_url,
        "INTERLOCK_QBO_CLIENT_ID": settings.qbo_client_id or "",
        "INTERLOCK_QBO_CLIENT_SECRET": settings.qbo_client_secret or "",
    }


class Running(subprocess.Popen[str]):
    """A command under way, and the first line it said."""

    first_line: str = ""

    @property
    def address(self) -> str:
        """Where it serves, as its first line says."""
        return next(word for word in self.first_line.split() if word.startswith("http://"))


@contextmanager
def running(*command: str, environment: Mapping[str, str]) -> Iterator[Running]:
    """``interlock COMMAND``, up to its first line on stdout; interrupted when the block ends, if it still runs."""
    with Running(
        [sys.executable, "-m", "interlock", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            process.first_line = process.stdout.readline()
            assert process.first_line, f"interlock {' '.join(command)} said nothing: {process.stderr.read()}"
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(_END_SECONDS)
            finally:
                process.kill()
