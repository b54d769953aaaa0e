"""A mail server (RFC 5321) that takes what it is given and delivers nothing: each message becomes a file, ``0001.eml``.

It speaks on the loopback address only, one message a connection or several, without encryption and without asking who it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path

HOST = "127.0.0.1"
_LINE_BYTES = 64 * 1024
_MESSAGE_BYTES = 32 * 1024 * 1024
_PATH = re.compile(rb"^(?:MAIL FROM|RCPT TO):\s*<([^<>\s]*)>", re.IGNORECASE)
_HELLO = (b"HELO", b"EHLO")

USUAL = {
    "greet": "220 mail.sandbox.example ESMTP",
    "hello": "250 mail.sandbox.example",
    "from": "250 sender noted",
    "to": "250 recipient noted",
    "data": "354 end with a dot on a line",
    "end": "250 taken",
    "reset": "250 forgotten",
    "quit": "221 goodbye",
    "unknown": "502 not understood",
    "order": "503 not yet",
    "large": "552 too large",
}
"""What is answered at each step when nothing is out of the ordinary."""


class MailSink:
    """Listens while it is open. ``taken``: how many messages it has answered for, or was about to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: asyncio.Server | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.taken = len(list(folder.glob("*.eml")))

    async def open(self, port: int = 0) -> str:
        """Begin to listen; the address, ``smtp://127.0.0.1:2525``."""
        self._server = await asyncio.start_server(self._serve, HOST, port, limit=_LINE_BYTES)
        return f"smtp://{HOST}:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def answer(self, step: str) -> str | None:
        """What to say at a step of ``USUAL``; ``None`` breaks off without a word. A message is kept before ``end`` is asked."""
        return USUAL[step]

    def keep(self, said: bytes) -> None:
        """Write a message down."""
        self.taken += 1
        (self.folder / f"{self.taken:04}.eml").write_bytes(said)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, ValueError
        ):  # who called has hung up, or shouts
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender: bytes | None = None
        recipients: list[bytes] = []
        step = "greet"
        while await self._say(writer, step) and step != "quit":
            if step == "data":
                said = await _text(reader)
                if said is not None:
                    self.keep(said)
                step, sender, recipients = "end" if said is not None else "large", None, []
                continue
            line = (await reader.readuntil(b"\n")).rstrip(b"\r\n")
            step = _step(line, sender is not None, bool(recipients))
            path = _PATH.match(line)
            if step == "from" and path is not None:
                sender, recipients = path[1], []
            elif step == "to" and path is not None:
                recipients.append(path[1])
            elif step == "reset":
                sender, recipients = None, []

    async def _say(self, writer: asyncio.StreamWriter, step: str) -> bool:
        words = await self.answer(step)
        if words is None:
            return False
        writer.write(f"{words}\r\n".encode())
        await writer.drain()
        return True


def _step(line: bytes, has_sender: bool, has_recipients: bool) -> str:
    verb = line[:4].upper()
    if verb in _HELLO:
        return "hello"
    if verb in (b"MAIL", b"RCPT"):
        if _PATH.match(line) is None:
            return "unknown"
        return "from" if verb == b"MAIL" else "to" if has_sender else "order"
    if verb == b"DATA":
        return "data" if has_recipients else "order"
    return {b"RSET": "reset", b"NOOP": "reset", b"QUIT": "quit"}.get(verb, "unknown")


async def _text(reader: asyncio.StreamReader) -> bytes | None:
    """Lines up to the one dot; ``None`` for more of them than are taken."""
    lines: list[bytes] = []
    size = 0
    while (line := await reader.readuntil(b"\n")).rstrip(b"\r\n") != b".":
        size += len(line)
        if size <= _MESSAGE_BYTES:
            lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines) if size <= _MESSAGE_BYTES else None
