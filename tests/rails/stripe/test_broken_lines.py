"""Lines that break: a question is asked again, an act never; whatever may have been done is unknown."""

from collections.abc import Iterator

import pytest

from interlock.domains.stripe.client import Access, StripeClient
from interlock.domains.stripe.pacing import Pacer
from interlock.infra.transport import Transport
from interlock.rails.errors import ContractBroken, OutcomeUnknown, Unavailable
from tests.support.raw_server import HANGS_UP, answering


@pytest.fixture(scope="module")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


def client(transport: Transport, url: str, waited: list[float], key: str = "sk_test_1") -> StripeClient:
    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    return StripeClient(Access(key), url, transport, Pacer(limited=False), sleep)


def said(body: str, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


def test_a_question_is_asked_again_and_given_up_in_the_end(transport: Transport) -> None:
    waited: list[float] = []
    with answering(HANGS_UP) as url, pytest.raises(Unavailable):
        transport.run(client(transport, url, waited).one("account"))
    assert waited == [0.5, 1.0, 2.0, 4.0], "reads are tried five times, each pause twice the one before"


@pytest.mark.parametrize(
    "answer",
    [
        HANGS_UP,
        said("", "502 Bad Gateway"),
        said('{"error": {"type": "api_error"}}', "500 Internal Server Error"),
        said("<html>"),
        said('{"id": "re_1", "livemode": true}'),
    ],
)
def test_an_act_without_a_readable_answer_is_unknown_and_sent_once(transport: Transport, answer: bytes) -> None:
    waited: list[float] = []
    with answering(answer) as url:
        speaking = client(transport, url, waited)
        with pytest.raises(OutcomeUnknown) as unknown:
            transport.run(speaking.act("refunds", {"charge": "ch_1"}, "key-1:step", order="key-1"))
    assert unknown.value.key == "key-1", "it is looked up by the order's own key"
    assert waited == [] and speaking.usage.calls <= 1, "an act whose fate isn't known was sent again"


def test_an_act_that_reached_nobody_is_tried_again_and_certainly_not_done(transport: Transport) -> None:
    waited: list[float] = []
    with answering(HANGS_UP) as url:
        gone = url
    with pytest.raises(Unavailable):
        transport.run(client(transport, gone, waited).act("refunds", {}, "key-1"))
    assert len(waited) == 4


@pytest.mark.parametrize(("key", "live"), [("sk_live_1", "false"), ("sk_test_1", "true")])
def test_objects_of_the_other_mode_are_refused(transport: Transport, key: str, live: str) -> None:
    listed = said(f'{{"data": [{{"id": "cus_1", "livemode": {live}}}], "has_more": false}}')
    with answering(listed) as url, pytest.raises(ContractBroken) as broken:
        transport.run(client(transport, url, [], key).listing("customers", {}))
    assert broken.value.field == "customers.livemode"


def test_calls_outside_the_table_cant_be_made(transport: Transport) -> None:
    speaking = client(transport, "http://127.0.0.1:1", [])
    for resource in ("charges", "payouts", "transfers", "invoices/{id}/pay"):
        with pytest.raises(PermissionError):
            transport.run(speaking.act(resource, {}, "key-1"))


@pytest.mark.parametrize("id_", ["", "in_1/send", "../x", "in_1?a=b", "in_é"])
def test_an_id_cant_lead_elsewhere(transport: Transport, id_: str) -> None:
    with pytest.raises(ValueError, match="can't be asked"):
        transport.run(client(transport, "http://127.0.0.1:1", []).one("invoices/{id}", id_))
