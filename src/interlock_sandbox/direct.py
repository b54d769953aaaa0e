"""The sandbox without a socket: the same application, its HTTP included, over lines of memory in the caller's loop."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any
from weakref import WeakKeyDictionary

from aiohttp import web
from yarl import URL

from interlock_sandbox.sandbox import Sandbox
from interlock_sandbox.server import make_app

Answer = tuple[int, dict[str, str], bytes]
OURS = frozenset({"connection", "content-length", "host", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection ended without a whole answer; ``came`` is what had come through by then."""

    came: bytes


class Direct:
    """Answers requests in-process.

    It may be used from one loop after another (each gets its own application over the same sandbox), not from two
    threads at once.
    """

    def __init__(self, sandbox: Sandbox, *, gzip: bool = False) -> None:
        self.sandbox = sandbox
        self._gzip = gzip
        self._open: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Future[web.AppRunner]] = WeakKeyDictionary()

    async def answer(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer | Cut:
        """One exchange: status, headers (names in lower case) and the body's bytes as sent, or where it was cut.

        ``url`` is complete or begins with ``/``; ``Host``, ``Connection`` and ``Content-Length`` are set here.
        """
        loop = asyncio.get_running_loop()
        if loop not in self._open:
            self._open[loop] = asyncio.ensure_future(self._opened())
        server = (await asyncio.shield(self._open[loop])).server
        assert server is not None, "a runner that has been set up has a server"
        protocol = server()
        line = _Line(loop, protocol)
        protocol.connection_made(line)
        protocol.data_received(_request(method, URL(url), headers or {}, body or b""))
        try:
            await line.over
        finally:
            line.abort()  # a caller that stops waiting hangs up
        return Cut(bytes(line.came)) if line.aborted else _answer(method, bytes(line.came))

    async def close(self) -> None:
        """End the application of the running loop."""
        opened = self._open.pop(asyncio.get_running_loop(), None)
        if opened is not None:
            await (await opened).cleanup()

    async def _opened(self) -> web.AppRunner:
        runner = web.AppRunner(
            make_app(self.sandbox, gzip=self._gzip, warm=False, posts=False), access_log=None, keepalive_timeout=0
        )
        await runner.setup()
        return runner


class _Line(asyncio.Transport):
    """The server's end of a connection in memory."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.BaseProtocol) -> None:
        super().__init__({"peername": ("127.0.0.1", 0), "sockname": ("127.0.0.1", 0)})
        self.came = bytearray()
        self.over: asyncio.Future[None] = loop.create_future()
        self.aborted = False
        self._loop = loop
        self._protocol = protocol
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if not self._closing:
            self.came += data

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview[Any]]) -> None:
        for data in list_of_data:
            self.write(data)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._lost)

    def abort(self) -> None:
        self.aborted = self.aborted or not self._closing
        self.close()

    def pause_reading(self) -> None:
        """Everything has been read already."""

    def resume_reading(self) -> None:
        """See ``pause_reading``."""

    def _lost(self) -> None:
        self._protocol.connection_lost(None)
        if not self.over.done():
            self.over.set_result(None)


class _Received:
    """What ``http.client`` reads from in place of a socket."""

    def __init__(self, came: bytes) -> None:
        self._came = came

    def makefile(self, mode: str) -> io.BytesIO:
        del mode
        return io.BytesIO(self._came)


def _request(method: str, url: URL, headers: Mapping[str, str], body: bytes) -> bytes:
    host = f"{url.host}:{url.port}" if url.host else "127.0.0.1"
    lines = [f"{method} {url.raw_path_qs} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() not in OURS]
    if body or method not in {"GET", "HEAD", "DELETE"}:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _answer(method: str, came: bytes) -> Answer | Cut:
    received: Any = _Received(came)
    response = HTTPResponse(received, method=method)
    try:
        response.begin()
        body = response.read()
    except HTTPException:
        return Cut(came)
    return response.status, {name.lower(): value for name, value in response.getheaders()}, body
