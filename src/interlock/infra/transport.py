"""The one HTTP seam: an event loop on a thread of its own, and bounded requests over it.

Synchronous code calls ``run`` or iterates ``stream``; a database session never crosses into the loop.
"""

import asyncio
import queue
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

import aiohttp
import msgspec
from yarl import URL

from interlock.kernel.errors import InterlockError

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 125.0  # QBO gives up on a request after 120 s itself
_LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
_AHEAD_PAGES = 6
_READ_BUFFER_BYTES = 4 * 1024 * 1024
# Threads that store wait for the interpreter behind the loop's decoding; the default of 5 ms is as long as a page takes.
_SWITCH_SECONDS = 0.0005

T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")


class TransportError(InterlockError):
    """No usable answer came back. ``sent`` says whether the request may have reached the other side."""

    code = "transport"
    status = 503

    def __init__(self, sentence: str, *, sent: bool) -> None:
        super().__init__(sentence)
        self.sent = sent


class Request(msgspec.Struct, frozen=True):
    """What to send. ``url`` complete but for ``query``, which is encoded here."""

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    body: bytes | None = None


class Reply(msgspec.Struct, frozen=True):
    """What came back, whatever its status; headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Usage:
    """Counted by whoever sends: calls made and bytes received (decoded); ``metered``: reads that the rail's plan counts."""

    calls: int = 0
    bytes: int = 0
    metered: int = 0


@dataclass
class Transport:
    """Owns the loop thread and the connection pool; one per process. ``close`` ends both."""

    answer_seconds: float = _ANSWER_SECONDS
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop, repr=False)
    _session: aiohttp.ClientSession | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._thread = threading.Thread(target=self._loop.run_forever, name="interlock-transport", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run ``work`` on the loop and wait for it from another thread, at most ``timeout`` seconds."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            if timeout is None or future.done():
                raise  # the work's own, not ours
            future.cancel()
            raise TransportError(f"No answer within {timeout:.0f} seconds.", sent=True) from None

    def stream(self, source: AsyncIterator[T], ahead: int = _AHEAD_PAGES) -> Iterator[T]:
        """Iterate ``source`` from another thread while the loop works ``ahead`` items in advance.

        What ``source`` raises is raised here. Leaving early cancels it.
        """
        items: queue.Queue[tuple[bool, Any]] = queue.Queue()
        room = asyncio.Semaphore(ahead)

        async def pump() -> None:
            try:
                async for item in source:
                    await room.acquire()
                    items.put((False, item))
                items.put((True, None))
            except BaseException as trouble:  # handed to the consumer, who raises it
                items.put((True, trouble))
                if isinstance(trouble, asyncio.CancelledError):
                    raise

        pumping = asyncio.run_coroutine_threadsafe(pump(), self._loop)
        try:
            while True:
                last, item = items.get()
                if last:
                    if item is not None:
                        raise item
                    return
                self._loop.call_soon_threadsafe(room.release)
                yield item
        finally:
            pumping.cancel()

    async def send(self, request: Request, usage: Usage | None = None) -> Reply:
        """One exchange, no retries: policy belongs to the rail's client, which knows what is safe to repeat."""
        try:
            async with self._pool().request(
                request.method,
                URL(request.url).with_query(request.query) if request.query else URL(request.url),
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
            ) as answer:
                body = await _read(answer)
                if usage is not None:
                    usage.calls += 1
                    usage.bytes += len(body)
                return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)
        except aiohttp.ClientConnectorError as trouble:
            raise TransportError(f"Nothing answers at {_host(request.url)}.", sent=False) from trouble
        except TimeoutError as trouble:
            raise TransportError(
                f"{_host(request.url)} did not answer within {self.answer_seconds:.0f} seconds.", sent=True
            ) from trouble
        except aiohttp.InvalidURL as trouble:
            raise TransportError(f"{request.url!r} is not an address.", sent=False) from trouble
        except aiohttp.ClientError as trouble:
            raise TransportError(f"{_host(request.url)} broke off the connection.", sent=True) from trouble

    def close(self) -> None:
        if self._session is not None:
            self.run(self._session.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=100, limit_per_host=0),
                timeout=aiohttp.ClientTimeout(total=self.answer_seconds, connect=_CONNECT_SECONDS),
                auto_decompress=True,
                read_bufsize=_READ_BUFFER_BYTES,
            )
        return self._session


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body, unpacked; its length as announced proves nothing, so what comes is counted."""
    too_large = TransportError("The answer is larger than 64 MiB and was not read.", sent=True)
    if (answer.content_length or 0) > _LARGEST_ANSWER_BYTES:
        raise too_large
    parts: list[bytes] = []
    room = _LARGEST_ANSWER_BYTES
    async for part in answer.content.iter_any():
        parts.append(part)
        room -= len(part)
        if room < 0:
            raise too_large
    return b"".join(parts)


@overload
async def together(first: Awaitable[T], second: Awaitable[U], /) -> tuple[T, U]: ...
@overload
async def together(first: Awaitable[T], second: Awaitable[U], third: Awaitable[V], /) -> tuple[T, U, V]: ...
async def together(*calls: Awaitable[Any]) -> tuple[Any, ...]:
    """Await ``calls`` side by side. When one fails, the others are ended before its error is raised: none outlives us."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _host(url: str) -> str:
    parts = URL(url)
    return f"{parts.host}:{parts.port}" if parts.host else url
