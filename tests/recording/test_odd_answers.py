"""What an answer to a record proves: a fault that names itself wrote nothing; anything else may have, and counts as no refusal."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from interlock.app.house import FreshGrant
from interlock.domains.qbo.client import QBOClient
from interlock.domains.qbo.grant import App, Tokens
from interlock.domains.qbo.pacing import Pacer
from interlock.infra.transport import Transport
from interlock.rails.connections import Grant
from interlock.rails.errors import OutcomeUnknown, RailError, Rejected, Unauthorised
from tests.support.raw_server import HANGS_UP, answering

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def transport() -> Iterator[Transport]:
    opened = Transport()
    yield opened
    opened.close()


def http(status: int, body: str, kind: str = "application/json") -> bytes:
    data = body.encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    return head.encode() + data


def fault(code: str, detail: str = "As it is.") -> str:
    return f'{{"Fault": {{"Error": [{{"Message": "No", "Detail": "{detail}", "code": "{code}"}}], "type": "ValidationFault"}}}}'


def answered(transport: Transport, answer: bytes) -> bytes:
    """What the client makes of it, when a record is answered so."""
    grant = Grant(refresh_token="r", access_token="a", access_expires_at=_NOW + timedelta(hours=1))
    with answering(answer) as url:
        app = App("id", "secret", f"{url}tokens", url)
        tokens = Tokens(app, transport, FreshGrant(grant), lambda: _NOW)
        client = QBOClient("123", url, transport, tokens, Pacer(), records=lambda: True)
        return transport.run(client.record("payment", {"TotalAmt": 1}, "key_1"))


def trouble_of(transport: Transport, answer: bytes) -> RailError:
    with pytest.raises(RailError) as trouble:
        answered(transport, answer)
    return trouble.value


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, "6190", "subscription has lapsed"),
        (400, "6210", "books are closed"),
        (400, "5010", "at the same moment"),
        (400, "2010", "code 2010: As it is"),
        (403, "5020", "plan doesn't include it"),
        (200, "6000", "sync and look at what is still open"),
    ],
)
def test_a_fault_that_names_itself_wrote_nothing(transport: Transport, status: int, code: str, words: str) -> None:
    trouble = trouble_of(transport, http(status, fault(code)))
    assert isinstance(trouble, Rejected) and trouble.reason == code
    assert words in trouble.sentence and trouble.sentence.endswith("Nothing was written.")


@pytest.mark.parametrize(
    "answer",
    [
        http(400, fault("600", "RequestId already exists")),
        http(400, "<html>Bad Request</html>", "text/html"),
        http(404, "<html>Not here</html>", "text/html"),
        http(408, "", "text/plain"),
        http(302, "", "text/plain"),
        http(400, '{"Fault": {"Error": []}}'),
        http(500, fault("10000")),
        http(502, "<html>Bad gateway</html>", "text/html"),
        HANGS_UP,
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
    ],
)
def test_anything_else_may_have_written_it(transport: Transport, answer: bytes) -> None:
    trouble = trouble_of(transport, answer)
    assert isinstance(trouble, OutcomeUnknown), f"taken for {trouble!r}"
    assert trouble.key == "key_1"


def test_no_access_wrote_nothing(transport: Transport) -> None:
    assert isinstance(trouble_of(transport, http(403, fault("3100"))), Unauthorised)


def test_an_answer_that_says_nothing_is_handed_on_as_it_came(transport: Transport) -> None:
    assert answered(transport, http(200, "<html>Hello</html>", "text/html")) == b"<html>Hello</html>"
