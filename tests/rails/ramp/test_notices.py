"""Ramp's notices: two names of the header, two ways to write it, nothing accepted that isn't signed over these very bytes."""

import base64
import hashlib
import hmac
import json

import pytest

from interlock.domains.ramp import notifications

SECRET = "a secret of one subscription"
BODY = json.dumps(
    {
        "id": "evt-1",
        "type": "bills.paid",
        "business_id": "biz-1",
        "created_at": "2026-11-24T10:00:00Z",
        "object": {"id": "bill-1"},
    }
).encode()
DIGEST = hmac.new(SECRET.encode(), BODY, hashlib.sha256).digest()


@pytest.mark.parametrize("name", notifications.HEADERS)
@pytest.mark.parametrize("written", [DIGEST.hex(), DIGEST.hex().upper(), base64.b64encode(DIGEST).decode()])
def test_both_names_and_both_ways_to_write_it_are_heard(name: str, written: str) -> None:
    assert notifications.is_genuine(BODY, {name: written}, SECRET)


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ({}, SECRET),
        ({"x-ramp-signature": ""}, SECRET),
        ({"x-ramp-signature": DIGEST.hex()[:-1]}, SECRET),
        ({"x-ramp-signature": base64.b64encode(DIGEST[:-1]).decode()}, SECRET),
        ({"x-ramp-signature": base64.b64encode(b"").decode()}, SECRET),
        ({"x-ramp-signature": f"sha256={DIGEST.hex()}"}, SECRET),
        ({"x-ramp-signature": "é" + DIGEST.hex()}, SECRET),
        ({"x-hub-signature": DIGEST.hex()}, SECRET),
        ({"x-ramp-signature": DIGEST.hex()}, "another secret"),
        ({"x-ramp-signature": hmac.new(b"", BODY, hashlib.sha256).hexdigest()}, ""),
    ],
)
def test_anything_else_is_turned_away(headers: dict[str, str], secret: str) -> None:
    assert not notifications.is_genuine(BODY, headers, secret)


def test_a_byte_more_is_another_body() -> None:
    assert not notifications.is_genuine(BODY + b" ", {"x-ramp-signature": DIGEST.hex()}, SECRET)


def test_one_good_signature_of_two_is_enough() -> None:
    both = {"x-ramp-webhook-signature": "0" * 64, "x-ramp-signature": DIGEST.hex()}
    assert notifications.is_genuine(BODY, both, SECRET)


def test_what_a_notice_is_about() -> None:
    hint = notifications.read(BODY, "biz-1")
    assert (hint.event_id, hint.external_id, hint.entity, hint.entity_id, hint.operation, hint.concerns) == (
        "evt-1",
        "biz-1",
        "bills",
        "bill-1",
        "paid",
        True,
    )


@pytest.mark.parametrize(
    ("kind", "concerns"),
    [("payments.updated", True), ("vendors.updated", True), ("webhooks.verification", False), ("cards.made", False)],
)
def test_what_we_keep_nothing_of_asks_for_no_sync(kind: str, concerns: bool) -> None:
    body = json.dumps({"id": "evt-2", "type": kind}).encode()
    hint = notifications.read(body, "biz-1")
    assert (hint.concerns, hint.external_id) == (concerns, "biz-1")


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"id": 4, "type": "bills.paid"}', b"\xff", b"[" * 5_000])
def test_what_cannot_be_read_still_asks_for_a_sync(body: bytes) -> None:
    hint = notifications.read(body, "biz-1")
    assert hint.concerns and hint.external_id == "biz-1" and len(hint.event_id) == 64


def test_the_same_event_sent_again_has_the_same_id() -> None:
    """The inbox keeps an event once: that is all there is against a replay, since no time is signed."""
    assert notifications.read(BODY, "biz-1").event_id == notifications.read(BODY + b"\n", "biz-1").event_id
