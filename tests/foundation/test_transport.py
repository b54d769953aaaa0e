"""The one HTTP seam: it says whether a request may have arrived, keeps every answer within bounds, and never hangs on."""

import asyncio
import gzip
import threading
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from interlock.infra.transport import Reply, Request, Transport, TransportError, Usage
from tests.support.raw_server import HANGS_UP, answering

MIB = 1024 * 1024


@pytest.fixture
def transport() -> Iterator[Transport]:
    opened = Transport(answer_seconds=20)
    yield opened
    opened.close()


def get(transport: Transport, url: str, usage: Usage | None = None) -> Reply:
    return transport.run(transport.send(Request("GET", url), usage))


def test_an_answer_comes_whole_whatever_its_status_and_is_counted(transport: Transport) -> None:
    usage = Usage()
    with answering(
        b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlater"
    ) as url:
        reply = get(transport, url, usage)
    assert (reply.status, reply.body, reply.headers["retry-after"]) == (503, b"later", "7")
    assert (usage.calls, usage.bytes) == (1, 5)


def test_a_redirect_is_an_answer_and_is_not_followed(transport: Transport) -> None:
    with answering(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n") as url:
        assert get(transport, url).status == 302


def test_where_nothing_listens_nothing_was_sent(transport: Transport) -> None:
    with answering(HANGS_UP) as url:
        pass
    with pytest.raises(TransportError, match="Nothing answers at 127") as trouble:
        get(transport, url)
    assert trouble.value.sent is False


@pytest.mark.parametrize(
    "answer",
    [HANGS_UP, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it", b"SSH-2.0-OpenSSH_9.6\r\n"],
    ids=["hangs up", "breaks off", "speaks something else"],
)
def test_a_connection_that_breaks_may_have_carried_the_request(transport: Transport, answer: bytes) -> None:
    with answering(answer) as url, pytest.raises(TransportError, match="broke off") as trouble:
        get(transport, url)
    assert trouble.value.sent is True


def test_an_address_that_is_none_is_said(transport: Transport) -> None:
    with pytest.raises(TransportError, match="not an address") as trouble:
        get(transport, "nowhere")
    assert trouble.value.sent is False


def test_an_answer_larger_than_its_bound_is_not_read(transport: Transport) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {65 * MIB}\r\n\r\n".encode()
    with answering(head) as url, pytest.raises(TransportError, match="larger than 64 MiB"):
        get(transport, url)


def test_an_answer_that_does_not_say_how_large_it_is_has_the_same_bound(transport: Transport) -> None:
    packed = gzip.compress(bytes(80 * MIB), 1)  # a few hundred KB on the wire
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    with answering(head + packed) as url, pytest.raises(TransportError, match="larger than 64 MiB"):
        get(transport, url)


def test_waiting_has_an_end(transport: Transport) -> None:
    with pytest.raises(TransportError, match="No answer within 0 seconds") as trouble:
        transport.run(asyncio.sleep(60), timeout=0.05)
    assert trouble.value.sent is True


def test_a_timeout_of_the_works_own_comes_through_as_it_is(transport: Transport) -> None:
    async def gives_up() -> None:
        raise TimeoutError("its own")

    for patience in (None, 20.0):
        with pytest.raises(TimeoutError, match="its own"):
            transport.run(gives_up(), timeout=patience)


async def numbers(upto: int, seen: list[int]) -> AsyncIterator[int]:
    for number in range(upto):
        seen.append(number)
        yield number
    raise LookupError("the end was no good")


def test_a_stream_comes_in_order_and_raises_what_its_source_raises(transport: Transport) -> None:
    collected: list[int] = []

    def read_all() -> None:
        for number in transport.stream(numbers(50, [])):
            collected.append(number)

    with pytest.raises(LookupError, match="no good"):
        read_all()
    assert collected == list(range(50)), "everything before the trouble is handed on first"


def test_a_stream_works_only_so_far_ahead_and_stops_when_left(transport: Transport) -> None:
    seen: list[int] = []
    stream = transport.stream(numbers(10_000, seen), ahead=4)
    assert next(stream) == 0
    stream.close()  # type: ignore[attr-defined]
    transport.run(asyncio.sleep(0))
    assert len(seen) <= 8, "a source must not run away from its reader"


class Waiting:
    """A thread that waits for something on the transport; ``begun`` once it does, ``trouble`` is what ended it."""

    def __init__(self, transport: Transport, *, streams: bool = False, stubborn: bool = False) -> None:
        self.begun, self.tidied = threading.Event(), threading.Event()
        self.trouble: BaseException | None = None
        self._stubborn = stubborn
        self._thread = threading.Thread(target=self._wait, args=(transport, streams))
        self._thread.start()
        assert self.begun.wait(20), "the work never began"

    def ended(self) -> BaseException | None:
        self._thread.join(20)
        assert not self._thread.is_alive(), "closing must end whoever waits"
        return self.trouble

    def _wait(self, transport: Transport, streams: bool) -> None:
        try:
            if streams:
                list(transport.stream(self._never_ending()))
            else:
                transport.run(self._for_ever())
        except BaseException as trouble:  # noqa: BLE001 - whatever it is, the test looks at it
            self.trouble = trouble

    async def _for_ever(self) -> None:
        self.begun.set()
        try:
            await asyncio.sleep(3_600)
        finally:
            self.tidied.set()
            while self._stubborn:
                try:
                    await asyncio.sleep(3_600)
                except asyncio.CancelledError:
                    continue

    async def _never_ending(self) -> AsyncIterator[int]:
        yield 1
        await self._for_ever()


@pytest.mark.parametrize("streams", [False, True], ids=["one answer", "a stream"])
def test_closing_ends_what_is_under_way_and_tells_who_waits_for_it(streams: bool) -> None:
    transport = Transport()
    waiting = Waiting(transport, streams=streams)
    transport.close()
    trouble = waiting.ended()
    assert isinstance(trouble, TransportError), trouble
    assert (trouble.sentence, trouble.sent) == ("Interlock is ending, so this was cut off.", True)
    assert waiting.tidied.is_set(), "what is cut off gets to tidy up"


def test_what_a_stream_held_ready_when_it_was_closed_is_handed_on_before_its_end() -> None:
    transport = Transport()
    ready = threading.Event()

    async def source() -> AsyncIterator[int]:
        yield 1
        yield 2
        ready.set()
        await asyncio.sleep(3_600)

    stream = transport.stream(source())
    assert next(stream) == 1
    assert ready.wait(20), "the source never came so far"
    transport.close()
    assert next(stream) == 2
    with pytest.raises(TransportError, match="ending"):
        next(stream)


@pytest.mark.parametrize("streams", [False, True], ids=["one answer", "a stream"])
def test_work_that_will_not_end_keeps_nobody_waiting(streams: bool) -> None:
    transport = Transport(closing_seconds=0.1)
    waiting = Waiting(transport, streams=streams, stubborn=True)
    began = time.monotonic()
    transport.close()
    assert time.monotonic() - began < 10, "closing waits for a bounded time only"
    assert isinstance(waiting.ended(), TransportError)


def test_nothing_begins_once_it_is_closed_and_closing_again_is_nothing() -> None:
    transport = Transport()
    transport.close()
    transport.close()
    with pytest.raises(TransportError, match="ending") as trouble:
        transport.run(asyncio.sleep(0))
    assert trouble.value.sent is False
    with pytest.raises(TransportError, match="ending"):
        next(transport.stream(numbers(3, [])))
