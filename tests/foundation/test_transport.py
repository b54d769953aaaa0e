"""The one HTTP seam: it says whether a request may have arrived, keeps every answer within bounds, and never hangs on."""

import asyncio
import gzip
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
