"""A mail server in a thread of its own, which a test tells what to do at which step."""

import asyncio
import email
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from interlock_sandbox.mail.sink import USUAL, MailSink

WAIT_SECONDS = 60.0
CUT = "cut"
HOLD = "hold"


class TestServer(MailSink):
    """``does``: at which steps something else than usual is said: words, ``CUT``, or ``HOLD`` until ``usual``; ``reached``: one

    is held; ``kept``: a message was taken.
    """

    __test__ = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.does: dict[str, str] = {}
        self.url = ""
        self.reached = threading.Event()
        self.steps: list[str] = []
        self.kept = threading.Event()
        self._go = threading.Event()

    def keep(self, said: bytes) -> None:
        super().keep(said)
        self.kept.set()

    async def answer(self, step: str) -> str | None:
        self.steps.append(step)
        wanted = self.does.get(step, USUAL[step])
        if wanted == HOLD:
            self.reached.set()
            await asyncio.get_running_loop().run_in_executor(None, self._go.wait, WAIT_SECONDS)
            return None
        return None if wanted == CUT else wanted

    def usual(self) -> None:
        """Whoever is held is let go without an answer, and everything is as usual again."""
        self.does.clear()
        self._go.set()
        self._go = threading.Event()
        self.reached.clear()

    def messages(self) -> list[EmailMessage]:
        """What was taken, in order."""
        found = [
            email.message_from_bytes(each.read_bytes(), policy=default) for each in sorted(self.folder.glob("*.eml"))
        ]
        return [each for each in found if isinstance(each, EmailMessage)]


@contextmanager
def mail_server(folder: Path) -> Iterator[TestServer]:
    server = TestServer(folder)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mail", daemon=True)
    thread.start()
    try:
        server.url = asyncio.run_coroutine_threadsafe(server.open(), loop).result(WAIT_SECONDS)
        yield server
    finally:
        server.usual()
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result(WAIT_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT_SECONDS)
        loop.close()


async def _ended(server: TestServer) -> None:
    """Every conversation is over before the loop is."""
    await server.close()
    here = asyncio.current_task()
    talks = [each for each in asyncio.all_tasks() if each is not here]
    for each in talks:
        each.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
