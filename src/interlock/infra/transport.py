"""The one HTTP seam: an event loop on a thread of its own, and bounded requests over it.

Synchronous code calls ``run`` or iterates ``stream``; a database session never crosses into the loop.
"""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent import futures
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, overload

import msgspec

if TYPE_CHECKING:  # loaded with the first request: commands that only read the mirror start faster without it
    import aiohttp

from interlock.kernel.errors import InterlockError
from interlock.kernel.unspoken import Unspoken

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 125.0  # QBO gives up on a request after 120 s itself
_LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
_AHEAD_PAGES = 6
_CLOSING_SECONDS = 5.0
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


class Request(Unspoken, msgspec.Struct, frozen=True):
    """What to send. ``url`` complete but for ``query``, which is encoded here."""

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    body: bytes | None = None


class Reply(Unspoken, msgspec.Struct, frozen=True):
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
    """Owns the loop thread and the connection pool; one per process. ``close`` ends both, and whatever is under way on them."""

    answer_seconds: float = _ANSWER_SECONDS
    closing_seconds: float = _CLOSING_SECONDS
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop, repr=False)
    _session: aiohttp.ClientSession | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._submitting = threading.Lock()
        self._closed = False
        self._awaited: set[futures.Future[Any]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="interlock-transport", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run ``work`` on the loop and wait for it from another thread, at most ``timeout`` seconds.

        ``TransportError`` when that time is over, or when ``close`` ends the work.
        """
        future = self._submit(work)
        try:
            return future.result(timeout)
        except futures.CancelledError:
            raise _ending(sent=True) from None
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

        pumping = self._submit(pump())
        pumping.add_done_callback(
            lambda future: items.put((True, asyncio.CancelledError())) if future.cancelled() else None
        )
        try:
            while True:
                last, item = items.get()
                if last:
                    if isinstance(item, asyncio.CancelledError):
                        raise _ending(sent=True) from None
                    if item is not None:
                        raise item
                    return
                self._soon(room.release)
                yield item
        finally:
            pumping.cancel()

    def _submit(self, work: Coroutine[Any, Any, T]) -> futures.Future[T]:
        with self._submitting:  # so that whatever gets in is there for ``close`` to end
            if not self._closed:
                future = asyncio.run_coroutine_threadsafe(work, self._loop)
                self._awaited.add(future)
                future.add_done_callback(self._awaited.discard)
                return future
        work.close()
        raise _ending(sent=False)

    def _soon(self, act: Callable[[], None]) -> None:
        """Do ``act`` on the loop; once that is closed, nobody is left to whom it would matter."""
        with self._submitting:
            if not self._closed:
                self._loop.call_soon_threadsafe(act)

    async def send(self, request: Request, usage: Usage | None = None) -> Reply:
        """One exchange, no retries: policy belongs to the rail's client, which knows what is safe to repeat."""
        import aiohttp
        from yarl import URL

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
        """End it: what is under way is cancelled, and waited for at most ``closing_seconds``. Closing twice is closing once."""
        with self._submitting:
            if self._closed:
                return
            self._closed = True
            ending = asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        with suppress(futures.TimeoutError):
            ending.result(2 * self.closing_seconds)
        for future in list(self._awaited):  # what would not end is left alone, but nobody waits for it
            future.cancel()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(self.closing_seconds)
        if not self._thread.is_alive():  # else something holds the loop itself; the thread ends with the process
            self._loop.close()

    async def _end(self) -> None:
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way, timeout=self.closing_seconds)
        if self._session is not None:
            await self._session.close()
        await self._loop.shutdown_asyncgens()

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            import aiohttp

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


def _ending(*, sent: bool) -> TransportError:
    return TransportError("Interlock is ending, so this was cut off.", sent=sent)


def _host(url: str) -> str:
    from yarl import URL

    parts = URL(url)
    return f"{parts.host}:{parts.port}" if parts.host else url
